"""What stands behind a figure: the rows of the ledger, and what each points at."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any

from peewee import Expression, Value

from lms.catalogue.models import Book
from lms.courses.models import Course
from lms.lectures.models import Lecture, Recording
from lms.materials.models import Material
from lms.notes.models import Note
from lms.paging import Page
from lms.progress.models import LedgerEntry
from lms.reading.models import ReadingEntry, ReadingPlan, ReadingSession, UnitPlan

EVIDENCE_SIZE = 50
Finder = Callable[[str, Sequence[int]], Any]


@dataclass(frozen=True)
class EvidenceRow:
    """A ledger row and what it points at: ``title`` and ``href`` are empty when that was removed since."""

    id: int
    day: date
    measure: str
    amount: int
    kind: str
    ref: int
    reversal: bool
    title: str
    href: str


def _of_books(through: Any) -> Finder:
    def ask(kind: str, refs: Sequence[int]) -> Any:
        return through.select(Value(kind), through.id, Book.id, Book.title).join(Book).where(through.id.in_(refs))

    return ask


def _of_recordings(kind: str, refs: Sequence[int]) -> Any:
    columns = (Value(kind), Recording.id, Lecture.id, Lecture.title)
    return Recording.select(*columns).join(Lecture).where(Recording.id.in_(refs))


def _of_notes(kind: str, refs: Sequence[int]) -> Any:
    return _titled(Note)(kind, refs).where(Note.deleted_at.is_null())


def _titled(model: Any) -> Finder:
    def ask(kind: str, refs: Sequence[int]) -> Any:
        return model.select(Value(kind), model.id, model.id, model.title).where(model.id.in_(refs))

    return ask


_finders: dict[str, tuple[Finder, str]] = {
    "reading_entry": (_of_books(ReadingEntry), "/books/{}"),
    "reading_session": (_of_books(ReadingSession), "/books/{}"),
    "recording": (_of_recordings, "/lectures/{}"),
    "note": (_of_notes, "/notes/{}"),
    "lecture": (_titled(Lecture), "/lectures/{}"),
    "material": (_titled(Material), "/materials/{}"),
    "plan": (_titled(ReadingPlan), "/plans/{}"),
    "unit_plan": (_titled(UnitPlan), "/plans"),
    "course": (_titled(Course), "/courses/{}"),
}


def evidence_from(kind: str, ask: Finder, address: str) -> None:
    """Have a room say what its evidence is called and where it stands; called at start.

    ``ask`` makes the statement for a kind and some ids: the kind, the id, the id and the title of what has a page.
    """
    _finders[kind] = (ask, address)


def list_evidence(condition: Expression, page: int) -> Page[EvidenceRow]:
    """Give the ledger rows that meet a condition, the newest first: three statements."""
    e = LedgerEntry
    total = e.select().where(condition).count()
    rows = (
        e.select(e.id, e.day, e.measure, e.amount, e.evidence_kind, e.evidence_ref, e.reverses.is_null(False))
        .where(condition)
        .order_by(e.day.desc(), e.id.desc())
        .paginate(page, EVIDENCE_SIZE)
        .tuples()
    )
    return Page(named(list(rows)), page, EVIDENCE_SIZE, total)


def named(rows: Iterable[Sequence[Any]]) -> list[EvidenceRow]:
    """Look up what rows point at, in one statement; each is id, day, measure, amount, kind, ref, reversal."""
    held = list(rows)
    found = _found({(row[4], row[5]) for row in held})
    shown = []
    for ident, day, measure, amount, kind, ref, reversal in held:
        title, href = found.get((kind, ref), ("", ""))
        shown.append(EvidenceRow(ident, day, measure, amount, kind, ref, bool(reversal), title, href))
    return shown


def _found(things: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, str]]:
    """Give title and address of things, each a kind and an id."""
    wanted: dict[str, list[int]] = {}
    for kind, ref in sorted(things):
        wanted.setdefault(kind, []).append(ref)
    parts = [_finders[kind][0](kind, refs) for kind, refs in wanted.items() if kind in _finders]
    rows = reduce(add, parts).tuples() if parts else ()
    return {(kind, ref): (title, _finders[kind][1].format(place)) for kind, ref, place, title in rows}
