"""The audience of lectures in figures: how many began and finished, how long they played, where they stop."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from peewee import fn

from lms.errors import N_, NotFound
from lms.lectures import queries
from lms.lectures.audience_rules import Slice, slices
from lms.lectures.models import LectureDone, Recording, WatchProgress
from lms.members.access import Actor
from lms.prepared import prepared

MOST_VIEWERS = 5000


class Audience(NamedTuple):
    """How many members began and finished a lecture, and the minutes they really played of it together."""

    begun: int = 0
    finished: int = 0
    minutes: int = 0


@dataclass(frozen=True)
class Stops:
    """How many played each stretch of a recording, of ``viewers`` altogether, ``finished`` of them nearly all of it."""

    viewers: int
    finished: int
    parts: Sequence[Slice]


def audience_of(lectures: Iterable[int]) -> dict[int, Audience]:
    """Give the figures of lectures that the caller may see: two statements."""
    ids = list(lectures)
    if not ids:
        return {}
    finished: dict[int, int] = dict(_finished(ids))
    found = {lecture: Audience(begun, 0, int(seconds or 0) // 60) for lecture, begun, seconds in _played(ids)}
    return {
        lecture: found.get(lecture, Audience())._replace(finished=finished.get(lecture, 0))
        for lecture in {*found, *finished}
    }


@prepared
def _played(lectures: Sequence[int]) -> Any:
    return (
        WatchProgress.select(
            Recording.lecture, fn.COUNT(WatchProgress.member.distinct()), fn.SUM(WatchProgress.seconds)
        )
        .join(Recording)
        .where(Recording.lecture.in_(lectures), WatchProgress.seconds > 0)
        .group_by(Recording.lecture)
    )


@prepared
def _finished(lectures: Sequence[int]) -> Any:
    done = LectureDone.select(LectureDone.lecture, fn.COUNT(LectureDone.id)).where(LectureDone.lecture.in_(lectures))
    return done.group_by(LectureDone.lecture)


def where_people_stop(actor: Actor, recording_id: int, parts: int = 40) -> Stops:
    """Say where people stop in a recording, from the last 5,000 who played it; for who looks after the lecture.

    Raises NotFound, Forbidden.
    """
    row = _recording.first(recording_id)
    if row is None:
        raise NotFound(N_("This recording does not exist, or you may not see it."))
    lecture, duration_ms = row
    queries.get_manageable(actor, lecture)
    rows = _viewers(recording_id, MOST_VIEWERS)
    played = [[(float(start), float(end)) for start, end in json.loads(text)] for text, _ in rows]
    duration = duration_ms / 1000
    finished = sum(duration > 0 and seconds >= duration * 0.9 for _, seconds in rows)
    return Stops(len(rows), finished, slices(played, duration, parts))


@prepared
def _recording(recording_id: int) -> Any:
    return Recording.select(Recording.lecture, Recording.duration_ms).where(Recording.id == recording_id).limit(1)


@prepared
def _viewers(recording_id: int, most: int) -> Any:
    return (
        WatchProgress.select(WatchProgress.played, WatchProgress.seconds)
        .where(WatchProgress.recording == recording_id, WatchProgress.seconds > 0)
        .order_by(WatchProgress.heard_at.desc())
        .limit(most)
    )
