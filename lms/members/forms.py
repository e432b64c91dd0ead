"""Forms of the members' pages: showing one again with what is wrong, and reading what was typed."""

from flask import render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import InvalidInput, LmsError, TooManyTries
from lms.members.queries import UnitRow
from lms.members.rules import NO_BIRTH, check_born, read_born
from lms.members.service import Details
from lms.web.errors import status_of
from lms.web.i18n import words
from lms.web.view import whole_number

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
LARGEST_ID = 2**31 - 1


def refused(template: str, error: LmsError, **shown: object) -> tuple[str, int, dict[str, str]]:
    """Show a form again, the error next to its field and all that was typed kept."""
    headers = {"Retry-After": str(int(str(error.values["minutes"])) * 60)} if isinstance(error, TooManyTries) else {}
    page = render_template(template, errors={error.field or "": words(error)}, **shown)
    return page, status_of(error), headers


def typed(*names: str) -> dict[str, str]:
    """Give what was typed into fields, for showing it again; on a fresh form what the address proposes."""
    given = request.form if request.method == "POST" else request.args
    return {name: given.get(name, "")[:200] for name in names}


def chosen_unit(field: str = "unit") -> int | None:
    """Read the unit chosen in a form; None for none. Raises InvalidInput."""
    return whole_number(request.form.get(field), field, 1, LARGEST_ID)


def typed_details() -> Details:
    """Read what was typed of a person. Raises InvalidInput for what is neither a year nor a date of birth."""
    form = request.form
    raw = form.get("birth_year", "").strip()
    read = read_born(raw)
    if raw and read is None:
        raise InvalidInput(NO_BIRTH, field="birth_year", text=raw[:40])
    year, day = read or (None, None)
    details = Details(form.get("name", ""), form.get("phone", ""), year, form.get("position", ""), day)
    try:
        check_born(year, day, clock.today())
    except InvalidInput as error:  # one field holds both
        raise InvalidInput(error.message, field="birth_year", **error.values) from error
    return details


def choices(units: list[UnitRow], prompt: str) -> list[tuple[str, str]]:
    """Make a tree of units ready for a select, each level set in by a wide space, after a first line that asks."""
    return [("", prompt), *((str(unit.id), "\N{IDEOGRAPHIC SPACE}" * unit.depth + unit.name) for unit in units)]
