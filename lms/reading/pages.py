"""Pages of reading: where a member stands with a book, the own shelf, minutes read, plans."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from lms import clock
from lms.catalogue import queries as catalogue
from lms.errors import N_, InvalidInput
from lms.members.access import Actor
from lms.periods import Period, period_of
from lms.reading import queries, rules, service
from lms.reading.plan_form import PlanForm, ids
from lms.reading.queries import ItemView
from lms.reading.rules import Change, Tick
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.dates import day_short, day_words
from lms.web.i18n import words
from lms.web.signin import actor
from lms.web.view import attempt, day, page_number, safe_next, whole_number

pages = Blueprint("reading", __name__)

BOOK = "/books/<int(max=2147483647):book_id>"
PLAN = "/plans/<int(max=2147483647):plan_id>"
SHELF_SIZE = 20
SESSIONS_SIZE = 40
SESSIONS_BESIDE = 3
FOUND = 12

STATE_WORDS = {
    "want": lazy_gettext("Want to read"),
    "reading": lazy_gettext("Reading"),
    "finished": lazy_gettext("Finished"),
    "abandoned": lazy_gettext("Given up"),
}


def state_choices() -> list[tuple[str, str]]:
    """Give the four states with their words, in the order in which a book goes through them."""
    return [(state, str(text)) for state, text in STATE_WORDS.items()]


def load_standing(reader: Actor, book_id: int) -> dict[str, Any]:
    """Give what the part "where you stand" of a book's page shows: two statements at most."""
    entry = queries.find_entry(reader, book_id)
    sessions = queries.recent_sessions(reader, book_id, SESSIONS_BESIDE + 1) if entry else []
    return {
        "book": book_id,
        "entry": entry,
        "states": state_choices(),
        "sessions": sessions[:SESSIONS_BESIDE],
        "more_sessions": len(sessions) > SESSIONS_BESIDE,
        "today": clock.today(),
    }


def load_badges(reader: Actor, books: Sequence[int]) -> dict[int, str]:
    """Give the word for the reader's state beside each book of a list."""
    return {book: str(STATE_WORDS[state]) for book, state in queries.states_of(reader, books).items()}


def load_tabs(reader: Actor, _: int) -> dict[str, Any]:
    """Give the way from the catalogue to the own shelf and plans."""
    return {"current": "books"}


panels.add_panel("book.beside", "reading/_standing.html", load_standing, 10)
panels.add_panel("books", "reading/_tabs.html", load_tabs, 10)
panels.add_badges("book", load_badges)


def _back_to(book_id: int) -> Response:
    return redirect(safe_next(url_for("catalogue.book", book_id=book_id)), code=303)


@pages.get(BOOK + "/reading")
def log(book_id: int) -> str:
    """Show all that the member logged of a book."""
    return _log_page(book_id, {}, {})


def _log_page(book_id: int, typed: dict[str, str], errors: dict[str, InvalidInput]) -> str:
    reader = actor()
    book = catalogue.get_book(book_id)
    panel = load_standing(reader, book_id)
    panel["sessions"] = queries.recent_sessions(reader, book_id, 200)
    panel["more_sessions"] = False
    said = {name: words(error) for name, error in errors.items()}
    return render_template("reading/log.html", book=book, panel=panel, typed=typed, errors=said)


@pages.post(BOOK + "/reading")
def set_state(book_id: int) -> Response | tuple[str, int]:
    """Put a book into a state, or correct the day it was finished."""
    try:
        done = service.set_state(actor(), book_id, request.form.get("state", ""), day(request.form.get("day"), "day"))
    except InvalidInput as error:
        return _log_page(book_id, request.form.to_dict(), {error.field or "": error}), 422
    said = {
        Change.FINISHED: N_("Noted: finished on %(day)s. It counts for your progress."),
        Change.MOVED: N_("The day is corrected: finished on %(day)s."),
        Change.UNFINISHED: N_("The book no longer counts as finished."),
    }.get(done.change)
    if said:
        flash(gettext(said, day=day_words(done.standing.finished_on)), "success")
    return _back_to(book_id)


