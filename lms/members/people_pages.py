"""Pages of people for liaisons and administrators: the list, a member, and what an administrator changes there."""

from flask import Blueprint, flash, redirect, render_template, request, session
from werkzeug.wrappers import Response

from lms.errors import Conflict, Faults, Forbidden, InvalidInput
from lms.members import queries, service
from lms.members.access import Action, require
from lms.members.forms import Answer, choices, chosen_unit, refused, typed, typed_details, typed_place
from lms.members.queries import MemberFilter
from lms.members.service import FirstPassword
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.panels import loaded_panels
from lms.web.signin import actor
from lms.web.view import day, page_number, whole_number

pages = Blueprint("people", __name__)

PERSON = ("name", "phone", "birth_year", "position", "unit", "since")
GRANTABLE = ("lecturer", "liaison", "administrator")


@pages.get("/people")
def members() -> str:
    """List the people within the reader's reach, by unit, name and state."""
    asked = request.args
    state = asked.get("state", "")
    wanted = MemberFilter(
        whole_number(asked.get("unit"), "unit", 1, 2**31 - 1),
        asked.get("q", ""),
        state if state in queries.STATES else queries.STATES[0],
    )
    listed = queries.list_members(actor(), wanted, page_number())
    units = choices(queries.unit_choices(actor(), Action.MEMBER_LIST), gettext("All my units"))
    return render_template("members/people.html", page=listed, wanted=wanted, units=units)


@pages.get("/people/<int:member>")
def member(member: int) -> str:
    """Show a member: units over time, roles, and what may be changed."""
    found = queries.get_member(actor(), member)
    return render_template("members/member.html", member=found, panels=loaded_panels("member", actor(), member, found))


@pages.get("/people/new")
def new_member() -> str:
    """Show the form for a new member."""
    require(actor(), Action.MEMBER_MANAGE)
    return render_template("members/member_form.html", errors={}, **_new_member_context())


def _new_member_context() -> dict[str, object]:
    return {
        "title": gettext("Add a member"),
        "action": url_for("people.add_member"),
        "above": (gettext("People"), url_for("people.members")),
        "typed": typed(*PERSON),
        "units": _manageable_units(),
    }


def _manageable_units() -> list[tuple[str, str]]:
    return choices(queries.unit_choices(actor()), gettext("Please choose"))


@pages.post("/people/new")
def add_member() -> Answer:
    """Add a member, then show the slip with the first password."""
    faults = Faults()
    details, (unit, since) = typed_details(faults), typed_place(faults)
    try:
        made = service.add_member(actor(), details, unit, since, before=faults)
    except (InvalidInput, Conflict) as error:
        return refused("members/member_form.html", error, **_new_member_context())
    return _to_slip(made)


def _to_slip(made: FirstPassword) -> Response:
    # The password travels once in the administrator's own signed, http-only cookie and is taken out when shown:
    # showing it as the answer to the POST would make another one at every reload of that page.
    session["slip"] = {"member": made.member, "name": made.name, "password": made.password}
    return redirect(url_for("people.slip", member=made.member), code=303)


@pages.get("/people/<int:member>/slip")
def slip(member: int) -> Answer:
    """Show a first password, once."""
    service.load_managed(actor(), member)
    kept = session.pop("slip", None)
    if kept is None or kept["member"] != member:
        flash(gettext("A first password is shown only once. If it is lost, make a new one."), "warning")
        return redirect(url_for("people.member", member=member), code=303)
    return render_template("members/slip.html", slip=kept, address=url_for("members.sign_in_form", _external=True))


@pages.post("/people/<int:member>/first-password")
def reset_password(member: int) -> Answer:
    """Make a new first password for a member who lost theirs."""
    try:
        return _to_slip(service.reset_password(actor(), member))
    except Conflict as error:
        return _kept_as_is(member, error)


def _kept_as_is(member: int, error: Conflict) -> Answer:
    return refused("members/member.html", error, member=queries.get_member(actor(), member))


@pages.get("/people/<int:member>/edit")
def edit_member_form(member: int) -> str:
    """Show the form to correct a member."""
    row = service.load_managed(actor(), member)
    known = {
        "name": row.name,
        "phone": row.phone or "",
        "birth_year": row.birth_date or row.birth_year or "",
        "position": row.position,
    }
    return render_template("members/member_form.html", errors={}, **_edit_context(member, row.name), typed=known)


def _edit_context(member: int, name: str) -> dict[str, object]:
    return {
        "title": gettext("Edit %(name)s", name=name),
        "action": url_for("people.edit_member", member=member),
        "above": (name, url_for("people.member", member=member)),
        "units": None,
    }


@pages.post("/people/<int:member>/edit")
def edit_member(member: int) -> Answer:
    """Correct what is kept of a member."""
    faults = Faults()
    details = typed_details(faults)
    try:
        service.edit_member(actor(), member, details, before=faults)
    except (InvalidInput, Conflict) as error:
        name = queries.get_member(actor(), member).name
        return refused("members/member_form.html", error, **_edit_context(member, name), typed=typed(*PERSON))
    return _to_member(member, gettext("Saved."))


