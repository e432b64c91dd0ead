"""Reading recordings one by one: the files to send, and what may be done with each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from lms.errors import N_, NotFound
from lms.lectures import parts, queries
from lms.lectures.models import Recording, WatchProgress
from lms.lectures.parts import LectureView, Part
from lms.members.access import Actor

FILE_GONE = N_("The file of this recording is missing on the server. Please tell the administrator.")
SOUND_TYPE = "audio/mp4"


@dataclass(frozen=True)
class Media:
    """A file to send: its key in the store, its type, and the name to save it under."""

    key: str
    media_type: str
    name: str


def get_media(actor: Actor, recording_id: int) -> Media:
    """Give the file of a recording that is ready. Raises NotFound."""
    columns = (Recording.file_key, Recording.media_type, Recording.file_name, Recording.state)
    key, media_type, name, state = queries.watchable(actor, recording_id, *columns)
    if state != "ready":
        raise NotFound(N_("This recording cannot be played yet."))
    return Media(key, media_type, name)


def get_sound(actor: Actor, recording_id: int) -> Media:
    """Give the version of a recording to listen to only. Raises NotFound where there is none."""
    columns = (Recording.sound_key, Recording.file_name, Recording.state)
    key, name, state = queries.watchable(actor, recording_id, *columns)
    if state != "ready" or not key:
        raise NotFound(N_("There is no version of this recording to listen to only."))
    return Media(key, SOUND_TYPE, f"{name.rpartition('.')[0] or name}.m4a")


def get_poster(actor: Actor, recording_id: int) -> str:
    """Give the key of a recording's poster. Raises NotFound."""
    (key,) = queries.watchable(actor, recording_id, Recording.poster_key)
    if not key:
        raise NotFound(N_("This recording has no picture."))
    return str(key)


def get_original(actor: Actor, recording_id: int) -> Media:
    """Give the file as it was uploaded, to who may change the lecture. Raises NotFound where it is not kept."""
    lecture = get_manageable(actor, recording_id)
    if not lecture.part.original_key:
        raise NotFound(N_("The file as it was uploaded is not kept."))
    return Media(lecture.part.original_key, "application/octet-stream", lecture.part.file_name)


def get_manageable(actor: Actor, recording_id: int) -> LectureView:
    """Give the lecture of a recording, which is its ``part``, to who may change it. Raises NotFound or Forbidden."""
    lecture_id = cast(int, queries.watchable(actor, recording_id, Recording.lecture)[0])
    return queries.get_manageable(actor, lecture_id, recording_id)


def watched_by_anybody(recordings: Sequence[int]) -> set[int]:
    """Give those of the recordings in which a member has a place: they are put away, never removed."""
    rows = WatchProgress.select(WatchProgress.recording).where(WatchProgress.recording.in_(recordings)).distinct()
    return {recording for (recording,) in rows.tuples()}


def parts_to_manage(actor: Actor, lecture_id: int) -> tuple[LectureView, set[int]]:
    """Give a lecture with all its recordings, and those of them that may be removed. Raises NotFound or Forbidden."""
    lecture = queries.get_manageable(actor, lecture_id)
    ids = {part.id for part in lecture.parts}
    removable = ids - watched_by_anybody(sorted(ids)) if len(ids) > 1 else set()
    return lecture, removable


def all_of(lecture_id: int) -> list[Part]:
    """Give all recordings of a lecture in their order, without anybody's progress; access is the caller's matter."""
    return parts.of_lectures(0, [lecture_id])[lecture_id]