@pages.post(BOOK + "/reading/remove")
def remove_entry(book_id: int) -> Response:
    """Take a book off the own shelf."""
    service.remove_entry(actor(), book_id)
    flash(gettext("The book is off your shelf."), "success")
    return _back_to(book_id)


@pages.post(BOOK + "/sessions")
def record_session(book_id: int) -> Response | tuple[str, int]:
    """Note minutes of reading."""
    form = request.form
    errors: dict[str, InvalidInput] = {}
    minutes = attempt(errors, lambda: whole_number(form.get("minutes"), "minutes", 1, rules.DAY_MINUTES))
    page = attempt(errors, lambda: whole_number(form.get("page"), "page", 1, rules.MOST_PAGES))
    read_on = attempt(errors, lambda: day(form.get("day"), "day"))
    if minutes is None and "minutes" not in errors:
        errors["minutes"] = InvalidInput(N_("Please say how many minutes."), field="minutes")
    try:
        if not errors:
            service.record_session(actor(), book_id, minutes, page, read_on)
            text = ngettext("Noted: %(num)d minute of reading.", "Noted: %(num)d minutes of reading.", minutes)
            flash(text, "success")
            return _back_to(book_id)
    except InvalidInput as error:
        errors[error.field or ""] = error
    return _log_page(book_id, form.to_dict(), errors), 422


@pages.post("/reading/sessions/<int(max=2147483647):session_id>/withdraw")
def withdraw_session(session_id: int) -> Response:
    """Take noted minutes back."""
    book_id = service.withdraw_session(actor(), session_id)
    flash(gettext("The noted time is taken back."), "success")
    return _back_to(book_id)


@pages.get("/reading")
def shelf() -> str:
    """Show the member's own books, by state."""
    reader = actor()
    counts = queries.count_states(reader)
    wanted = request.args.get("state", "")
    state = (
        wanted if wanted in STATE_WORDS else next((name for name in ("reading", "want") if counts.get(name)), "reading")
    )
    week = period_of(clock.today(), Period.WEEK)
    return render_template(
        "reading/shelf.html",
        page=queries.list_shelf(reader, state, page_number(), SHELF_SIZE, counts.get(state, 0)),
        state=state,
        tabs=[
            (text, url_for("reading.shelf", state=name), name == state, counts.get(name, 0))
            for name, text in STATE_WORDS.items()
        ],
        week_minutes=queries.minutes_between(reader, week.since, week.until),
        panel={"current": "shelf"},
    )


@pages.get("/reading/sessions")
def sessions() -> str:
    """Show the minutes the member noted, the latest first."""
    page = queries.list_sessions(actor(), page_number(), SESSIONS_SIZE)
    return render_template("reading/sessions.html", page=page, panel={"current": "shelf"})


def tick_words(item: ItemView) -> tuple[str, str]:
    """Say how a book of a plan stands: the kind of pill and its words."""
    finished = day_short(item.finished_on)
    days = abs(item.days)
    match item.tick:
        case Tick.DONE:
            return "done", gettext("Finished on %(day)s", day=finished)
        case Tick.DONE_LATE:
            return "done", gettext("Finished late, on %(day)s", day=finished)
        case Tick.READ_BEFORE:
            return "done", gettext("Read before the plan, on %(day)s", day=finished)
        case Tick.OVERDUE:
            return "late", ngettext("%(num)d day late", "%(num)d days late", days)
        case Tick.TODAY:
            return "late", gettext("Due today")
        case _:
            return "", ngettext("%(num)d day left", "%(num)d days left", days)


@pages.get("/plans")
def plans() -> str:
    """Show the member's plans."""
    page = queries.list_plans(actor(), page_number(), SHELF_SIZE)
    return render_template("reading/plans.html", page=page, today=clock.today(), panel={"current": "plans"})


