"""What the API of lectures takes and gives."""

from datetime import UTC

from apiflask import Schema
from apiflask.fields import AwareDateTime, Boolean, Date, File, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.lectures import queries, rules, watch_rules
from lms.web.paged import Paged
from lms.web.view import LAST_PAGE

PAGE_LIMIT = 100


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


class LectureList(Paged):
    """A page of lectures."""

    items = List(Nested(LectureItem))


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


class CueList(Paged):
    """A page of a transcript."""

    items = List(Nested(CueItem))


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
