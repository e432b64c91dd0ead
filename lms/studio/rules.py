"""How what a lecturer owns is shown in one list: its state in a word, sorting and narrowing. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

KINDS = ("lecture", "material", "course", "upload")
STATES = ("failed", "unused", "uploading", "preparing", "unpublished", "words", "published", "archived")
"""In the order of what needs a hand first; "unused" is a file that arrived and that no form has taken, "words" a
published lecture without a transcript."""
SORTS = ("newest", "title", "state", "begun")


@dataclass(frozen=True)
class Owned:
    """Something that a lecturer owns. ``ref`` is its id, or the token of an upload; ``percent`` of work under way.

    An upload is sent for a ``purpose``, maybe for what stands on a ``page``, and is thrown away at ``until``. ``why``
    says in the reader's language why it failed; ``part`` is the recording to try again, or that has no words.
    """

    kind: str
    ref: str
    title: str
    state: str
    created_at: datetime
    percent: int = 0
    why: str = ""
    why_detail: str = ""
    part: int | None = None
    begun: int = 0
    finished: int = 0
    minutes: int = 0
    purpose: str = ""
    page: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Recorded:
    """A recording of a lecture as its state depends on it."""

    state: str
    archived: bool
    has_words: bool


def lecture_state(archived: bool, published: bool, recordings: Sequence[Recorded]) -> str:
    """Say in one word how a lecture stands: what needs a hand first comes first."""
    if archived:
        return "archived"
    shown = [one for one in recordings if not one.archived]
    for state in ("failed", "preparing"):
        if any(one.state == state for one in shown):
            return state
    if not published:
        return "unpublished"
    return "published" if all(one.has_words for one in shown) else "words"


def narrowed(owned: Sequence[Owned], kind: str, state: str, text: str) -> list[Owned]:
    """Keep what is of a kind and in a state and has all words of a text in its title; "" narrows nothing.

    What is put away is only shown when asked for.
    """
    words = text.lower().split()
    return [
        one
        for one in owned
        if (not kind or one.kind == kind)
        and (one.state == state if state else one.state != "archived")
        and all(word in one.title.lower() for word in words)
    ]


def in_order(owned: Sequence[Owned], sort: str) -> list[Owned]:
    """Sort by day, title, what needs a hand first, or how many began it."""
    newest = sorted(owned, key=lambda one: (one.created_at, one.kind, one.ref), reverse=True)
    if sort == "title":
        return sorted(newest, key=lambda one: one.title)
    if sort == "state":
        return sorted(newest, key=lambda one: STATES.index(one.state))
    if sort == "begun":
        return sorted(newest, key=lambda one: one.begun, reverse=True)
    return newest
