"""Tables of lectures: recordings, transcripts and chapters, and where each member stopped watching."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit

AUDIENCES = ("unit", "everyone")
SOURCES = ("uploaded", "edited", "recognised")
STATES = ("preparing", "ready", "failed")


class Lecture(BaseModel):
    """A lecture given by ``speaker``; its recordings hang below it.

    Until ``published_at`` is set only its uploader and those who look after it see it. Who really played
    ``done_percent`` of all its recordings together is through with it.
    """

    title = CharField(max_length=200)
    summary = CharField(max_length=1000, default="")
    speaker = CharField(max_length=80)
    held_on = DateField(null=True)
    uploader = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    audience = CharField(max_length=12, default="everyone")
    created_at = DateTimeField(default=clock.now, index=True)
    updated_at = DateTimeField(default=clock.now)
    archived_at = DateTimeField(null=True)
    published_at = DateTimeField(null=True, default=clock.now)
    done_percent = IntegerField(default=90)


class Recording(BaseModel):
    """A video or audio file of a lecture, which has one or more of them in the order of ``position``.

    ``title`` is empty where that of the lecture is enough. ``file_key`` is the sha256 in the store; ``duration_ms``
    from the probe; ``silent`` says that there is no sound in it. ``sound_key`` is the version to listen to only,
    ``original_key`` the file as it came where another was made of it; both may be empty. ``sent_by`` is in whose share
    of the store all three count. ``percent`` and ``begun_at`` say how far preparing has come and since when.
    ``failure`` is a msgid that says why the recording cannot be played, with ``failure_detail`` as its %(detail)s.
    """

    lecture = ForeignKeyField(Lecture, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=200, default="")
    position = IntegerField(default=1)
    media_type = CharField(max_length=40)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    duration_ms = IntegerField(default=0)
    silent = BooleanField(default=False)
    poster_key = CharField(max_length=64, default="")
    sound_key = CharField(max_length=64, default="")
    sound_size = BigIntegerField(default=0)
    original_key = CharField(max_length=64, default="")
    original_size = BigIntegerField(default=0)
    state = CharField(max_length=12, default="preparing")
    percent = IntegerField(default=0)
    begun_at = DateTimeField(null=True)
    failure = CharField(max_length=200, default="")
    failure_detail = CharField(max_length=60, default="")
    created_at = DateTimeField(default=clock.now)
    archived_at = DateTimeField(null=True)
    sent_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", on_delete="SET NULL")


class Transcript(BaseModel):
    """The spoken words of a recording in one language, a BCP 47 tag; its lines hang below it.

    ``version`` counts up with every change. ``source``: where it came from; an uploaded one that somebody changed is
    "edited", a recognised one stays so. ``checked_at``: somebody who looks after the lecture read it through.
    ``file_key`` names the file it was read from, as it arrived, in ``encoding``; ``mended`` is a JSON list of [line,
    start in ms, what was wrong] of the times that were put right.
    """

    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    language = CharField(max_length=35)
    source = CharField(max_length=12, default="uploaded")
    version = IntegerField(default=1)
    file_key = CharField(max_length=64, default="")
    file_name = CharField(max_length=200, default="")
    encoding = CharField(max_length=20, default="")
    mended = TextField(default="[]")
    checked_at = DateTimeField(null=True)
    checked_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("recording", "language"), True),)


class Cue(BaseModel):
    """A line of a transcript with its times in milliseconds, in the order of ``start_ms``, then ``id``."""

    transcript = ForeignKeyField(Transcript, lazy_load=False, on_delete="CASCADE")
    start_ms = IntegerField()
    end_ms = IntegerField()
    text = TextField()
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("transcript", "start_ms"), False),)


class TranscriptChange(BaseModel):
    """A change of a transcript: what stood there before and after it, as JSON lists of [start, end, text].

    ``how``: "text", "times", "split", "merge", "insert", "delete", "replace", "undo", or "conflict", which changed
    nothing and keeps what somebody typed into a line that had changed meanwhile.
    """

    transcript = ForeignKeyField(Transcript, lazy_load=False, on_delete="CASCADE")
    version = IntegerField()
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    made_at = DateTimeField(default=clock.now)
    how = CharField(max_length=12)
    before = TextField(default="[]")
    after = TextField(default="[]")
    undone_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("transcript", "version"), False),)


class Recognition(BaseModel):
    """A transcript of a recording that a recogniser of speech is asked to make: waiting, running, done or failed.

    ``language`` is empty where the recogniser shall find it out. ``failure`` is a msgid with ``failure_detail`` as its
    %(detail)s.
    """

    recording = ForeignKeyField(Recording, unique=True, lazy_load=False, on_delete="CASCADE")
    language = CharField(max_length=35, default="")
    asked_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    asked_at = DateTimeField(default=clock.now)
    begun_at = DateTimeField(null=True)
    state = CharField(max_length=12, default="waiting")
    percent = IntegerField(default=0)
    failure = CharField(max_length=200, default="")
    failure_detail = CharField(max_length=200, default="")


class Chapter(BaseModel):
    """A part of a recording that has a title, from ``start_ms`` to the next chapter."""

    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    start_ms = IntegerField()
    title = CharField(max_length=120)

    class Meta:
        indexes = ((("recording", "start_ms"), True),)


class WatchProgress(BaseModel):
    """Where a member is in a recording, and which stretches were played.

    ``position_s`` is the second to go on at; ``moved_at`` the instant on the member's device at which that position
    was reached, so that a late report of an older one does not win. ``played`` is a JSON list of united
    [start, end] intervals in seconds of media time; ``seconds`` their sum. ``opened_at`` and ``heard_at`` are the
    server's instants of the first and last report: nothing can have been played before the first.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    position_s = FloatField(default=0)
    moved_at = DateTimeField(default=clock.now)
    played = TextField(default="[]")
    seconds = FloatField(default=0)
    heard_at = DateTimeField(default=clock.now)
    opened_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("member", "recording"), True),)


class WatchTime(BaseModel):
    """The time of the clock in which a member played something: each instant counts once, whatever plays in it.

    ``spent`` is a JSON list of united [from, to] intervals in seconds since 1970, those of the last two weeks.
    """

    member = ForeignKeyField(Member, unique=True, lazy_load=False, on_delete="CASCADE")
    spent = TextField(default="[]")


class LectureDone(BaseModel):
    """A member is through with a lecture: ``done_percent`` of it were really played. Never taken back."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    lecture = ForeignKeyField(Lecture, lazy_load=False, on_delete="CASCADE")
    done_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("member", "lecture"), True),)
