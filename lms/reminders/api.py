"""The JSON API of reminders by the liaison."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, Nested, String
from apiflask.validators import Length
from flask import current_app

from lms.reminders import rules, service
from lms.web.signin import actor

api = APIBlueprint("reminders_api", __name__, url_prefix="/api/v1", tag="Reminders")

ADDRESS = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"


class BehindOut(Schema):
    """Who of a unit is behind with a requirement."""

    requirement = Integer()
    unit = Integer()
    behind = List(Nested(Schema.from_dict({"member": Integer(), "name": String()}, name="BehindMember")))


class NudgeIn(Schema):
    """Words of my own to those who are behind."""

    words = String(load_default="", validate=Length(max=rules.WORDS_CHARS))


class NudgeOut(Schema):
    """How many members heard of it; who heard of it today already is not counted."""

    told = Integer()


def _profile() -> str:
    return str(current_app.config["LMS"].profile)


@api.get(ADDRESS)
@api.output(BehindOut)
@api.doc(summary="Who of a unit is behind with a requirement", responses=[409])
def find_behind(requirement_id: int, unit_id: int) -> dict[str, Any]:
    """Give who is behind, by name."""
    found = service.find_behind(actor(), requirement_id, unit_id, _profile())
    behind = [{"member": member, "name": name} for member, name in found.behind]
    return {"requirement": found.requirement.id, "unit": found.unit, "behind": behind}


@api.post(ADDRESS)
@api.input(NudgeIn, location="json")
@api.output(NudgeOut)
@api.doc(summary="Remind those of a unit who are behind with a requirement", responses=[409])
def nudge(requirement_id: int, unit_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Remind those who are behind."""
    return {"told": service.nudge(actor(), requirement_id, unit_id, json_data["words"], _profile())}
