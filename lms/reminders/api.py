"""The JSON API of reminders by the liaison."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, DateTime, Integer, List, Nested, String
from apiflask.validators import Length, Range

from lms.reminders import nudging, rules, taking_back
from lms.reminders.nudging import Nudging
from lms.web.profile import profile
from lms.web.signin import actor

api = APIBlueprint("reminders_api", __name__, url_prefix="/api/v1", tag="Reminders")

ADDRESS = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"
UNIT = "/reminders/units/<int(max=2147483647):unit_id>"
SENT = "/reminders/sent/<int(max=2147483647):sending_id>"
HIGHEST_ID = 2**31 - 1

BehindWith = Schema.from_dict(
    {
        "requirement": Integer(),
        "title": String(),
        "reminded_at": DateTime(allow_none=True),
        "reminded_by": String(),
    },
    name="BehindWith",
)


class BehindMember(Schema):
    """A member with all that he or she is behind in, and when and by whom he or she was reminded in this period.

    ``tells``: would be told now. ``silent``: has turned these reminders off.
    """

    member = Integer()
    name = String()
    unit_name = String()
    tells = Boolean()
    silent = Boolean()
    behind = List(Nested(BehindWith))


class BehindOut(Schema):
    """Who of a unit is behind, and how many of them would be told, each by one notice."""

    unit = Integer()
    tells = Integer()
    people = List(Nested(BehindMember))


class WhoQuery(Schema):
    """Whose."""

    member = Integer(load_default=None, validate=Range(1, HIGHEST_ID))


class NudgeIn(Schema):
    """Words of my own to those who are behind: to one, to these ``members`` only, to all ``but`` these, or to all."""

    words = String(load_default="", validate=Length(max=rules.WORDS_CHARS))
    member = Integer(load_default=None, validate=Range(1, HIGHEST_ID))
    members = List(Integer(strict=True, validate=Range(1, HIGHEST_ID)), load_default=None, validate=Length(max=10_000))
    but = List(Integer(strict=True, validate=Range(1, HIGHEST_ID)), load_default=[], validate=Length(max=10_000))


class NudgeOut(Schema):
    """How many members were told; who heard of it in this period already is not counted.

    ``sending`` is what can be taken back for ten minutes; null where nobody was left to tell.
    """

    told = Integer()
    sending = Integer(allow_none=True)


class ToldOut(Schema):
    """A member who was told, and whether he or she has read it."""

    member = Integer()
    name = String()
    read = Boolean()


class SendingOut(Schema):
    """What I sent to members of a unit at once; ``until``: the last moment at which it can be taken back."""

    id = Integer()
    unit = Integer()
    at = DateTime()
    until = DateTime()
    undone_at = DateTime(allow_none=True)
    told = List(Nested(ToldOut))


class TakenBackOut(Schema):
    """From how many members it was taken back: those who had not read it."""

    taken_back = Integer()


def _behind(found: Nudging) -> dict[str, Any]:
    people = [
        {
            "member": person.id,
            "name": person.name,
            "unit_name": person.unit_name,
            "tells": bool(person.to_tell),
            "silent": person.silent,
            "behind": [
                {
                    "requirement": one.requirement.id,
                    "title": one.requirement.title,
                    "reminded_at": one.heard_at,
                    "reminded_by": one.heard_by,
                }
                for one in person.behind
            ],
        }
        for person in found.people
    ]
    return {"unit": found.unit.id, "tells": len(found.to_tell), "people": people}


def _nudge(unit: int, requirement: int | None, values: dict[str, Any]) -> dict[str, int | None]:
    only = None if values["members"] is None else frozenset(values["members"])
    sent = nudging.nudge(
        *(actor(), unit, values["words"], profile(), requirement, values["member"]),
        only=only,
        but=frozenset(values["but"]),
    )
    return {"told": sent.told, "sending": sent.id}


@api.get(ADDRESS)
@api.output(BehindOut)
@api.doc(summary="Who of a unit is behind with a requirement", responses=[409])
def find_behind(requirement_id: int, unit_id: int) -> dict[str, Any]:
    """Give who is behind, by name."""
    return _behind(nudging.find_nudging(actor(), unit_id, profile(), requirement_id))


@api.post(ADDRESS)
@api.input(NudgeIn, location="json")
@api.output(NudgeOut)
@api.doc(summary="Remind those of a unit who are behind with a requirement", responses=[409])
def nudge(requirement_id: int, unit_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Remind those who are behind."""
    return _nudge(unit_id, requirement_id, json_data)


@api.get(UNIT)
@api.input(WhoQuery, location="query")
@api.output(BehindOut)
@api.doc(summary="Who of a unit is behind with anything", description="Each with all that he or she is behind in.")
def find_all_behind(unit_id: int, query_data: dict[str, Any]) -> dict[str, Any]:
    """Give who is behind, by name."""
    return _behind(nudging.find_nudging(actor(), unit_id, profile(), member=query_data["member"]))


@api.post(UNIT)
@api.input(NudgeIn, location="json")
@api.output(NudgeOut)
@api.doc(summary="Remind those of a unit who are behind with anything")
def nudge_all(unit_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Remind all who are behind: each by one notice, of each requirement once in its period."""
    return _nudge(unit_id, None, json_data)


@api.get(SENT)
@api.output(SendingOut)
@api.doc(summary="Give what I sent, and who has read it")
def get_sending(sending_id: int) -> dict[str, Any]:
    """Give whom a sending told."""
    found = taking_back.get_sending(actor(), sending_id)
    told = [{"member": one.member, "name": one.name, "read": one.read} for one in taking_back.list_told_by(found)]
    times = {"at": found.at, "until": found.until, "undone_at": found.undone_at}
    return {"id": found.id, "unit": found.unit, **times, "told": told}


@api.delete(SENT)
@api.output(TakenBackOut)
@api.doc(summary="Take back what I sent from all who have not read it, within ten minutes", responses=[409])
def take_back(sending_id: int) -> dict[str, int]:
    """Take a sending back."""
    return {"taken_back": taking_back.take_back(actor(), sending_id)}
