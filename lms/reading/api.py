"""The JSON API of reading: the own shelf and log, and plans."""

from datetime import date
from typing import Any

from apiflask import APIBlueprint, EmptySchema, Schema
from apiflask.fields import Boolean, Date, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.errors import N_, NotFound
from lms.paging import Page
from lms.reading import queries, rules, service
from lms.reading.queries import PlanView
from lms.reading.rules import PlannedBook
from lms.web.signin import actor
from lms.web.view import LAST_PAGE

api = APIBlueprint("reading_api", __name__, url_prefix="/api/v1", tag="Reading")

BOOK = "/books/<int(max=2147483647):book_id>"
PLAN = "/plans/<int(max=2147483647):plan_id>"
SIZE = 50
STATES = [state.value for state in rules.State]


class ShelfQuery(Schema):
    """Which part of the shelf to list."""

    state = String(load_default="reading", validate=OneOf(STATES))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class PageQuery(Schema):
    """Which page of a list."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class StateIn(Schema):
    """The state to put a book into; ``day`` is when it was finished (or begun), today when not given."""

    state = String(required=True, validate=OneOf(STATES))
    day = Date(allow_none=True, load_default=None)


class SessionIn(Schema):
    """A stretch of reading: minutes, the page reached, the day (today when not given)."""

    minutes = Integer(required=True, strict=True)
    page = Integer(allow_none=True, load_default=None, strict=True)
    day = Date(allow_none=True, load_default=None)


class SessionOut(Schema):
    """A stretch of reading."""

    id = Integer()
    book = Integer()
    title = String()
    day = Date()
    minutes = Integer()
    page = Integer(allow_none=True)


class EntryOut(Schema):
    """Where the reader stands with a book."""

    book = Integer()
    state = String()
    page = Integer(allow_none=True)
    pages = Integer(allow_none=True)
    started_on = Date(allow_none=True)
    finished_on = Date(allow_none=True)


class LogOut(EntryOut):
    """Where the reader stands with a book, with the last stretches of reading."""

    sessions = List(Nested(SessionOut))


class ShelfItem(EntryOut):
    """A book on the shelf."""

    title = String()
    authors = String()


class ListOut(Schema):
    """What every list has."""

    page = Integer()
    pages = Integer()
    total = Integer()


class ShelfOut(ListOut):
    """A page of the reader's shelf."""

    items = List(Nested(ShelfItem))


class SessionsOut(ListOut):
    """A page of the reader's stretches of reading."""

    items = List(Nested(SessionOut))


class PlannedIn(Schema):
    """A book of a plan; without ``due_on`` its day is spread over the span."""

    book = Integer(required=True, strict=True, validate=Range(1, 2**31 - 1))
    due_on = Date(allow_none=True, load_default=None)


class PlanIn(Schema):
    """A plan to make."""

    title = String(required=True)
    since = Date(required=True)
    until = Date(required=True)
    items = List(Nested(PlannedIn), required=True, validate=Length(min=1, max=rules.PLAN_BOOKS))


class PlanPatch(PlanIn):
    """What to change of a plan; ``items``, when given, replaces all of them."""

    title = String()
    since = Date()
    until = Date()
    items = List(Nested(PlannedIn), validate=Length(min=1, max=rules.PLAN_BOOKS))


class ItemOut(Schema):
    """A book of a plan; ``tick`` says how the log stands to it."""

    book = Integer()
    title = String()
    authors = String()
    due_on = Date()
    done = Boolean()
    tick = String()
    finished_on = Date(allow_none=True)


class PlanBrief(Schema):
    """A plan in a list."""

    id = Integer()
    title = String()
    since = Date()
    until = Date()
    total = Integer()
    done = Integer()
    next_due = Date(allow_none=True)


class PlansOut(ListOut):
    """A page of the reader's plans."""

    items = List(Nested(PlanBrief))


class PlanOut(PlanBrief):
    """A plan with its books."""

    items = List(Nested(ItemOut))


def _listed(page: Page[Any]) -> dict[str, Any]:
    items = [row._asdict() for row in page.items]
    return {"items": items, "page": page.number, "pages": page.pages, "total": page.total}


