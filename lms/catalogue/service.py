"""Changing the catalogue."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from lms import clock, events
from lms.catalogue import queries, rules
from lms.catalogue.models import Book
from lms.catalogue.rules import BookDraft, LikelyDuplicate
from lms.db import transactional
from lms.errors import N_, NotFound
from lms.members.access import Action, Actor, require


@transactional
def add_book(actor: Actor, draft: BookDraft, save_anyway: bool = False) -> int:
    """Add a book and give its id.

    Raises Forbidden, BookRefused, and LikelyDuplicate unless ``save_anyway``: different books do share an ISBN, so
    a person decides.
    """
    require(actor, Action.CATALOGUE_EDIT)
    values = _checked(draft, None, save_anyway)
    book = Book.create(**values, added_by=actor.id)
    events.publish(events.SearchableChanged("book", book.id))
    return int(book.id)


@transactional
def change_book(actor: Actor, book_id: int, draft: BookDraft, save_anyway: bool = False) -> None:
    """Change what is said of a book. Raises Forbidden, NotFound, BookRefused and LikelyDuplicate as ``add_book``."""
    require(actor, Action.CATALOGUE_EDIT)
    queries.get_book(book_id)
    values = _checked(draft, book_id, save_anyway)
    Book.update(**values, updated_at=clock.now()).where(Book.id == book_id).execute()
    events.publish(events.SearchableChanged("book", book_id))


def check(actor: Actor, draft: BookDraft) -> BookDraft:
    """Give the draft tidied as it would be stored, storing nothing. Raises Forbidden and BookRefused."""
    require(actor, Action.CATALOGUE_EDIT)
    return rules.check_book(draft, clock.today().year)


def _checked(draft: BookDraft, book_id: int | None, save_anyway: bool) -> dict[str, object]:
    checked = rules.check_book(draft, clock.today().year)
    twins = [] if save_anyway else queries.find_twins(checked, book_id)
    if twins:
        raise LikelyDuplicate(twins)
    return {**asdict(checked), "sort_key": rules.sort_key(checked.title)}


@transactional
def patch_book(
    actor: Actor, book_id: int, changes: Mapping[str, Any], withdrawn: bool | None, save_anyway: bool = False
) -> None:
    """Change only the named values of a book, withdraw it or put it back; all of it or nothing.

    Raises Forbidden, NotFound, BookRefused and LikelyDuplicate as ``add_book``.
    """
    require(actor, Action.CATALOGUE_EDIT)
    stored = queries.get_book(book_id)
    if changes:
        before = BookDraft(**{field.name: getattr(stored, field.name) for field in fields(BookDraft)})
        change_book(actor, book_id, replace(before, **changes), save_anyway)
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
    """Put a withdrawn book back. Doing it twice changes nothing."""
    require(actor, Action.CATALOGUE_EDIT)
    changed = (
        Book.update(withdrawn_at=None, updated_at=clock.now())
        .where(Book.id == book_id, Book.withdrawn_at.is_null(False))
        .execute()
    )
    _tell(book_id, changed)


def _tell(book_id: int, changed: int) -> None:
    if changed:
        events.publish(events.SearchableChanged("book", book_id))
    elif not Book.select(Book.id).where(Book.id == book_id).exists():
        raise NotFound(N_("There is no such book in the catalogue."))
