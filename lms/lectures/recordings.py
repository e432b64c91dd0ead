"""Commands on the recordings of a lecture: add one, name, order, remove or put it away, try again, replace its file."""

from datetime import datetime, timedelta

from lms import clock, events
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput
from lms.jobs import queue
from lms.lectures import part_rules, queries, recording_queries, sniffing
from lms.lectures.models import Lecture, Recording
from lms.lectures.parts import LectureView
from lms.lectures.service import Upload, file_name, insert_recording, taken_back
from lms.members.access import Actor
from lms.storage import StoredFile, files
from lms.uploads import service as uploads
from lms.uploads.queries import waits_for_its_form
from lms.uploads.rules import Destination

SETTLE = timedelta(minutes=5)


def add(actor: Actor, lecture_id: int, title: str, upload: Upload, limit: int) -> int:
    """Take in one more recording of a lecture, of at most ``limit`` bytes, and give its id; it comes last.

    Raises NotFound, Forbidden, InvalidInput, TooLarge or Unavailable; nothing stays then.
    """
    queries.get_manageable(actor, lecture_id)
    _checked(title)
    media_type = sniffing.media_type_of(upload.stream)
    with taken_back(upload, limit) as stored:
        return append(actor, lecture_id, title, upload.name, media_type, stored)


@transactional
def append(actor: Actor, lecture_id: int, title: str, name: str, media_type: str, stored: StoredFile) -> int:
    """Put a file that is in the store behind the other recordings of a lecture, and give the recording's id.

    Raises what ``add`` raises; the file is the caller's to take back.
    """
    lecture = queries.get_manageable(actor, lecture_id)
    uploads.require_room(actor, Destination(lecture.unit), stored.size)
    present = recording_queries.all_of(lecture_id)
    if len(present) >= part_rules.MOST_RECORDINGS:
        raise Conflict(N_("A lecture can have at most %(limit)s recordings."), limit=part_rules.MOST_RECORDINGS)
    place = max((part.position for part in present), default=0) + 1
    recording = insert_recording(actor, lecture_id, place, _checked(title), name, media_type, stored)
    _changed(lecture_id)
    return recording


def _checked(title: str) -> str:
    tidied = part_rules.tidy_title(title)
    problem = part_rules.title_problem(tidied)
    if problem is not None:
        raise problem
    return tidied


def _changed(lecture_id: int) -> None:
    Lecture.update(updated_at=clock.now()).where(Lecture.id == lecture_id).execute()
    events.publish(events.SearchableChanged("lecture", lecture_id))


@transactional
def rename(actor: Actor, recording_id: int, title: str) -> int:
    """Give a recording another title, or none; give the lecture's id."""
    lecture = recording_queries.get_manageable(actor, recording_id)
    Recording.update(title=_checked(title)).where(Recording.id == recording_id).execute()
    _changed(lecture.id)
    return lecture.id


@transactional
def move(actor: Actor, recording_id: int, place: int) -> int:
    """Let a recording be the one at ``place``, counted from 1 among those of its lecture; give the lecture's id."""
    lecture = recording_queries.get_manageable(actor, recording_id)
    order = part_rules.moved([part.id for part in lecture.parts], recording_id, place)
    for number, ident in enumerate(order, start=1):
        Recording.update(position=number).where(Recording.id == ident, Recording.position != number).execute()
    _changed(lecture.id)
    return lecture.id


def remove(actor: Actor, recording_id: int) -> int:
    """Remove a recording for good, with its transcript and its files; give the lecture's id.

    Raises Conflict for the only one of a lecture, and for one in which members have a place: that is put away
    instead, so that what they did stays.
    """
    lecture, keys = _remove(actor, recording_id)
    for key in keys:
        release(key, clock.now() - SETTLE)
    return lecture


@transactional
def _remove(actor: Actor, recording_id: int) -> tuple[int, list[str]]:
    lecture = recording_queries.get_manageable(actor, recording_id)
    _leave_one(lecture)
    if recording_queries.watched_by_anybody([recording_id]):
        raise Conflict(N_("Members have watched this recording: put it away instead, so that their progress stays."))
    columns = (Recording.file_key, Recording.poster_key, Recording.sound_key, Recording.original_key)
    keys = Recording.select(*columns).where(Recording.id == recording_id).tuples().get()
    Recording.delete().where(Recording.id == recording_id).execute()
    _changed(lecture.id)
    return lecture.id, [key for key in keys if key]


