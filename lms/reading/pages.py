"""Pages of the reading log: where a member stands with a book, what was noted, the own shelf."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from lms import clock
from lms.catalogue import queries as catalogue
from lms.catalogue.rules import CLC_CLASSES
from lms.errors import N_, InvalidInput
from lms.members.access import Actor
from lms.paging import Page
from lms.periods import Period, period_of
from lms.reading import log_queries as queries
from lms.reading import log_words, plan_care_pages, plan_pages, rules, service, story_pages
from lms.reading.log_queries import EntryView, ShelfFilter, ShelfRow
from lms.reading.log_words import STATE_WORDS
from lms.reading.one_tap import new_key
from lms.reading.rules import Change, Progress
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.dates import day_words
from lms.web.i18n import gettext, words
from lms.web.kept_pages import ONCE, kept_page
from lms.web.signin import actor
from lms.web.view import attempt, day, page_number, safe_next, whole_number

pages = Blueprint("reading", __name__)

BOOK = "/books/<int(max=2147483647):book_id>"
SHELF_SIZE = 20
SESSIONS_SIZE = 40
SESSIONS_BESIDE = 3
SESSIONS_OF_BOOK = 200


def load_standing(reader: Actor, book_id: int) -> dict[str, Any]:
    """Give what the part "where you stand" of a book's page shows: three statements at most."""
    entry = queries.find_entry(reader, book_id)
    sessions = queries.recent_sessions(reader, book_id, SESSIONS_BESIDE + 1) if entry else []
    return {
        "book": book_id,
        "entry": entry,
        "states": log_words.state_choices(),
        "sessions": sessions[:SESSIONS_BESIDE],
        "more_sessions": len(sessions) > SESSIONS_BESIDE,
        "past": queries.past_readings(reader, book_id) if entry and entry.number > 1 else [],
        "today": clock.today(),
        "words": log_words,
        "taps": log_words.taps(entry.page, entry.percent, entry.pages) if entry and entry.state == "reading" else [],
        "seen": rules.place_of(entry.page, entry.percent) if entry else "-",
        "once": new_key(),
        "back_to": before_finish(entry),
    }


def before_finish(entry: EntryView | None) -> str:
    """Give the state a finished book goes back to when its finish is taken back."""
    return "reading" if entry and entry.started_on else "want"


def load_badges(reader: Actor, books: Sequence[int]) -> dict[int, str]:
    """Give the word for the reader's state beside each book of a list."""
    return {book: str(STATE_WORDS[state]) for book, state in queries.states_of(reader, books).items()}


def load_tabs(reader: Actor, _: int) -> dict[str, Any]:
    """Give the way from the catalogue to the own shelf and plans."""
    return {"current": "books"}


def _beside_book(reader: Actor, book_id: int) -> dict[str, Any]:
    return {**load_standing(reader, book_id), "once": ONCE}  # the page is kept


panels.add_panel("book.beside", "reading/_standing.html", _beside_book, 10)
panels.add_panel("books", "reading/_tabs.html", load_tabs, 10)
panels.add_badges("book", load_badges)


def _back_to(book_id: int) -> Response:
    return redirect(safe_next(url_for("catalogue.book", book_id=book_id)), code=303)


@pages.get(BOOK + "/reading")
def log(book_id: int) -> str:
    """Show all that was logged of a book; ?undo= offers to take the last finish back, ?finished= to restore one."""
    return _log_page(book_id, {}, {})


def _log_page(book_id: int, typed: dict[str, str], errors: dict[str, InvalidInput]) -> str:
    reader = actor()
    book = catalogue.get_book(book_id)
    panel = load_standing(reader, book_id)
    panel["sessions"] = queries.recent_sessions(reader, book_id, SESSIONS_OF_BOOK)
    panel["more_sessions"] = False
    undo = request.args.get("undo", "")
    panel["back_to"] = undo if undo in ("want", "reading", "abandoned", "none") else panel["back_to"]
    said = {name: words(error) for name, error in errors.items()}
    lost = _lost_finish(panel["entry"])
    return render_template("reading/log.html", book=book, panel=panel, typed=typed, errors=said, lost=lost)


