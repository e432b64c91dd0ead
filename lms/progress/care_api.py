"""The JSON API of what decides what is asked of a member, and of the look ahead at a requirement."""

from dataclasses import asdict
from datetime import date
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Date, Dict, Integer, List, Nested, String
from apiflask.validators import Length, Range

from lms.members import tags
from lms.progress import exempting, naming, presets, previewing, queries, sentences
from lms.progress.api import HIGHEST_ID, NewRequirement, RequirementOut, requirement_out
from lms.progress.service import RequirementForm
from lms.web.i18n import reader_locale
from lms.web.profile import profile
from lms.web.signin import actor

api = APIBlueprint("progress_care_api", __name__, url_prefix="/api/v1", tag="Progress")

CARE = "/members/<int(max=2147483647):member>/care"
ENTRY = "/<int(max=2147483647):entry>"
REQUIREMENT = "/requirements/<int(max=2147483647):requirement_id>"


class SpanIn(Schema):
    """Days, both included."""

    since = Date(required=True)
    until = Date(load_default=None, allow_none=True)


class TagIn(SpanIn):
    """What a member is."""

    tag = String(required=True, validate=Length(1, tags.TAG_LENGTH))


class LeaveIn(SpanIn):
    """A leave of absence."""

    reason = String(load_default="", validate=Length(max=tags.REASON_LENGTH))


class ExemptionIn(SpanIn):
    """An exemption from a requirement, by its series."""

    series = Integer(required=True, validate=Range(1, HIGHEST_ID))
    reason = String(required=True, validate=Length(1, exempting.REASON_LENGTH))


class LastDay(Schema):
    """The last day; without it the entry is taken away as noted by mistake."""

    last = Date(load_default=None)


class TagOut(Schema):
    """A tag with its days."""

    id = Integer()
    tag = String()
    since = Date()
    until = Date(allow_none=True)


class LeaveOut(Schema):
    """A leave of absence."""

    id = Integer()
    since = Date()
    until = Date(allow_none=True)
    reason = String()


class ExemptionOut(LeaveOut):
    """An exemption."""

    series = Integer()
    title = String()


class CareOut(Schema):
    """What decides what is asked of a member."""

    member = Integer()
    name = String()
    tags = List(Nested(TagOut))
    leaves = List(Nested(LeaveOut))
    exemptions = List(Nested(ExemptionOut))


class PresetOut(Schema):
    """A ready-made requirement, as it could be sent to POST /requirements; ``needs`` are fields still to be filled."""

    id = String()
    title = String()
    source = String()
    measure = String()
    amount = Integer()
    period = String()
    spec = Dict()
    parts = Dict(metadata={"description": "Weights by id of the preset that an index or share is made of."})
    needs = List(String())


class PresetsOut(Schema):
    """All presets."""

    items = List(Nested(PresetOut))


class AgainstOut(RequirementOut):
    """A requirement that gets in the way: the same again, another amount of it, or the same reckoned otherwise."""

    clash = String(metadata={"description": "duplicate, amounts or treatment."})
    differs = List(String(), metadata={"description": "What is reckoned otherwise: joining, leave, where ..."})


class PreviewOut(Schema):
    """What a requirement would mean today."""

    sentence = String()
    touched = Integer()
    names = List(String())
    paces = Dict(metadata={"description": "How many would be done, behind ...; empty where others may not see it."})
    idle = Integer(metadata={"description": "Members of the unit that it does not reach."})
    against = List(Nested(AgainstOut), metadata={"description": "Requirements that it gets in the way of."})


class VersionsOut(Schema):
    """All versions of a requirement, the latest first."""

    items = List(Nested(RequirementOut))


@api.get(CARE)
@api.output(CareOut)
@api.doc(summary="What decides what is asked of a member: tags, leaves, exemptions")
def care(member: int) -> dict[str, Any]:
    return care_of(member)


