"""Reading recommended lists: what is new for a member and how far it is, and who of a unit has read what."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, fn

from lms import clock
from lms.catalogue.models import Book
from lms.errors import N_, NotFound
from lms.lists.models import BookList, ListedBook, ListLook
from lms.members.access import Action, Actor, may, require
from lms.members.belonging import people_of
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.prepared import prepared
from lms.reading.models import PastReading, ReadingEntry

READERS_SHOWN = 50
FINISHED = "finished"


class ListRow(NamedTuple):
    """A list as lists show it: how many of its books there are and must be read, and how many the actor has read."""

    id: int
    title: str
    unit_name: str | None
    since: date
    until: date
    issued: bool
    withdrawn: bool
    books: int
    required: int
    read: int
    required_read: int
    new: bool


class ListView(NamedTuple):
    """A list as its own page shows it."""

    id: int
    title: str
    intro: str
    unit: int | None
    unit_name: str | None
    unit_path: str | None
    since: date
    until: date
    made_by: int | None
    issued_at: Any
    withdrawn_at: Any
    version: int


class BookOfList(NamedTuple):
    """A book of a list, with where the actor stands with it: a state, or "" for nothing."""

    book: int
    title: str
    authors: str
    clc: str
    thumb_key: str
    withdrawn: bool
    required: bool
    reason: str
    state: str


@dataclass(frozen=True)
class Readers:
    """Who has read what of a list: for each member the states of the books, in the order of ``books``."""

    books: Sequence[BookOfList]
    members: Page[tuple[int, str, str, Sequence[str]]]
    finished: Mapping[int, int]


def _read_by(member: Any) -> Expression:
    """Make the condition of a join: an entry in which a member has finished the listed book, now or in former times."""
    before = PastReading.select(PastReading.entry).where(PastReading.fact > 0)
    return (
        (ReadingEntry.book == ListedBook.book)
        & (ReadingEntry.member == member)
        & ((ReadingEntry.state == FINISHED) | ReadingEntry.id.in_(before))
    )


def _of_reader(actor: Actor) -> Expression:
    return _issued_to(actor.units_seen)


def _issued_to(units: Sequence[int]) -> Expression:
    return BookList.issued_at.is_null(False) & BookList.withdrawn_at.is_null() & BookList.unit.in_(units)


def _managed(actor: Actor) -> Expression:
    condition = BookList.made_by == actor.id
    for path in actor.paths_for(Action.LIST_EDIT):
        condition |= Unit.path.startswith(path)
    return condition


def list_lists(actor: Actor, which: str, number: int, size: int) -> Page[ListRow]:
    """Give a page of lists: three statements.

    ``which``: "now" for those that run or will, "past" for those gone by, "kept" for all that the actor looks after,
    drafts and withdrawn ones too. Raises Forbidden for "kept" without the right to issue lists.
    """
    today = clock.today()
    if which == "kept":
        require(actor, Action.LIST_EDIT)
        condition = _managed(actor)
    elif which == "past":
        condition = _of_reader(actor) & (BookList.until < today)
    else:
        condition = _of_reader(actor) & (BookList.until >= today)
    found = BookList.select().join(Unit, JOIN.LEFT_OUTER).where(condition)
    order = (BookList.until, BookList.id) if which == "now" else (BookList.until.desc(), BookList.id.desc())
    rows = list(
        found.select(
            BookList.id,
            BookList.title,
            Unit.name,
            BookList.since,
            BookList.until,
            BookList.issued_at,
            BookList.withdrawn_at,
            ListLook.id,
        )
        .switch(BookList)
        .join(ListLook, JOIN.LEFT_OUTER, on=(ListLook.list == BookList.id) & (ListLook.member == actor.id))
        .order_by(*order)
        .paginate(number, size)
        .tuples()
    )
    counts = _counts(actor, [row[0] for row in rows])
    items = [_row(row, counts.get(row[0], (0, 0, 0, 0))) for row in rows]
    return Page(items, number, size, found.count())


def _row(row: tuple[Any, ...], counts: tuple[int, int, int, int]) -> ListRow:
    *said, issued_at, withdrawn_at, look = row
    new = issued_at is not None and look is None
    return ListRow._make((*said, issued_at is not None, withdrawn_at is not None, *counts, new))


def _counts(actor: Actor, lists: Sequence[int]) -> dict[int, tuple[int, int, int, int]]:
    must = Case(None, [(ListedBook.required, 1)], 0)
    must_and_read = Case(None, [(ListedBook.required & ReadingEntry.id.is_null(False), 1)], 0)
    rows = (
        ListedBook.select(
            ListedBook.list,
            fn.COUNT(ListedBook.id),
            fn.SUM(must),
            fn.COUNT(ReadingEntry.id),
            fn.SUM(must_and_read),
        )
        .join(ReadingEntry, JOIN.LEFT_OUTER, on=_read_by(actor.id))
        .where(ListedBook.list.in_(list(lists)))
        .group_by(ListedBook.list)
        .tuples()
    )
    return {row[0]: (row[1], int(row[2]), row[3], int(row[4])) for row in rows}


def count_new(actor: Actor) -> int:
    """Count the lists that run and that the actor never looked at: one prepared statement."""
    return int(_new.scalar(actor.units_seen, actor.id, clock.today()) or 0)


@prepared
def _new(units: Sequence[int], member: int, today: date) -> Any:
    looked = ListLook.select(ListLook.list).where(ListLook.member == member)
    return BookList.select(fn.COUNT(BookList.id)).where(
        BookList.unit.in_(units),
        BookList.until >= today,
        BookList.issued_at.is_null(False),
        BookList.withdrawn_at.is_null(),
        BookList.id.not_in(looked),
    )


def may_manage(actor: Actor, found: ListView) -> bool:
    """Say whether the actor may change a list: the right on its unit, or, without a unit, having made it."""
    if found.unit_path is None:
        return may(actor, Action.LIST_EDIT) and found.made_by == actor.id
    return may(actor, Action.LIST_EDIT, found.unit_path)


def get_list(actor: Actor, list_id: int) -> ListView:
    """Give a list that the actor may see: one issued for the actor, or one to look after. Raises NotFound."""
    row = (
        BookList.select(
            BookList.id,
            BookList.title,
            BookList.intro,
            BookList.unit,
            Unit.name,
            Unit.path,
            BookList.since,
            BookList.until,
            BookList.made_by,
            BookList.issued_at,
            BookList.withdrawn_at,
            BookList.version,
        )
        .join(Unit, JOIN.LEFT_OUTER)
        .where(BookList.id == list_id)
        .tuples()
        .first()
    )
    found = ListView._make(row) if row else None
    shown = found is not None and found.issued_at is not None and found.withdrawn_at is None
    if found is None or not ((shown and found.unit in actor.sees_units) or may_manage(actor, found)):
        raise NotFound(N_("There is no such list, or it is not for your unit."))
    return found


def list_books(actor: Actor, list_id: int) -> list[BookOfList]:
    """Give the books of a list in order, with where the actor stands with each: one statement."""
    before = PastReading.select(PastReading.entry).where(PastReading.fact > 0)
    state = Case(None, [(ReadingEntry.id.in_(before), FINISHED)], ReadingEntry.state)
    rows = (
        ListedBook.select(
            Book.id,
            Book.title,
            Book.authors,
            Book.clc,
            Book.thumb_key,
            Book.withdrawn_at,
            ListedBook.required,
            ListedBook.reason,
            state,
        )
        .join(Book)
        .switch(ListedBook)
        .join(
            ReadingEntry,
            JOIN.LEFT_OUTER,
            on=(ReadingEntry.book == ListedBook.book) & (ReadingEntry.member == actor.id),
        )
        .where(ListedBook.list == list_id)
        .order_by(ListedBook.position, ListedBook.id)
        .tuples()
    )
    return [BookOfList._make((*row[:5], row[5] is not None, bool(row[6]), row[7], row[8] or "")) for row in rows]


class Recommendation(NamedTuple):
    """A running list that recommends a book."""

    id: int
    title: str
    until: date
    required: bool
    reason: str


def lists_with(actor: Actor, book_id: int, limit: int) -> list[Recommendation]:
    """Give the running lists that recommend a book to the actor, the one that ends first before the others."""
    rows = _lists_with(book_id, actor.units_seen, clock.today(), limit)
    return [Recommendation._make(row) for row in rows]


@prepared
def _lists_with(book_id: int, units: Sequence[int], today: date, limit: int) -> Any:
    return (
        ListedBook.select(BookList.id, BookList.title, BookList.until, ListedBook.required, ListedBook.reason)
        .join(BookList)
        .where(ListedBook.book == book_id, _issued_to(units), BookList.until >= today)
        .order_by(BookList.until, BookList.id)
        .limit(limit)
    )


def get_readers(actor: Actor, list_id: int, number: int, size: int = READERS_SHOWN) -> Readers:
    """Give who of the list's unit, and of those below it, has read what: five statements, however many members.

    ``finished`` counts the members who read each book, over all pages. Raises NotFound, Forbidden.
    """
    found = get_list(actor, list_id)
    require(actor, Action.PROGRESS_OF_OTHERS, found.unit_path or "")
    books = list_books(actor, list_id)
    members = people_of(found.unit_path or "")
    people = list(members.order_by(Unit.path, Member.name_key, Member.id).paginate(number, size).tuples())
    states = _states([book.book for book in books], [person[0] for person in people])
    rows = [
        (member, name, unit, [states.get((member, book.book), "") for book in books]) for member, name, unit in people
    ]
    return Readers(books, Page(rows, number, size, members.count()), _finished(books, members))


def _states(books: Sequence[int], members: Sequence[int]) -> dict[tuple[int, int], str]:
    before = PastReading.select(PastReading.entry).where(PastReading.fact > 0)
    state = Case(None, [(ReadingEntry.id.in_(before), FINISHED)], ReadingEntry.state)
    rows = ReadingEntry.select(ReadingEntry.member, ReadingEntry.book, state).where(
        ReadingEntry.book.in_(list(books)), ReadingEntry.member.in_(list(members))
    )
    return {(member, book): found for member, book, found in rows.tuples()}


def _finished(books: Sequence[BookOfList], members: Any) -> dict[int, int]:
    before = PastReading.select(PastReading.entry).where(PastReading.fact > 0)
    people = members.select(Member.id)
    rows = (
        ReadingEntry.select(ReadingEntry.book, fn.COUNT(ReadingEntry.member))
        .where(
            ReadingEntry.book.in_([book.book for book in books]),
            ReadingEntry.member.in_(people),
            (ReadingEntry.state == FINISHED) | ReadingEntry.id.in_(before),
        )
        .group_by(ReadingEntry.book)
        .tuples()
    )
    return defaultdict(int, dict(rows))


def all_list_ids() -> Iterator[int]:
    """Walk over the ids of all lists."""
    for (list_id,) in BookList.select(BookList.id).order_by(BookList.id).tuples().iterator():
        yield list_id


def seen_lists(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Give those of the lists that are issued for the actor."""
    return {list_id for (list_id,) in _seen(list(ids), actor.units_seen)}


@prepared
def _seen(ids: Sequence[int], units: Sequence[int]) -> Any:
    return seen_among(0, units, ids)


def seen_among(_member: int, units: Sequence[int], ids: Sequence[int], _care: Sequence[str] = ()) -> Any:
    """Make the query of those of some lists that are issued to any of the units."""
    return BookList.select(BookList.id).where(BookList.id.in_(ids), _issued_to(units))
