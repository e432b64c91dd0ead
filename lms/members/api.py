"""The JSON API of people: the session, the own password, members, units. The same commands as the pages'."""

from dataclasses import replace
from typing import Any

from apiflask import APIBlueprint
from flask import request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from lms.members import queries, schemas, service, sign_in, units
from lms.members.queries import MemberFilter, MemberView, UnitRow
from lms.members.service import Details, FirstPassword
from lms.paging import Page
from lms.web.paged import paged
from lms.web.signin import actor, begin_session, end_session

api = APIBlueprint("members_api", __name__, url_prefix="/api/v1", tag="Members")

Json = dict[str, Any]
Empty = tuple[str, int]
GONE: Empty = ("", 204)


def _session(view: MemberView, must_change: bool) -> Json:
    return {"member": view, "must_change_password": must_change, "csrf_token": generate_csrf()}


@api.post("/session", endpoint="sign_in")
@api.input(schemas.SignInIn, location="json")
@api.output(schemas.SignedInOut, status_code=201)
@api.doc(summary="Sign in", description="Keep the cookie; send csrf_token as X-CSRFToken with every change.")
def begin(json_data: Json) -> Json:
    member = sign_in.authenticate(json_data["login"], json_data["password"], request.remote_addr or "")
    begin_session(member)
    return _session(queries.get_account(actor()), member.must_change_password)


@api.get("/session")
@api.output(schemas.SignedInOut)
@api.doc(summary="Who am I")
def who_am_i() -> Json:
    return _session(queries.get_account(actor()), current_user.must_change_password)


@api.delete("/session")
@api.output({}, status_code=204)
@api.doc(summary="Sign out")
def sign_out() -> Empty:
    end_session()
    return GONE


@api.put("/password")
@api.input(schemas.PasswordIn, location="json")
@api.output(schemas.SignedInOut)
@api.doc(summary="Change the own password", description="Ends every other session of this member.")
def change_password(json_data: Json) -> Json:
    member = sign_in.change_password(actor(), json_data["old"], json_data["new"], request.remote_addr or "")
    begin_session(member)
    return _session(queries.get_account(actor()), False)


def _paged(page: Page[Any]) -> Json:
    return paged(page, page.items)


@api.get("/members")
@api.input(schemas.MembersQuery, location="query")
@api.output(schemas.MemberPage)
@api.doc(summary="List the people within your reach")
def members(query_data: Json) -> Json:
    wanted = MemberFilter(query_data["unit"], query_data["q"], query_data["state"])
    return _paged(queries.list_members(actor(), wanted, query_data["page"]))


@api.post("/members")
@api.input(schemas.MemberIn, location="json")
@api.output(schemas.FirstPasswordOut, status_code=201)
@api.doc(summary="Add a member", description="The answer holds the first password, once.")
def add_member(json_data: Json) -> FirstPassword:
    details = Details(
        json_data["name"],
        json_data["phone"] or "",
        json_data["birth_year"],
        json_data["position"],
        json_data["birth_date"],
    )
    return service.add_member(actor(), details, json_data["unit"], json_data["since"])


@api.get("/members/<int:member>")
@api.output(schemas.MemberOut)
@api.doc(summary="Show a member")
def member(member: int) -> MemberView:
    return queries.get_member(actor(), member)


@api.patch("/members/<int:member>")
@api.input(schemas.MemberPatch, location="json")
@api.output(schemas.MemberOut)
@api.doc(summary="Correct a member")
def edit_member(member: int, json_data: Json) -> MemberView:
    kept = queries.get_member(actor(), member)
    details = Details(
        json_data.get("name", kept.name),
        json_data.get("phone", kept.phone) or "",
        *(json_data.get("birth_year", kept.birth_year), json_data.get("position", kept.position)),
        kept.birth_date,
    )
    if json_data.get("birth_date"):
        details = replace(details, birth_date=json_data["birth_date"], birth_year=json_data.get("birth_year"))
    elif "birth_date" in json_data or details.birth_year != kept.birth_year:
        details = replace(details, birth_date=None)
    service.edit_member(actor(), member, details)
    return queries.get_member(actor(), member)


@api.post("/members/<int:member>/first-password")
@api.output(schemas.FirstPasswordOut, status_code=201)
@api.doc(summary="Make a new first password", description="Ends every session of the member.")
def reset_password(member: int) -> FirstPassword:
    return service.reset_password(actor(), member)


