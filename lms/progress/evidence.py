"""What stands behind a figure: the rows of the ledger, and what each points at."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import Expression

from lms.catalogue.models import Book
from lms.courses.models import Course
from lms.lectures.models import Lecture, Recording
from lms.materials.models import Material
from lms.notes.models import Note
from lms.paging import Page
from lms.progress.models import LedgerEntry
from lms.reading.models import ReadingEntry, ReadingPlan, ReadingSession, UnitPlan

EVIDENCE_SIZE = 50
Found = dict[int, tuple[str, str]]


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


def _of_books(through: Any, refs: Sequence[int]) -> Found:
    rows = through.select(through.id, Book.id, Book.title).join(Book).where(through.id.in_(refs))
    return {ref: (title, f"/books/{book}") for ref, book, title in rows.tuples()}


def _of_recordings(refs: Sequence[int]) -> Found:
    rows = Recording.select(Recording.id, Lecture.id, Lecture.title).join(Lecture).where(Recording.id.in_(refs))
    return {ref: (title, f"/lectures/{lecture}") for ref, lecture, title in rows.tuples()}


def _of_notes(refs: Sequence[int]) -> Found:
    rows = Note.select(Note.id, Note.title).where(Note.id.in_(refs), Note.deleted_at.is_null())
    return {ref: (title, f"/notes/{ref}") for ref, title in rows.tuples()}


def _titled(model: Any, address: str) -> Callable[[Sequence[int]], Found]:
    def find(refs: Sequence[int]) -> Found:
        rows = model.select(model.id, model.title).where(model.id.in_(refs))
        return {ref: (title, address.format(ref)) for ref, title in rows.tuples()}

    return find


_finders: dict[str, Callable[[Sequence[int]], Found]] = {
    "reading_entry": lambda refs: _of_books(ReadingEntry, refs),
    "reading_session": lambda refs: _of_books(ReadingSession, refs),
    "recording": _of_recordings,
    "note": _of_notes,
    "lecture": _titled(Lecture, "/lectures/{}"),
    "material": _titled(Material, "/materials/{}"),
    "plan": _titled(ReadingPlan, "/plans/{}"),
    "unit_plan": _titled(UnitPlan, "/plans"),
    "course": _titled(Course, "/courses/{}"),
}


def evidence_from(kind: str, find: Callable[[Sequence[int]], Found]) -> None:
    """Have a room say what its evidence is called and where it stands: ids to (title, address); called at start."""
    _finders[kind] = find


def list_evidence(condition: Expression, page: int) -> Page[EvidenceRow]:
    """Give the ledger rows that meet a condition, the newest first: two statements and one for each kind."""
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
    """Look up what rows point at; each is id, day, measure, amount, kind, ref, reversal."""
    held = list(rows)
    wanted: dict[str, list[int]] = {}
    for row in held:
        wanted.setdefault(row[4], []).append(row[5])
    found = {kind: _finders[kind](sorted(set(refs))) for kind, refs in wanted.items() if kind in _finders}
    shown = []
    for ident, day, measure, amount, kind, ref, reversal in held:
        title, href = found.get(kind, {}).get(ref, ("", ""))
        shown.append(EvidenceRow(ident, day, measure, amount, kind, ref, bool(reversal), title, href))
    return shown
