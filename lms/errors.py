"""What can go wrong in the business of the service, free of HTTP.

A message is an English msgid with ``%(name)s`` places; the skin translates it into the reader's language.
"""

from collections.abc import Mapping


def N_(message: str) -> str:
    """Mark a msgid for extraction without translating it here.

    Services know no reader and so no language; the page or the API translates when it answers.
    """
    return message


class LmsError(Exception):
    """The base of every expected failure: a msgid, its values, and the field it belongs to if any."""

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values: Mapping[str, object] = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class InvalidInput(LmsError):
    """What was sent cannot be taken as it is; the reader can mend it."""


class NotSignedIn(LmsError):
    """Nobody is signed in, or the sign-in no longer counts."""


class Forbidden(LmsError):
    """The member may not do this."""


class NotFound(LmsError):
    """There is no such thing, or the member may not know that there is."""


class Conflict(LmsError):
    """What was asked contradicts what is stored now."""


class TooLarge(LmsError):
    """More bytes than the settings allow; the message names the limit."""


class TooManyTries(LmsError):
    """A throttle holds; ``values['minutes']`` says for how long."""


class Unavailable(LmsError):
    """A part of the service cannot answer for the moment: database locked, disk full, index being rebuilt."""
