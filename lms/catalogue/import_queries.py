"""Reading imports, and looking up the books that the rows of a table may be about."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, fn

from lms.catalogue import names, rules
from lms.catalogue.models import ACTIONS, Book, BookImport, BookName, ImportRow
from lms.catalogue.names import Contributor
from lms.catalogue.numbers import parse_isbn
from lms.catalogue.rules import BookDraft
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Action, Actor, require
from lms.paging import Page

_STORED = tuple(name for name in BookDraft.__dataclass_fields__ if name != "contributors")
_COLUMNS = tuple(getattr(Book, name) for name in _STORED)


class ImportView(NamedTuple):
    """An import: what it is, how far it is, how many rows are to be added, changed and so on."""

    id: int
    file_name: str
    source: str
    state: str
    failure: str
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    of_shelf: tuple[str, ...]
    counts: Mapping[str, int]


class RowView(NamedTuple):
    """A row of an import: what will happen, with which book, and why as pairs of heading, msgid and values."""

    id: int
    number: int
    action: str
    title: str
    book: int | None
    book_title: str | None
    notes: Sequence[tuple[str, str, dict[str, Any]]]
    choice: str
    carried_out: bool


def get_import(actor: Actor, load_id: int) -> ImportView:
    """Give an import of the actor's own: two statements. Raises Forbidden, NotFound."""
    require(actor, Action.CATALOGUE_EDIT)
    load = BookImport.get_or_none(BookImport.id == load_id, BookImport.member == actor.id)
    if load is None:
        raise NotFound(N_("There is no such import."))
    counts = (
        ImportRow.select(ImportRow.action, fn.COUNT(ImportRow.id))
        .where(ImportRow.load == load_id)
        .group_by(ImportRow.action)
    )
    by_action = dict(counts.tuples())
    layout = json.loads(load.columns)
    return ImportView(
        load.id,
        load.file_name,
        load.source,
        load.state,
        load.failure,
        load.total,
        load.done,
        load.created_at,
        load.finished_at,
        tuple(layout["ignored"]),
        tuple(layout["unknown"]),
        tuple(layout["of_shelf"]),
        {action: by_action[action] for action in ACTIONS if action in by_action},
    )


def list_imports(actor: Actor, number: int, size: int) -> Page[Any]:
    """Give a page of the actor's imports, the newest first: two statements. Raises Forbidden."""
    require(actor, Action.CATALOGUE_EDIT)
    mine = BookImport.select().where(BookImport.member == actor.id)
    rows = list(mine.order_by(BookImport.id.desc()).paginate(number, size).namedtuples())
    return Page(rows, number, size, mine.count())


def list_import_rows(actor: Actor, load_id: int, action: str, number: int, size: int) -> Page[RowView]:
    """Give a page of the rows of an import, all or those of one action: two statements. Raises Forbidden, NotFound."""
    require(actor, Action.CATALOGUE_EDIT)
    if not BookImport.select().where(BookImport.id == load_id, BookImport.member == actor.id).exists():
        raise NotFound(N_("There is no such import."))
    wanted = [ImportRow.load == load_id]
    if action in ACTIONS:
        wanted.append(ImportRow.action == action)
    rows = (
        ImportRow.select(
            ImportRow.id,
            ImportRow.number,
            ImportRow.action,
            ImportRow.title,
            ImportRow.book,
            Book.title,
            ImportRow.notes,
            ImportRow.choice,
            ImportRow.carried_out,
        )
        .join(Book, JOIN.LEFT_OUTER)
        .where(*wanted)
        .order_by(ImportRow.number, ImportRow.id)
        .paginate(number, size)
        .tuples()
    )
    items = [RowView._make((*row[:6], json.loads(row[6]), *row[7:])) for row in rows]
    return Page(items, number, size, ImportRow.select().where(*wanted).count())


@dataclass(frozen=True)
class KnownBooks:
    """The books that some rows of a table may be about, by number, by ISBN and by title."""

    drafts: Mapping[int, BookDraft]
    withdrawn: frozenset[int]
    by_isbn: Mapping[str, Sequence[int]]
    by_title: Mapping[str, Sequence[int]]

    @classmethod
    def for_rows(cls, rows: Sequence[Mapping[str, str]]) -> "KnownBooks":
        """Look up all books at once: three statements, however many rows."""
        ids = {int(number) for values in rows if (number := _number_of(values))}
        isbns = {isbn for values in rows if (isbn := _isbn_of(values))}
        keys = {_key_of(values) for values in rows}
        drafts: dict[int, BookDraft] = {}
        withdrawn: set[int] = set()
        by_isbn: dict[str, list[int]] = defaultdict(list)
        by_title: dict[str, list[int]] = defaultdict(list)
        for book, gone, key, *values in _candidates(ids, isbns, keys):
            draft = drafts[book] = BookDraft(**dict(zip(_STORED, values, strict=True)))
            by_title[key].append(book)
            if draft.isbn:
                by_isbn[draft.isbn].append(book)
            if gone is not None:
                withdrawn.add(book)
        return cls(_with_names(drafts), frozenset(withdrawn), by_isbn, by_title)

    def about(self, values: Mapping[str, str]) -> list[tuple[int, BookDraft, bool]]:
        """Give the books that one row may be about: id, draft, whether it is withdrawn."""
        number, isbn = _number_of(values), _isbn_of(values)
        found = [int(number)] if number and int(number) in self.drafts else []
        found += self.by_title.get(_key_of(values), ())
        found += self.by_isbn.get(isbn or "", ())
        return [(book, self.drafts[book], book in self.withdrawn) for book in dict.fromkeys(found)]


def _candidates(ids: Iterable[int], isbns: Iterable[str], keys: Iterable[str]) -> Iterable[Any]:
    found = Book.select(Book.id, Book.withdrawn_at, Book.sort_key, *_COLUMNS).where(Book.merged_into.is_null())
    seen: set[int] = set()
    for condition in (Book.id.in_(list(ids)), Book.isbn.in_(list(isbns)), Book.sort_key.in_(list(keys))):
        for row in found.where(condition).order_by(Book.id).tuples():
            if row[0] not in seen:
                seen.add(row[0])
                yield row


def drafts_by_id(ids: Sequence[int]) -> dict[int, BookDraft]:
    """Give books as the drafts they would be stored from: two statements. Unknown ids are left out."""
    rows = Book.select(Book.id, *_COLUMNS).where(Book.id.in_(list(ids))).tuples()
    return _with_names({row[0]: BookDraft(**dict(zip(_STORED, row[1:], strict=True))) for row in rows})


def _with_names(drafts: Mapping[int, BookDraft]) -> dict[int, BookDraft]:
    people: dict[int, list[Contributor]] = defaultdict(list)
    rows = BookName.select(BookName.book, BookName.name, BookName.role).where(BookName.book.in_(list(drafts)))
    for book, name, role in rows.order_by(BookName.book, BookName.position).tuples():
        people[book].append(Contributor(name, role))
    return {book: rules.with_names(draft, people[book]) for book, draft in drafts.items()}


def _number_of(values: Mapping[str, str]) -> str:
    number = values.get("id", "")
    return number if number.isascii() and number.isdigit() and len(number) < 10 else ""


def _isbn_of(values: Mapping[str, str]) -> str | None:
    try:
        return parse_isbn(values.get("isbn"))
    except InvalidInput:
        return None


def _key_of(values: Mapping[str, str]) -> str:
    try:
        return rules.sort_key(rules.clean_title(values.get("title")))
    except InvalidInput:
        return names.folded(values.get("title", ""))
