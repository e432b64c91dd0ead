"""Changing the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from lms import bulk, clock, events
from lms.catalogue import names, queries, rules
from lms.catalogue.counting import note_change
from lms.catalogue.models import Book, BookName, BookSubject
from lms.catalogue.rules import BookChanged, BookDraft, LikelyDuplicate
from lms.db import transactional
from lms.errors import N_, Conflict, NotFound
from lms.members.access import Action, Actor, require

STORED = tuple(field.name for field in fields(BookDraft) if field.name != "contributors")


@transactional
def add_book(actor: Actor, draft: BookDraft, save_anyway: bool = False) -> int:
    """Add a book and give its id.

    Raises Forbidden, BookRefused, and LikelyDuplicate unless ``save_anyway``: different books do share an ISBN, so
    a person decides.
    """
    require(actor, Action.CATALOGUE_EDIT)
    checked = _checked(draft, None, save_anyway)
    book = Book.create(**stored_values(checked), added_by=actor.id)
    write_rows({book.id: checked})
    announce(book.id)
    return int(book.id)


@transactional
def change_book(
    actor: Actor, book_id: int, draft: BookDraft, save_anyway: bool = False, version: int | None = None
) -> None:
    """Change what is said of a book.

    ``version`` is the one the change began from; when somebody else was first nothing is written. Raises Forbidden,
    NotFound, BookChanged, Conflict for a merged book, BookRefused and LikelyDuplicate as ``add_book``.
    """
    require(actor, Action.CATALOGUE_EDIT)
    stored = queries.get_book(book_id)
    if stored.merged_into is not None:
        raise Conflict(N_("This book was merged into another one. Please change that one."))
    if version is not None and version != stored.version:
        raise BookChanged(stored.version)
    checked = _checked(draft, book_id, save_anyway)
    changed = (
        Book.update(**stored_values(checked), updated_at=clock.now(), version=Book.version + 1)
        .where(Book.id == book_id, Book.version == stored.version)
        .execute()
    )
    if not changed:
        raise BookChanged(queries.get_book(book_id).version)
    forget_rows([book_id])
    write_rows({book_id: checked})
    announce(book_id)


def check(actor: Actor, draft: BookDraft) -> BookDraft:
    """Give the draft tidied as it would be stored, storing nothing. Raises Forbidden and BookRefused."""
    require(actor, Action.CATALOGUE_EDIT)
    return rules.check_book(draft, clock.today())


def _checked(draft: BookDraft, book_id: int | None, save_anyway: bool) -> BookDraft:
    checked = rules.check_book(draft, clock.today())
    twins = [] if save_anyway else queries.find_twins(checked, book_id)
    if twins:
        raise LikelyDuplicate(twins)
    return checked


def stored_values(checked: BookDraft) -> dict[str, Any]:
    """Give the columns of a checked draft, with those that lists are ordered by."""
    return {
        **{name: getattr(checked, name) for name in STORED},
        "sort_key": rules.sort_key(checked.title),
        "main_class": rules.clc_class(checked.clc),
        "year_key": checked.year or 0,
    }


def write_rows(drafts: Mapping[int, BookDraft]) -> None:
    """Write the names and subjects of checked drafts by the id of their book, many books at once."""
    named = [
        {"book": book, "position": place, "name": one.name, "role": one.role, "key": one.key}
        for book, draft in drafts.items()
        for place, one in enumerate(draft.contributors)
    ]
    subjects = [
        {"book": book, "name": word, "key": names.folded(word)}
        for book, draft in drafts.items()
        for word in names.split_subjects(draft.subjects)
    ]
    bulk.insert_all(BookName, named)
    bulk.insert_all(BookSubject, subjects)


def forget_rows(book_ids: Sequence[int]) -> None:
    """Take away the names and subjects of books, to be written anew."""
    BookName.delete().where(BookName.book.in_(book_ids)).execute()
    BookSubject.delete().where(BookSubject.book.in_(book_ids)).execute()


@transactional
def patch_book(
    actor: Actor,
    book_id: int,
    changes: Mapping[str, Any],
    withdrawn: bool | None,
    save_anyway: bool = False,
    version: int | None = None,
) -> None:
    """Change only the named values of a book, withdraw it or put it back; all of it or nothing.

    Raises Forbidden, NotFound, BookRefused and LikelyDuplicate as ``add_book``, BookChanged as ``change_book``.
    """
    require(actor, Action.CATALOGUE_EDIT)
    if changes:
        if "year" in changes and "published" not in changes:
            changes = {**changes, "published": ""}
        change_book(actor, book_id, replace(queries.get_draft(book_id), **changes), save_anyway, version)
    else:
        queries.get_book(book_id)
    if withdrawn is not None:
        (withdraw_book if withdrawn else restore_book)(actor, book_id)


@transactional
def withdraw_book(actor: Actor, book_id: int) -> None:
    """Take a book off the catalogue; its readers keep their logs, notes and plans. Doing it twice changes nothing."""
    require(actor, Action.CATALOGUE_EDIT)
    changed = (
        Book.update(withdrawn_at=clock.now(), updated_at=clock.now())
        .where(Book.id == book_id, Book.withdrawn_at.is_null())
        .execute()
    )
    _tell(book_id, changed)


@transactional
def restore_book(actor: Actor, book_id: int) -> None:
    """Put a withdrawn book back. Doing it twice changes nothing. Raises Conflict for a merged book."""
    require(actor, Action.CATALOGUE_EDIT)
    if queries.get_book(book_id).merged_into is not None:
        raise Conflict(N_("This book was merged into another one. Please change that one."))
    changed = (
        Book.update(withdrawn_at=None, updated_at=clock.now())
        .where(Book.id == book_id, Book.withdrawn_at.is_null(False))
        .execute()
    )
    _tell(book_id, changed)


def _tell(book_id: int, changed: int) -> None:
    if changed:
        announce(book_id)
    elif not Book.select(Book.id).where(Book.id == book_id).exists():
        raise NotFound(N_("There is no such book in the catalogue."))


def announce(*book_ids: int) -> None:
    """Have lists, counts and the index follow what was changed of books."""
    note_change()
    for book_id in book_ids:
        events.publish(events.SearchableChanged("book", book_id))
