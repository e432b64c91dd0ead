"""The JSON API of the reading log: shelf, notes of reading, earlier readings, the timeline, a year in books."""

from datetime import UTC, date
from typing import Any

from apiflask import APIBlueprint, EmptySchema

from lms import clock
from lms.errors import N_, NotFound
from lms.paging import Page
from lms.reading import log_queries as queries
from lms.reading import rules, service, story_queries
from lms.reading.log_queries import ShelfFilter
from lms.reading.log_schemas import (
    AgainIn,
    EarlierIn,
    EarlierOut,
    EntryOut,
    LogOut,
    MonthQuery,
    PageQuery,
    RatingIn,
    SessionIn,
    SessionOut,
    SessionsOut,
    ShelfOut,
    ShelfQuery,
    StateIn,
    TimelineOut,
    UndoIn,
    YearOut,
)
from lms.reading.rules import Progress
from lms.web.paged import paged
from lms.web.signin import actor

api = APIBlueprint("reading_api", __name__, url_prefix="/api/v1", tag="Reading")

BOOK = "/books/<int(max=2147483647):book_id>"
SIZE = 50


def _listed(page: Page[Any]) -> dict[str, Any]:
    items = [row._asdict() for row in page.items]
    return paged(page, items)


@api.get("/reading")
@api.input(ShelfQuery, location="query")
@api.output(ShelfOut)
@api.doc(summary="List the books on my shelf in a state")
def shelf(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the reader's shelf."""
    number = query_data.pop("page")
    wanted = ShelfFilter(**query_data)
    total = queries.count_states(actor()).get(wanted.state, 0)
    return _listed(queries.list_shelf(actor(), wanted, number, SIZE, total))


@api.get("/reading/sessions")
@api.input(PageQuery, location="query")
@api.output(SessionsOut)
@api.doc(summary="List what I noted of reading")
def sessions(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the reader's notes of reading."""
    return _listed(queries.list_sessions(actor(), query_data["page"], SIZE))


@api.get(BOOK + "/reading")
@api.output(LogOut)
@api.doc(summary="Say where I stand with a book")
def log(book_id: int) -> dict[str, Any]:
    """Give the reader's entry of a book, the last notes and the earlier readings. 404 when it is not on the shelf."""
    reader = actor()
    return {
        **_entry(book_id),
        "sessions": [row._asdict() for row in queries.recent_sessions(reader, book_id, SIZE)],
        "readings": [row._asdict() for row in queries.past_readings(reader, book_id)],
    }


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
    sent = json_data
    service.set_state(actor(), book_id, sent["state"], sent["day"], sent["rating"], sent["reason"])
    return _entry(book_id)


@api.put(BOOK + "/rating")
@api.input(RatingIn, location="json")
@api.output(EntryOut)
@api.doc(summary="Rate a finished book")
def rate(book_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Rate a finished book with 1 to 5, or take the rating back."""
    service.rate(actor(), book_id, json_data["rating"])
    return _entry(book_id)


@api.post(BOOK + "/reading/undo")
@api.input(UndoIn, location="json")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Take one finish of a book back")
def undo_finish(book_id: int, json_data: dict[str, Any]) -> str:
    """Take one finish back; a finish that is not in force any more is left alone."""
    service.undo_finish(actor(), book_id, json_data["fact"], json_data["back_to"])
    return ""


@api.post(BOOK + "/reading/again")
@api.input(AgainIn, location="json")
@api.output(EntryOut, status_code=201)
@api.doc(summary="Begin a book again")
def read_again(book_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Begin a new reading of a finished book; the former one is kept and counts on."""
    service.read_again(actor(), book_id, json_data["day"])
    return _entry(book_id)


@api.delete(BOOK + "/readings/<int(max=2147483647):number>")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Take an earlier reading out of my log")
def remove_reading(book_id: int, number: int) -> str:
    """Take an earlier reading out; its finish no longer counts."""
    service.remove_reading(actor(), book_id, number)
    return ""


@api.post("/reading/earlier")
@api.input(EarlierIn, location="json")
@api.output(EarlierOut)
@api.doc(summary="Note many books as read earlier")
def log_earlier(json_data: dict[str, Any]) -> dict[str, Any]:
    """Note many books as finished on days gone by, all or none; those finished already stay as they are."""
    today = clock.today()
    days = [row["day"] or rules.day_in_year(row["year"] or today.year, today) for row in json_data["books"]]
    done = service.log_earlier(actor(), [(row["book"], day) for row, day in zip(json_data["books"], days, strict=True)])
    return {"noted": done.noted, "known": sorted(done.known)}


@api.get("/reading/timeline")
@api.input(MonthQuery, location="query")
@api.output(TimelineOut)
@api.doc(summary="Give a month of my log")
def timeline(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give what happened in a month."""
    text = query_data["month"]
    month = story_queries.get_month(actor(), date.fromisoformat(f"{text}-01") if text else clock.today())
    items = [happening._asdict() for happening in month.happenings]
    return {"since": month.span.since, "until": month.span.until, "items": items}


@api.get("/reading/years/<int(min=1900, max=2100):year>")
@api.output(YearOut)
@api.doc(summary="Give my year in books")
def get_year(year: int) -> dict[str, Any]:
    """Give what was finished in a year, and the figures of its months."""
    found = story_queries.get_year(actor(), year)
    months = [
        {
            "month": number,
            "books": len(finishes),
            "pages": sum(finish.pages or 0 for finish in finishes),
            "minutes": found.minutes.get(number, 0),
        }
        for number, finishes in enumerate(found.by_month, 1)
    ]
    return {"year": year, "books": [finish._asdict() for finish in found.finishes], "months": months}


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
@api.doc(summary="Note some reading of a book")
def note_progress(book_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Note some reading; a key (``once``) sent again gives the same note."""
    at = json_data.pop("at")
    noted = Progress(**json_data, at=at.astimezone(UTC).replace(tzinfo=None) if at else None)
    session_id = service.note_progress(actor(), book_id, noted)
    return queries.get_session(actor(), session_id)._asdict()


@api.delete("/sessions/<int(max=2147483647):session_id>")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Take a note of reading back")
def withdraw_session(session_id: int) -> str:
    """Take a note of reading back."""
    service.withdraw_session(actor(), session_id)
    return ""
