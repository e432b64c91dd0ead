"""Pages of activity records: the own ones, those of the unit, entering one, its evidence."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from lms import clock
from lms.activities import (
    evidence,
    forms,
    paste_pages,
    queries,
    queue_pages,
    reach,
    rules,
    service,
    session_pages,
    words,
)
from lms.activities.queries import Row, View
from lms.activities.rules import KINDS
from lms.errors import Conflict, InvalidInput, LmsError, NotFound, TooLarge, Unavailable
from lms.members.access import Action, may
from lms.storage import files
from lms.uploads import fields
from lms.uploads.rules import Destination
from lms.web.addresses import url_for
from lms.web.attachments import inline
from lms.web.i18n import gettext
from lms.web.i18n import words as said
from lms.web.signin import actor
from lms.web.uploads import allow_upload
from lms.web.view import PAGE_SIZE, page_number, whole_number

pages = Blueprint("activities", __name__)

ONE = "/activities/<int(max=2147483647):activity_id>"
FILE_POLICY = "default-src 'none'; sandbox"
COMING = 5
MOST_AT_ONCE = 10
MOST_BYTES_AT_ONCE = 2 * evidence.LARGEST

allow_upload("activities.make", lambda settings: MOST_BYTES_AT_ONCE, None, lambda member, _: [Destination(member.home)])
allow_upload(
    "activities.add_file",
    lambda settings: evidence.LARGEST,
    None,
    lambda member, named: [evidence.destination(member, named["activity_id"])],
)


@pages.get("/activities")
def activities() -> str:
    """Show what the reader did, or what their units held, and what is scheduled."""
    reader = actor()
    whose = "units" if request.args.get("whose") == "units" else "mine"
    kind = request.args.get("kind", "") if request.args.get("kind") in KINDS else ""
    listing = queries.list_of_units if whose == "units" else queries.list_mine
    page = listing(reader, page_number(), PAGE_SIZE, kind)
    cares = may(reader, Action.ACTIVITY_CARE)
    return render_template(
        "activities/activities.html",
        page=page,
        whose=whose,
        kind=kind,
        words=words,
        coming=queries.list_coming(reader, COMING),
        to_register=queries.list_to_register(reader, COMING) if cares else [],
        waiting=queries.count_queue(reader)["waiting"] if cares else 0,
        registers=queries.count_registers([row.id for row in page.items]) if cares else {},
        cares=cares,
        year=clock.today().year,
    )


@pages.get("/activities/new")
def new() -> str:
    """Let the reader choose a kind, then show its form."""
    kind = request.args.get("kind", "")
    if kind not in rules.PERSONAL:
        return render_template(
            "activities/choose.html", words=words, rules=rules, cares=may(actor(), Action.ACTIVITY_CARE)
        )
    return _form(kind, {"day": clock.today()}, {})


def _form(kind: str, values: dict[str, Any], errors: dict[str, LmsError], row: Row | None = None) -> str:
    return render_template(
        "activities/form.html",
        kind=KINDS[kind],
        key=kind,
        values=values,
        errors={name: said(error) for name, error in errors.items()},
        twin=forms.twin_of(errors),
        words=words,
        trainings=rules.TRAININGS,
        row=row,
        chars=rules.TEXT_CHARS,
        once=request.form.get("once", ""),
        limits=None if row else fields.limits(actor().home, evidence.LARGEST, MOST_BYTES_AT_ONCE),
    )


@pages.post("/activities/new")
def make() -> Response | tuple[str, int]:
    """Enter what the reader did, with its evidence; it then waits for a liaison."""
    kind = request.form.get("kind", "")
    if kind not in rules.PERSONAL:
        return redirect(url_for("activities.new"), code=303)
    errors: dict[str, Any] = {}
    draft = forms.draft_typed(kind, errors)
    if not errors:
        try:
            made = service.enter(actor(), draft)
            _take_files(made)
            flash(gettext("It is entered. Your liaison confirms it, then it counts."), "success")
            return redirect(url_for("activities.activity", activity_id=made), code=303)
        except (InvalidInput, Conflict) as error:
            errors = {one.field or "": one for one in error.all}
    return _form(kind, request.form.to_dict(), errors), 422


def _take_files(activity: int) -> None:
    """Keep the evidence sent along; what is refused is said, for the record itself stands."""
    sent = [file for file in request.files.getlist("file") if file.filename]
    for file in sent[:MOST_AT_ONCE]:
        try:
            evidence.add_file(actor(), activity, file.stream, file.filename or "")
        except (InvalidInput, Conflict, TooLarge, Unavailable) as error:
            flash(gettext("“%(name)s”: %(error)s", name=file.filename, error=said(error)), "error")


@pages.get(ONE)
def activity(activity_id: int) -> str:
    """Show a record with its evidence, its register and its way."""
    return activity_page(activity_id)


def activity_page(activity_id: int, typed: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    """Show a record, again with what was typed when something was refused."""
    reader = actor()
    view = queries.get_activity(reader, activity_id)
    row = view.row
    cares = reach.cares(reader, row.unit)
    register = queries.list_register(activity_id) if KINDS[row.kind].register and row.member is None else []
    before, after = queries.find_neighbours(reader, row) if cares and row.state == "waiting" else (None, None)
    return render_template(
        "activities/activity.html",
        view=view,
        row=row,
        kind=KINDS[row.kind],
        own=row.member == reader.id,
        mark=next((line for line in register if line.member == reader.id), None),
        expected=row.state == "planned" and row.unit in reader.sees_units,
        register=register if cares else [],
        attended=queries.count_registers([activity_id]).get(activity_id),
        files=evidence.list_files(activity_id),
        steps=queries.list_steps(activity_id),
        cares=cares,
        decides=cares and row.member is not None and row.member != reader.id,
        before=before,
        after=after,
        today=clock.today(),
        words=words,
        typed=typed or {},
        errors=errors or {},
        limits={"each": evidence.LARGEST, "together": 0, "left": None},
    )


@pages.get(ONE + "/edit")
def edit(activity_id: int) -> str:
    """Show the form with what a record says."""
    reach.get_editable(actor(), activity_id)
    view = queries.get_activity(actor(), activity_id)
    return _form(view.row.kind, forms.values_of(view), {}, view.row)


@pages.post(ONE + "/edit")
def change(activity_id: int) -> Response | tuple[str, int]:
    """Change what a record says."""
    reach.get_editable(actor(), activity_id)
    view: View = queries.get_activity(actor(), activity_id)
    errors: dict[str, Any] = {}
    draft = forms.draft_typed(view.row.kind, errors, planned=view.row.state == "planned")
    version = whole_number(request.form.get("version"), "version", 1, forms.LARGEST_ID) or view.row.version
    if not errors:
        try:
            service.change(actor(), activity_id, version, draft)
            flash(gettext("The changes are saved."), "success")
            return redirect(url_for("activities.activity", activity_id=activity_id), code=303)
        except (InvalidInput, Conflict) as error:
            errors = {one.field or "": one for one in error.all}
    return _form(view.row.kind, request.form.to_dict(), errors, view.row), 422


@pages.post(ONE + "/restore")
def restore(activity_id: int) -> Response:
    """Bring a withdrawn record back."""
    service.restore(actor(), activity_id)
    flash(gettext("The record is back and waits."), "success")
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


@pages.post(ONE + "/withdraw")
def withdraw(activity_id: int) -> Response:
    """Withdraw a record."""
    service.withdraw(actor(), activity_id)
    flash(gettext("The record is withdrawn and counts no more."), "success")
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


@pages.post(ONE + "/files")
def add_file(activity_id: int) -> Response:
    """Put evidence to a record."""
    queries.get_activity(actor(), activity_id)
    file = request.files.get("file")
    if file is None or not file.filename:
        flash(gettext("Please choose a file first."), "error")
    else:
        try:
            evidence.add_file(actor(), activity_id, file.stream, file.filename)
        except (InvalidInput, TooLarge, Unavailable) as error:
            flash(gettext("“%(name)s”: %(error)s", name=file.filename, error=said(error)), "error")
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


@pages.get(ONE + "/files/<int(max=2147483647):file_id>")
def file(activity_id: int, file_id: int) -> Response:
    """Send a file to who may see its record."""
    return file_response(activity_id, file_id)


def file_response(activity_id: int, file_id: int) -> Response:
    """Make the answer that holds a file. Raises NotFound."""
    found = evidence.get_file(actor(), activity_id, file_id)
    path = files().path(found.file_key)
    if not path.is_file():
        raise NotFound(evidence.MISSING)
    response = send_file(path, mimetype=found.media_type, conditional=True, etag=found.file_key, max_age=0)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Content-Disposition"] = inline(found.name)
    return response


@pages.post(ONE + "/files/<int(max=2147483647):file_id>/remove")
def remove_file(activity_id: int, file_id: int) -> Response:
    """Take a file off a record."""
    evidence.remove_file(actor(), activity_id, file_id)
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


queue_pages.register(pages)
session_pages.register(pages)
paste_pages.register(pages)
