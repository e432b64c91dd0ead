"""Pages on which a liaison says what is asked: the list, the presets, the form with its look ahead, the versions."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import InvalidInput, LmsError
from lms.members import access
from lms.members.access import Action
from lms.members.forms import unit_options
from lms.members.models import UNIT_KINDS
from lms.members.queries import unit_choices
from lms.members.tags import KNOWN_TAGS, ROLE_TAGS
from lms.members.words import kind_words
from lms.notes.words import KIND_WORDS as NOTE_KINDS
from lms.periods import Period
from lms.progress import (
    checking,
    form_fields,
    naming,
    presets,
    previewing,
    queries,
    rules,
    sentences,
    service,
    wording,
    words,
)
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import DATES, Asked, Subject
from lms.progress.clash_words import clash_words
from lms.progress.measures import ASKABLE, measure_of, same_amount
from lms.progress.previewing import Against, Preview
from lms.web.addresses import url_for
from lms.web.i18n import gettext, reader_locale
from lms.web.i18n import words as error_words
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import attempt, page_number, whole_number

LIST = "/progress/requirements"
ONE = LIST + "/<int(max=2147483647):requirement_id>"
PAGE_SIZE = 30
LOOK = "look"


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of progress."""
    pages.add_url_rule(LIST, view_func=requirements)
    pages.add_url_rule(LIST + "/presets", view_func=preset_list)
    pages.add_url_rule(LIST + "/new", view_func=new_requirement)
    pages.add_url_rule(LIST + "/new", view_func=add_requirement, methods=["POST"])
    pages.add_url_rule(ONE + "/edit", view_func=edit_requirement)
    pages.add_url_rule(ONE + "/edit", view_func=change_requirement, methods=["POST"])
    pages.add_url_rule(ONE + "/versions", view_func=requirement_versions)
    pages.add_url_rule(ONE + "/end", view_func=end_requirement, methods=["POST"])


def requirements() -> str:
    """List what is asked of the units that the actor looks after."""
    found = queries.list_requirements(actor(), page_number(), PAGE_SIZE)
    today = clock.today()
    titles = naming.titles_in([row.asked for row in found.items])
    rows = [(row, sentences.sentence(row, titles), _has_ended(row, today)) for row in found.items]
    above = _asked_from_above() if found.number == 1 else []
    return render_template("progress/requirements.html", page=found, rows=rows, above=above)


def _asked_from_above() -> list[tuple[RequirementRow, str]]:
    rows = queries.list_asked_from_above(actor())
    titles = naming.titles_in([row.asked for row in rows])
    return [(row, sentences.sentence(row, titles)) for row in rows]


def _has_ended(row: RequirementRow, today: date) -> bool:
    return row.asked.until is not None and row.asked.until < today


def preset_list() -> str:
    """List the ready-made requirements, those of members first."""
    access.require(actor(), Action.REQUIREMENT_EDIT)
    unit = gettext("your unit")
    today = clock.today()
    rows = [(preset, preset.title(reader_locale()), _said(preset, unit, today)) for preset in presets.all_presets()]
    return render_template(
        "progress/presets.html",
        groups=[
            (gettext("Of each member"), [row for row in rows if row[0].id.startswith("Q")]),
            (gettext("Of a unit"), [row for row in rows if row[0].id.startswith("U")]),
        ],
        unit=request.args.get("unit", ""),
    )


def _said(preset: presets.Preset, unit: str, today: date) -> str:
    return sentences.short(preset.asked(today, until=today if preset.period == DATES else None), unit)


def new_requirement() -> str:
    """Show the form for asking something of a unit, empty or filled in from a preset."""
    access.require(actor(), Action.REQUIREMENT_EDIT)
    chosen = presets.find_preset(request.args.get("preset", ""))
    unit = request.args.get("unit", "")
    if chosen is None:
        since = Asked(ASKABLE[0], 1, Period.MONTH, _month_begin(), None)
        values = form_fields.values_of("", since)
    else:
        series = naming.series_by_preset(actor())
        values = form_fields.values_of(chosen.title(reader_locale()), chosen.asked(clock.today(), series))
        values["preset"] = chosen.id
    values["unit"] = unit
    return _form(values, None, needs=chosen.needs if chosen else ())


def _month_begin() -> date:
    return clock.today().replace(day=1)


def add_requirement() -> Response | tuple[str, int]:
    """Show what it would mean, ask it of a unit, or show the form again with what is wrong."""
    access.require(actor(), Action.REQUIREMENT_EDIT)
    errors: dict[str, LmsError] = {}
    unit_id = attempt(errors, lambda: whole_number(request.form.get("unit"), "unit", 1, 2**31 - 1))
    form = form_fields.typed(request.form, errors, profile(), _preset_typed())
    if unit_id is None:
        errors["unit"] = InvalidInput(checking.CHOOSE_UNIT, field="unit")
    if errors or unit_id is None:
        return _form(request.form, None, errors), 422
    try:
        if request.form.get("step") == LOOK:
            return _form(request.form, None, ahead=previewing.preview(actor(), unit_id, form)), 200
        made = service.add_requirement(actor(), unit_id, form)
    except InvalidInput as error:
        return _form(request.form, None, {error.field or "": error}), 422
    return _back(made, gettext("It is asked from now on:"))


def _preset_typed() -> str:
    found = presets.find_preset(request.form.get("preset", ""))
    return found.id if found else ""


