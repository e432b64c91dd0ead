"""Reading transcripts: which languages a recording has, their lines, what was changed."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, SQL, fn

from lms.errors import N_, NotFound
from lms.lectures import queries, recording_queries
from lms.lectures.chapter_rules import Heading
from lms.lectures.cue_rules import Mended
from lms.lectures.models import Chapter, Cue, Transcript, TranscriptChange
from lms.members.access import Actor
from lms.members.models import Member
from lms.paging import Page
from lms.prepared import prepared

CUES_PER_PAGE = 500
CHANGES_PER_PAGE = 50


class CueRow(NamedTuple):
    """A line of a transcript; times in milliseconds. ``version`` goes back with a change of it."""

    id: int
    start_ms: int
    end_ms: int
    text: str
    version: int


class TranscriptRow(NamedTuple):
    """A transcript of a recording. ``by_machine``: recognised, and nobody has read it through yet."""

    id: int
    recording: int
    language: str
    source: str
    version: int
    updated_at: datetime
    checked_at: datetime | None
    file_name: str
    encoding: str
    mended_json: str

    @property
    def by_machine(self) -> bool:
        """Say whether a machine made it and nobody has checked it."""
        return self.source == "recognised" and self.checked_at is None

    @property
    def mended(self) -> list[Mended]:
        """Give what was put right when its file was read."""
        return [Mended(*row) for row in json.loads(self.mended_json)]


class ChangeRow(NamedTuple):
    """A change of a transcript; ``before`` and ``after`` are lists of [start, end, text]."""

    id: int
    version: int
    made_at: datetime
    how: str
    by: str
    before: list[list[Any]]
    after: list[list[Any]]
    undone: bool


_COLUMNS = (
    Transcript.id,
    Transcript.recording,
    Transcript.language,
    Transcript.source,
    Transcript.version,
    Transcript.updated_at,
    Transcript.checked_at,
    Transcript.file_name,
    Transcript.encoding,
    Transcript.mended,
)


def transcripts_of(recording_ids: Iterable[int]) -> dict[int, list[TranscriptRow]]:
    """Give the transcripts of recordings that the caller may see already, the oldest first: one statement."""
    found: dict[int, list[TranscriptRow]] = {}
    for row in _transcripts(list(recording_ids)):
        found.setdefault(row[1], []).append(TranscriptRow(*row))
    return found


@prepared
def _transcripts(recording_ids: Sequence[int]) -> Any:
    return Transcript.select(*_COLUMNS).where(Transcript.recording.in_(recording_ids)).order_by(Transcript.id)


def without_transcript(recording_ids: Iterable[int]) -> set[int]:
    """Give those of the recordings that have no transcript in any language."""
    wanted = set(recording_ids)
    return wanted - set(transcripts_of(wanted))


def find_transcript(recording_id: int, language: str = "") -> TranscriptRow | None:
    """Give a recording's transcript in a language, or (without one) its oldest; None when there is none."""
    rows = transcripts_of([recording_id]).get(recording_id, [])
    return next((row for row in rows if not language or row.language == language), None)


def get_seen(actor: Actor, recording_id: int, language: str = "") -> TranscriptRow:
    """Give a transcript of a recording the actor may see. Raises NotFound."""
    queries.require_seen(actor, recording_id)
    row = find_transcript(recording_id, language)
    if row is None:
        raise NotFound(N_("There is no transcript in this language."))
    return row


def get_managed(actor: Actor, transcript_id: int) -> TranscriptRow:
    """Give a transcript the actor may change. Raises NotFound, or Forbidden for who may only read it."""
    row = Transcript.select(*_COLUMNS).where(Transcript.id == transcript_id).tuples().first()
    if row is None:
        raise NotFound(N_("This transcript does not exist, or you may not see it."))
    found = TranscriptRow(*row)
    recording_queries.get_manageable(actor, found.recording)
    return found


