"""Pages for those who look after a unit: its members' progress."""

import csv
import io
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms import clock
from lms.progress import sentences, unit_queries, wording, words
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import span_on
from lms.progress.figures import Figure
from lms.progress.profiles import profile
from lms.progress.rules import Standing
from lms.progress.unit_queries import MemberRow, UnitProgress
from lms.web.signin import actor
from lms.web.view import page_number

UNIT = "/progress/units/<int(max=2147483647):unit_id>"
# What a spreadsheet would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of progress."""
    pages.add_url_rule(UNIT, view_func=unit)
    pages.add_url_rule(UNIT + "/table.csv", view_func=unit_table)


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