@api.get("/reading")
@api.input(ShelfQuery, location="query")
@api.output(ShelfOut)
@api.doc(summary="List the books on my shelf in a state")
def shelf(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the reader's shelf."""
    state = query_data["state"]
    total = queries.count_states(actor()).get(state, 0)
    return _listed(queries.list_shelf(actor(), state, query_data["page"], SIZE, total))


@api.get("/reading/sessions")
@api.input(PageQuery, location="query")
@api.output(SessionsOut)
@api.doc(summary="List the time I noted")
def sessions(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the reader's stretches of reading."""
    return _listed(queries.list_sessions(actor(), query_data["page"], SIZE))


@api.get(BOOK + "/reading")
@api.output(LogOut)
@api.doc(summary="Say where I stand with a book")
def log(book_id: int) -> dict[str, Any]:
    """Give the reader's entry of a book and the last stretches. 404 when it is not on the shelf."""
    return {**_entry(book_id), "sessions": [row._asdict() for row in queries.recent_sessions(actor(), book_id, SIZE)]}


def _entry(book_id: int) -> dict[str, Any]:
    entry = queries.find_entry(actor(), book_id)
    if entry is None:
        raise NotFound(N_("This book is not on your shelf."))
    return {**entry._asdict(), "book": book_id}


@api.put(BOOK + "/reading")
@api.input(StateIn, location="json")
@api.output(EntryOut)
@api.doc(summary="Put a book into a state on my shelf")
def set_state(book_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Put a book into a state; sending the same twice changes nothing."""
    service.set_state(actor(), book_id, json_data["state"], json_data["day"])
    return _entry(book_id)


@api.delete(BOOK + "/reading")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Take a book off my shelf")
def remove_entry(book_id: int) -> str:
    """Take a book off the shelf."""
    service.remove_entry(actor(), book_id)
    return ""


@api.post(BOOK + "/sessions")
@api.input(SessionIn, location="json")
@api.output(SessionOut, status_code=201)
@api.doc(summary="Note time spent reading a book")
def record_session(book_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Note a stretch of reading."""
    session_id = service.record_session(actor(), book_id, **json_data)
    return queries.get_session(actor(), session_id)._asdict()


@api.delete("/sessions/<int(max=2147483647):session_id>")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Take noted time back")
def withdraw_session(session_id: int) -> str:
    """Take a stretch of reading back."""
    service.withdraw_session(actor(), session_id)
    return ""


@api.get("/plans")
@api.input(PageQuery, location="query")
@api.output(PlansOut)
@api.doc(summary="List my reading plans")
def list_plans(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the reader's plans."""
    return _listed(queries.list_plans(actor(), query_data["page"], SIZE))


@api.get(PLAN)
@api.output(PlanOut)
@api.doc(summary="Give one of my plans with its ticks")
def get_plan(plan_id: int) -> dict[str, Any]:
    """Give a plan."""
    return _shown(queries.get_plan(actor(), plan_id))


@api.post("/plans")
@api.input(PlanIn, location="json")
@api.output(PlanOut, status_code=201)
@api.doc(summary="Make a reading plan")
def make_plan(json_data: dict[str, Any]) -> dict[str, Any]:
    """Make a plan."""
    books = _planned(json_data["items"])
    plan_id = service.make_plan(actor(), json_data["title"], json_data["since"], json_data["until"], books)
    return _shown(queries.get_plan(actor(), plan_id))


@api.patch(PLAN)
@api.input(PlanPatch, location="json")
@api.output(PlanOut)
@api.doc(summary="Change a reading plan")
def change_plan(plan_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Change what is given of a plan and leave the rest."""
    stored = queries.get_plan(actor(), plan_id)
    since: date = json_data.get("since", stored.since)
    until: date = json_data.get("until", stored.until)
    kept = [PlannedBook(item.book, item.due_on) for item in stored.items]
    books = _planned(json_data["items"]) if "items" in json_data else kept
    service.change_plan(actor(), plan_id, json_data.get("title", stored.title), since, until, books)
    return _shown(queries.get_plan(actor(), plan_id))


@api.delete(PLAN)
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Delete a reading plan")
def delete_plan(plan_id: int) -> str:
    """Delete a plan; the log of its books stays."""
    service.delete_plan(actor(), plan_id)
    return ""


def _planned(items: list[dict[str, Any]]) -> list[PlannedBook]:
    return [PlannedBook(item["book"], item["due_on"]) for item in items]


def _shown(plan: PlanView) -> dict[str, Any]:
    following = plan.next
    return {
        "id": plan.id,
        "title": plan.title,
        "since": plan.since,
        "until": plan.until,
        "total": len(plan.items),
        "done": plan.done,
        "next_due": following.due_on if following else None,
        "items": plan.items,
    }
