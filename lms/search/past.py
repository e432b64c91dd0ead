"""What a member searched for before: their own, seen by nobody else, gone with the member or when they say so."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lms import clock
from lms.db import transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Actor
from lms.prepared import prepared
from lms.search.models import PastSearch
from lms.takeaway import Cell, Table
from search_index import typed

KEPT = 50
MOST_CHARS = 200


class Past(NamedTuple):
    """A search made before."""

    id: int
    text: str


@transactional
def remember(actor: Actor, text: str) -> None:
    """Keep what the actor searched for as the newest; the same search stands there once, the oldest beyond KEPT go.

    Raises InvalidInput for a text without a letter or digit, or of more than MOST_CHARS.
    """
    text = " ".join(text.split())
    key = typed.letters(text)[:MOST_CHARS]
    if not key:
        raise InvalidInput(N_("Please enter something to search for."), field="q")
    if len(text) > MOST_CHARS:
        raise InvalidInput(N_("At most %(count)s characters."), field="q", count=MOST_CHARS)
    PastSearch.insert(member=actor.id, text=text, key=key, asked_at=clock.now()).on_conflict(
        conflict_target=[PastSearch.member, PastSearch.key],
        update={PastSearch.text: text, PastSearch.asked_at: clock.now()},
    ).execute()
    _delete_oldest(actor.id)


def _delete_oldest(member: int) -> None:
    kept = [past.id for past in _of(member)]
    if len(kept) >= KEPT:
        PastSearch.delete().where(PastSearch.member == member, PastSearch.id.not_in(kept)).execute()


@transactional
def forget(actor: Actor, past: int) -> None:
    """Forget one of the actor's own searches. Raises NotFound for any other."""
    if not PastSearch.delete().where(PastSearch.id == past, PastSearch.member == actor.id).execute():
        raise NotFound(N_("This search is not among yours any more."))


@transactional
def forget_all(actor: Actor) -> None:
    """Forget all of the actor's searches."""
    PastSearch.delete().where(PastSearch.member == actor.id).execute()


def list_past(actor: Actor) -> list[Past]:
    """Give the actor's searches, the newest first: at most KEPT, so there are no pages."""
    return _of(actor.id)


def _of(member: int) -> list[Past]:
    return [Past(*row) for row in _newest(member)]


@prepared
def _newest(member: int) -> Any:
    rows = PastSearch.select(PastSearch.id, PastSearch.text).where(PastSearch.member == member)
    return rows.order_by(PastSearch.asked_at.desc(), PastSearch.id.desc()).limit(KEPT)


def _rows(actor: Actor) -> Iterator[Sequence[Cell]]:
    rows = PastSearch.select(PastSearch.asked_at, PastSearch.text).where(PastSearch.member == actor.id)
    yield from rows.order_by(PastSearch.asked_at, PastSearch.id).tuples().iterator()


TABLES = (Table("searches", ("asked_at", "text"), _rows),)
