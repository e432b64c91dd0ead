"""The JSON API of reminders by the liaison."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, Nested, String
from apiflask.validators import Length, Range

from lms.reminders import nudging, rules
from lms.reminders.nudging import NudgeLine, Nudging
from lms.web.profile import profile
from lms.web.signin import actor

api = APIBlueprint("reminders_api", __name__, url_prefix="/api/v1", tag="Reminders")

ADDRESS = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"
UNIT = "/reminders/units/<int(max=2147483647):unit_id>"
HIGHEST_ID = 2**31 - 1

BehindMember = Schema.from_dict({"member": Integer(), "name": String()}, name="BehindMember")


class BehindOut(Schema):
    """Who of a unit is behind with a requirement; ``heard``: who was reminded of it in this period already."""

    requirement = Integer()
    unit = Integer()
    behind = List(Nested(BehindMember))
    heard = List(Integer())


class BehindLine(Schema):
    """A requirement with those who are behind with it."""

    requirement = Integer()
    title = String()
    behind = List(Nested(BehindMember))
    heard = List(Integer())


class BehindAllOut(Schema):
    """Who of a unit is behind with anything, and how many reminders would be sent to how many members."""

    unit = Integer()
    members = Integer()
    reminders = Integer()
    requirements = List(Nested(BehindLine))


class WhoQuery(Schema):
    """Whose."""

    member = Integer(load_default=None, validate=Range(1, HIGHEST_ID))


class NudgeIn(Schema):
    """Words of my own to those who are behind, or to one of them."""

    words = String(load_default="", validate=Length(max=rules.WORDS_CHARS))
    member = Integer(load_default=None, validate=Range(1, HIGHEST_ID))


class NudgeOut(Schema):
    """How many reminders are new; who heard of it in this period already is not counted."""

    told = Integer()


def _behind(line: NudgeLine | None) -> dict[str, Any]:
    if line is None:
        return {"behind": [], "heard": []}
    return {"behind": [{"member": member, "name": name} for member, name in line.behind], "heard": sorted(line.heard)}


@api.get(ADDRESS)
@api.output(BehindOut)
@api.doc(summary="Who of a unit is behind with a requirement", responses=[409])
def find_behind(requirement_id: int, unit_id: int) -> dict[str, Any]:
    """Give who is behind, by name."""
    found = nudging.find_nudging(actor(), unit_id, profile(), requirement_id)
    return {"requirement": requirement_id, "unit": unit_id, **_behind(next(iter(found.lines), None))}


@api.post(ADDRESS)
@api.input(NudgeIn, location="json")
@api.output(NudgeOut)
@api.doc(summary="Remind those of a unit who are behind with a requirement", responses=[409])
def nudge(requirement_id: int, unit_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Remind those who are behind."""
    member, words = json_data["member"], json_data["words"]
    return {"told": nudging.nudge(actor(), unit_id, words, profile(), requirement_id, member)}


@api.get(UNIT)
@api.input(WhoQuery, location="query")
@api.output(BehindAllOut)
@api.doc(summary="Who of a unit is behind with anything", description="What a reminder to all of them would be.")
def find_all_behind(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    """Give who is behind, requirement by requirement."""
    found: Nudging = nudging.find_nudging(actor(), unit_id, profile(), member=query_data["member"])
    lines = [
        {"requirement": line.requirement.id, "title": line.requirement.title, **_behind(line)} for line in found.lines
    ]
    return {"unit": unit_id, "members": found.members, "reminders": found.notices, "requirements": lines}


@api.post(UNIT)
@api.input(NudgeIn, location="json")
@api.output(NudgeOut)
@api.doc(summary="Remind those of a unit who are behind with anything")
def nudge_all(unit_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Remind all who are behind, of each requirement once in its period."""
    member, words = json_data["member"], json_data["words"]
    return {"told": nudging.nudge(actor(), unit_id, words, profile(), member=member)}
