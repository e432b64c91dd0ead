"""Reading what was typed into the forms of activity records."""

from collections.abc import Mapping
from typing import Any

from flask import request

from lms import clock
from lms.activities import rules, words
from lms.activities.queries import View
from lms.activities.rules import KINDS, Draft, Mark
from lms.errors import N_, InvalidInput, LmsError
from lms.members.access import Action, Actor
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.web.view import attempt, day, whole_number

LARGEST_ID = 2_147_483_647


def draft_typed(kind: str, errors: dict[str, InvalidInput], *, planned: bool = False) -> Draft:
    """Read a draft of a kind, gathering by field what cannot be read and what cannot be."""
    form = request.form
    read_amount = rules.fen if kind in KINDS and KINDS[kind].unit == "yuan" else rules.tenths
    draft = Draft(
        kind,
        form.get("title", ""),
        attempt(errors, lambda: day(form.get("day"), "day")),
        attempt(errors, lambda: day(form.get("until"), "until")),
        form.get("starts", ""),
        form.get("place", ""),
        attempt(errors, lambda: whole_number(form.get("minutes"), "minutes", 1, rules.MOST_MINUTES)),
        attempt(errors, lambda: read_amount(form.get("amount", ""), "amount")),
        form.get("category", ""),
        form.get("text", ""),
        form.get("link", ""),
    )
    attempt(errors, lambda: rules.check_draft(draft, clock.today(), planned=planned))
    return draft


def unit_typed(errors: dict[str, InvalidInput]) -> int:
    """Read the chosen unit, 0 for none, which is a fault."""
    unit = attempt(errors, lambda: whole_number(request.form.get("unit"), "unit", 1, LARGEST_ID))
    if unit is None:
        errors.setdefault("unit", InvalidInput(N_("Please choose a unit."), field="unit"))
    return unit or 0


def values_of(view: View) -> dict[str, Any]:
    """Give what a stored record says as it would be typed."""
    row = view.row
    return {
        "title": row.title,
        "day": row.day,
        "until": row.until,
        "starts": row.starts,
        "place": row.place,
        "minutes": row.minutes,
        "amount": words.amount_text(row.kind, row.amount),
        "category": row.category,
        "text": view.text,
        "link": view.link,
        "unit": row.unit,
    }


def marks_typed(form: Mapping[str, str], members: list[str]) -> list[Mark]:
    """Read a register: those marked "not expected" are left out. Raises InvalidInput."""
    marks = []
    for raw in members:
        member = whole_number(raw, "register", 1, LARGEST_ID)
        state = form.get(f"state-{member}", "")
        if member is not None and state:
            made_up = day(form.get(f"made-up-{member}"), f"made-up-{member}")
            marks.append(Mark(member, state, f"spoke-{member}" in form, made_up))
    return marks


def twin_of(errors: Mapping[str, LmsError]) -> int | None:
    """Give the record that is entered already, where that is what is wrong."""
    twin = errors["title"].values.get("twin") if "title" in errors else None
    return twin if isinstance(twin, int) else None


def units_of(reader: Actor) -> list[tuple[int, str]]:
    """Give the units whose records the reader looks after, indented as a tree, for choosing one."""
    return unit_options(unit_choices(reader, Action.ACTIVITY_CARE))
