"""The audience of lectures in figures: how many began and finished, how long they played, where they stop."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from peewee import SQL, fn

from lms.lectures import rules
from lms.lectures.audience_rules import Slice, slices
from lms.lectures.models import LectureDone, Recording, WatchProgress
from lms.lectures.parts import LectureView
from lms.prepared import prepared

MOST_VIEWERS = 5000
TOGETHER = 0  # stands where the id of a lecture would


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


@dataclass(frozen=True)
class Audiences:
    """The audiences of lectures; ``together`` counts who listens to several of them once."""

    by_lecture: Mapping[int, Audience]
    together: Audience

    def of(self, lecture: int) -> Audience:
        """Give that of one lecture."""
        return self.by_lecture.get(lecture, Audience())


def audience_of(lectures: Iterable[int]) -> Audiences:
    """Give the figures of lectures that the caller may see: one statement."""
    ids = list(lectures)
    heard: dict[int, tuple[int, int]] = {}
    finished: dict[int, int] = {}
    for lecture, members, seconds, is_heard in _figures(ids) if ids else ():
        if is_heard:
            heard[lecture] = (members, int(seconds or 0) // 60)
        else:
            finished[lecture] = members
    begun, minutes = heard.pop(TOGETHER, (0, 0))
    by_lecture = {
        lecture: Audience(heard.get(lecture, (0, 0))[0], finished.get(lecture, 0), heard.get(lecture, (0, 0))[1])
        for lecture in {*heard, *finished}
    }
    return Audiences(by_lecture, Audience(begun, sum(finished.values()), minutes))


@prepared
def _figures(lectures: Sequence[int]) -> Any:
    """Select per lecture, and of all together, how many listen and how long; per lecture how many are through."""
    members, seconds = fn.COUNT(WatchProgress.member.distinct()), fn.SUM(WatchProgress.seconds)
    there = Recording.lecture.in_(lectures) & (WatchProgress.seconds > 0)
    each = WatchProgress.select(Recording.lecture, members, seconds, SQL("1")).join(Recording).where(there)
    together = WatchProgress.select(SQL(str(TOGETHER)), members, seconds, SQL("1")).join(Recording).where(there)
    done = LectureDone.select(LectureDone.lecture, fn.COUNT(LectureDone.id), SQL("0"), SQL("0"))
    done = done.where(LectureDone.lecture.in_(lectures)).group_by(LectureDone.lecture)
    return each.group_by(Recording.lecture).union_all(together).union_all(done)


def where_people_stop(lecture: LectureView, parts: int = 40) -> dict[int, Stops]:
    """Say where people stop in each recording that can be played, from the last 5,000 who played it: one statement.

    The lecture was looked up for who looks after it.
    """
    ready = [part for part in lecture.parts if part.ready]
    rows: dict[int, list[tuple[str, float]]] = {part.id: [] for part in ready}
    for recording, text, seconds, _ in _viewers([part.id for part in ready], MOST_VIEWERS) if ready else ():
        rows[recording].append((text, seconds))
    return {part.id: _stops(rows[part.id], part.duration, parts) for part in ready}


def _stops(rows: Sequence[tuple[str, float]], duration: float, parts: int) -> Stops:
    played = [[(float(start), float(end)) for start, end in json.loads(text)] for text, _ in rows]
    finished = sum(rules.is_seen(seconds, duration) for _, seconds in rows)
    return Stops(len(rows), finished, slices(played, duration, parts))


@prepared
def _viewers(recordings: Sequence[int], most: int) -> Any:
    place = fn.ROW_NUMBER().over(
        partition_by=[WatchProgress.recording], order_by=[WatchProgress.heard_at.desc(), WatchProgress.id]
    )
    columns = (WatchProgress.recording, WatchProgress.played, WatchProgress.seconds, place.alias("place"))
    latest = WatchProgress.select(*columns).where(WatchProgress.recording.in_(recordings), WatchProgress.seconds > 0)
    shown = (latest.c.recording_id, latest.c.played, latest.c.seconds, latest.c.place)
    return WatchProgress.select(*shown).from_(latest).where(latest.c.place <= most)
