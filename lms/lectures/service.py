"""Commands of lectures: upload, transcript, correct, put away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

from lms import clock, events
from lms.db import database, transactional
from lms.errors import N_, InvalidInput, LmsError
from lms.jobs import queue
from lms.lectures import queries, rules, sniffing, transcript_service
from lms.lectures.models import Lecture, Recording
from lms.lectures.transcript_service import Given
from lms.members.access import Action, Actor, may, may_publish, require_publish
from lms.members.models import Unit
from lms.storage import StoredFile, files
from lms.uploads import service as uploads
from lms.uploads.rules import Destination

NAME_CHARS = 200


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: the name its owner gave it, and its bytes.

    One that arrived in pieces before is in the store already: ``stream`` then has its first bytes only, and ``take``
    hands it over in the transaction that names it.
    """

    name: str
    stream: BinaryIO
    take: Callable[[], StoredFile] | None = None


# ---- uploading -----------------------------------------------------------------------------------------------------


def upload(actor: Actor, details: rules.Details, recording: Upload, transcript: Upload | None, limit: int) -> int:
    """Take in a lecture with its recording of at most ``limit`` bytes, and give the lecture's id.

    Raises Forbidden, InvalidInput (the first fault found), TooLarge or Unavailable; nothing stays then. The file is
    stored before the transaction, because hashing gigabytes must not hold the database; whether it fits in the shares
    of lecturer and unit is decided inside it.
    """
    details = _checked(actor, details)
    media_type = sniffing.media_type_of(recording.stream)
    given = _given(transcript)
    with taken_back(recording, limit) as stored:
        if given is None:
            return _insert(actor, details, media_type, recording.name, stored)
        with transcript_service.kept(given) as key:
            return _insert(actor, details, media_type, recording.name, stored, (given, key))


def faults(
    actor: Actor, details: rules.Details, recording: Upload | None, transcript: Upload | None
) -> dict[str, LmsError]:
    """Say everything that is wrong with an upload, by field, so that a form shows it all at once; stores nothing."""
    found = {**recording_faults(recording), **detail_faults(actor, details)}
    return found if transcript is None else {**found, **transcript_faults(transcript)}


def detail_faults(actor: Actor, details: rules.Details, present_unit: int | None = None) -> dict[str, LmsError]:
    """Say what is wrong with what was typed, by field; a lecture may stay in its present unit."""
    found: dict[str, LmsError] = dict(rules.problems(rules.tidy(details), clock.today()))
    if "unit" not in found and details.unit != present_unit:
        with _noted(found):
            _unit_path(actor, details.unit)
    return found


def recording_faults(recording: Upload | None) -> dict[str, LmsError]:
    """Say what is wrong with a recording as far as its first bytes tell, under the field's name."""
    found: dict[str, LmsError] = {}
    if recording is None:
        found["file"] = InvalidInput(N_("Please choose a recording."), field="file")
    else:
        with _noted(found):
            sniffing.media_type_of(recording.stream)
    return found


def transcript_faults(transcript: Upload | None) -> dict[str, LmsError]:
    """Say what is wrong with a transcript, under the field's name."""
    found: dict[str, LmsError] = {}
    if transcript is None:
        found["transcript"] = InvalidInput(N_("Please choose a transcript."), field="transcript")
    else:
        with _noted(found):
            _given(transcript)
    return found


@contextmanager
def _noted(found: dict[str, LmsError]) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        found[error.field or ""] = error


@contextmanager
def taken_back(upload: Upload, limit: int) -> Iterator[StoredFile]:
    """Store a file for a transaction that follows; when that fails, the file is taken back."""
    if upload.take is not None:
        with database.atomic():
            yield upload.take()
        return
    stored = files().put(upload.stream, limit)
    try:
        yield stored
    except BaseException:
        files().take_back(stored)
        raise


def _checked(actor: Actor, details: rules.Details, present_unit: int | None = None) -> rules.Details:
    for fault in detail_faults(actor, details, present_unit).values():
        raise fault
    return rules.tidy(details)


def _unit_path(actor: Actor, unit: int | None) -> str:
    """Give the path of a unit for which the actor may upload. Raises InvalidInput for any other."""
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None or not may(actor, Action.LECTURE_UPLOAD, path):
        raise InvalidInput(N_("Please choose a unit for which you may upload."), field="unit")
    return str(path)


def _may_publish(actor: Actor, unit: int | None) -> bool:
    """Say whether the actor may publish for a unit now: asked when the file has arrived, not when it began to come."""
    return may_publish(actor, Action.LECTURE_MANAGE, str(Unit.select(Unit.path).where(Unit.id == unit).scalar()))


def _given(transcript: Upload | None) -> Given | None:
    return None if transcript is None else transcript_service.take(transcript.stream, transcript.name)


