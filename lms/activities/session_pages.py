"""Pages of sessions: scheduling, leave, the register, what was made up, attendance."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lms import clock
from lms.activities import forms, queries, reach, registering, registers_pasted, rules, service, table_words, words
from lms.activities.models import Activity
from lms.activities.rules import KINDS
from lms.errors import Conflict, InvalidInput
from lms.members.access import Action, require
from lms.periods import Period, period_of
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.i18n import words as said
from lms.web.signin import actor
from lms.web.view import attempt, day, page_number, whole_number

REGISTERED = tuple(key for key in rules.HELD if KINDS[key].register)
ONE = "/activities/<int(max=2147483647):activity_id>"


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of activities."""
    pages.add_url_rule("/activities/sessions/new", view_func=new_session)
    pages.add_url_rule("/activities/sessions/new", view_func=make_session, methods=["POST"])
    pages.add_url_rule(ONE + "/leave", view_func=ask_leave, methods=["POST"])
    pages.add_url_rule(ONE + "/leave/back", view_func=take_leave_back, methods=["POST"])
    pages.add_url_rule(ONE + "/register", view_func=register_form)
    pages.add_url_rule(ONE + "/register", view_func=set_register, methods=["POST"])
    pages.add_url_rule(ONE + "/register/pasted", view_func=paste_register, methods=["POST"])
    pages.add_url_rule(ONE + "/make-up", view_func=make_up, methods=["POST"])
    pages.add_url_rule("/activities/attendance", view_func=attendance)
    pages.add_url_rule("/activities/attendance.xlsx", view_func=attendance_xlsx)


def new_session() -> str:
    """Show the form for something that a unit holds or has held."""
    require(actor(), Action.ACTIVITY_CARE)
    kind = request.args.get("kind", "group_study")
    return _form(kind if kind in rules.HELD else "group_study", {"day": clock.today(), "unit": actor().home}, {})


def _form(kind: str, values: dict[str, Any], errors: dict[str, Any]) -> str:
    return render_template(
        "activities/session_form.html",
        kind=KINDS[kind],
        key=kind,
        kinds=[(key, words.KIND_WORDS[key]) for key in rules.HELD],
        values=values,
        errors={name: said(error) for name, error in errors.items()},
        twin=forms.twin_of(errors),
        units=forms.units_of(actor()),
        words=words,
        trainings=rules.TRAININGS,
        chars=rules.TEXT_CHARS,
    )


def make_session() -> Response | tuple[str, int]:
    """Schedule a session, or enter one that was held and go on to its register."""
    require(actor(), Action.ACTIVITY_CARE)
    kind = request.form.get("kind", "")
    kind = kind if kind in rules.HELD else "group_study"
    errors: dict[str, Any] = {}
    draft = forms.draft_typed(kind, errors, planned=KINDS[kind].register)
    unit = forms.unit_typed(errors)
    if not errors:
        try:
            return _made(unit, kind, draft)
        except (InvalidInput, Conflict) as error:
            errors = {one.field or "": one for one in error.all}
    return _form(kind, request.form.to_dict(), errors), 422


def _made(unit: int, kind: str, draft: rules.Draft) -> Response:
    if not KINDS[kind].register:
        made = service.hold(actor(), unit, draft)
        flash(gettext("It is entered and counts."), "success")
        return redirect(url_for("activities.activity", activity_id=made), code=303)
    made = service.plan(actor(), unit, draft)
    if draft.day is not None and draft.day <= clock.today():
        return redirect(url_for("activities.register_form", activity_id=made), code=303)
    flash(gettext("It is scheduled: the members of the unit see it and can ask for leave."), "success")
    return redirect(url_for("activities.activity", activity_id=made), code=303)


def ask_leave(activity_id: int) -> Response:
    """Ask for leave from a session."""
    try:
        beforehand = registering.ask_leave(actor(), activity_id, request.form.get("reason", ""))
    except InvalidInput as error:
        flash(said(error), "error")
    else:
        if beforehand:
            flash(
                gettext("Your leave is noted. Please make the session up afterwards and tell your liaison."), "success"
            )
        else:
            flash(
                gettext("It is noted, but the session had begun: this does not count as leave asked beforehand."),
                "warning",
            )
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


def take_leave_back(activity_id: int) -> Response:
    """Take the own leave back."""
    registering.take_leave_back(actor(), activity_id)
    flash(gettext("You are expected again."), "success")
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


def register_form(activity_id: int) -> str:
    """Show the register: everybody present unless it is said otherwise."""
    return _register_page(reach.get_cared_for(actor(), activity_id), None, {})


