"""Pages of the log as a story: the timeline, a year in books, and what was read before there was a log."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.catalogue import queries as catalogue
from lms.catalogue.queries import BookFilter
from lms.catalogue.rules import CLC_CLASSES
from lms.errors import N_, InvalidInput
from lms.reading import log_queries, log_words, rules, service, story_queries
from lms.reading.year_chart import charts_of
from lms.web.addresses import url_for
from lms.web.dates import clock_minutes, month_short
from lms.web.i18n import gettext, ngettext, words
from lms.web.signin import actor
from lms.web.view import attempt, page_number, whole_number

TO_CHOOSE = 40
MONTHS_SHOWN = 24
FIRST_YEAR = rules.FIRST_DAY.year


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of reading."""
    pages.add_url_rule("/reading/timeline", view_func=timeline)
    pages.add_url_rule("/reading/year", view_func=year)
    pages.add_url_rule("/reading/earlier", view_func=earlier)
    pages.add_url_rule("/reading/earlier", view_func=log_earlier, methods=["POST"])


def timeline() -> str:
    """Show a month of the log, ?month=2026-11; this month when nothing is asked."""
    month = story_queries.get_month(actor(), _asked_month(request.args.get("month", "")))
    chosen = [(_month_words(m), _month_address(m), m == month.span.since) for m in month.months[:MONTHS_SHOWN]]
    return render_template(
        "reading/timeline.html",
        month=month,
        title=_month_words(month.span.since),
        months=chosen,
        earlier=_month_address(month.earlier) if month.earlier else "",
        later=_month_address(month.later) if month.later else "",
        words=log_words,
        panel={"current": "timeline"},
    )


def _asked_month(text: str) -> date:
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return clock.today()
    return asked if rules.FIRST_DAY <= asked <= clock.today() else clock.today()


def _month_words(month: date) -> str:
    return str(gettext("%(month)s %(year)d", month=month_short(month), year=month.year))


def _month_address(month: date) -> str:
    return url_for("reading.timeline", month=f"{month:%Y-%m}")


def year() -> str:
    """Show a year in books, ?year=2026; this year when nothing is asked."""
    today = clock.today()
    raw = request.args.get("year", "")
    asked = int(raw) if raw.isascii() and raw.isdigit() and len(raw) == 4 else today.year
    found = story_queries.get_year(actor(), min(max(asked, FIRST_YEAR), today.year))
    names = [month_short(date(found.year, month, 1)) for month in range(1, 13)]
    return render_template(
        "reading/year.html",
        found=found,
        charts=charts_of(found, names),
        rows=[
            (
                _month_words(date(found.year, number, 1)),
                len(books),
                sum(book.pages or 0 for book in books),
                clock_minutes(found.minutes.get(number, 0)),
            )
            for number, books in enumerate(found.by_month, 1)
        ],
        years=[(y, url_for("reading.year", year=y), y == found.year) for y in found.years[:MONTHS_SHOWN]],
        words=log_words,
        panel={"current": "year"},
    )


def earlier() -> str:
    """Show books to tick that were read before there was a log."""
    return _earlier_page({}, set(), page_number())


def log_earlier() -> Response | str | tuple[str, int]:
    """Log the ticked books as finished, each in its own year or in that for all; or look on, what is ticked kept."""
    form, today = request.form, clock.today()
    picked = [int(text) for text in form.getlist("book") if text.isascii() and text.isdigit() and len(text) < 10]
    step, _, number = form.get("do", "save").partition("-")
    if step in ("find", "page"):
        return _earlier_page({}, set(picked), int(number) if number.isdecimal() and len(number) < 7 else 1)
    errors: dict[str, InvalidInput] = {}
    for_all = attempt(errors, lambda: _year_of(form.get("year"), "year"))
    books = []
    for book in dict.fromkeys(picked):
        when = _own_year(errors, book) or for_all
        if when is None and not errors:
            errors["year"] = InvalidInput(N_("Please say in which year you read them."), field="year")
        books.append((book, rules.day_in_year(when or today.year, today)))
    if not errors:
        try:
            done = service.log_earlier(actor(), books)
        except InvalidInput as error:
            errors[error.field or ""] = error
        else:
            flash(ngettext("%(num)s book is noted as read.", "%(num)s books are noted as read.", done.noted), "success")
            if done.known:
                flash(ngettext("%(num)s was finished already.", "%(num)s were finished already.", len(done.known)))
            return redirect(url_for("reading.shelf", state="finished"), code=303)
    said = {name: words(error) for name, error in errors.items()}
    return _earlier_page(said, set(picked), page_number()), 422


def _own_year(errors: dict[str, InvalidInput], book: int) -> int | None:
    name = f"year-{book}"
    own: int | None = attempt(errors, lambda: _year_of(request.form.get(name), name))
    return own


def _year_of(raw: str | None, field: str) -> int | None:
    return whole_number(raw, field, FIRST_YEAR, clock.today().year)


def _earlier_page(errors: dict[str, str], picked: set[int], number: int) -> str:
    reader = actor()
    asked = request.values
    clc = asked.get("class", "")[:1]
    wanted = BookFilter(q=asked.get("q", "")[:100], clc=clc if clc in CLC_CLASSES else "", sort="title")
    page = catalogue.list_books(reader, wanted, max(number, 1), TO_CHOOSE).page
    known = log_queries.states_of(reader, [book.id for book in page.items])
    return render_template(
        "reading/earlier.html",
        page=page,
        wanted=wanted,
        known={book: state for book, state in known.items() if state == "finished"},
        picked=picked,
        elsewhere=sorted(picked - {book.id for book in page.items})[: rules.AT_ONCE],
        typed=request.form.get("year", ""),
        own={name: text for name, text in request.form.items() if name.startswith("year-")},
        errors=errors,
        classes=[("", gettext("All classes")), *[(key, gettext(name)) for key, name in CLC_CLASSES.items()]],
        this_year=clock.today().year,
        first_year=FIRST_YEAR,
        panel={"current": "shelf"},
    )