@pages.get(PLAN)
def plan(plan_id: int) -> str:
    """Show a plan with what the log ticks off."""
    found = queries.get_plan(actor(), plan_id)
    ticks = {item.book: tick_words(item) for item in found.items}
    pace = found.pace(clock.today())
    return render_template("reading/plan.html", plan=found, ticks=ticks, pace=pace, panel={"current": "plans"})


@pages.get("/plans/new")
def new_plan() -> str:
    """Show the form for a new plan; ?book= chooses books already."""
    books = sorted(catalogue.open_books(ids(request.args.getlist("book"))))
    return _plan_form(PlanForm.blank(clock.today(), books), None)


@pages.post("/plans/new")
def make_plan() -> Response | str | tuple[str, int]:
    """Make a plan, or go one step on with its form."""
    return _plan_step(None)


@pages.get(PLAN + "/edit")
def edit_plan(plan_id: int) -> str:
    """Show the form for a plan; ?book= chooses further books already."""
    form = PlanForm.of_plan(queries.get_plan(actor(), plan_id))
    form.add(sorted(catalogue.open_books(ids(request.args.getlist("book")))))
    return _plan_form(form, plan_id)


@pages.post(PLAN + "/edit")
def change_plan(plan_id: int) -> Response | str | tuple[str, int]:
    """Change a plan, or go one step on with its form."""
    queries.get_plan(actor(), plan_id)
    return _plan_step(plan_id)


@pages.post(PLAN + "/delete")
def delete_plan(plan_id: int) -> Response:
    """Delete a plan."""
    service.delete_plan(actor(), plan_id)
    flash(gettext("The plan is deleted. What you logged of its books stays."), "success")
    return redirect(url_for("reading.plans"), code=303)


def _plan_step(plan_id: int | None) -> Response | str | tuple[str, int]:
    form = PlanForm.typed(request.form)
    step, _, book = request.form.get("do", "save").partition("-")
    if step == "find":
        form.respread()
    elif step == "add":
        form.add(catalogue_order(ids(request.form.getlist("pick"))))
    elif step == "remove":
        for chosen in ids([book]):
            form.remove(chosen)
    elif step == "spread":
        form.forget_days()
    else:
        return _save_plan(form, plan_id)
    return _plan_form(form, plan_id)


def catalogue_order(books: list[int]) -> list[int]:
    """Give those of the ids that stand in the catalogue, in the order in which they were ticked."""
    known = catalogue.open_books(books)
    return [book for book in books if book in known]


def _save_plan(form: PlanForm, plan_id: int | None) -> Response | tuple[str, int]:
    planned = form.planned()
    if planned is not None:
        try:
            if plan_id is None:
                plan_id = service.make_plan(actor(), form.title, *planned)
            else:
                service.change_plan(actor(), plan_id, form.title, *planned)
            flash(gettext("The plan is saved."), "success")
            return redirect(url_for("reading.plan", plan_id=plan_id), code=303)
        except InvalidInput as error:
            form.errors[error.field or ""] = error
    return _plan_form(form, plan_id), 422


def _plan_form(form: PlanForm, plan_id: int | None) -> str:
    reader = actor()
    chosen = catalogue.books_by_id(form.books)
    if form.q.strip():
        found = [row for row in catalogue.search_titles(form.q, FOUND + len(form.books)) if row.id not in chosen]
    else:
        wanted = queries.list_shelf(reader, rules.State.WANT, 1, FOUND, 0).items
        found = [row for row in catalogue.books_by_id([row.book for row in wanted]).values() if row.id not in chosen]
        found = found or [row for row in catalogue.search_titles("", FOUND + len(chosen)) if row.id not in chosen]
    return render_template(
        "reading/plan_form.html",
        form=form,
        plan_id=plan_id,
        chosen=[chosen[book] for book in form.books if book in chosen],
        found=found[:FOUND],
        errors={name: words(error) for name, error in form.errors.items()},
    )
