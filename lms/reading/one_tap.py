"""What one tap notes of a book, ready for the form that offers it."""

import secrets
from typing import NamedTuple

from lms.reading import log_words, rules
from lms.reading.log_queries import Current
from lms.reading.log_words import Tap


class OneTap(NamedTuple):
    """A book with what can be noted of it with one tap; ``seen`` and ``once`` go along with the form."""

    book: int
    title: str
    taps: list[Tap]
    seen: str
    once: str


def one_tap(row: Current, once: str = "") -> OneTap:
    """Make the form of a book that is being read; ``once`` is the key for it, by default a new one."""
    taps = log_words.taps(row.page, row.percent, row.pages)
    return OneTap(row.book, row.title, taps, rules.place_of(row.page, row.percent), once or new_key())


def new_key() -> str:
    """Make a key for a form, so that what it notes is noted once however often it is sent."""
    return secrets.token_hex(8)
