"""The JSON API of lectures."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

from apiflask import APIBlueprint, Schema
from apiflask.fields import AwareDateTime, Boolean, Date, File, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range
from flask import request
from werkzeug.datastructures import FileStorage

from lms import clock
from lms.errors import N_, InvalidInput
from lms.lectures import queries, rules, service, transcript_files, transcript_queries, watch_rules, watching
from lms.lectures.arriving import recording_sent
from lms.lectures.pages import failure_words, recording_limit
from lms.lectures.parts import Part
from lms.lectures.queries import Filter
from lms.lectures.service import Upload
from lms.lectures.watching import Report, Standing
from lms.members.access import Action
from lms.paging import Page
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit
from lms.web.view import LAST_PAGE

api = APIBlueprint("lectures_api", __name__, url_prefix="/api/v1", tag="Lectures")

LECTURE = "/lectures/<int(max=2147483647):lecture_id>"
RECORDING = "/recordings/<int(max=2147483647):recording_id>"
PAGE_LIMIT = 100
NOT_TOLD = ("file", "upload", "transcript")

allow_upload("lectures_api.upload", recording_limit, Action.LECTURE_UPLOAD)
allow_upload("lectures_api.replace_transcript", lambda settings: transcript_files.MAX_BYTES, Action.LECTURE_UPLOAD)


class ListQuery(Schema):
    """What a list of lectures is narrowed to."""

    q = String(load_default="", validate=Length(max=100))
    mine = Boolean(load_default=False)
    archived = Boolean(load_default=False)
    sort = String(load_default="newest", validate=OneOf(queries.SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))
    per_page = Integer(load_default=24, validate=Range(1, PAGE_LIMIT))


class PageQuery(Schema):
    """Which page of a list."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class CueQuery(PageQuery):
    """Which page of the transcript in which language; without one, the first there is."""

    language = String(load_default="", validate=Length(max=35))


class LectureItem(Schema):
    """A lecture in a list; lengths in seconds, instants in UTC."""

    id = Integer()
    title = String()
    speaker = String()
    held_on = Date(allow_none=True)
    created_at = AwareDateTime(default_timezone=UTC)
    recording = Integer()
    media_type = String()
    state = String()
    duration = Float(metadata={"description": "Of all its recordings together."})
    position = Float()
    seconds = Float(metadata={"description": "Seconds really played by the asking member."})
    seen = Boolean()
    parts = Integer(metadata={"description": "How many recordings there are to play."})


class LectureList(Schema):
    """A page of lectures."""

    items = List(Nested(LectureItem))
    page = Integer()
    pages = Integer()
    total = Integer()


class RecordingDetail(Schema):
    """A recording of a lecture; lengths in seconds, instants in UTC, addresses relative to the service."""

    id = Integer()
    position = Integer(metadata={"description": "Its place among the recordings of the lecture, from 1."})
    title = String(metadata={"description": "Empty where the lecture's title is enough."})
    media_type = String()
    file_name = String()
    file_size = Integer()
    duration = Float()
    silent = Boolean(metadata={"description": "There is no sound in it."})
    state = String(metadata={"description": "preparing, ready or failed."})
    percent = Integer(metadata={"description": "How much of preparing it is done."})
    minutes_left = Integer(allow_none=True, metadata={"description": "Until it is ready; null when nobody can tell."})
    failure = String(metadata={"description": "Why the recording could not be prepared, in the reader's language."})
    archived_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    published_at = AwareDateTime(
        default_timezone=UTC, allow_none=True, metadata={"description": "null: kept, but not published"}
    )
    seconds = Float(metadata={"description": "Seconds really played by the asking member."})
    seen = Boolean()
    media_url = String()
    sound_url = String(allow_none=True, metadata={"description": "To listen to only; null when there is no such file."})
    transcript_url = String()
    poster_url = String(allow_none=True, metadata={"description": "The picture of a video; null when there is none."})


class LectureDetail(Schema):
    """A lecture with its recordings; addresses are relative to the service."""

    id = Integer()
    title = String()
    summary = String()
    speaker = String()
    held_on = Date(allow_none=True)
    audience = String()
    done_percent = Integer(metadata={"description": "The share of all recordings to be played, in percent."})
    unit = Integer()
    unit_name = String()
    created_at = AwareDateTime(default_timezone=UTC)
    archived_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    recording = Integer()
    media_type = String()
    file_name = String()
    file_size = Integer()
    duration = Float()
    state = String()
    failure = String(metadata={"description": "Why the recording could not be prepared, in the reader's language."})
    media_url = String()
    sound_url = String(allow_none=True)
    transcript_url = String()
    poster_url = String(allow_none=True, metadata={"description": "The picture of a video; null when there is none."})
    recordings = List(Nested(RecordingDetail))


class UploadForm(Schema):
    """A recording with what is said of it."""

    title = String(required=True)
    speaker = String(required=True)
    summary = String(load_default="")
    held_on = Date(load_default=None, allow_none=True)
    audience = String(load_default="everyone")
    done_percent = Integer(load_default=rules.DONE_PERCENT)
    unit = Integer(required=True, validate=Range(1, 2**31 - 1))
    file = File()
    upload = String(metadata={"description": "Instead of a file: the token of one that arrived in pieces."})
    transcript = File()


class LectureChange(Schema):
    """What shall be different; what is left out stays as it is."""

    title = String()
    speaker = String()
    summary = String()
    held_on = Date(allow_none=True)
    audience = String()
    done_percent = Integer()
    unit = Integer(validate=Range(1, 2**31 - 1))


class TranscriptForm(Schema):
    """A WebVTT transcript in the place of the present one."""

    transcript = File(required=True)


class CueItem(Schema):
    """A line of a transcript; times in seconds."""

    id = Integer()
    number = Integer()
    start = Float()
    end = Float()
    text = String()
    version = Integer(metadata={"description": "Sent back with a change, so that nobody's change is lost."})


class CueList(Schema):
    """A page of a transcript."""

    items = List(Nested(CueItem))
    page = Integer()
    pages = Integer()
    total = Integer()


class ProgressReport(Schema):
    """What a player reports; times of the recording in seconds, instants of the device with their offset from UTC."""

    position = Float(required=True)
    at = AwareDateTime(required=True, default_timezone=UTC)
    sent_at = AwareDateTime(load_default=None, allow_none=True, default_timezone=UTC)
    member = Integer(load_default=None, allow_none=True, validate=Range(1, 2**31 - 1))
    played = List(
        List(Float(), validate=Length(2, 4)),
        load_default=[],
        validate=Length(max=watch_rules.MOST_INTERVALS),
        metadata={
            "description": "Pairs of seconds of the recording, each with the two instants between which it was played:"
            " seconds since 1970 by the server's clock, as `now` of the answer tells it. Without instants it is taken"
            " as played at normal speed right before `at`."
        },
    )


class ProgressState(Schema):
    """Where a member is in a recording, in seconds. ``kept`` is false when a newer position was known already.

    ``done``: the member is through with the lecture. ``now``: the server's clock, in seconds since 1970.
    """

    position = Float()
    seconds = Float()
    duration = Float()
    kept = Boolean()
    done = Boolean()
    now = Float()


def _listed(page: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"items": items, "page": page.number, "pages": page.pages, "total": page.total}


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
