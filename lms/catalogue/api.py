"""The JSON API of the catalogue."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, DateTime, Dict, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range
from werkzeug.wrappers import Response

from lms import clock
from lms.catalogue import merging, queries, rules, service
from lms.catalogue.classification import CLASSES
from lms.catalogue.names import AUTHOR, MOST_NAMES, NAME_CHARS, ROLES, Contributor
from lms.catalogue.queries import BookFilter, BookView
from lms.catalogue.rules import BookDraft, BookRefused, LikelyDuplicate
from lms.members.access import Action, require
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.errors import answer
from lms.web.i18n import gettext, words
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE, PAGE_SIZE

api = APIBlueprint("catalogue_api", __name__, url_prefix="/api/v1", tag="Catalogue")

BOOK = "/books/<int(max=2147483647):book_id>"


class BookQuery(Schema):
    """Which books to list."""

    q = String(load_default="", validate=Length(max=queries.QUERY_CHARS))
    clc = String(load_default="", data_key="class", validate=OneOf(["", *CLASSES]))
    author = String(load_default="", validate=Length(max=queries.QUERY_CHARS))
    subject = String(load_default="", validate=Length(max=queries.QUERY_CHARS))
    year = Integer(load_default=None, allow_none=True, validate=Range(1, 9999))
    language = String(load_default="", validate=OneOf(["", *rules.LANGUAGES]))
    sort = String(load_default="newest", validate=OneOf(queries.SORTS))
    withdrawn = Boolean(load_default=False)
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class ContributorIn(Schema):
    """Somebody who had a part in a book."""

    name = String(required=True, validate=Length(1, NAME_CHARS))
    role = String(load_default=AUTHOR, validate=OneOf(ROLES))


class BookIn(Schema):
    """A book to add, by ``authors`` or ``contributors``. ``save_anyway`` saves it although one like it is there."""

    title = String(required=True)
    subtitle = String()
    original_title = String()
    authors = String()
    translators = String()
    contributors = List(Nested(ContributorIn), validate=Length(max=MOST_NAMES))
    publisher = String()
    published = String()
    year = Integer(allow_none=True, strict=True)
    edition = String()
    isbn = String(allow_none=True, validate=Length(max=40))
    unified = String()
    language = String()
    clc = String()
    subjects = String()
    pages = Integer(allow_none=True, strict=True)
    summary = String()
    save_anyway = Boolean(load_default=False)


class BookPatch(BookIn):
    """What to change of a book; ``withdrawn`` takes it off the catalogue or puts it back.

    ``version``, when given, must be the one that is stored, else 409: somebody else was first.
    """

    title = String()
    withdrawn = Boolean()
    version = Integer(strict=True)


class BookBrief(Schema):
    """A book in a list, with the reader's own state in ``badge`` if there is one."""

    id = Integer()
    title = String()
    authors = String()
    clc = String()
    publisher = String()
    year = Integer(allow_none=True)
    language = String()
    badge = String(allow_none=True)


class FileOut(Schema):
    """A file of a book, to be fetched from ``address``."""

    id = Integer()
    kind = String()
    file_name = String()
    file_size = Integer()
    address = String()


class BookOut(BookBrief):
    """A book. One that was merged names the book that stands for it."""

    subtitle = String()
    original_title = String()
    translators = String()
    contributors = List(Nested(ContributorIn))
    published = String()
    edition = String()
    isbn = String(allow_none=True)
    unified = String()
    version = Integer()
    merged_into = Integer(allow_none=True)
    cover = String()
    files = List(Nested(FileOut))
    subjects = String()
    pages = Integer(allow_none=True)
    summary = String()
    withdrawn_on = Date(allow_none=True)
    updated_at = DateTime(format="iso")


class BookList(Paged):
    """A page of books, with the number of books in each main class."""

    items = List(Nested(BookBrief))
    classes = Dict(keys=String(), values=Integer())


