"""Making and issuing recommended lists."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from peewee import fn

from lms import clock, events
from lms.catalogue import merging
from lms.catalogue.models import Book
from lms.catalogue.queries import standing_books
from lms.db import one_at_a_time, transactional
from lms.errors import N_, Conflict, Forbidden, InvalidInput
from lms.lists import queries, rules
from lms.lists.models import BookList, ListedBook, ListLook
from lms.lists.rules import ListChanged, ListDraft, ListRefused, Recommended
from lms.members.access import Action, Actor, members_in, require
from lms.members.models import Unit
from lms.notices.service import notify

PART = "lists"


def connect() -> None:
    """Follow what happens to books."""
    events.subscribe(events.BooksMerged, books_merged)
    events.subscribe(events.BookMergeUndone, merge_undone)


@transactional
def make_list(actor: Actor, draft: ListDraft) -> int:
    """Make a list, not issued yet, and give its id. Raises Forbidden, ListRefused."""
    require(actor, Action.LIST_EDIT)
    checked = rules.check_list(draft)
    _require_unit(actor, checked.unit)
    made = BookList.create(
        title=checked.title,
        intro=checked.intro,
        unit=checked.unit,
        since=checked.since,
        until=checked.until,
        made_by=actor.id,
    )
    return int(made.id)


def _require_unit(actor: Actor, unit: int | None) -> None:
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None:
        raise ListRefused([InvalidInput(N_("Please choose the unit this list is for."), field="unit")])
    require(actor, Action.LIST_EDIT, path)


def _get_kept(actor: Actor, list_id: int) -> queries.ListView:
    found = queries.get_list(actor, list_id)
    if not queries.may_manage(actor, found):
        raise Forbidden(N_("Only those who issue lists for this unit can change it."))
    return found


@transactional
def change_list(actor: Actor, list_id: int, draft: ListDraft, version: int | None = None) -> None:
    """Change what is said of a list, also whom it is for.

    ``version`` is the one the change began from; when somebody else was first nothing is written. Raises NotFound,
    Forbidden, ListRefused, ListChanged.
    """
    _get_kept(actor, list_id)
    checked = rules.check_list(draft)
    _require_unit(actor, checked.unit)
    _count_change(list_id, version)
    BookList.update(
        title=checked.title,
        intro=checked.intro,
        unit=checked.unit,
        since=checked.since,
        until=checked.until,
    ).where(BookList.id == list_id).execute()
    _announce(list_id)


def _count_change(list_id: int, version: int | None) -> None:
    """Count a change that began from ``version``, None for whichever is stored. Raises ListChanged."""
    began_here = BookList.id == list_id if version is None else (BookList.id == list_id) & (BookList.version == version)
    changed = BookList.update(version=BookList.version + 1, updated_at=clock.now()).where(began_here).execute()
    if not changed:
        raise ListChanged(BookList.select(BookList.version).where(BookList.id == list_id).scalar())


@transactional
def set_books(actor: Actor, list_id: int, books: Sequence[Recommended], version: int | None = None) -> None:
    """Put these books on a list in this order, in place of what stood there; ``version`` as for ``change_list``.

    Raises NotFound, Forbidden, ListChanged, InvalidInput for too many, a book that is not in the catalogue, a reason
    too long.
    """
    _get_kept(actor, list_id)
    standing = standing_books([one.book for one in books])
    checked = rules.check_books([replace(one, book=standing.get(one.book, one.book)) for one in books])
    ids = [one.book for one in checked]
    there = {row for (row,) in ListedBook.select(ListedBook.book).where(ListedBook.list == list_id).tuples()}
    open_books = Book.select(Book.id).where(Book.id.in_(ids), Book.merged_into.is_null(), Book.withdrawn_at.is_null())
    allowed = there | {row for (row,) in open_books.tuples()}
    if any(book not in allowed for book in ids):
        raise InvalidInput(N_("There is no such book in the catalogue."), field="books")
    _count_change(list_id, version)
    ListedBook.delete().where(ListedBook.list == list_id).execute()
    rows = [
        {"list": list_id, "book": one.book, "position": place, "required": one.required, "reason": one.reason}
        for place, one in enumerate(checked)
    ]
    if rows:
        ListedBook.insert_many(rows).execute()
    _announce(list_id)


@transactional
def add_book(actor: Actor, list_id: int, book_id: int) -> None:
    """Put a book at the end of a list; one that is there already stays where it is.

    Raises NotFound, Forbidden, InvalidInput for a book that is not in the catalogue or a list that is full.
    """
    _get_kept(actor, list_id)
    one_at_a_time(f"list:{list_id}")
    there = ListedBook.select().where(ListedBook.list == list_id)
    if there.where(ListedBook.book == book_id).exists():
        return
    if there.count() >= rules.MOST_BOOKS:
        raise InvalidInput(N_("A list may have %(limit)s books at most."), field="books", limit=rules.MOST_BOOKS)
    if not Book.select().where(Book.id == book_id, Book.merged_into.is_null(), Book.withdrawn_at.is_null()).exists():
        raise InvalidInput(N_("There is no such book in the catalogue."), field="books")
    last = there.select(fn.MAX(ListedBook.position)).scalar()
    ListedBook.create(list=list_id, book=book_id, position=0 if last is None else last + 1)
    _count_change(list_id, None)
    _announce(list_id)


@transactional
def issue_list(actor: Actor, list_id: int) -> None:
    """Let the members of the unit see a list, for the first time or again. Doing it twice changes nothing.

    Raises NotFound, Forbidden, Conflict without a book or a unit.
    """
    found = _get_kept(actor, list_id)
    if found.unit is None:
        raise Conflict(N_("The unit this list was for is gone. Please choose another one first."))
    if not ListedBook.select().where(ListedBook.list == list_id).exists():
        raise Conflict(N_("There is no book on this list yet."))
    if found.issued_at is not None and found.withdrawn_at is None:
        return
    BookList.update(issued_at=found.issued_at or clock.now(), withdrawn_at=None).where(BookList.id == list_id).execute()
    _announce(list_id)
    told = N_("A new list is recommended to you: “%(title)s”.")
    members = members_in(found.unit_path or "", clock.today())
    notify(members - {actor.id}, "list_new", f"list:{list_id}", told, {"title": found.title}, f"/lists/{list_id}")


@transactional
def withdraw_list(actor: Actor, list_id: int) -> None:
    """Take a list out of the members' sight; what they read stays. Doing it twice changes nothing."""
    found = _get_kept(actor, list_id)
    if found.issued_at is not None and found.withdrawn_at is None:
        BookList.update(withdrawn_at=clock.now()).where(BookList.id == list_id).execute()
        _announce(list_id)


