"""What the API of transcripts and chapters takes and gives."""

from datetime import UTC

from apiflask import Schema
from apiflask.fields import AwareDateTime, Boolean, File, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.lectures import transcript_files
from lms.web.paged import Paged
from lms.web.view import LAST_PAGE

LAST_S = 48 * 3600


class MendedItem(Schema):
    """A time of the file that was put right; ``what``: end, order, joined or overlap."""

    line = Integer()
    start = Float()
    what = String()


class TranscriptItem(Schema):
    """A transcript; ``by_machine`` until somebody has read it through."""

    id = Integer()
    recording = Integer()
    language = String()
    source = String()
    version = Integer()
    updated_at = AwareDateTime(default_timezone=UTC)
    checked_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    by_machine = Boolean()
    file_name = String()
    encoding = String()
    mended = List(Nested(MendedItem))


class TranscriptList(Schema):
    """The transcripts of a recording."""

    items = List(Nested(TranscriptItem))


class TranscriptFile(Schema):
    """A transcript as WebVTT, SRT, ASS, LRC or text whose lines begin like 00:12."""

    transcript = File(required=True)
    language = String(load_default="", validate=Length(max=35))
    encoding = String(load_default="", validate=OneOf(["", *transcript_files.ENCODINGS]))


class TranscriptChangeForm(Schema):
    """What shall be different; what is left out stays as it is. ``encoding`` reads the file once more."""

    language = String(validate=Length(max=35))
    encoding = String(validate=OneOf(transcript_files.ENCODINGS))
    checked = Boolean(validate=OneOf([True]))


class LineItem(Schema):
    """A line of a transcript; times in seconds."""

    id = Integer()
    start = Float()
    end = Float()
    text = String()
    version = Integer()


class LineOutcome(Schema):
    """What a change did: lines gone, lines new or different. ``kept`` is false when somebody else changed it first."""

    version = Integer()
    kept = Boolean()
    removed = List(Integer())
    lines = List(Nested(LineItem))


class LineAt(Schema):
    """Which version of the line was seen."""

    version = Integer(required=True)


class LineChange(LineAt):
    """What shall be different; times in seconds."""

    text = String(validate=Length(max=10_000))
    start = Float(validate=Range(0, LAST_S))
    end = Float(validate=Range(0, LAST_S))


class LineSplit(LineAt):
    """After how many characters to cut, and at which second; without it where the share of the text falls."""

    at = Integer(required=True, validate=Range(0, 10_000))
    second = Float(load_default=None, allow_none=True, validate=Range(0, LAST_S))


class NewLine(Schema):
    """A line to add."""

    start = Float(required=True, validate=Range(0, LAST_S))
    text = String(load_default="", validate=Length(max=10_000))


class HistoryQuery(Schema):
    """Which page of the history."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class HistoryItem(Schema):
    """A change: what stood there before and after, as [start in ms, end in ms, text]."""

    id = Integer()
    version = Integer()
    made_at = AwareDateTime(default_timezone=UTC)
    how = String()
    by = String()
    undone = Boolean()
    before = List(List(String()))
    after = List(List(String()))


class History(Paged):
    """A page of the history, the newest change first."""

    items = List(Nested(HistoryItem))


class ChapterItem(Schema):
    """A chapter; its beginning in seconds."""

    start = Float()
    title = String()


class ChapterList(Schema):
    """The chapters of a recording."""

    items = List(Nested(ChapterItem))


class ChapterText(Schema):
    """Chapters as rows of time and title: 12:30 Title."""

    chapters = String(required=True)