@api.get("/books")
@api.input(BookQuery, location="query")
@api.output(BookList)
@api.doc(summary="List the books of the catalogue")
def list_books(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the catalogue."""
    number = query_data.pop("page")
    shelf = queries.list_books(actor(), BookFilter(**query_data), number, PAGE_SIZE)
    badges = panels.badges("book", actor(), [row.id for row in shelf.page.items])
    items = [{**row._asdict(), "badge": badges.get(row.id)} for row in shelf.page.items]
    return {**paged(shelf.page, items), "classes": shelf.classes}


@api.get(BOOK)
@api.output(BookOut)
@api.doc(summary="Give a book")
def get_book(book_id: int) -> dict[str, Any]:
    """Give a book, withdrawn or not."""
    return _shown(queries.get_book(book_id))


@api.post("/books")
@api.input(BookIn, location="json")
@api.output(BookOut, status_code=201)
@api.doc(summary="Add a book", responses=[409])
def add_book(json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Add a book; 409 names the books it may be the same as, unless ``save_anyway`` is true."""
    anyway = json_data.pop("save_anyway")
    try:
        book_id = service.add_book(actor(), BookDraft(**_given(json_data)), save_anyway=anyway)
    except (BookRefused, LikelyDuplicate) as error:
        return _refusal(error)
    return _shown(queries.get_book(book_id))


@api.patch(BOOK)
@api.input(BookPatch, location="json")
@api.output(BookOut)
@api.doc(summary="Change a book, withdraw it or put it back", responses=[409])
def change_book(book_id: int, json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Change what is given and leave the rest."""
    anyway, withdrawn = json_data.pop("save_anyway"), json_data.pop("withdrawn", None)
    version = json_data.pop("version", None)
    try:
        service.patch_book(actor(), book_id, _given(json_data), withdrawn, save_anyway=anyway, version=version)
    except (BookRefused, LikelyDuplicate) as error:
        return _refusal(error)
    return _shown(queries.get_book(book_id))


class MergeIn(Schema):
    """The book that is to become one with the one of the address."""

    dropped = Integer(required=True, strict=True, validate=Range(1, 2_147_483_647))


@api.post(BOOK + "/merge")
@api.input(MergeIn, location="json")
@api.output(BookOut)
@api.doc(summary="Make another book one with this one", responses=[409])
def merge_books(book_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Keep this book; logs, notes, plans and lists of the other one follow."""
    merging.merge_books(actor(), book_id, json_data["dropped"])
    return _shown(queries.get_book(book_id))


class MergeOut(Schema):
    """A merge that holds: the book that went into this one, by whom and when."""

    id = Integer()
    dropped = Integer()
    title = String()
    merged_by = String(allow_none=True)
    merged_at = DateTime()


@api.get(BOOK + "/merges")
@api.output(MergeOut(many=True))
@api.doc(summary="List the books that were merged into a book, the newest merge first")
def list_merges(book_id: int) -> list[merging.MergeView]:
    """Give the merges that hold; the first of them can be undone."""
    require(actor(), Action.CATALOGUE_EDIT)
    return merging.list_merges(queries.get_book(book_id).id)


@api.post("/merges/<int(max=2147483647):merge_id>/undo")
@api.output(BookOut)
@api.doc(summary="Make two merged books two again", responses=[409])
def undo_merge(merge_id: int) -> dict[str, Any]:
    """Give the book that comes back; what the merge moved goes back to it."""
    return _shown(queries.get_book(merging.undo_merge(actor(), merge_id)))


def _given(json_data: dict[str, Any]) -> dict[str, Any]:
    if "contributors" in json_data:
        json_data["contributors"] = tuple(Contributor(**one) for one in json_data["contributors"])
    return json_data


def _refusal(error: BookRefused | LikelyDuplicate) -> Response:
    if isinstance(error, LikelyDuplicate):
        hint = gettext('Send "save_anyway": true to save it all the same.')
        return answer(409, f"{words(error)} {hint}", errors={"twins": [twin.id for twin in error.twins]})
    return answer(422, words(error), errors={problem.field: [words(problem)] for problem in error.problems})


def _shown(book: BookView) -> dict[str, Any]:
    badge = panels.badges("book", actor(), [book.id]).get(book.id)
    gone = book.withdrawn_at
    files = [
        {**row._asdict(), "address": url_for("book_files.file", book_id=book.id, file_id=row.id)}
        for row in queries.list_files(book.id)
    ]
    return {
        **book._asdict(),
        "badge": badge,
        "withdrawn_on": clock.local(gone).date() if gone else None,
        "contributors": queries.list_names(book.id),
        "cover": url_for("book_files.cover", book_id=book.id),
        "files": files,
    }
