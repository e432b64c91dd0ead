"""What can go wrong in the business of the service, free of HTTP.

A message is an English msgid with ``%(name)s`` places; the skin translates it into the reader's language.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TypeVar

T = TypeVar("T")


def N_(message: str) -> str:
    """Mark a msgid for extraction without translating it here.

    Services know no reader and so no language; the page or the API translates when it answers.
    """
    return message


OF_FILE = N_("%(name)s was not taken: %(why)s")


class LmsError(Exception):
    """The base of every expected failure: a msgid, its values, and the field it belongs to if any."""

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values: Mapping[str, object] = values
        self.also: tuple[LmsError, ...] = ()

    @property
    def all(self) -> tuple["LmsError", ...]:
        """Give this one and what else was found wrong at the same time, each of another field."""
        return (self, *self.also)

    def name_file(self, name: str) -> None:
        """Say of which file this is, unless that is said already; what is wrong with it stands in ``why``."""
        if self.message != OF_FILE:
            why = LmsError(self.message)
            why.values = self.values
            self.message, self.values = OF_FILE, {"name": name, "why": why}

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class InvalidInput(LmsError):
    """What was sent cannot be taken as it is; the reader can mend it."""


class Refused(InvalidInput):
    """Several values cannot be taken; ``problems`` has one for each field, the error itself is the first of them."""

    def __init__(self, problems: Sequence[InvalidInput]) -> None:
        first = problems[0]
        super().__init__(first.message, field=first.field, **first.values)
        self.problems = tuple(problems)
        self.also = self.problems[1:]


def kept(error: LmsError, most: int = 300) -> str:
    """Write an error as it is kept until its reader comes, who has it said by ``lms.web.i18n.said_kept``.

    A msgid alone, or a JSON list of it and its values, in which days, instants and further errors are marked as what
    they are. What has no place in ``most`` characters has its longest texts cut; where that does not help either, the
    whole is kept as it is in English.
    """
    if not error.values and not error.message.startswith("["):
        return error.message[:most]
    for longest in (most, *CUTS):
        whole = json.dumps(_kept_form(error, longest), ensure_ascii=False)
        if len(whole) <= most:
            return whole
    return str(error)[:most]


CUTS = (120, 60, 30, 12)


def _kept_form(error: LmsError, longest: int) -> list[object]:
    return [error.message, {name: _kept_value(value, longest) for name, value in error.values.items()}]


def _kept_value(value: object, longest: int) -> object:
    if isinstance(value, LmsError):
        return {"error": _kept_form(value, longest)}
    if isinstance(value, datetime):  # which is a date as well
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, (list, tuple)):
        return [_shortened(str(part), longest) for part in value]
    return value if isinstance(value, (int, float)) else _shortened(str(value), longest)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "\u2026"


def read_kept(text: str) -> LmsError:
    """Give an error back that ``kept`` wrote. Whatever else the text is, it is its own message: this never raises."""
    try:
        whole = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        whole = None
    return _error_of(whole) or LmsError(text)


def _error_of(whole: object) -> LmsError | None:
    match whole:
        case [str(message), dict(values)]:
            error = LmsError(message)
            error.values = {name: _read_value(value) for name, value in values.items()}
            return error
    return None


def _read_value(value: object) -> object:
    match value:
        case {"day": str(text), **rest} if not rest:
            return _when(date.fromisoformat, text)
        case {"at": str(text), **rest} if not rest:
            return _when(datetime.fromisoformat, text)
        case {"error": whole, **rest} if not rest:
            return _error_of(whole) or str(whole)
        case list():
            return [str(part) for part in value]
    return value


def _when(read: Callable[[str], date], text: str) -> object:
    try:
        return read(text)
    except ValueError:
        return text


class NotSignedIn(LmsError):
    """Nobody is signed in, or the sign-in no longer counts."""


class Forbidden(LmsError):
    """The member may not do this."""


class NotFound(LmsError):
    """There is no such thing, or the member may not know that there is."""


class Conflict(LmsError):
    """What was asked contradicts what is stored now."""


@contextmanager
def naming_file(name: str) -> Iterator[None]:
    """Take a file in: what is found wrong with it (field "file") names it, for it may be one of many."""
    try:
        yield
    except LmsError as error:
        if error.field == "file":
            error.name_file(name)
        raise


class Faults:
    """What is wrong with what was sent, gathered field by field, so that the reader hears of all of it at once.

    ``before`` are those found when it was read; of a field that has a fault already no further one is told.
    """

    def __init__(self, before: "Faults | None" = None) -> None:
        self._found: list[LmsError] = [] if before is None else [*before._found]

    def __bool__(self) -> bool:
        return bool(self._found)

    def check(self, decide: Callable[[], T]) -> T | None:
        """Give what ``decide`` gives, or keep what it finds wrong and give None. Other failures go through."""
        try:
            return decide()
        except (InvalidInput, Conflict) as error:
            self.add(error)
            return None

    def add(self, error: LmsError) -> None:
        """Keep what is wrong with a field."""
        for one in error.all:
            if all(one.field != known.field for known in self._found):
                self._found.append(one)

    def gathered(self) -> LmsError:
        """Give all of it as one error to raise: InvalidInput if any of them is, with the others beside it."""
        first = next((one for one in self._found if isinstance(one, InvalidInput)), self._found[0])
        first.also = tuple(one for one in self._found if one is not first)
        return first


class TooLarge(LmsError):
    """More bytes than the settings allow; the message names the limit."""


class TooManyTries(LmsError):
    """A throttle holds; ``values['minutes']`` says for how long."""


class Unavailable(LmsError):
    """A part of the service cannot answer for the moment: database locked, disk full, index being rebuilt."""
