"""Pages of lecturers for liaisons: who is accredited and until when, accrediting, renewing, revoking."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import N_, Conflict, Faults, InvalidInput, LmsError
from lms.members import accrediting, lecturer_queries, queries
from lms.members.access import Action, require
from lms.members.accrediting import Wanted
from lms.members.forms import Answer, by_field, choices, chosen_unit
from lms.members.lecturer_queries import AccreditationRow, Filter
from lms.members.queries import MemberFilter, MemberRow
from lms.members.rules import clean_line
from lms.web.addresses import url_for
from lms.web.i18n import gettext, lazy_gettext, words
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, day, page_number, whole_number

pages = Blueprint("lecturers", __name__)

LARGEST_ID = 2**31 - 1
ONE = "/lecturers/<int(max=2147483647):accreditation>"
TYPED = ("who", "outside", "member", "unit", "since", "until", "remark", "inside")
STATE_WORDS = {
    "holding": lazy_gettext("In force"),
    "soon": lazy_gettext("Ends soon"),
    "coming": lazy_gettext("Not begun yet"),
    "ended": lazy_gettext("Ended"),
    "revoked": lazy_gettext("Revoked"),
    "all": lazy_gettext("All"),
}
SORT_WORDS = {
    "ends": lazy_gettext("Ending soonest"),
    "name": lazy_gettext("By name"),
    "unit": lazy_gettext("By unit"),
    "newest": lazy_gettext("Latest first"),
}


@pages.get("/lecturers")
def lecturers() -> str:
    """List the accredited lecturers of the units looked after."""
    args = request.args
    state, sort = args.get("state", ""), args.get("sort", "")
    wanted = Filter(
        state if state in lecturer_queries.STATES else lecturer_queries.STATES[0],
        args.get("q", "").strip()[: queries.LONGEST_TEXT].replace("\0", ""),
        whole_number(args.get("unit"), "unit", 1, LARGEST_ID),
        sort if sort in lecturer_queries.SORTS else lecturer_queries.SORTS[0],
    )
    reader, today = actor(), clock.today()
    page = lecturer_queries.list_accreditations(reader, wanted, page_number(), PAGE_SIZE)
    return render_template(
        "members/lecturers.html",
        page=page,
        wanted=wanted,
        soon=lecturer_queries.count_soon(reader),
        states=[(key, str(STATE_WORDS[key])) for key in lecturer_queries.STATES],
        state_of={row.id: row.state(today) for row in page.items},
        state_words={key: str(word) for key, word in STATE_WORDS.items()},
        sorts=[(key, str(word)) for key, word in SORT_WORDS.items()],
        units=choices(queries.unit_choices(reader, Action.LECTURER_ACCREDIT), gettext("All my units")),
    )


# ---- accrediting ---------------------------------------------------------------------------------------------------


@pages.get("/lecturers/new")
def new_lecturer() -> str:
    """Show the form to accredit a lecturer; the address may propose a member."""
    keeper = actor()
    require(keeper, Action.LECTURER_ACCREDIT)
    values = {"unit": keeper.home, "since": clock.today(), "inside": "1"}
    member = whole_number(request.args.get("member"), "member", 1, LARGEST_ID)
    if member is not None:
        values |= {"who": queries.get_member(keeper, member).name, "member": member}
    return _form(values, {}, [])


@pages.post("/lecturers/new")
def accredit() -> Answer:
    """Accredit a lecturer, or show the form again with what is wrong, or with the members of that name."""
    keeper = actor()
    require(keeper, Action.LECTURER_ACCREDIT)
    faults = Faults()
    outside = request.form.get("outside") == "1"
    guest = request.form.get("outside") == "account"
    matches = [] if outside else _matches(faults)
    member = matches[0].id if len(matches) == 1 else None
    wanted = Wanted(
        unit=faults.check(chosen_unit),
        member=member,
        name=request.form.get("who", ""),
        inside=not (outside or guest),
        since=faults.check(lambda: day(request.form.get("since"), "since")),
        until=faults.check(lambda: day(request.form.get("until"), "until")),
        remark=request.form.get("remark", ""),
    )
    try:
        accrediting.accredit(keeper, wanted, before=faults)
    except (InvalidInput, Conflict) as error:
        errors = by_field(error)
        name = errors.pop("name", None)  # one field holds a member's name and an outside lecturer's
        if name is not None:
            errors.setdefault("who", name)
        return _form(_typed(), errors, matches if len(matches) > 1 else []), 422
    flash(gettext("The lecturer is accredited and may publish for the unit in these days."), "success")
    return redirect(url_for("lecturers.lecturers"), code=303)


def _matches(faults: Faults) -> list[MemberRow]:
    """Find whom a typed name or phone number means; the member chosen among several of one name stands alone."""
    text = request.form.get("who", "").strip()
    if not text:
        faults.add(InvalidInput(N_("Please write the name of the lecturer."), field="who"))
        return []
    if len(text) > queries.LONGEST_TEXT:
        faults.check(lambda: clean_line(text, "who", queries.LONGEST_TEXT))
        return []
    found = list(queries.list_members(actor(), MemberFilter(None, text), 1).items)
    exact = [row for row in found if text in (row.name, row.phone)]
    chosen = [row for row in exact if str(row.id) == request.form.get("member", "")]
    matches = chosen or exact or found
    if not matches:
        unknown = N_("No member of your units has this name. Tick “from outside” for a lecturer without an account.")
        faults.add(InvalidInput(unknown, field="who"))
    elif len(matches) > 1:
        faults.add(InvalidInput(N_("Several members fit this name. Please choose one below."), field="who"))
    return matches


def _typed() -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in TYPED}


def _form(values: dict[str, Any], errors: dict[str, LmsError], matches: list[MemberRow]) -> str:
    return render_template(
        "members/lecturer_form.html",
        values=values,
        errors={name: words(error) for name, error in errors.items()},
        matches=matches,
        units=choices(queries.unit_choices(actor(), Action.LECTURER_ACCREDIT), gettext("Please choose")),
    )


@pages.get(ONE)
def edit_lecturer(accreditation: int) -> str:
    """Show an accreditation, to change its days or to revoke it."""
    return _edit_page(_kept(accreditation), None, {})


def _kept(accreditation: int) -> AccreditationRow:
    accrediting.load_kept(actor(), accreditation)
    return lecturer_queries.get_accreditation(accreditation)


def _edit_page(row: AccreditationRow, values: dict[str, Any] | None, errors: dict[str, LmsError]) -> str:
    return render_template(
        "members/lecturer_edit.html",
        row=row,
        state=row.state(clock.today()),
        state_words={key: str(word) for key, word in STATE_WORDS.items()},
        values=values or row._asdict(),
        errors={name: words(error) for name, error in errors.items()},
    )


@pages.post(ONE)
def change(accreditation: int) -> Answer:
    """Change the days of an accreditation and the remark: how one is renewed."""
    row = _kept(accreditation)
    faults = Faults()
    since = faults.check(lambda: day(request.form.get("since"), "since"))
    until = faults.check(lambda: day(request.form.get("until"), "until"))
    remark, inside = request.form.get("remark", ""), request.form.get("inside") == "1"
    try:
        accrediting.change(actor(), accreditation, since, until, remark, inside, before=faults)
    except (InvalidInput, Conflict) as error:
        return _edit_page(row, _typed(), by_field(error)), 422
    flash(gettext("The changes are saved."), "success")
    return redirect(url_for("lecturers.lecturers"), code=303)


@pages.post(ONE + "/revoke")
def revoke(accreditation: int) -> Response:
    """End an accreditation at once."""
    accrediting.revoke(actor(), accreditation)
    flash(gettext("The accreditation is revoked. What was published stays; you can give it back here."), "success")
    return redirect(url_for("lecturers.edit_lecturer", accreditation=accreditation), code=303)


@pages.post(ONE + "/reinstate")
def reinstate(accreditation: int) -> Response:
    """Take a revocation back."""
    accrediting.reinstate(actor(), accreditation)
    flash(gettext("The accreditation is in force again."), "success")
    return redirect(url_for("lecturers.edit_lecturer", accreditation=accreditation), code=303)
