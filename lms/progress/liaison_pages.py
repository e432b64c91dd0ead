"""Pages for those who look after a unit: its members' progress, and what is asked of them."""

import csv
import io
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import InvalidInput, LmsError
from lms.members import access
from lms.members.access import Action
from lms.periods import Period, period_of
from lms.progress import checking, queries, rules, sentences, service, unit_queries, wording, words
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import DATES, span_on
from lms.progress.figures import Figure
from lms.progress.measures import ASKABLE
from lms.progress.rules import Standing
from lms.progress.service import RequirementForm
from lms.progress.unit_queries import MemberRow, UnitProgress
from lms.web.addresses import url_for
from lms.web.i18n import words as error_words
from lms.web.signin import actor
from lms.web.view import attempt, day, page_number, whole_number

UNIT = "/progress/units/<int(max=2147483647):unit_id>"
LIST = "/progress/requirements"
ONE = LIST + "/<int(max=2147483647):requirement_id>"
PAGE_SIZE = 30
# What a spreadsheet would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of progress."""
    pages.add_url_rule(UNIT, view_func=unit)
    pages.add_url_rule(UNIT + "/table.csv", view_func=unit_table)
    pages.add_url_rule(LIST, view_func=requirements)
    pages.add_url_rule(LIST + "/new", view_func=new_requirement)
    pages.add_url_rule(LIST + "/new", view_func=add_requirement, methods=["POST"])
    pages.add_url_rule(ONE + "/edit", view_func=edit_requirement)
    pages.add_url_rule(ONE + "/edit", view_func=change_requirement, methods=["POST"])
    pages.add_url_rule(ONE + "/end", view_func=end_requirement, methods=["POST"])


def profile() -> str:
    """Give the deployment's profile, which decides what may be shown of one member to another."""
    return str(current_app.config["LMS"].profile)


def unit(unit_id: int) -> str:
    """Show the members of a unit and all units below it with how they stand."""
    sort = _sort()
    found = unit_queries.get_unit_progress(actor(), unit_id, sort, page_number(), profile())
    return render_template(
        "progress/unit.html",
        unit=found,
        sort=sort,
        rows=[
            (row, [_cell(found, row, number) for number in range(len(row.standings))]) for row in found.members.items
        ],
        sentences=[sentences.sentence(row) for row in found.requirements],
        time_is_private=profile() == "government",
    )


def _sort() -> str:
    wanted = request.args.get("sort", "")
    return wanted if wanted in unit_queries.SORTS else unit_queries.SORTS[0]


def _cell(found: UnitProgress, row: MemberRow, number: int) -> dict[str, Any] | None:
    standing, requirement = row.standings[number], found.requirements[number]
    if standing is None:
        return None
    figure = Figure(requirement, span_on(requirement.asked, clock.today()), standing)
    return {
        "text": _fraction(requirement, standing),
        "say": wording.pace_words(requirement.asked.measure, standing),
        "late": standing.late,
        "href": wording.evidence_href(figure, row.id),
    }


def _fraction(requirement: RequirementRow, standing: Standing) -> str:
    measure = requirement.asked.measure
    done = words.figure_words(measure, standing.total)
    return f"{done} / {words.figure_words(measure, standing.required)}" if standing.required else done


