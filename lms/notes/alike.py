"""Which passages of a note stand elsewhere: a hint to the reviewer, never a verdict.

A reviewer sees the other text only where it may be read anyway; otherwise just that the passage stands "in another
note", without whose it is and without its words.
"""

from dataclasses import dataclass
from datetime import datetime

from lms.members.access import Actor
from lms.members.models import Member
from lms.notes import fingerprints, likeness, reach
from lms.notes.fingerprints import NOTE
from lms.notes.likeness import Passage
from lms.notes.models import Note
from lms.things import find_thing

MOST_TEXTS = 40
MOST_SHOWN = 20
AROUND = 40


@dataclass(frozen=True)
class Beside:
    """A passage in both texts; ``theirs`` is empty where the other text may not be read."""

    mine: str
    theirs: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Source:
    """A text that shares passages with the note. Without ``open`` nothing but its kind is told."""

    kind: str
    ref: int | None
    place: int
    title: str
    writer: str
    own: bool
    open: bool
    at: datetime | None
    passages: tuple[Beside, ...]
    chars: int


@dataclass(frozen=True)
class Report:
    """All that was found: the share of the note's characters that stand elsewhere, from 0 to 1, and where."""

    share: float
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class _Known:
    title: str
    member: int
    writer: str
    at: datetime


def compare(actor: Actor, note: int) -> Report:
    """Compare a note with all earlier notes and with the materials; the note was looked up for the actor before."""
    body, since = Note.select(Note.body, Note.created_at).where(Note.id == note).tuples().first()
    text = fingerprints.plain(body)
    folded = likeness.fold(text)
    found = fingerprints.list_candidates(likeness.marks(folded).tolist(), MOST_TEXTS)
    others = [row for row in found if row[:2] != (NOTE, note)]
    earlier = _earlier([ref for kind, ref, _ in others if kind == NOTE], since)
    readable = _readable(actor, others)
    writer = Note.select(Note.member).where(Note.id == note).scalar()
    sources: list[Source] = []
    everywhere: list[Passage] = []
    for kind, ref, place in others:
        if kind == NOTE and ref not in earlier:
            continue
        theirs = fingerprints.text_of(kind, ref, place)
        shared = likeness.passages(folded, likeness.fold(theirs))
        if shared:
            everywhere += shared
            sources.append(
                _source(kind, ref, place, text, theirs, shared, earlier.get(ref), readable.get((kind, ref)), writer)
            )
    sources.sort(key=lambda source: -source.chars)
    return Report(likeness.share(everywhere, folded.length), tuple(sources[:MOST_SHOWN]))


def _earlier(refs: list[int], before: datetime) -> dict[int, _Known]:
    if not refs:
        return {}
    rows = (
        Note.select(Note.id, Note.title, Note.member, Member.name, Note.created_at)
        .join(Member, on=(Note.member == Member.id))
        .where(Note.id.in_(refs), Note.created_at < before, Note.deleted_at.is_null())
    )
    return {ref: _Known(title, member, name, at) for ref, title, member, name, at in rows.tuples()}


def _readable(actor: Actor, others: list[tuple[str, int, int]]) -> dict[tuple[str, int], str]:
    """Give the titles of those that the actor may read, by kind and id."""
    found: dict[tuple[str, int], str] = {}
    for kind in {kind for kind, _, _ in others}:
        refs = sorted({ref for other, ref, _ in others if other == kind})
        if kind == NOTE:
            rows = Note.select(Note.id, Note.title).where(Note.id.in_(refs), reach.may_open(actor))
            found.update({(NOTE, ref): title for ref, title in rows.tuples()})
        elif thing := find_thing(kind):
            found.update({(kind, ref): title for ref, title in thing.titles(actor, refs).items()})
    return found


def _source(
    kind: str,
    ref: int,
    place: int,
    mine: str,
    theirs: str,
    shared: list[Passage],
    known: _Known | None,
    title: str | None,
    writer: int,
) -> Source:
    is_open = title is not None
    return Source(
        kind=kind,
        ref=ref if is_open else None,
        place=place if is_open else 0,
        title=title or "",
        writer=known.writer if known and is_open else "",
        own=known is not None and known.member == writer,
        open=is_open,
        at=known.at if known and is_open else None,
        passages=tuple(_beside(passage, mine, theirs, is_open) for passage in shared),
        chars=sum(passage.size for passage in shared),
    )


def _beside(passage: Passage, mine: str, theirs: str, is_open: bool) -> Beside:
    words = mine[passage.start : passage.end]
    if not is_open:
        return Beside(words, "")
    before = theirs[max(0, passage.other_start - AROUND) : passage.other_start]
    after = theirs[passage.other_end : passage.other_end + AROUND]
    return Beside(words, theirs[passage.other_start : passage.other_end], before, after)
