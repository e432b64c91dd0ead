"""The JSON API of lectures."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

from apiflask import APIBlueprint
from flask import request
from werkzeug.datastructures import FileStorage

from lms import clock
from lms.errors import N_, InvalidInput
from lms.lectures import destinations, queries, rules, service, transcript_files, transcript_queries, watching
from lms.lectures.arriving import recording_sent
from lms.lectures.pages import failure_words, recording_limit
from lms.lectures.parts import Part
from lms.lectures.queries import Filter
from lms.lectures.schemas import (
    CueList,
    CueQuery,
    LectureChange,
    LectureDetail,
    LectureList,
    ListQuery,
    ProgressReport,
    ProgressState,
    TranscriptForm,
    UploadForm,
)
from lms.lectures.service import Upload
from lms.lectures.watching import Report, Standing
from lms.members.access import Action
from lms.paging import Page
from lms.web.paged import paged
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit

api = APIBlueprint("lectures_api", __name__, url_prefix="/api/v1", tag="Lectures")

LECTURE = "/lectures/<int(max=2147483647):lecture_id>"
RECORDING = "/recordings/<int(max=2147483647):recording_id>"
NOT_TOLD = ("file", "upload", "transcript")

allow_upload(
    "lectures_api.upload", recording_limit, Action.LECTURE_UPLOAD, lambda uploader, _: destinations.of_new(uploader)
)
allow_upload("lectures_api.replace_transcript", lambda settings: transcript_files.MAX_BYTES, Action.LECTURE_UPLOAD)


def _listed(page: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    return paged(page, items)


@api.get("/lectures")
@api.input(ListQuery, location="query", arg_name="query")
@api.output(LectureList)
@api.doc(summary="List lectures")
def lectures(query: dict[str, Any]) -> dict[str, Any]:
    """List the lectures the member may see, with how far the member is in each."""
    wanted = Filter(query["q"].replace("\0", ""), query["mine"], query["archived"], query["sort"])
    page = queries.list_lectures(actor(), wanted, query["page"], query["per_page"])
    items = [{**row._asdict(), "duration": row.duration, "position": row.position_s} for row in page.items]
    return _listed(page, items)


@api.get(LECTURE)
@api.output(LectureDetail)
@api.doc(summary="Get a lecture")
def lecture(lecture_id: int) -> dict[str, Any]:
    """Give a lecture with the addresses of its recordings and transcripts.

    The fields of a recording beside ``recordings`` are those of the one in which the member goes on.
    """
    return _detail(lecture_id)


def _detail(lecture_id: int) -> dict[str, Any]:
    shown = queries.get_lecture(actor(), lecture_id)
    recording = recording_detail(shown.part)
    return {
        **{name: value for name, value in recording.items() if name not in ("id", "title", "position")},
        **shown.__dict__,
        "recording": shown.recording,
        "recordings": [recording_detail(part) for part in shown.parts],
    }


def recording_detail(part: Part) -> dict[str, Any]:
    """Give what the API says of a recording; addresses are relative to the service."""
    base = f"/recordings/{part.id}"
    return {
        **part._asdict(),
        "duration": part.duration,
        "seen": part.seen,
        "minutes_left": part.minutes_left,
        "failure": failure_words(part),
        "media_url": f"{base}/media",
        "sound_url": f"{base}/sound" if part.sound_key else None,
        "transcript_url": f"{base}/transcript.vtt",
        "poster_url": f"{base}/poster.jpg" if part.poster_key else None,
    }


@api.post("/lectures")
@api.input(UploadForm, location="form_and_files", arg_name="form")
@api.output(LectureDetail, status_code=201)
@api.doc(summary="Upload a recording")
def upload(form: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Take in a recording of any common kind with an optional WebVTT transcript; it is prepared in the background."""
    details = rules.Details(**{name: value for name, value in form.items() if name not in NOT_TOLD})
    transcript = _upload(form["transcript"]) if form.get("transcript") else None
    recording = sent_recording(form)
    lecture_id = service.upload(actor(), details, recording, transcript, upload_limit(str(request.endpoint)))
    return _detail(lecture_id), 201, {"Location": f"/api/v1/lectures/{lecture_id}"}