def _register_page(row: Activity, typed: Any, errors: dict[str, str], pasted: str = "", filled: int = 0) -> str:
    known = {line.member: line for line in queries.list_register(row.id)}
    first = row.state == "planned"
    lines = []
    for one in registering.list_expected(row):
        line = known.get(one.member)
        state = line.state if line else ("present" if first else "")
        if line is not None and not state:
            state = "absent" if line.leave_late else "present"
        spoke = bool(line and line.spoke)
        made_up = line.made_up_on if line else None
        if typed is not None:
            state, spoke = typed.get(f"state-{one.member}", ""), f"spoke-{one.member}" in typed
        lines.append((one, state, spoke, made_up, line))
    return render_template(
        "activities/register.html",
        row=queries.get_activity(actor(), row.id).row,
        lines=lines,
        words=words,
        errors=errors,
        minutes=typed.get("minutes") if typed is not None else row.minutes,
        first=first,
        pasted=pasted,
        filled=filled,
        marks=[
            ("absent", words.MARK_WORDS["absent"]),
            ("present", words.MARK_WORDS["present"]),
            ("", words.MARK_WORDS[""]),
        ],
        speaks=row.kind == "group_study",
    )


def paste_register(activity_id: int) -> str | tuple[str, int]:
    """Fill a register from a pasted list; it is kept only when the liaison has looked at it."""
    row = reach.get_cared_for(actor(), activity_id)
    text, others = request.form.get("rows", ""), request.form.get("others", "absent")
    try:
        filled = registers_pasted.fill(row, text, others if others in (*rules.MARKS, "") else "absent")
    except InvalidInput as error:
        return _register_page(row, None, {"rows": said(error)}, pasted=text), 422
    typed = MultiDict({"minutes": request.form.get("minutes", "")})
    for mark in filled.marks:
        typed[f"state-{mark.member}"] = mark.state
        if mark.spoke:
            typed[f"spoke-{mark.member}"] = "1"
    errors = {"rows": " ".join(said(one.error) for one in filled.problems)} if filled.problems else {}
    if not typed["minutes"]:
        typed["minutes"] = "" if row.minutes is None else str(row.minutes)
    return _register_page(row, typed, errors, pasted=text, filled=len(filled.named))


def set_register(activity_id: int) -> Response | tuple[str, int]:
    """Write a register."""
    row = reach.get_cared_for(actor(), activity_id)
    errors: dict[str, Any] = {}
    minutes = attempt(errors, lambda: whole_number(request.form.get("minutes"), "minutes", 1, rules.MOST_MINUTES))
    version = attempt(errors, lambda: whole_number(request.form.get("version"), "version", 1, forms.LARGEST_ID))
    marks = attempt(errors, lambda: forms.marks_typed(request.form, request.form.getlist("member")))
    if not errors:
        try:
            registering.set_register(actor(), activity_id, version or row.version, marks, minutes)
            flash(gettext("The register is kept: the session counts for the unit and for everybody in it."), "success")
            return redirect(url_for("activities.activity", activity_id=activity_id), code=303)
        except InvalidInput as error:
            errors = {error.field or "": error}
        except Conflict as error:  # such as a frozen period: what was ticked is not thrown away with it
            return _register_page(row, request.form, {"": said(error)}), 409
    return _register_page(row, request.form, {name: said(error) for name, error in errors.items()}), 422


def make_up(activity_id: int) -> Response:
    """Note when a member made a session up, or take it back."""
    member = whole_number(request.form.get("member"), "member", 1, forms.LARGEST_ID) or 0
    when = None if request.form.get("undo") else day(request.form.get("day"), "day") or clock.today()
    try:
        registering.make_up(actor(), activity_id, member, when)
        flash(gettext("It is noted.") if when else gettext("It is taken back."), "success")
    except InvalidInput as error:
        flash(said(error), "error")
    return redirect(url_for("activities.activity", activity_id=activity_id), code=303)


@dataclass(frozen=True)
class _Asked:
    units: list[tuple[int, str]]
    unit: int
    kind: str
    since: date
    until: date


def _asked() -> _Asked:
    require(actor(), Action.ACTIVITY_CARE)
    units = forms.units_of(actor())
    unit = whole_number(request.args.get("unit"), "unit", 1, forms.LARGEST_ID) or (units[0][0] if units else 0)
    kind = request.args.get("kind", "") if request.args.get("kind") in REGISTERED else "group_study"
    year = period_of(clock.today(), Period.YEAR)
    since = attempt({}, lambda: day(request.args.get("since"), "since")) or year.since
    until = attempt({}, lambda: day(request.args.get("until"), "until")) or year.until
    return _Asked(units, unit, kind, since, until)


def attendance() -> str:
    """Show how the members of a unit attended, by name."""
    asked = _asked()
    return render_template(
        "activities/attendance.html",
        page=queries.list_attendance(actor(), asked.unit, asked.kind, asked.since, asked.until, page_number()),
        kinds=[(key, words.KIND_WORDS[key]) for key in REGISTERED],
        **vars(asked),
    )


def attendance_xlsx() -> Response:
    """Hand out how the members of a unit attended, as XLSX."""
    asked = _asked()
    return table_words.attendance("xlsx", asked.unit, asked.kind, asked.since, asked.until)
