"""Commands of whole transcripts: taking a file in, reading it in another encoding, checking, naming, removing."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from lms import clock, events
from lms.db import is_sqlite, transactional
from lms.errors import N_, Conflict, InvalidInput
from lms.lectures import cue_rules, recording_queries, transcript_files
from lms.lectures import transcript_queries as queries
from lms.lectures.cue_rules import Line
from lms.lectures.models import Cue, Recording, Transcript, TranscriptChange
from lms.lectures.transcript_files import Reading
from lms.members.access import Actor
from lms.storage import files

Rows = list[list[object]]

CUES_AT_ONCE = 100
CHANGES_KEPT = 500


@dataclass(frozen=True)
class Given:
    """A transcript's file as it arrived and was read: its name, its bytes, what they hold."""

    name: str
    raw: bytes
    reading: Reading


def take(stream: BinaryIO, name: str, encoding: str = "") -> Given:
    """Read a file that was sent. Raises InvalidInput, see ``transcript_files.read``."""
    stream.seek(0)
    raw = stream.read(transcript_files.MAX_BYTES + 1)
    return Given(name, raw, transcript_files.read(raw, encoding))


def put_file(actor: Actor, recording_id: int, given: Given, language: str = "") -> int:
    """Put a file in the place of the recording's transcript in its language, and give the transcript's id.

    Without a language it is guessed from the characters. The lines there were can be brought back from the history.
    Raises NotFound, Forbidden or InvalidInput.
    """
    language = cue_rules.tidy_language(language) if language else guessed(given)
    recording_queries.get_manageable(actor, recording_id)
    with kept(given) as key:
        return _put_file(actor, recording_id, given, language, key)


@transactional
def _put_file(actor: Actor, recording_id: int, given: Given, language: str, key: str) -> int:
    recording_queries.get_manageable(actor, recording_id)
    transcript = put(recording_id, given.reading.lines, language, "uploaded", actor.id)
    note_file(transcript, given, key)
    tell(recording_id)
    return transcript


def guessed(given: Given) -> str:
    """Guess the language of what was given."""
    return cue_rules.language_of(line.text for line in given.reading.lines[:50])


@contextmanager
def kept(given: Given) -> Iterator[str]:
    """Store a transcript's file for the transaction that follows; when that fails, it is taken back."""
    stored = files().put(BytesIO(given.raw), len(given.raw))
    try:
        yield stored.key
    except BaseException:
        files().take_back(stored)
        raise


def note_file(transcript_id: int, given: Given, key: str) -> None:
    """Note from which file a transcript was read, inside the caller's transaction."""
    name = "".join(char for char in given.name.replace("\\", "/").rpartition("/")[2] if char.isprintable())
    Transcript.update(
        file_key=key,
        file_name=name[-200:],
        encoding=given.reading.encoding,
        mended=json.dumps(given.reading.mended),
    ).where(Transcript.id == transcript_id).execute()


def put(recording_id: int, lines: Sequence[Line], language: str, source: str, member: int | None) -> int:
    """Write the lines of a recording in a language inside the caller's transaction, and give the transcript's id.

    The caller tells search.
    """
    row = _locked(recording_id, language)
    if row is None:
        row = Transcript.create(recording=recording_id, language=language, source=source)
        version = row.version
    else:
        version = row.version + 1
    before = [list(cue[1:4]) for cue in queries.cues_of(row.id)]
    Cue.delete().where(Cue.transcript == row.id).execute()
    write_lines(row.id, lines)
    Transcript.update(
        version=version, source=source, updated_at=clock.now(), checked_at=None, checked_by=None, mended="[]"
    ).where(Transcript.id == row.id).execute()
    if before:
        after = [list(cue[1:4]) for cue in queries.cues_of(row.id)]
        note_change(row.id, version, member, "replace", before, after)
    return int(row.id)


def _locked(recording_id: int, language: str) -> Transcript | None:
    query = Transcript.select().where(Transcript.recording == recording_id, Transcript.language == language)
    row: Transcript | None = (query if is_sqlite() else query.for_update()).first()
    return row


def write_lines(transcript_id: int, lines: Sequence[Line]) -> None:
    """Add lines to a transcript."""
    rows = [(transcript_id, line.start_ms, line.end_ms, line.text) for line in lines]
    fields = [Cue.transcript, Cue.start_ms, Cue.end_ms, Cue.text]
    for first in range(0, len(rows), CUES_AT_ONCE):
        Cue.insert_many(rows[first : first + CUES_AT_ONCE], fields=fields).execute()


def note_change(
    transcript_id: int,
    version: int,
    member: int | None,
    how: str,
    before: Rows,
    after: Rows,
) -> int:
    """Keep what a change did, so that it can be taken back; the oldest beyond ``CHANGES_KEPT`` go."""
    TranscriptChange.delete().where(
        TranscriptChange.transcript == transcript_id, TranscriptChange.version <= version - CHANGES_KEPT
    ).execute()
    change = TranscriptChange.create(
        transcript=transcript_id,
        version=version,
        member=member,
        how=how,
        before=json.dumps(before, ensure_ascii=False),
        after=json.dumps(after, ensure_ascii=False),
    )
    return int(change.id)


def tell(recording_id: int) -> None:
    """Have the recording's lecture looked at by search."""
    lecture = Recording.select(Recording.lecture).where(Recording.id == recording_id).scalar()
    events.publish(events.SearchableChanged("lecture", lecture))


def read_again(actor: Actor, transcript_id: int, encoding: str) -> int:
    """Read the transcript's file once more in another encoding, and give the number of its lines.

    What was edited meanwhile goes into the history. Raises NotFound, Forbidden, Conflict without a file, InvalidInput.
    """
    row = queries.get_managed(actor, transcript_id)
    key = Transcript.select(Transcript.file_key).where(Transcript.id == transcript_id).scalar()
    if not key:
        raise Conflict(N_("The file of this transcript is not kept. Please send it again."))
    if not encoding:
        raise InvalidInput(N_("Please choose one of the encodings."), field="encoding")
    try:
        given = take(BytesIO(files().path(key).read_bytes()), row.file_name, encoding)
    except FileNotFoundError as error:
        raise Conflict(N_("The file of this transcript is not kept. Please send it again.")) from error
    _put_file(actor, row.recording, given, row.language, key)
    return len(given.reading.lines)


@transactional
def set_language(actor: Actor, transcript_id: int, language: str) -> None:
    """Say in which language a transcript is. Raises Conflict when the recording has one in that language."""
    row = queries.get_managed(actor, transcript_id)
    language = cue_rules.tidy_language(language)
    other = queries.find_transcript(row.recording, language)
    if other is not None and other.id != row.id:
        raise Conflict(N_("This recording has a transcript in that language already."))
    Transcript.update(language=language, updated_at=clock.now()).where(Transcript.id == row.id).execute()
    tell(row.recording)


@transactional
def mark_checked(actor: Actor, transcript_id: int) -> None:
    """Note that somebody has read a transcript through; what the file had wrong needs no more mention then."""
    row = queries.get_managed(actor, transcript_id)
    Transcript.update(checked_at=clock.now(), checked_by=actor.id, mended="[]").where(Transcript.id == row.id).execute()


@transactional
def remove(actor: Actor, transcript_id: int) -> None:
    """Remove a transcript with its history."""
    row = queries.get_managed(actor, transcript_id)
    Transcript.delete().where(Transcript.id == row.id).execute()
    tell(row.recording)