def sent_recording(form: dict[str, Any]) -> Upload:
    """Give the recording of a form, whole or as the token of one that came in pieces. Raises InvalidInput."""
    found = recording_sent(actor(), form.get("file"), form.get("upload"))
    if found is None:
        raise InvalidInput(N_("Please choose a recording."), field="file")
    return found


def _upload(sent: FileStorage) -> Upload:
    return Upload(sent.filename or "", cast(BinaryIO, sent.stream))


@api.patch(LECTURE)
@api.input(LectureChange, arg_name="change")
@api.output(LectureDetail)
@api.doc(summary="Change what is said about a lecture")
def correct(lecture_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Change some facts of a lecture."""
    shown = queries.get_manageable(actor(), lecture_id)
    now = {field.name: getattr(shown, field.name) for field in fields(rules.Details)}
    service.correct(actor(), lecture_id, rules.Details(**{**now, **change}))
    return _detail(lecture_id)


@api.put(LECTURE + "/transcript")
@api.input(TranscriptForm, location="form_and_files", arg_name="form")
@api.output(LectureDetail)
@api.doc(summary="Replace the transcript of a lecture", description="WebVTT; a fault is named with its line.")
def replace_transcript(lecture_id: int, form: dict[str, Any]) -> dict[str, Any]:
    """Put a transcript in the place of the present one."""
    service.replace_transcript(actor(), lecture_id, _upload(form["transcript"]))
    return _detail(lecture_id)


@api.post(LECTURE + "/publish")
@api.output(LectureDetail)
@api.doc(
    summary="Publish a lecture",
    description="403 without an accreditation that holds today, unless I look after lectures of its unit.",
)
def publish(lecture_id: int) -> dict[str, Any]:
    """Let the audience see a lecture."""
    service.publish(actor(), lecture_id)
    return _detail(lecture_id)


@api.post(LECTURE + "/archive")
@api.output(LectureDetail)
@api.doc(summary="Archive a lecture")
def archive(lecture_id: int) -> dict[str, Any]:
    """Put a lecture away."""
    service.archive(actor(), lecture_id)
    return _detail(lecture_id)


@api.post(LECTURE + "/restore")
@api.output(LectureDetail)
@api.doc(summary="Bring an archived lecture back")
def restore(lecture_id: int) -> dict[str, Any]:
    """Bring a lecture back."""
    service.restore(actor(), lecture_id)
    return _detail(lecture_id)


@api.get(RECORDING + "/cues")
@api.input(CueQuery, location="query", arg_name="query")
@api.output(CueList)
@api.doc(summary="Get a transcript")
def cues(recording_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """Give the transcript of a recording, 500 cues a page."""
    page = transcript_queries.page_cues(actor(), recording_id, query["language"], query["page"])
    first = (page.number - 1) * page.size + 1
    items = [
        {**cue._asdict(), "number": number, "start": cue.start_ms / 1000, "end": cue.end_ms / 1000}
        for number, cue in enumerate(page.items, start=first)
    ]
    return _listed(page, items)


@api.get(RECORDING + "/progress")
@api.output(ProgressState)
@api.doc(summary="Get the own place in a recording")
def progress(recording_id: int) -> Standing:
    """Give where the member is in a recording, the same on all devices."""
    duration = queries.get_playable(actor(), recording_id) / 1000
    watched = queries.get_watched(actor(), recording_id)
    return Standing(watched.position, watched.seconds, duration, now=watching.epoch(clock.now()))


@api.put(RECORDING + "/progress")
@api.input(ProgressReport, arg_name="report")
@api.output(ProgressState)
@api.doc(summary="Report the own place in a recording")
def report_progress(recording_id: int, report: dict[str, Any]) -> Standing:
    """Note the member's place and what was really played since the last report."""
    return watching.record_progress(
        actor(),
        recording_id,
        Report(
            position=report["position"],
            at=_naive(report["at"]),
            sent_at=_naive(report["sent_at"]) if report["sent_at"] else None,
            played=tuple(tuple(one) for one in report["played"]),
            member=report["member"],
        ),
    )


def _naive(instant: datetime) -> datetime:
    """Turn an instant into naive UTC. Raises InvalidInput at the edges of the calendar, where zones do not fit."""
    try:
        return instant.astimezone(UTC).replace(tzinfo=None)
    except OverflowError as error:
        raise InvalidInput(N_("This instant cannot be."), field="at") from error
