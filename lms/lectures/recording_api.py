"""The JSON API of the recordings of a lecture."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import File, Integer, List, Nested, String
from apiflask.validators import Length, Range
from flask import request

from lms.lectures import destinations, part_rules, queries, recording_queries, recordings, rules
from lms.lectures.api import LECTURE, RECORDING, recording_detail, sent_recording
from lms.lectures.pages import recording_limit
from lms.lectures.schemas import RecordingDetail
from lms.members.access import Action
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit

api = APIBlueprint("recordings_api", __name__, url_prefix="/api/v1", tag="Lectures")

allow_upload(
    "recordings_api.add",
    recording_limit,
    Action.LECTURE_UPLOAD,
    lambda who, named: [destinations.of_addition(who, named["lecture_id"])],
)
allow_upload(
    "recordings_api.replace",
    recording_limit,
    Action.LECTURE_UPLOAD,
    lambda who, named: [destinations.of_replacement(who, named["recording_id"])],
)


class RecordingList(Schema):
    """The recordings of a lecture in their order."""

    items = List(Nested(RecordingDetail))


class RecordingForm(Schema):
    """One more recording of a lecture."""

    title = String(load_default="", validate=Length(max=rules.TITLE_CHARS))
    file = File()
    upload = String(metadata={"description": "Instead of a file: the token of one that arrived in pieces."})


class RecordingFile(Schema):
    """Another file for a recording that could not be prepared."""

    file = File()
    upload = String(metadata={"description": "Instead of a file: the token of one that arrived in pieces."})


class RecordingChange(Schema):
    """What shall be different; what is left out stays as it is."""

    title = String(validate=Length(max=rules.TITLE_CHARS))
    position = Integer(validate=Range(1, part_rules.MOST_RECORDINGS))


@api.get(LECTURE + "/recordings")
@api.output(RecordingList)
@api.doc(summary="List the recordings of a lecture")
def recordings_of(lecture_id: int) -> dict[str, Any]:
    """Give the recordings of a lecture in their order; those put away only to who may bring them back."""
    return _all(lecture_id)


def _all(lecture_id: int) -> dict[str, Any]:
    return {"items": [recording_detail(part) for part in queries.get_lecture(actor(), lecture_id).parts]}


def _one(recording_id: int) -> dict[str, Any]:
    return recording_detail(recording_queries.get_manageable(actor(), recording_id).part)


@api.post(LECTURE + "/recordings")
@api.input(RecordingForm, location="form_and_files", arg_name="form")
@api.output(RecordingDetail, status_code=201)
@api.doc(summary="Add a recording to a lecture")
def add(lecture_id: int, form: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Take in one more recording; it comes last and is prepared in the background."""
    limit = upload_limit(str(request.endpoint))
    return _one(recordings.add(actor(), lecture_id, form["title"], sent_recording(form), limit)), 201


@api.patch(RECORDING)
@api.input(RecordingChange, arg_name="change")
@api.output(RecordingDetail)
@api.doc(summary="Change the title or the place of a recording")
def change(recording_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Give a recording another title or another place among those of its lecture."""
    if "title" in change:
        recordings.rename(actor(), recording_id, change["title"])
    if "position" in change:
        recordings.move(actor(), recording_id, change["position"])
    return _one(recording_id)


@api.delete(RECORDING)
@api.output({}, status_code=204)
@api.doc(
    summary="Remove a recording", description="409 for the only one of a lecture, and when members have watched it."
)
def remove(recording_id: int) -> str:
    """Remove a recording that nobody has watched."""
    recordings.remove(actor(), recording_id)
    return ""


@api.post(RECORDING + "/archive")
@api.output(RecordingDetail)
@api.doc(summary="Put a recording away")
def archive(recording_id: int) -> dict[str, Any]:
    """Put a recording away; what members played of it stays theirs."""
    recordings.archive(actor(), recording_id)
    return _one(recording_id)


@api.post(RECORDING + "/restore")
@api.output(RecordingDetail)
@api.doc(summary="Bring back a recording that was put away")
def restore(recording_id: int) -> dict[str, Any]:
    """Bring a recording back."""
    recordings.restore(actor(), recording_id)
    return _one(recording_id)


@api.put(RECORDING + "/file")
@api.input(RecordingFile, location="form_and_files", arg_name="form")
@api.output(RecordingDetail)
@api.doc(
    summary="Send another file for a recording that failed",
    description="409 when it did not fail: members have places in a recording that is ready.",
)
def replace(recording_id: int, form: dict[str, Any]) -> dict[str, Any]:
    """Take another file for a recording that cannot be played."""
    recordings.replace(actor(), recording_id, sent_recording(form), upload_limit(str(request.endpoint)))
    return _one(recording_id)


@api.post(RECORDING + "/retry")
@api.output(RecordingDetail)
@api.doc(summary="Try again to prepare a recording that failed")
def prepare_again(recording_id: int) -> dict[str, Any]:
    """Have a failed recording tried once more."""
    recordings.prepare_again(actor(), recording_id)
    return _one(recording_id)
