"""Reads of notes. Every one gives only what the actor may see."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, Expression, fn

from lms import clock
from lms.catalogue.models import Book
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.members.models import Member, Unit
from lms.notes import reach, rules
from lms.notes.about import Subject, of_columns
from lms.notes.models import Note
from lms.notes.reach import may_see
from lms.paging import Page
from lms.prepared import prepared

PAGE_SIZE = 20
BEGINNING = 400
SHELVES = ("mine", "others")
MOST_BOOKS = 200


class NoteRow(NamedTuple):
    """A note in a list."""

    id: int
    title: str
    beginning: str
    chars: int
    audience: str
    updated_at: datetime
    member: int
    member_name: str
    book: int | None
    book_title: str | None
    kind: str
    state: str
    shown_at: datetime | None

    @property
    def excerpt(self) -> str:
        """Give the first words without Markdown."""
        return rules.excerpt(self.beginning)


class NoteView(NamedTuple):
    """A note with its whole text."""

    id: int
    title: str
    body: str
    chars: int
    audience: str
    version: int
    created_at: datetime
    updated_at: datetime
    member: int
    member_name: str
    book: int | None
    book_title: str | None
    unit: int | None
    unit_name: str | None
    unit_path: str | None
    kind: str
    about_kind: str
    about_ref: int | None
    about_place: int | None
    state: str
    submitted_at: datetime | None
    decided_at: datetime | None
    shown_at: datetime | None

    @property
    def subject(self) -> Subject:
        """Give what it is about."""
        return of_columns(self.book, self.about_kind, self.about_ref, self.about_place)

    @property
    def parts(self) -> list[str]:
        """Give the four parts of a training summary, none for other kinds."""
        return rules.split_parts(self.body) if self.kind == "training" else []

    @property
    def text(self) -> str:
        """Give the text without the marks between parts."""
        return rules.as_kind(self.body, "free")


class BinRow(NamedTuple):
    """A note in the bin."""

    id: int
    title: str
    chars: int
    deleted_at: datetime


def _rows(condition: Expression) -> Any:
    return (
        Note.select(
            Note.id,
            Note.title,
            fn.SUBSTR(Note.body, 1, BEGINNING),
            Note.chars,
            Note.audience,
            Note.updated_at,
            Note.member,
            Member.name,
            Note.book,
            Book.title,
            Note.kind,
            Note.state,
            Note.shown_at,
        )
        .join(Member, on=(Note.member == Member.id))
        .switch(Note)
        .join(Book, JOIN.LEFT_OUTER)
        .where(condition)
        .order_by(Note.updated_at.desc(), Note.id.desc())
        .tuples()
    )


def list_notes(actor: Actor, whose: str, book: int | None, page: int, kind: str = "") -> Page[NoteRow]:
    """Give the actor's own notes ("mine") or those of others that the actor may see, the latest first."""
    units, mine, known = actor.units_seen, whose == "mine", kind if kind in rules.KINDS else ""
    total = int(_shelf_count.scalar(actor.id, units, book, mine=mine, kind=known))
    rows = _shelf_rows(actor.id, units, book, PAGE_SIZE, (page - 1) * PAGE_SIZE, mine=mine, kind=known)
    return Page([NoteRow._make(values) for values in rows], page, PAGE_SIZE, total)


def _shelf(member: int, units: Sequence[int], book: int | None, *, mine: bool, kind: str) -> Expression:
    condition = reach.standing_for(member, units) & ((Note.member == member) if mine else (Note.member != member))
    if book is not None:
        condition &= Note.book == book
    return condition & (Note.kind == kind) if kind else condition


@prepared
def _shelf_count(member: int, units: Sequence[int], book: int | None, *, mine: bool, kind: str) -> Any:
    return Note.select(fn.COUNT(Note.id)).where(_shelf(member, units, book, mine=mine, kind=kind))


@prepared
def _shelf_rows(
    member: int, units: Sequence[int], book: int | None, size: int, skipped: int, *, mine: bool, kind: str
) -> Any:
    return _rows(_shelf(member, units, book, mine=mine, kind=kind)).limit(size).offset(skipped)


def list_shown(actor: Actor, page: int) -> Page[NoteRow]:
    """Give the showcase: the notes chosen for it that the actor may see, the latest chosen first."""
    condition = may_see(actor) & Note.shown_at.is_null(False)
    total = Note.select().where(condition).count()
    rows = _rows(condition).order_by(Note.shown_at.desc(), Note.id.desc()).paginate(page, PAGE_SIZE)
    return Page([NoteRow._make(values) for values in rows], page, PAGE_SIZE, total)


def list_books_with_notes(actor: Actor, whose: str) -> list[tuple[int, str]]:
    """Give the books that the notes of a list are about, as pairs of id and title."""
    rows = _books_with_notes(actor.id, actor.units_seen, mine=whose == "mine")
    return [(book, title) for book, title in rows]


@prepared
def _books_with_notes(member: int, units: Sequence[int], *, mine: bool) -> Any:
    about = Note.select(Note.book).where(_shelf(member, units, None, mine=mine, kind=""), Note.book.is_null(False))
    return Book.select(Book.id, Book.title).where(Book.id.in_(about)).order_by(Book.title).limit(MOST_BOOKS)