def _lost_finish(entry: EntryView | None) -> date | None:
    if entry is None or entry.state == "finished":
        return None
    return attempt({}, lambda: day(request.args.get("finished"), "finished"))


@pages.post(BOOK + "/reading")
def set_state(book_id: int) -> Response | tuple[str, int]:
    """Put a book into a state, correct the day it was finished, rate it, or say why it was given up."""
    reader, form = actor(), request.form
    errors: dict[str, InvalidInput] = {}
    on = attempt(errors, lambda: day(form.get("day"), "day"))
    rating = attempt(errors, lambda: whole_number(form.get("rating"), "rating", 1, rules.BEST_RATING))
    before = queries.find_entry(reader, book_id)
    try:
        if errors:
            return _log_page(book_id, form.to_dict(), errors), 422
        done = service.set_state(reader, book_id, form.get("state", ""), on, rating, form.get("reason"))
    except InvalidInput as error:
        return _log_page(book_id, form.to_dict(), {error.field or "": error}), 422
    said = {
        Change.FINISHED: N_("Noted: finished on %(day)s. It counts for your progress."),
        Change.MOVED: N_("The day is corrected: finished on %(day)s."),
        Change.UNFINISHED: N_("The book no longer counts as finished."),
    }.get(done.change)
    if said:
        text = gettext(said, day=day_words(done.standing.finished_on))
        flash(Markup("{} {}").format(text, _undo_link(book_id, done.change, before)), "success")
    return _back_to(book_id)


def _undo_link(book_id: int, change: Change, before: EntryView | None) -> Markup:
    if change is Change.FINISHED and "next" not in request.values:
        # The page that comes next holds the form that takes it back: this button sends it, with where to go back to.
        return Markup(
            '<button class="link" type="submit" form="undo-finish" name="back_to" value="{}">{}</button>'
        ).format(before.state if before else "none", escape(gettext("Undo")))
    if change is Change.FINISHED:
        address = url_for("reading.log", book_id=book_id, undo=before.state if before else "none")
    elif before is not None and before.finished_on is not None:
        address = url_for("reading.log", book_id=book_id, finished=before.finished_on.isoformat())
    else:
        return Markup("")
    return Markup('<a href="{}">{}</a>').format(address, escape(gettext("Undo")))


@pages.post(BOOK + "/reading/undo")
def undo_finish(book_id: int) -> Response:
    """Take one finish of a book back."""
    fact = whole_number(request.form.get("fact"), "fact", 1, rules.MOST_PAGES) or 0
    back_to = request.form.get("back_to", "")
    if service.undo_finish(actor(), book_id, fact, "" if back_to == "none" else back_to):
        flash(gettext("The book no longer counts as finished."), "success")
    return _back_to(book_id)


@pages.post(BOOK + "/rating")
def rate(book_id: int) -> Response:
    """Rate a finished book; nothing chosen takes the rating back."""
    service.rate(actor(), book_id, whole_number(request.form.get("rating"), "rating", 1, rules.BEST_RATING))
    return _back_to(book_id)


@pages.post(BOOK + "/reading/again")
def read_again(book_id: int) -> Response | tuple[str, int]:
    """Begin a book again."""
    try:
        number = service.read_again(actor(), book_id, day(request.form.get("day"), "day"))
    except InvalidInput as error:
        return _log_page(book_id, {"again": "1", **request.form.to_dict()}, {error.field or "": error}), 422
    flash(gettext("Begun again: reading no. %(number)s. The earlier one stays in your log.", number=number), "success")
    return _back_to(book_id)


@pages.post(BOOK + "/readings/<int(max=2147483647):number>/remove")
def remove_reading(book_id: int, number: int) -> Response:
    """Take an earlier reading out of the log."""
    service.remove_reading(actor(), book_id, number)
    flash(gettext("That reading is out of your log."), "success")
    return _back_to(book_id)


@pages.post(BOOK + "/reading/remove")
def remove_entry(book_id: int) -> Response:
    """Take a book off the own shelf."""
    service.remove_entry(actor(), book_id)
    flash(gettext("The book is off your shelf."), "success")
    return _back_to(book_id)