def file_name(raw: str) -> str:
    """Give the bare name of an uploaded file, for showing only: no path, no control characters, at most 200 long."""
    bare = PureWindowsPath(PurePosixPath(raw).name).name
    shown = "".join(char for char in bare if char.isprintable()).strip() or "recording"
    return shown if len(shown) <= NAME_CHARS else shown[: NAME_CHARS - 12] + shown[-12:]


@transactional
def _insert(
    actor: Actor,
    details: rules.Details,
    media_type: str,
    name: str,
    stored: StoredFile,
    words: tuple[Given, str] | None = None,
) -> int:
    uploads.require_room(actor, Destination(details.unit), stored.size)
    lecture = Lecture.create(
        title=details.title,
        summary=details.summary,
        speaker=details.speaker,
        held_on=details.held_on,
        uploader=actor.id,
        unit=details.unit,
        audience=details.audience,
        done_percent=details.done_percent,
        published_at=clock.now() if _may_publish(actor, details.unit) else None,
    )
    recording = insert_recording(actor, lecture.id, 1, "", name, media_type, stored)
    if words is not None:
        given, key = words
        transcript = transcript_service.put(
            recording, given.reading.lines, transcript_service.guessed(given), "uploaded", actor.id
        )
        transcript_service.note_file(transcript, given, key)
    events.publish(events.SearchableChanged("lecture", lecture.id))
    return int(lecture.id)


def insert_recording(
    actor: Actor, lecture: int, position: int, title: str, name: str, media_type: str, stored: StoredFile
) -> int:
    """Write the row of a recording whose file is in the store, and ask for its preparation; give its id."""
    recording = Recording.create(
        lecture=lecture,
        position=position,
        title=title,
        media_type=media_type,
        file_key=stored.key,
        file_name=file_name(name),
        file_size=stored.size,
        sent_by=actor.id,
    )
    queue.ask("lectures.prepare", recording.id)
    return int(recording.id)


# ---- looking after a lecture ---------------------------------------------------------------------------------------


@transactional
def publish(actor: Actor, lecture_id: int) -> None:
    """Let the audience see a lecture from now on. Doing it twice changes nothing.

    Raises NotFound, Forbidden; Forbidden also without an accreditation that holds today, in words that say what to do.
    """
    lecture = queries.get_manageable(actor, lecture_id)
    if lecture.published_at is not None:
        return
    require_publish(actor, Action.LECTURE_MANAGE, lecture.unit_path)
    Lecture.update(published_at=clock.now(), updated_at=clock.now()).where(Lecture.id == lecture_id).execute()
    events.publish(events.SearchableChanged("lecture", lecture_id))


@transactional
def correct(actor: Actor, lecture_id: int, details: rules.Details) -> None:
    """Change what is said of a lecture. Raises NotFound, Forbidden or InvalidInput."""
    lecture = queries.get_manageable(actor, lecture_id)
    details = _checked(actor, details, lecture.unit)
    if lecture.published_at is not None and details.unit != lecture.unit and not _may_publish(actor, details.unit):
        raise InvalidInput(
            N_("You may not publish for this unit, so a published lecture cannot go there."), field="unit"
        )
    Lecture.update(
        title=details.title,
        summary=details.summary,
        speaker=details.speaker,
        held_on=details.held_on,
        unit=details.unit,
        audience=details.audience,
        done_percent=details.done_percent,
        updated_at=clock.now(),
    ).where(Lecture.id == lecture_id).execute()
    events.publish(events.SearchableChanged("lecture", lecture_id))


def replace_transcript(
    actor: Actor, lecture_id: int, transcript: Upload, part: int | None = None, language: str = ""
) -> int:
    """Put a transcript in the place of the one in its language, if any, and give the number of its lines."""
    lecture = queries.get_manageable(actor, lecture_id, part)
    given = transcript_service.take(transcript.stream, transcript.name)
    transcript_service.put_file(actor, lecture.recording, given, language)
    return len(given.reading.lines)


@transactional
def archive(actor: Actor, lecture_id: int) -> None:
    """Put a lecture away: nobody finds or plays it, nothing of it is lost."""
    queries.get_manageable(actor, lecture_id)
    _move(lecture_id, clock.now())


@transactional
def restore(actor: Actor, lecture_id: int) -> None:
    """Take a lecture out of the archive again."""
    queries.get_manageable(actor, lecture_id)
    _move(lecture_id, None)


def _move(lecture_id: int, archived_at: datetime | None) -> None:
    Lecture.update(archived_at=archived_at, updated_at=clock.now()).where(Lecture.id == lecture_id).execute()
    events.publish(events.SearchableChanged("lecture", lecture_id))