def list_about_book(actor: Actor, book: int, most: int) -> list[NoteRow]:
    """Give the latest notes about a book that the actor may see, the actor's own first."""
    rows = _about_book(actor.id, actor.units_seen, book, most)
    found = [NoteRow._make(values) for values in rows]
    return sorted(found, key=lambda row: row.member != actor.id)


def list_about_thing(actor: Actor, kind: str, ref: int, most: int) -> list[tuple[NoteRow, int | None]]:
    """Give the notes about a material or lecture that the actor may see, with their page or second, in its order."""
    rows = _about_thing(actor.id, actor.units_seen, kind, ref, most)
    return [(NoteRow._make(values[:-1]), values[-1]) for values in rows]


@prepared
def _about_thing(member: int, units: Sequence[int], kind: str, ref: int, most: int) -> Any:
    condition = reach.standing_for(member, units) & (Note.about_kind == kind) & (Note.about_ref == ref)
    return _rows(condition).select_extend(Note.about_place).order_by(Note.about_place, Note.id).limit(most)


def list_recent_of_others(actor: Actor, most: int) -> list[NoteRow]:
    """Give the latest notes of others that the actor may see."""
    rows = _of_others(actor.id, actor.units_seen, most)
    return [NoteRow._make(values) for values in rows]


@prepared
def _about_book(member: int, units: Sequence[int], book: int, most: int) -> Any:
    return _rows(reach.standing_for(member, units) & (Note.book == book)).limit(most)


@prepared
def _of_others(member: int, units: Sequence[int], most: int) -> Any:
    return _rows(reach.standing_for(member, units) & (Note.member != member)).limit(most)


def get_note(actor: Actor, note: int) -> NoteView:
    """Give a note. Raises NotFound when there is none that the actor may open."""
    row = _views(actor).where(Note.id == note).first()
    if row is None:
        raise NotFound(N_("This note is not there, or you may not see it."))
    return NoteView._make(row)


def iterate_own(actor: Actor, ids: Sequence[int] | None = None) -> Iterator[NoteView]:
    """Walk over the actor's own notes with their text, the oldest first; only those with these ids if given."""
    condition = Note.member == actor.id
    if ids is not None:
        condition &= Note.id.in_(list(ids))
    for row in _views(actor).where(condition).order_by(Note.created_at, Note.id).iterator():
        yield NoteView._make(row)


def _views(actor: Actor) -> Any:
    return (
        Note.select(
            Note.id,
            Note.title,
            Note.body,
            Note.chars,
            Note.audience,
            Note.version,
            Note.created_at,
            Note.updated_at,
            Note.member,
            Member.name,
            Note.book,
            Book.title,
            Note.unit,
            Unit.name,
            Unit.path,
            Note.kind,
            Note.about_kind,
            Note.about_ref,
            Note.about_place,
            Note.state,
            Note.submitted_at,
            Note.decided_at,
            Note.shown_at,
        )
        .join(Member, on=(Note.member == Member.id))
        .switch(Note)
        .join(Book, JOIN.LEFT_OUTER)
        .switch(Note)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(reach.may_open(actor))
        .tuples()
    )


def list_bin(actor: Actor, page: int) -> Page[BinRow]:
    """Give the actor's deleted notes that can still be brought back, the latest deleted first."""
    condition = (Note.member == actor.id) & (Note.deleted_at >= clock.now() - rules.UNDO_FOR)
    total = Note.select().where(condition).count()
    rows = Note.select(Note.id, Note.title, Note.chars, Note.deleted_at).where(condition)
    items = rows.order_by(Note.deleted_at.desc(), Note.id.desc()).paginate(page, PAGE_SIZE).tuples()
    return Page([BinRow._make(row) for row in items], page, PAGE_SIZE, total)


def find_deleted(actor: Actor, note: int) -> str | None:
    """Give the title of an own note that was deleted and can still be brought back."""
    row = Note.select(Note.title, Note.deleted_at).where(Note.id == note, Note.member == actor.id).tuples().first()
    return str(row[0]) if row is not None and rules.can_be_restored(row[1], clock.now()) else None


def all_note_ids() -> Iterator[int]:
    """Walk over the ids of all notes that stand."""
    for (ident,) in Note.select(Note.id).where(Note.deleted_at.is_null()).order_by(Note.id).tuples().iterator():
        yield ident


def ids_visible(actor: Actor, notes: Sequence[int]) -> set[int]:
    """Give those of the ids whose note the actor may see."""
    if not notes:
        return set()
    return {ident for (ident,) in _standing_ids(actor.id, actor.units_seen, list(notes))}


@prepared
def _standing_ids(member: int, sees_units: Sequence[int], notes: Sequence[int]) -> Any:
    return standing_among(member, sees_units, notes)


def standing_among(member: int, sees_units: Sequence[int], notes: Sequence[int], _care: Sequence[str] = ()) -> Any:
    """Make the query of those of some notes that stand and whose audience takes in a member."""
    return Note.select(Note.id).where(reach.standing_for(member, sees_units), Note.id.in_(notes))