def unit_table(unit_id: int) -> Response:
    """Give the whole list as a table for a spreadsheet: UTF-8 with BOM, no cell that would run as a formula."""
    found = unit_queries.list_unit_progress(actor(), unit_id, _sort(), profile())
    heads = [gettext("Name"), gettext("Unit")]
    for requirement in found.requirements:
        heads += [requirement.title, gettext("%(title)s: asked", title=requirement.title)]
        heads += [gettext("%(title)s: standing", title=requirement.title)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_safe(head) for head in heads])
    for row in found.members.items:
        writer.writerow([_safe(cell) for cell in _table_row(found, row)])
    name = f"progress-{found.unit}-{clock.today()}.csv"
    return Response(
        "\ufeff" + out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _table_row(found: UnitProgress, row: MemberRow) -> list[str]:
    cells = [row.name, row.unit_name]
    for requirement, standing in zip(found.requirements, row.standings, strict=True):
        if standing is None:
            cells += ["", "", ""]
        else:
            say = wording.pace_words(requirement.asked.measure, standing)
            cells += [str(standing.total), str(standing.required), say]
    return cells


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def requirements() -> str:
    """List what is asked of the units that the actor looks after."""
    found = queries.list_requirements(actor(), page_number(), PAGE_SIZE)
    today = clock.today()
    rows = [
        (row, sentences.sentence(row), row.asked.until is not None and row.asked.until < today) for row in found.items
    ]
    return render_template("progress/requirements.html", page=found, rows=rows)


def new_requirement() -> str:
    """Show the form for asking something of a unit."""
    access.require(actor(), Action.REQUIREMENT_EDIT)
    since = period_of(clock.today(), Period.MONTH).since
    values = {"measure": ASKABLE[0], "period": Period.MONTH.value, "since": since.isoformat(), "amount": "1"}
    return _form({**values, "unit": request.args.get("unit", "")}, None)


def add_requirement() -> Response | tuple[str, int]:
    """Ask something of a unit, or show the form again with what is wrong."""
    access.require(actor(), Action.REQUIREMENT_EDIT)
    errors: dict[str, LmsError] = {}
    unit_id = attempt(errors, lambda: whole_number(request.form.get("unit"), "unit", 1, 2**31 - 1))
    form = _typed(errors)
    if unit_id is None:
        errors["unit"] = InvalidInput(checking.CHOOSE_UNIT, field="unit")
    if errors or unit_id is None:
        return _form(request.form.to_dict(), None, errors), 422
    made = service.add_requirement(actor(), unit_id, form)
    return _back(made, gettext("It is asked from now on:"))


def edit_requirement(requirement_id: int) -> str:
    """Show a requirement for changing."""
    row = _editable(requirement_id)
    asked = row.asked
    values = {
        "title": row.title,
        "measure": asked.measure,
        "amount": str(asked.amount),
        "period": asked.period.value if asked.period else DATES,
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat() if asked.until else "",
    }
    return _form(values, row)


def change_requirement(requirement_id: int) -> Response | tuple[str, int]:
    """Change a requirement, or show it again with what is wrong."""
    row = _editable(requirement_id)
    errors: dict[str, LmsError] = {}
    form = _typed(errors)
    if not errors:
        try:
            return _back(service.change_requirement(actor(), requirement_id, form), gettext("It is changed:"))
        except InvalidInput as error:
            errors[error.field or ""] = error
    return _form(request.form.to_dict(), row, errors), 422


def end_requirement(requirement_id: int) -> Response:
    """Let a requirement end today."""
    service.end_requirement(actor(), requirement_id)
    flash(gettext("It ends today. What was asked until now stays in the records."), "success")
    return redirect(url_for("progress.requirements"), code=303)


def _editable(requirement_id: int) -> RequirementRow:
    row = queries.get_requirement(actor(), requirement_id)
    access.require(actor(), Action.REQUIREMENT_EDIT, row.unit_path)
    return row


def _typed(errors: dict[str, LmsError]) -> RequirementForm:
    form = request.form
    most = checking.largest(form.get("measure", ""))
    typed = RequirementForm(
        title=form.get("title", ""),
        measure=form.get("measure", ""),
        amount=attempt(errors, lambda: whole_number(form.get("amount"), "amount", 1, most)),
        period=form.get("period", ""),
        since=attempt(errors, lambda: day(form.get("since"), "since")),
        until=attempt(errors, lambda: day(form.get("until"), "until")),
    )
    for name, error in typed.errors().items():
        errors.setdefault(name, error)
    return typed


def _back(requirement: int, said: str) -> Response:
    row = queries.get_requirement(actor(), requirement)
    flash(f"{said} {sentences.sentence(row)}", "success")
    return redirect(url_for("progress.requirements"), code=303)


def _form(values: dict[str, str], row: RequirementRow | None, errors: dict[str, LmsError] | None = None) -> str:
    fixed = row is not None and rules.new_version_from(row.asked.since, row.asked.period, clock.today()) is not None
    return render_template(
        "progress/requirement_form.html",
        values=values,
        requirement=row,
        errors={name: error_words(error) for name, error in (errors or {}).items()},
        units=queries.list_units_for(actor(), Action.REQUIREMENT_EDIT) if row is None else [],
        measures=[(measure, words.measure_words(measure)) for measure in ASKABLE],
        periods=[(period.value, wording.every_words(period)) for period in Period],
        since_is_fixed=fixed,
        sentence=sentences.sentence(row) if row else "",
    )