def edit_requirement(requirement_id: int) -> str:
    """Show a requirement for changing."""
    row = _editable(requirement_id)
    return _form(form_fields.values_of(row.title, row.asked, row.unit), row)


def change_requirement(requirement_id: int) -> Response | tuple[str, int]:
    """Show what a change would mean, make it, or show the form again with what is wrong."""
    row = _editable(requirement_id)
    errors: dict[str, LmsError] = {}
    form = form_fields.typed(request.form, errors, profile(), row.preset)
    if not errors:
        try:
            if request.form.get("step") == LOOK:
                return _form(request.form, row, ahead=previewing.preview(actor(), row.unit, form, row.series)), 200
            return _back(service.change_requirement(actor(), requirement_id, form), gettext("It is changed:"))
        except InvalidInput as error:
            errors[error.field or ""] = error
    return _form(request.form, row, errors), 422


def requirement_versions(requirement_id: int) -> str:
    """Show all versions of a requirement: closed periods stay as they were judged."""
    rows = queries.list_versions(actor(), requirement_id)
    titles = naming.titles_in([row.asked for row in rows])
    return render_template(
        "progress/versions.html", rows=[(row, sentences.sentence(row, titles)) for row in rows], title=rows[0].title
    )


def end_requirement(requirement_id: int) -> Response:
    """Let a requirement end today."""
    service.end_requirement(actor(), requirement_id)
    flash(gettext("It ends today. What was asked until now stays in the records."), "success")
    return redirect(url_for("progress.requirements"), code=303)


def _editable(requirement_id: int) -> RequirementRow:
    row = queries.get_requirement(actor(), requirement_id)
    access.require(actor(), Action.REQUIREMENT_EDIT, row.unit_path)
    return row


def _back(requirement: int, said: str) -> Response:
    row = queries.get_requirement(actor(), requirement)
    flash(f"{said} {sentences.sentence(row, naming.titles_in([row.asked]))}", "success")
    return redirect(url_for("progress.requirements"), code=303)


def _form(
    values: MultiDict[str, str],
    row: RequirementRow | None,
    errors: dict[str, LmsError] | None = None,
    ahead: Preview | None = None,
    needs: tuple[str, ...] = (),
) -> str:
    fixed = row is not None and rules.new_version_from(row.asked.since, row.asked.period, clock.today()) is not None
    known = (*KNOWN_TAGS, *ROLE_TAGS)
    own_tags = [tag for name in ("tags", "without") for tag in values.getlist(name) if tag not in known]
    return render_template(
        "progress/requirement_form.html",
        values=values,
        requirement=row,
        needs=needs,
        errors={name: error_words(error) for name, error in (errors or {}).items()},
        units=unit_options(unit_choices(actor(), Action.REQUIREMENT_EDIT)) if row is None else [],
        measures=[(measure, words.measure_words(measure)) for measure in ASKABLE],
        periods=[(period.value, wording.every_words(period)) for period in Period]
        + [(DATES, gettext("once, between two days"))],
        tags=[(tag, words.tag_words(tag)) for tag in known] + [(tag, tag) for tag in dict.fromkeys(own_tags)],
        kinds=[(kind, kind_words(kind)) for kind in UNIT_KINDS],
        also=[(code, words.measure_words(code)) for code in _addable(values.get("measure", ""))],
        categories=_categories(values.get("measure", "")),
        events=[("", "")] + [(event, str(gettext(word))) for event, word in sentences.EVENTS.items()],
        others=naming.choosable_parts(actor(), row),
        since_is_fixed=fixed,
        sentence=sentences.sentence(row, naming.titles_in([row.asked])) if row else "",
        above=_asked_from_above() if row is None else [],
        ahead=_ahead_words(ahead) if ahead else None,
        profile=profile(),
    )


def _addable(measure: str) -> list[str]:
    """Give the measures that can be added up with one."""
    return [code for code in ASKABLE if code != measure and same_amount((measure, code))]


def _categories(measure: str) -> list[tuple[str, str]]:
    """Give the kinds that a measure can be narrowed down to."""
    of = measure_of(measure).category
    if of == "note":
        return [(kind, str(word)) for kind, word in NOTE_KINDS.items()]
    return [(kind, words.category_words(measure, kind)) for kind in words.TRAINING_KINDS] if of == "training" else []


def _ahead_words(ahead: Preview) -> dict[str, Any]:
    """Put what a requirement would mean into words and numbers."""
    said = sentences.read_back(ahead.asked, ahead.unit_name, naming.titles_in([ahead.asked]))
    names = gettext(", ").join(ahead.names)
    return {
        "sentence": said,
        "touched": ahead.touched,
        "of_members": ahead.asked.subject is Subject.MEMBER,
        "names": names,
        "more": ahead.touched - len(ahead.names),
        "idle": ahead.idle,
        "figures": []
        if ahead.private
        else [
            (ahead.met, gettext("have done it already")),
            (ahead.touched - ahead.met - ahead.late, gettext("in good time")),
            (ahead.late, gettext("behind today")),
        ],
        "against": [_against_words(one) for one in ahead.against],
    }


def _against_words(one: Against) -> dict[str, Any]:
    """Say how another requirement gets in the way, what that leads to, and where to mend it."""
    heading, what_to_do = clash_words(one.how)
    return {
        "heading": heading % {"title": one.row.title},
        "sentence": sentences.sentence(one.row),
        "asked_by": one.row.unit_name,
        "what_to_do": what_to_do,
        "href": url_for("progress.edit_requirement", requirement_id=one.row.id) if one.editable else "",
    }
