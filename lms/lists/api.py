"""The JSON API of recommended lists."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range
from werkzeug.wrappers import Response

from lms.lists import queries, rules, service
from lms.lists.rules import ListDraft, ListRefused, Recommended
from lms.web.errors import answer
from lms.web.i18n import words
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE, PAGE_SIZE

api = APIBlueprint("lists_api", __name__, url_prefix="/api/v1", tag="Lists")

LIST = "/lists/<int(max=2147483647):list_id>"
LARGEST_ID = 2_147_483_647


class ListQuery(Schema):
    """Which lists to list: those that run, those gone by, those to look after."""

    which = String(load_default="now", validate=OneOf(["now", "past", "kept"]))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class ListIn(Schema):
    """What is said of a list."""

    title = String(required=True, validate=Length(max=rules.TITLE_CHARS))
    intro = String(load_default="", validate=Length(max=rules.INTRO_CHARS))
    unit = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    since = Date(required=True)
    until = Date(required=True)


class ListChangeIn(ListIn):
    """What is said of a list from now on. ``version``, when given, must be the one that is stored, else 409."""

    version = Integer(strict=True, load_default=None, validate=Range(0, LARGEST_ID))


class BookIn(Schema):
    """A book of a list; the order of the books is that of the list."""

    book = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    required = Boolean(load_default=True)
    reason = String(load_default="", validate=Length(max=rules.REASON_CHARS))


class BooksIn(Schema):
    """All books of a list. ``version``, when given, must be the one that is stored, else 409: somebody was first."""

    books = List(Nested(BookIn), required=True, validate=Length(max=rules.MOST_BOOKS))
    version = Integer(strict=True, load_default=None, validate=Range(0, LARGEST_ID))


class ListBrief(Schema):
    """A list in a list, with how many of its books I have read."""

    id = Integer()
    title = String()
    unit_name = String(allow_none=True)
    since = Date()
    until = Date()
    issued = Boolean()
    withdrawn = Boolean()
    books = Integer()
    required = Integer()
    read = Integer()
    required_read = Integer()
    new = Boolean()


class BookOut(Schema):
    """A book of a list and where I stand with it."""

    book = Integer()
    title = String()
    authors = String()
    clc = String()
    withdrawn = Boolean()
    required = Boolean()
    reason = String()
    state = String()


class ListOut(Schema):
    """A list with its books."""

    id = Integer()
    title = String()
    intro = String()
    unit = Integer(allow_none=True)
    unit_name = String(allow_none=True)
    since = Date()
    until = Date()
    issued = Boolean()
    withdrawn = Boolean()
    version = Integer()
    books = List(Nested(BookOut))


class ListPage(Paged):
    """A page of lists."""

    items = List(Nested(ListBrief))


class ReaderOut(Schema):
    """A member and the states of the list's books, in their order."""

    member = Integer()
    name = String()
    unit = String()
    states = List(String())


class ReadersOut(Paged):
    """Who has read what: the ids of the books, and a page of members."""

    books = List(Integer())
    items = List(Nested(ReaderOut))


class PageQuery(Schema):
    """Which page."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


@api.get("/lists")
@api.input(ListQuery, location="query")
@api.output(ListPage)
@api.doc(summary="List the recommended lists")
def list_lists(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of lists with how far I am."""
    page = queries.list_lists(actor(), query_data["which"], query_data["page"], PAGE_SIZE)
    items = [row._asdict() for row in page.items]
    return paged(page, items)


@api.get(LIST)
@api.output(ListOut)
@api.doc(summary="Give a list with its books")
def get_list(list_id: int) -> dict[str, Any]:
    """Give a list that is for me, or that I look after."""
    return _shown(list_id)


@api.post("/lists")
@api.input(ListIn, location="json")
@api.output(ListOut, status_code=201)
@api.doc(summary="Make a list; it is not issued yet")
def make_list(json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Make a list for a unit."""
    try:
        return _shown(service.make_list(actor(), ListDraft(**json_data)))
    except ListRefused as error:
        return _refusal(error)


@api.put(LIST)
@api.input(ListChangeIn, location="json")
@api.output(ListOut)
@api.doc(summary="Change what is said of a list", responses=[409])
def change_list(list_id: int, json_data: dict[str, Any]) -> dict[str, Any] | Response:
    """Change title, introduction, unit and days."""
    version = json_data.pop("version")
    try:
        service.change_list(actor(), list_id, ListDraft(**json_data), version)
    except ListRefused as error:
        return _refusal(error)
    return _shown(list_id)


@api.put(LIST + "/books")
@api.input(BooksIn, location="json")
@api.output(ListOut)
@api.doc(summary="Put books on a list in this order, in place of what stood there", responses=[409])
def set_books(list_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Set all books of a list."""
    books = [Recommended(**one) for one in json_data["books"]]
    service.set_books(actor(), list_id, books, json_data["version"])
    return _shown(list_id)


@api.post(LIST + "/issue")
@api.output(ListOut)
@api.doc(summary="Let members see a list", responses=[409])
def issue_list(list_id: int) -> dict[str, Any]:
    """Issue a list."""
    service.issue_list(actor(), list_id)
    return _shown(list_id)


@api.post(LIST + "/withdraw")
@api.output(ListOut)
@api.doc(summary="Take a list out of the members' sight")
def withdraw_list(list_id: int) -> dict[str, Any]:
    """Withdraw a list."""
    service.withdraw_list(actor(), list_id)
    return _shown(list_id)


@api.post(LIST + "/copy")
@api.output(ListOut, status_code=201)
@api.doc(summary="Make a draft like a list, for the time after it")
def copy_list(list_id: int) -> dict[str, Any]:
    """Copy a list."""
    return _shown(service.copy_list(actor(), list_id))


@api.delete(LIST)
@api.output({}, status_code=204)
@api.doc(summary="Delete a list that was never issued", responses=[409])
def delete_list(list_id: int) -> str:
    """Delete a draft."""
    service.delete_list(actor(), list_id)
    return ""


@api.get(LIST + "/readers")
@api.input(PageQuery, location="query")
@api.output(ReadersOut)
@api.doc(summary="Who of the unit has read what of a list")
def get_readers(list_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of members with the states of the list's books."""
    found = queries.get_readers(actor(), list_id, query_data["page"])
    items = [
        {"member": member, "name": name, "unit": unit, "states": states}
        for member, name, unit, states in found.members.items
    ]
    return {"books": [book.book for book in found.books], **paged(found.members, items)}


def _refusal(error: ListRefused) -> Response:
    return answer(422, words(error), errors={problem.field: [words(problem)] for problem in error.problems})


def _shown(list_id: int) -> dict[str, Any]:
    found = queries.get_list(actor(), list_id)
    return {
        **found._asdict(),
        "issued": found.issued_at is not None,
        "withdrawn": found.withdrawn_at is not None,
        "books": [book._asdict() for book in queries.list_books(actor(), list_id)],
    }