@pages.post(BOOK + "/sessions")
def note_progress(book_id: int) -> Response | tuple[str, int]:
    """Note some reading: minutes, the place reached, a remark."""
    form = request.form
    errors: dict[str, InvalidInput] = {}
    minutes = attempt(errors, lambda: whole_number(form.get("minutes"), "minutes", 1, rules.DAY_MINUTES))
    page = attempt(errors, lambda: whole_number(form.get("page"), "page", 1, rules.MOST_PAGES))
    percent = attempt(errors, lambda: whole_number(form.get("percent"), "percent", 1, rules.MOST_PERCENT))
    read_on = attempt(errors, lambda: day(form.get("day"), "day"))
    remark, once, seen = form.get("remark", ""), form.get("once", ""), form.get("seen", "")
    attempt(errors, lambda: service.checked_remark(remark))
    try:
        if not errors:
            noted = Progress(minutes or 0, page, read_on, percent, remark, None, once, seen)
            service.note_progress(actor(), book_id, noted)
            what = log_words.noted_words(noted.minutes, page, percent)
            flash(gettext("Noted: %(what)s.", what=what) if what else gettext("The remark is noted."), "success")
            return _back_to(book_id)
    except InvalidInput as error:
        errors[error.field or ""] = error
    return _log_page(book_id, form.to_dict(), errors), 422


@pages.post("/reading/sessions/<int(max=2147483647):session_id>/withdraw")
def withdraw_session(session_id: int) -> Response:
    """Take a note of reading back."""
    book_id = service.withdraw_session(actor(), session_id)
    flash(gettext("The note is taken back."), "success")
    return _back_to(book_id)


def _wanted() -> ShelfFilter:
    args = request.args
    sort = args.get("sort", "")
    clc = args.get("class", "")[:1]
    return ShelfFilter(
        args.get("state", ""),
        sort if sort in queries.SORTS else "recent",
        clc if clc in CLC_CLASSES else "",
        args.get("q", "")[:100],
    )


class ShownShelf(NamedTuple):
    """What the page of one's own shelf is made of."""

    page: Page[ShelfRow]
    wanted: ShelfFilter
    counts: Mapping[str, int]
    week_minutes: int


@pages.get("/reading")
def shelf() -> bytes | str:
    """Show the member's own books, by state; sorted and narrowed as asked."""
    reader = actor()
    counts = queries.count_states(reader)
    asked = _wanted()
    first = next((name for name in ("reading", "want") if counts.get(name)), "reading")
    state = asked.state if asked.state in STATE_WORDS else first
    wanted = ShelfFilter(state, asked.sort, asked.clc, asked.q)
    week = period_of(clock.today(), Period.WEEK)
    shown = ShownShelf(
        queries.list_shelf(reader, wanted, page_number(), SHELF_SIZE, counts.get(state, 0)),
        wanted,
        counts,
        queries.minutes_between(reader, week.since, week.until),
    )
    return kept_page("reading/shelf.html", shown, lambda: _shelf_values(shown))


def _shelf_values(shown: ShownShelf) -> dict[str, Any]:
    return {
        **shown._asdict(),
        "tabs": [
            (text, url_for("reading.shelf", state=name), name == shown.wanted.state, shown.counts.get(name, 0))
            for name, text in STATE_WORDS.items()
        ],
        "classes": [("", gettext("All classes")), *[(key, gettext(name)) for key, name in CLC_CLASSES.items()]],
        "sorts": [
            ("recent", gettext("Moved last")),
            ("title", gettext("Title")),
            ("rating", gettext("Rating")),
            ("finished", gettext("Day finished")),
        ],
        "words": log_words,
        "panel": {"current": "shelf"},
    }


@pages.get("/reading/sessions")
def sessions() -> str:
    """Show what the member noted of reading, the latest first."""
    page = queries.list_sessions(actor(), page_number(), SESSIONS_SIZE)
    return render_template("reading/sessions.html", page=page, words=log_words, panel={"current": "shelf"})


story_pages.register(pages)
plan_pages.register(pages)
plan_care_pages.register(pages)