@api.put("/members/<int:member>/deactivation")
@api.output({}, status_code=204)
@api.doc(summary="Close a member's account")
def deactivate_member(member: int) -> Empty:
    service.deactivate_member(actor(), member)
    return GONE


@api.delete("/members/<int:member>/deactivation")
@api.output({}, status_code=204)
@api.doc(summary="Open a closed account again")
def reactivate_member(member: int) -> Empty:
    service.reactivate_member(actor(), member)
    return GONE


@api.post("/members/<int:member>/memberships")
@api.input(schemas.PlaceIn, location="json")
@api.output(schemas.MemberOut, status_code=201)
@api.doc(summary="Have a member belong to a further unit")
def join_unit(member: int, json_data: Json) -> MemberView:
    service.join_unit(actor(), member, json_data["unit"], json_data["since"])
    return queries.get_member(actor(), member)


@api.post("/memberships/<int:membership>/transfer")
@api.input(schemas.PlaceIn, location="json")
@api.output(schemas.MemberOut)
@api.doc(summary="Move a member to another unit", description="The old membership ends the day before.")
def transfer_member(membership: int, json_data: Json) -> MemberView:
    member = service.transfer_member(actor(), membership, json_data["unit"], json_data["since"])
    return queries.get_member(actor(), member)


@api.post("/memberships/<int:membership>/end")
@api.input(schemas.EndIn, location="json")
@api.output(schemas.MemberOut)
@api.doc(summary="End a membership")
def leave_unit(membership: int, json_data: Json) -> MemberView:
    return queries.get_member(actor(), service.leave_unit(actor(), membership, json_data["until"]))


@api.post("/members/<int:member>/roles")
@api.input(schemas.RoleIn, location="json")
@api.output(schemas.MemberOut, status_code=201)
@api.doc(summary="Give a role on a unit")
def grant_role(member: int, json_data: Json) -> MemberView:
    service.grant_role(actor(), member, json_data["unit"], json_data["role"])
    return queries.get_member(actor(), member)


@api.delete("/roles/<int:grant>")
@api.output({}, status_code=204)
@api.doc(summary="Take a role back")
def revoke_role(grant: int) -> Empty:
    service.revoke_role(actor(), grant)
    return GONE


@api.get("/units")
@api.input(schemas.UnitsQuery, location="query")
@api.output(schemas.UnitPage)
@api.doc(summary="List the units within your reach, as a tree from top to bottom")
def list_units(query_data: Json) -> Json:
    return _paged(queries.list_units(actor(), query_data["page"]))


@api.post("/units")
@api.input(schemas.UnitIn, location="json")
@api.output(schemas.UnitOut, status_code=201)
@api.doc(summary="Add a unit")
def add_unit(json_data: Json) -> UnitRow:
    made = units.create_unit(actor(), json_data["parent"], json_data["kind"], json_data["name"])
    return queries.get_unit(actor(), made)


@api.get("/units/<int:unit>")
@api.output(schemas.UnitOut)
@api.doc(summary="Show a unit")
def unit(unit: int) -> UnitRow:
    return queries.get_unit(actor(), unit)


@api.patch("/units/<int:unit>")
@api.input(schemas.UnitPatch, location="json")
@api.output(schemas.UnitOut)
@api.doc(summary="Rename a unit or correct its kind")
def edit_unit(unit: int, json_data: Json) -> UnitRow:
    kept = queries.get_unit(actor(), unit)
    units.edit_unit(actor(), unit, json_data.get("kind", kept.kind), json_data.get("name", kept.name))
    return queries.get_unit(actor(), unit)


@api.put("/units/<int:unit>/parent")
@api.input(schemas.ParentIn, location="json")
@api.output(schemas.UnitOut)
@api.doc(summary="Move a unit with all below it")
def move_unit(unit: int, json_data: Json) -> UnitRow:
    units.move_unit(actor(), unit, json_data["parent"])
    return queries.get_unit(actor(), unit)


@api.delete("/units/<int:unit>")
@api.output({}, status_code=204)
@api.doc(summary="Remove an empty unit")
def remove_unit(unit: int) -> Empty:
    units.remove_unit(actor(), unit)
    return GONE