def _leave_one(lecture: LectureView) -> None:
    others = [part for part in lecture.parts if part.id != lecture.recording and part.archived_at is None]
    if not others:
        raise Conflict(N_("A lecture needs a recording. Put the whole lecture away instead, or add another one first."))


@transactional
def archive(actor: Actor, recording_id: int) -> int:
    """Put a recording away: members do not see it any more, what they played of it stays theirs."""
    lecture = recording_queries.get_manageable(actor, recording_id)
    _leave_one(lecture)
    return _put(lecture, clock.now())


@transactional
def restore(actor: Actor, recording_id: int) -> int:
    """Bring back a recording that was put away."""
    return _put(recording_queries.get_manageable(actor, recording_id), None)


def _put(lecture: LectureView, archived_at: datetime | None) -> int:
    Recording.update(archived_at=archived_at).where(Recording.id == lecture.recording).execute()
    _changed(lecture.id)
    return lecture.id


@transactional
def prepare_again(actor: Actor, recording_id: int) -> int:
    """Have a recording that could not be prepared tried once more. Raises Conflict when it did not fail."""
    lecture = recording_queries.get_manageable(actor, recording_id)
    changed = (
        Recording.update(state="preparing", failure="", failure_detail="", percent=0, begun_at=None)
        .where(Recording.id == recording_id, Recording.state == "failed")
        .execute()
    )
    if not changed:
        raise not_failed()
    queue.ask("lectures.prepare", recording_id)
    return lecture.id


def not_failed() -> Conflict:
    """Make the refusal to try again, or to replace, what did not fail."""
    return Conflict(N_("This recording is being prepared or is ready already."))


def replace(actor: Actor, recording_id: int, upload: Upload, limit: int) -> int:
    """Send another file for a recording that cannot be played; a ready one stays, members have places in it.

    Raises Conflict when the recording did not fail, else what ``add`` raises.
    """
    lecture = recording_queries.get_manageable(actor, recording_id)
    media_type = sniffing.media_type_of(upload.stream)
    with taken_back(upload, limit) as stored:
        old_key = put_in_place(actor, recording_id, upload.name, media_type, stored)
    release(old_key, clock.now() - SETTLE)
    return lecture.id


@transactional
def put_in_place(actor: Actor, recording_id: int, name: str, media_type: str, stored: StoredFile) -> str:
    """Let a file that is in the store be that of a failed recording; give the key of the file there was."""
    lecture = recording_queries.get_manageable(actor, recording_id)
    columns = (Recording.file_key, Recording.state, Recording.file_size, Recording.sent_by)
    old_key, state, size, sender = Recording.select(*columns).where(Recording.id == recording_id).tuples().get()
    if state != "failed":
        raise not_failed()
    uploads.require_room(actor, going(actor, lecture.unit, size, sender), stored.size)
    Recording.update(
        media_type=media_type,
        file_key=stored.key,
        file_name=file_name(name),
        file_size=stored.size,
        sent_by=actor.id,
        state="preparing",
        failure="",
        failure_detail="",
        percent=0,
        begun_at=None,
        created_at=clock.now(),
    ).where(Recording.id == recording_id).execute()
    queue.ask("lectures.prepare", recording_id)
    return str(old_key)


def going(actor: Actor, unit: int, size: int, sender: int | None) -> Destination:
    """Say where a file is kept that comes instead of a failed one: that one goes, out of the share of who sent it."""
    return Destination(unit, freed=size, freed_own=size if sender == actor.id else 0)


def title_faults(title: str) -> dict[str, InvalidInput]:
    """Say what is wrong with the title of a recording, under its field's name."""
    problem = part_rules.title_problem(part_rules.tidy_title(title))
    return {} if problem is None else {"part_title": problem}


def release(key: str, before: datetime) -> None:
    """Free a file of a recording that no row names any more, unless it was put (again) after ``before``.

    Somebody else may have sent the same file, which waits for its form: that is asked first, for a form that takes it
    meanwhile names it as a recording from that moment on.
    """
    if waits_for_its_form(key):
        return
    named = Recording.select(Recording.id).where(
        (Recording.file_key == key)
        | (Recording.poster_key == key)
        | (Recording.sound_key == key)
        | (Recording.original_key == key)
    )
    if not named.exists():
        files().delete_if_older(key, before)