def _to_member(member: int, text: str) -> Response:
    flash(text, "success")
    return redirect(url_for("people.member", member=member), code=303)


@pages.post("/people/<int:member>/deactivate")
def deactivate_member(member: int) -> Answer:
    """Close a member's account."""
    try:
        service.deactivate_member(actor(), member)
    except Conflict as error:
        return _kept_as_is(member, error)
    return _to_member(member, gettext("The account is closed. Nothing of it was deleted."))


@pages.post("/people/<int:member>/reactivate")
def reactivate_member(member: int) -> Response:
    """Open a closed account again."""
    service.reactivate_member(actor(), member)
    return _to_member(member, gettext("The account is open again."))


def _place_context(member: queries.MemberView, title: str, action: str, *, unit: bool, day: str) -> dict[str, object]:
    return {
        "title": title,
        "action": action,
        "above": (member.name, url_for("people.member", member=member.id)),
        "typed": typed("unit", "since", "until"),
        "units": _manageable_units() if unit else None,
        "day_field": day,
    }


def _managed(member: int) -> queries.MemberView:
    return _if_managed(queries.get_member(actor(), member))


def _if_managed(view: queries.MemberView) -> queries.MemberView:
    if not view.manageable:
        raise Forbidden(service.NOT_YOURS)
    return view


@pages.route("/people/<int:member>/units/new", methods=["GET", "POST"])
def join_unit(member: int) -> Answer:
    """Have a member belong to one more unit."""
    view = _managed(member)
    title = gettext("One more unit for %(name)s", name=view.name)
    context = _place_context(view, title, url_for("people.join_unit", member=member), unit=True, day="since")
    if request.method == "GET":
        return render_template("members/place_form.html", errors={}, **context)
    faults = Faults()
    unit, since = typed_place(faults)
    try:
        service.join_unit(actor(), member, unit, since, before=faults)
    except (InvalidInput, Conflict) as error:
        return refused("members/place_form.html", error, **context)
    return _to_member(member, gettext("Saved."))


@pages.route("/memberships/<int:membership>/transfer", methods=["GET", "POST"])
def transfer_member(membership: int) -> Answer:
    """Move a member from one unit to another."""
    member, row = queries.get_membership(actor(), membership)
    view = _if_managed(member)
    title = gettext("Move %(name)s from %(unit)s", name=view.name, unit=row.unit_name)
    action = url_for("people.transfer_member", membership=membership)
    context = _place_context(view, title, action, unit=True, day="since")
    if request.method == "GET":
        return render_template("members/place_form.html", errors={}, **context)
    faults = Faults()
    unit, since = typed_place(faults)
    try:
        service.transfer_member(actor(), membership, unit, since, before=faults)
    except (InvalidInput, Conflict) as error:
        return refused("members/place_form.html", error, **context)
    return _to_member(view.id, gettext("Moved."))


@pages.route("/memberships/<int:membership>/leave", methods=["GET", "POST"])
def leave_unit(membership: int) -> Answer:
    """End a membership."""
    member, row = queries.get_membership(actor(), membership)
    view = _if_managed(member)
    title = gettext("%(name)s leaves %(unit)s", name=view.name, unit=row.unit_name)
    action = url_for("people.leave_unit", membership=membership)
    context = _place_context(view, title, action, unit=False, day="until")
    context["lede"] = gettext("What was learnt until then stays. The account goes on: close it on the member's page.")
    if request.method == "GET":
        return render_template("members/place_form.html", errors={}, **context)
    try:
        service.leave_unit(actor(), membership, day(request.form.get("until"), "until"))
    except (InvalidInput, Conflict) as error:
        return refused("members/place_form.html", error, **context)
    return _to_member(view.id, gettext("Saved."))


@pages.route("/people/<int:member>/roles/new", methods=["GET", "POST"])
def grant_role(member: int) -> Answer:
    """Give a member a role on a unit."""
    view = _managed(member)
    context = {"member": view, "units": _manageable_units(), "roles": GRANTABLE, "typed": typed("unit", "role")}
    if request.method == "GET":
        return render_template("members/role_form.html", errors={}, **context)
    faults = Faults()
    unit = faults.check(chosen_unit)
    try:
        service.grant_role(actor(), member, unit, request.form.get("role", ""), before=faults)
    except (InvalidInput, Conflict) as error:
        return refused("members/role_form.html", error, **context)
    return _to_member(member, gettext("The role is given."))


@pages.post("/roles/<int:grant>/revoke")
def revoke_role(grant: int) -> Answer:
    """Take a role back."""
    try:
        return _to_member(service.revoke_role(actor(), grant), gettext("The role is taken back."))
    except Conflict as error:
        return _kept_as_is(queries.get_grant_holder(actor(), grant), error)