def cues_of(transcript_id: int) -> list[CueRow]:
    """Give all lines of a transcript that the caller may see already."""
    return [CueRow(*row) for row in _cues(transcript_id)]


@prepared
def _cues(transcript_id: int) -> Any:
    rows = Cue.select(Cue.id, Cue.start_ms, Cue.end_ms, Cue.text, Cue.version).where(Cue.transcript == transcript_id)
    return rows.order_by(Cue.start_ms, Cue.id)


def spoken(recording_id: int, transcript_id: int | None) -> tuple[list[CueRow], list[Heading]]:
    """Give the lines of a transcript, none without one, and the chapters of its recording: one statement.

    The caller may see both already.
    """
    cues, headings = [], []
    for ident, start_ms, end_ms, text, version in _spoken(recording_id, transcript_id):
        if ident:
            cues.append(CueRow(ident, start_ms, end_ms, text, version))
        else:
            headings.append(Heading(start_ms, text))
    return cues, headings


@prepared
def _spoken(recording_id: int, transcript_id: int | None) -> Any:
    """Select lines, and chapters as lines whose id is 0, each in the order of their beginning."""
    nothing = SQL("0").alias("nothing")
    chapters = Chapter.select(nothing, Chapter.start_ms, nothing, Chapter.title, nothing)
    chapters = chapters.where(Chapter.recording == recording_id)
    if transcript_id is None:
        return chapters.order_by(SQL("2"))
    lines = Cue.select(Cue.id, Cue.start_ms, Cue.end_ms, Cue.text, Cue.version).where(Cue.transcript == transcript_id)
    return lines.union_all(chapters).order_by(SQL("2"), SQL("1"))


def lines_of(transcript_id: int, number: int, size: int) -> Page[CueRow]:
    """Give a page of the lines of a transcript that the caller may change."""
    rows = Cue.select(Cue.id, Cue.start_ms, Cue.end_ms, Cue.text, Cue.version).where(Cue.transcript == transcript_id)
    items = rows.order_by(Cue.start_ms, Cue.id).paginate(number, size).tuples()
    return Page([CueRow(*row) for row in items], number, size, rows.count())


def page_cues(actor: Actor, recording_id: int, language: str, number: int) -> Page[CueRow]:
    """Give a page of a transcript's lines, none when there is no transcript. Raises NotFound."""
    queries.require_seen(actor, recording_id)
    transcript = find_transcript(recording_id, language)
    return lines_of(transcript.id if transcript else 0, number, CUES_PER_PAGE)


def list_changes(actor: Actor, transcript_id: int, number: int) -> Page[ChangeRow]:
    """List what was changed in a transcript, the newest first. Raises NotFound or Forbidden."""
    get_managed(actor, transcript_id)
    rows = (
        TranscriptChange.select(
            TranscriptChange.id,
            TranscriptChange.version,
            TranscriptChange.made_at,
            TranscriptChange.how,
            fn.COALESCE(Member.name, ""),
            TranscriptChange.before,
            TranscriptChange.after,
            TranscriptChange.undone_at.is_null(False),
        )
        .join(Member, JOIN.LEFT_OUTER, on=(TranscriptChange.member == Member.id))
        .where(TranscriptChange.transcript == transcript_id)
    )
    items = rows.order_by(TranscriptChange.id.desc()).paginate(number, CHANGES_PER_PAGE).tuples()
    changes = [_change(row) for row in items]
    return Page(changes, number, CHANGES_PER_PAGE, rows.count())


def _change(row: tuple[Any, ...]) -> ChangeRow:
    ident, version, made_at, how, by, before, after, undone = row
    return ChangeRow(ident, version, made_at, how, by, json.loads(before), json.loads(after), bool(undone))


def used_keys() -> Iterable[str]:
    """Walk over the storage keys of the files that transcripts were read from."""
    for (key,) in Transcript.select(Transcript.file_key).where(Transcript.file_key != "").tuples().iterator():
        yield key