@transactional
def delete_list(actor: Actor, list_id: int) -> None:
    """Delete a list that was never issued. Raises NotFound, Forbidden, Conflict."""
    if _get_kept(actor, list_id).issued_at is not None:
        raise Conflict(N_("This list was issued. It can be withdrawn, but not deleted."))
    BookList.delete().where(BookList.id == list_id).execute()


@transactional
def copy_list(actor: Actor, list_id: int) -> int:
    """Make a draft like a list, with its books, for the time after it; books off the catalogue are left out.

    Raises NotFound, Forbidden.
    """
    found = _get_kept(actor, list_id)
    since, until = rules.shifted(found.since, found.until, clock.today())
    made = BookList.create(
        title=found.title, intro=found.intro, unit=found.unit, since=since, until=until, made_by=actor.id
    )
    rows = [
        {"list": made.id, "book": one.book, "position": place, "required": one.required, "reason": one.reason}
        for place, one in enumerate(queries.list_books(actor, list_id))
        if not one.withdrawn
    ]
    if rows:
        ListedBook.insert_many(rows).execute()
    return int(made.id)


@transactional
def note_look(actor: Actor, list_id: int) -> None:
    """Note that the actor has looked at a list, so that it is not new any more. Raises NotFound."""
    queries.get_list(actor, list_id)
    ListLook.insert(member=actor.id, list=list_id, at=clock.now()).on_conflict(
        conflict_target=[ListLook.member, ListLook.list], update={ListLook.at: clock.now()}
    ).execute()


def books_merged(event: events.BooksMerged) -> None:
    """Have the lists name the kept book; where both stood, the kept one stays, required if either was."""
    rows = list(ListedBook.select().where(ListedBook.book == event.dropped))
    moved: list[int] = []
    united: list[dict[str, Any]] = []
    for row in rows:
        other = ListedBook.get_or_none(ListedBook.list == row.list, ListedBook.book == event.kept)
        if other is None:
            ListedBook.update(book=event.kept).where(ListedBook.id == row.id).execute()
            moved.append(row.list)
        else:
            both = {"required": other.required or row.required, "reason": other.reason or row.reason}
            ListedBook.update(**both).where(ListedBook.id == other.id).execute()
            gone = {"list": row.list, "position": row.position, "required": row.required, "reason": row.reason}
            united.append({"gone": gone, "before": {name: getattr(other, name) for name in both}, "left": both})
            ListedBook.delete().where(ListedBook.id == row.id).execute()
        _count_change(row.list, None)
        _announce(row.list)
    merging.keep(event.merge, PART, {"moved": moved, "united": united})


def merge_undone(event: events.BookMergeUndone) -> None:
    """Have the lists name both books again, each with what was said of it before they were one."""
    trace = merging.kept_trace(event.merge, PART)
    kept = ListedBook.book == event.kept
    touched = [*trace["moved"], *(pair["gone"]["list"] for pair in trace["united"])]
    ListedBook.update(book=event.dropped).where(ListedBook.list.in_(trace["moved"]), kept).execute()
    for pair in trace["united"]:
        row = ListedBook.get_or_none(ListedBook.list == pair["gone"]["list"], kept)
        if row is None or not BookList.select().where(BookList.id == pair["gone"]["list"]).exists():
            continue
        if (row.required, row.reason) == (pair["left"]["required"], pair["left"]["reason"]):
            ListedBook.update(**pair["before"]).where(ListedBook.id == row.id).execute()
        ListedBook.create(**pair["gone"], book=event.dropped)
    for (list_id,) in BookList.select(BookList.id).where(BookList.id.in_(touched)).tuples():
        _count_change(list_id, None)
        _announce(list_id)


def _announce(list_id: int) -> None:
    events.publish(events.SearchableChanged("list", list_id))
