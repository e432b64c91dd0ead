"""Decisions about the recordings of a lecture: which one to play, their order, their titles. No database, no clock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from lms.errors import N_, InvalidInput
from lms.lectures.rules import TITLE_CHARS
from lms.typed import has_controls

MOST_RECORDINGS = 60
FAILURES = {
    "broken": N_("The recording is damaged and cannot be read. Please export it again and send it again."),
    "cut_off": N_("The recording is incomplete: its end is missing. Please copy it again and send it again."),
    "empty": N_("The recording holds neither sound nor picture."),
    "too_long": N_("The recording is longer than %(detail)s hours. Please cut it into parts."),
    "picture_size": N_("The picture is larger than can be shown (%(detail)s). Please export it in 1920 x 1080."),
    "gave_up": N_("The recording could not be checked: it asks for too much memory or time. Please export it again."),
    "no_room": N_("The server's disk is full, so the recording could not be prepared. Please tell the administrator."),
}
"""Why a recording could not be prepared, in words that say what to do."""
MAY_PASS = (FAILURES["gave_up"], FAILURES["no_room"])
"""What lay in the server's moment and not in the file: the same file may well be prepared at the next try."""


class Playable(Protocol):
    """What must be known of a recording to choose one."""

    @property
    def id(self) -> int:
        """Give its id."""

    @property
    def ready(self) -> bool:
        """Say whether it can be played."""

    @property
    def seen(self) -> bool:
        """Say whether the member has really played (nearly) all of it."""

    @property
    def moved_at(self) -> datetime | None:
        """Give the instant at which the member was last in it."""


def choose(parts: Sequence[Playable], asked: int | None) -> int:
    """Give the place in ``parts`` of the recording to show: the one asked for, else where the member goes on.

    The member goes on in the recording last watched unless it is seen, then in the first unseen one after it, then in
    the first unseen one at all. A lecture seen to its end begins anew.
    """
    for place, part in enumerate(parts):
        if part.id == asked:
            return place
    ready = [place for place, part in enumerate(parts) if part.ready]
    begun = [(moved, place) for place in ready if (moved := parts[place].moved_at) is not None]
    last = max(begun)[1] if begun else -1
    unseen = [place for place in ready if not parts[place].seen]
    after = [place for place in unseen if place >= last]
    return next(iter([*after, *unseen, *ready]), 0)


def moved(order: Sequence[int], recording: int, place: int) -> list[int]:
    """Give the order in which a recording stands at ``place``, counted from 1; beyond either end means at it."""
    rest = [ident for ident in order if ident != recording]
    at = max(0, min(place - 1, len(rest)))
    return [*rest[:at], recording, *rest[at:]]


def tidy_title(title: str) -> str:
    """Give a title as it is stored: no space around, one between words."""
    return " ".join(title.split())


def title_problem(title: str) -> InvalidInput | None:
    """Say what is wrong with a tidied title; it may be empty, then the lecture's stands for it."""
    if len(title) > TITLE_CHARS:
        return InvalidInput(
            N_("This is too long: at most %(limit)s characters."), field="part_title", limit=TITLE_CHARS
        )
    if has_controls(title):
        return InvalidInput(
            N_("This contains characters that cannot be shown. Please type it again."), field="part_title"
        )
    return None


def minutes_left(percent: int, seconds_so_far: float) -> int | None:
    """Estimate the whole minutes still to go, rounded up, from what is done; None while there is too little to tell."""
    if percent < 3 or seconds_so_far < 5 or percent >= 100:
        return None
    return max(1, -int(-(seconds_so_far * (100 - percent) / percent) // 60))
