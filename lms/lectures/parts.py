"""The recordings of lectures with what a member has seen of each. Who may see the lecture is asked by the caller."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import JOIN, Expression, fn

from lms import clock
from lms.lectures import part_rules, rules
from lms.lectures.models import Recording, WatchProgress
from lms.prepared import prepared


class Part(NamedTuple):
    """A recording of a lecture: its file, its state, and where the member is in it, in seconds."""

    lecture: int
    id: int
    position: int
    title: str
    media_type: str
    file_name: str
    file_size: int
    duration_ms: int
    silent: bool
    poster_key: str
    sound_key: str
    sound_size: int
    original_key: str
    state: str
    percent: int
    begun_at: datetime | None
    failure: str
    failure_detail: str
    created_at: datetime
    archived_at: datetime | None
    position_s: float
    seconds: float
    moved_at: datetime | None

    @property
    def duration(self) -> float:
        """Give the length in seconds, 0 while it is not known."""
        return self.duration_ms / 1000

    @property
    def ready(self) -> bool:
        """Say whether it can be played and is not put away."""
        return self.state == "ready" and self.archived_at is None

    @property
    def seen(self) -> bool:
        """Say whether the member has really played (nearly) all of it."""
        return rules.is_seen(self.seconds, self.duration)

    @property
    def is_video(self) -> bool:
        """Say whether there is something to see."""
        return self.media_type.startswith("video/")

    @property
    def minutes_left(self) -> int | None:
        """Estimate the minutes until it is prepared; None when that cannot be told."""
        if self.state != "preparing" or self.begun_at is None:
            return None
        return part_rules.minutes_left(self.percent, (clock.now() - self.begun_at).total_seconds())


@dataclass(frozen=True)
class LectureView:
    """A lecture with its recordings, for its page; ``manageable`` says whether the actor may change it.

    ``done`` says whether the actor is through with it, ``part`` is the recording that is shown, ``parts`` are all that
    the actor may see, in their order; those put away only for who may bring them back.
    """

    id: int
    title: str
    summary: str
    speaker: str
    held_on: date | None
    audience: str
    done_percent: int
    unit: int
    unit_name: str
    uploader: int | None
    uploader_name: str
    created_at: datetime
    archived_at: datetime | None
    published_at: datetime | None
    unit_path: str
    done: bool
    part: Part
    parts: tuple[Part, ...]
    manageable: bool

    @property
    def recording(self) -> int:
        """Give the id of the recording that is shown."""
        return self.part.id

    @property
    def media_type(self) -> str:
        """Give its media type."""
        return self.part.media_type

    @property
    def file_name(self) -> str:
        """Give the name its file came with."""
        return self.part.file_name

    @property
    def file_size(self) -> int:
        """Give the size of its file in bytes."""
        return self.part.file_size

    @property
    def duration_ms(self) -> int:
        """Give its length in milliseconds, 0 while it is not known."""
        return self.part.duration_ms

    @property
    def duration(self) -> float:
        """Give its length in seconds, 0 while it is not known."""
        return self.part.duration

    @property
    def poster(self) -> bool:
        """Say whether there is a picture of it."""
        return bool(self.part.poster_key)

    @property
    def state(self) -> str:
        """Give its state: preparing, ready or failed."""
        return self.part.state

    @property
    def is_video(self) -> bool:
        """Say whether there is something to see."""
        return self.part.is_video


def of_lectures(member: int, lectures: Iterable[int]) -> dict[int, list[Part]]:
    """Give the recordings of lectures in their order, those put away as well, by lecture: one statement."""
    found: dict[int, list[Part]] = defaultdict(list)
    for values in _rows(member, list(lectures)):
        part = Part(*values)
        found[part.lecture].append(part)
    return found


@prepared
def _rows(member: int, lectures: Sequence[int]) -> Any:
    rows = Recording.select(*columns()).join(WatchProgress, JOIN.LEFT_OUTER, on=seen_by(member))
    return rows.where(Recording.lecture.in_(lectures)).order_by(Recording.lecture, Recording.position, Recording.id)


def seen_by(member: int) -> Expression:
    """Make the condition that joins what a member has seen of a recording."""
    return (WatchProgress.recording == Recording.id) & (WatchProgress.member == member)


def columns() -> list[Any]:
    """Give what is selected for a ``Part``, in its order."""
    of_watching = {
        "position_s": fn.COALESCE(WatchProgress.position_s, 0.0),
        "seconds": fn.COALESCE(WatchProgress.seconds, 0.0),
        "moved_at": WatchProgress.moved_at,
    }
    return [of_watching[name] if name in of_watching else getattr(Recording, name) for name in Part._fields]
