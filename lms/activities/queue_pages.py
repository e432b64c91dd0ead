"""Pages for those who confirm: the queue, decisions about one or many, tables to take along."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.activities import deciding, forms, queries, table_words, words
from lms.activities.rules import KINDS
from lms.errors import InvalidInput, LmsError
from lms.members.access import Action, require
from lms.periods import Period, period_of
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.i18n import words as said
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, attempt, day, page_number, whole_number

ONE = "/activities/<int(max=2147483647):activity_id>"


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of activities."""
    pages.add_url_rule("/activities/queue", view_func=queue)
    pages.add_url_rule("/activities/queue", view_func=decide_many, methods=["POST"])
    pages.add_url_rule(ONE + "/decision", view_func=decide, methods=["POST"])
    pages.add_url_rule(ONE + "/reopen", view_func=reopen, methods=["POST"])
    pages.add_url_rule("/activities/table.csv", view_func=table_csv)
    pages.add_url_rule("/activities/table.xlsx", view_func=table_xlsx)


def queue() -> str:
    """Show the records that wait for the actor."""
    return _queue_page("", {})


def _queue_page(remark: str, errors: dict[str, str], ticked: tuple[str, ...] = ()) -> str:
    reader = actor()
    require(reader, Action.ACTIVITY_CARE)
    shelf = request.args.get("shelf", "waiting")
    shelf = shelf if shelf in queries.SHELVES else "waiting"
    kind = request.args.get("kind", "") if request.args.get("kind") in KINDS else ""
    page = queries.list_queue(reader, shelf, kind, page_number(), PAGE_SIZE)
    return render_template(
        "activities/queue.html",
        page=page,
        counts=queries.count_queue(reader),
        files=queries.count_files([row.id for row in page.items]),
        shelf=shelf,
        kind=kind,
        remark=remark,
        errors=errors,
        ticked=ticked,
        words=words,
    )


def decide_many() -> Response | tuple[str, int]:
    """Confirm or return the ticked records."""
    ids = [int(raw) for raw in request.form.getlist("activity") if raw.isascii() and raw.isdigit() and len(raw) < 10]
    verdict, remark = request.form.get("verdict", ""), request.form.get("remark", "")
    try:
        done = deciding.decide_many(actor(), ids, verdict, remark)
    except InvalidInput as error:
        ticked = tuple(request.form.getlist("activity"))
        return _queue_page(remark, {error.field or "": said(error)}, ticked), 422
    if verdict == "confirmed":
        flash(gettext("%(num)s records are confirmed.", num=done), "success")
    else:
        flash(gettext("%(num)s records are returned.", num=done), "success")
    return redirect(url_for("activities.queue"), code=303)


def decide(activity_id: int) -> Response:
    """Confirm or return a record, then go on to the next that waits."""
    reader = actor()
    row = queries.get_activity(reader, activity_id).row
    _, after = queries.find_neighbours(reader, row)
    verdict, remark = request.form.get("verdict", ""), request.form.get("remark", "")
    version = whole_number(request.form.get("version"), "version", 1, forms.LARGEST_ID) or 0
    try:
        deciding.decide(reader, activity_id, version, verdict, remark)
    except InvalidInput as error:
        flash(said(error), "error")
        return redirect(url_for("activities.activity", activity_id=activity_id), code=303)
    name = row.member_name or ""
    if verdict == "confirmed":
        flash(gettext("“%(title)s” by %(name)s is confirmed.", title=row.title, name=name), "success")
    else:
        flash(gettext("“%(title)s” is returned to %(name)s.", title=row.title, name=name), "success")
    if after:
        return redirect(url_for("activities.activity", activity_id=after), code=303)
    return redirect(url_for("activities.queue"), code=303)


def reopen(activity_id: int) -> Response:
    """Take a confirmation back."""
    try:
        deciding.reopen(actor(), activity_id, request.form.get("remark", ""))
        flash(gettext("The confirmation is taken back: the record waits again and counts no more."), "success")
    except InvalidInput as error:
        flash(said(error), "error")
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


def table_csv() -> Response:
    """Hand out records as CSV."""
    return table_words.records("csv", *_asked())


def table_xlsx() -> Response:
    """Hand out records as XLSX."""
    return table_words.records("xlsx", *_asked())


def _asked() -> tuple[str, date, date]:
    whose = "units" if request.args.get("whose") == "units" else "mine"
    year = period_of(clock.today(), Period.YEAR)
    errors: dict[str, LmsError] = {}
    since = attempt(errors, lambda: day(request.args.get("since"), "since")) or year.since
    until = attempt(errors, lambda: day(request.args.get("until"), "until")) or year.until
    return whose, since, until
