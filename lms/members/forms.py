"""Forms of the members' pages: showing one again with what is wrong, and reading what was typed."""

from collections.abc import Iterable
from datetime import date

from flask import render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import Faults, InvalidInput, LmsError, TooManyTries
from lms.members.queries import UnitRow
from lms.members.rules import NO_BIRTH, check_born, read_born
from lms.members.service import Details
from lms.web.errors import status_of
from lms.web.i18n import words
from lms.web.view import day as typed_day
from lms.web.view import whole_number

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
LARGEST_ID = 2**31 - 1


def refused(template: str, error: LmsError, **shown: object) -> tuple[str, int, dict[str, str]]:
    """Show a form again, each error next to its field and all that was typed kept."""
    headers = {"Retry-After": str(int(str(error.values["minutes"])) * 60)} if isinstance(error, TooManyTries) else {}
    said = {field: words(one) for field, one in by_field(error).items()}
    page = render_template(template, errors=said, **shown)
    return page, status_of(error), headers


def by_field(error: LmsError) -> dict[str, LmsError]:
    """Give all that was found wrong by its field, in the order of the form."""
    place = {name: number for number, name in enumerate(request.form)}
    return {one.field or "": one for one in sorted(error.all, key=lambda one: place.get(one.field or "", -1))}


def typed(*names: str) -> dict[str, str]:
    """Give what was typed into fields, for showing it again; on a fresh form what the address proposes."""
    given = request.form if request.method == "POST" else request.args
    return {name: given.get(name, "")[:200] for name in names}


def chosen_unit(field: str = "unit") -> int | None:
    """Read the unit chosen in a form; None for none. Raises InvalidInput."""
    return whole_number(request.form.get(field), field, 1, LARGEST_ID)


def typed_details(faults: Faults) -> Details:
    """Read what was typed of a person; what is neither a year nor a date of birth is a fault."""
    form = request.form
    year, day = faults.check(lambda: _typed_birth(form.get("birth_year", "").strip())) or (None, None)
    return Details(form.get("name", ""), form.get("phone", ""), year, form.get("position", ""), day)


def _typed_birth(raw: str) -> tuple[int | None, date | None]:
    read = read_born(raw)
    if raw and read is None:
        raise InvalidInput(NO_BIRTH, field="birth_year", text=raw[:40])
    year, day = read or (None, None)
    try:
        check_born(year, day, clock.today())
    except InvalidInput as error:  # one field holds both
        raise InvalidInput(error.message, field="birth_year", **error.values) from error
    return year, day


def typed_place(faults: Faults) -> tuple[int | None, date | None]:
    """Read a unit and the day from which it holds."""
    return faults.check(chosen_unit), faults.check(lambda: typed_day(request.form.get("since"), "since"))


def unit_options(units: Iterable[UnitRow]) -> list[tuple[int, str]]:
    """Make a tree of units ready for a select, each level set in by a wide space."""
    return [(unit.id, "\N{IDEOGRAPHIC SPACE}" * unit.depth + unit.name) for unit in units]


def choices(units: Iterable[UnitRow], prompt: str) -> list[tuple[str, str]]:
    """Make a tree of units ready for a select, after a first line that asks."""
    return [("", prompt), *((str(unit), name) for unit, name in unit_options(units))]