@api.post(CARE + "/tags")
@api.input(TagIn, location="json")
@api.output(CareOut, status_code=201)
@api.doc(summary="Say what a member is", description="Days that touch others of the same tag become one span.")
def add_tag(member: int, json_data: dict[str, Any]) -> dict[str, Any]:
    tags.add_tag(actor(), member, json_data["tag"], json_data["since"], json_data["until"])
    return care_of(member)


@api.delete(CARE + "/tags" + ENTRY)
@api.input(LastDay, location="query")
@api.output({}, status_code=204)
@api.doc(summary="End a tag, or take it away")
def end_tag(member: int, entry: int, query_data: dict[str, date | None]) -> str:
    tags.remove_tag(actor(), member, entry, query_data["last"])
    return ""


@api.post(CARE + "/leaves")
@api.input(LeaveIn, location="json")
@api.output(CareOut, status_code=201)
@api.doc(summary="Note a leave of absence")
def add_leave(member: int, json_data: dict[str, Any]) -> dict[str, Any]:
    tags.add_leave(actor(), member, json_data["since"], json_data["until"], json_data["reason"])
    return care_of(member)


@api.delete(CARE + "/leaves" + ENTRY)
@api.input(LastDay, location="query")
@api.output({}, status_code=204)
@api.doc(summary="End a leave, or take it away")
def end_leave(member: int, entry: int, query_data: dict[str, date | None]) -> str:
    tags.remove_leave(actor(), member, entry, query_data["last"])
    return ""


@api.post(CARE + "/exemptions")
@api.input(ExemptionIn, location="json")
@api.output(CareOut, status_code=201)
@api.doc(summary="Exempt a member from a requirement for some days")
def add_exemption(member: int, json_data: dict[str, Any]) -> dict[str, Any]:
    days = json_data["since"], json_data["until"]
    exempting.exempt(actor(), member, json_data["series"], *days, json_data["reason"])
    return care_of(member)


@api.delete(CARE + "/exemptions" + ENTRY)
@api.input(LastDay, location="query")
@api.output({}, status_code=204)
@api.doc(summary="End an exemption, or take it away")
def end_exemption(member: int, entry: int, query_data: dict[str, date | None]) -> str:
    exempting.end_exemption(actor(), member, entry, query_data["last"])
    return ""


def care_of(member: int) -> dict[str, Any]:
    """Give what is kept of a member after a change."""
    return asdict(exempting.get_care(actor(), member))


@api.get("/requirement-presets")
@api.output(PresetsOut)
@api.doc(summary="The ready-made requirements")
def list_presets() -> dict[str, Any]:
    return {"items": [_preset(preset) for preset in presets.all_presets()]}


def _preset(preset: presets.Preset) -> dict[str, Any]:
    return {**preset.__dict__, "title": preset.title(reader_locale()), "parts": dict(preset.parts)}


@api.post("/requirements/preview")
@api.input(NewRequirement, location="json")
@api.output(PreviewOut)
@api.doc(summary="See whom a requirement reaches and how they would stand; nothing is kept")
def preview(json_data: dict[str, Any]) -> dict[str, Any]:
    unit = json_data.pop("unit")
    found = previewing.preview(actor(), unit, RequirementForm(**json_data, profile=profile()))
    titles = naming.titles_in([found.asked])
    return {
        "sentence": sentences.read_back(found.asked, found.unit_name, titles),
        "touched": found.touched,
        "names": found.names,
        "paces": {pace.value: number for pace, number in found.paces.items()},
        "idle": found.idle,
        "against": [
            {**requirement_out(one.row), "clash": one.how.clash.value, "differs": one.how.differs}
            for one in found.against
        ],
    }


@api.get(REQUIREMENT + "/versions")
@api.output(VersionsOut)
@api.doc(summary="All versions of a requirement", description="A closed period is judged by the version of its time.")
def versions(requirement_id: int) -> dict[str, Any]:
    return {"items": [requirement_out(row) for row in queries.list_versions(actor(), requirement_id)]}
