"""Noting where a member is in a recording and what was really played of it, and when a lecture is done."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from peewee import JOIN, fn

from lms import clock, events
from lms.db import is_sqlite, transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.lectures import queries, watch_rules
from lms.lectures.models import Lecture, LectureDone, Recording, WatchProgress, WatchTime
from lms.lectures.watch_rules import Stretch
from lms.members.access import Actor
from lms.prepared import prepared

Played = tuple[float, ...]


@dataclass(frozen=True)
class Report:
    """What a player says: ``position`` in seconds, the device's instants, what was played since its last report.

    Each item of ``played`` is a pair of seconds of the recording, or these and the two instants between which they were
    played, in seconds since 1970 by the server's clock. ``member`` says whose report it is, where a device kept it.
    """

    position: float
    at: datetime
    sent_at: datetime | None = None
    played: tuple[Played, ...] = ()
    member: int | None = None


@dataclass(frozen=True)
class Standing:
    """Where a member is in a recording, in seconds; ``seconds`` is how much of it was really played.

    ``done``: the member has finished the lecture. ``now`` is the server's clock in seconds since 1970.
    """

    position: float
    seconds: float
    duration: float
    kept: bool = True
    done: bool = False
    now: float = 0.0


def epoch(instant: datetime) -> float:
    """Give a naive instant of UTC as seconds since 1970."""
    return instant.replace(tzinfo=UTC).timestamp()


@transactional
def record_progress(actor: Actor, recording_id: int, report: Report) -> Standing:
    """Note where a member is and what was played since the last report.

    What counts is decided by ``watch_rules.credit``; sending a report again changes nothing. A position reached before
    the stored one, on another device, is passed over (``kept`` is False then). Raises NotFound, InvalidInput for times
    that are not, or Conflict for a report that somebody else's player kept on the same device.
    """
    if report.member not in (None, actor.id):
        message = N_("This was played by somebody else on this device. Sign in as that member to have it counted.")
        raise Conflict(message)
    lecture, duration, percent = _playable(actor, recording_id)
    if any(len(one) not in (2, 4) for one in report.played):
        raise InvalidInput(
            N_("Please give pairs of seconds, with or without the instants they were played."), field="played"
        )
    if not 0 <= report.position <= duration + 1 or len(report.played) > watch_rules.MOST_INTERVALS:
        raise InvalidInput(N_("This place lies outside the recording."), field="position")
    now = clock.now()
    moved = watch_rules.moved_at(now, report.at, report.sent_at)
    time = _member_time(actor.id)
    row, first = _progress_row(actor.id, recording_id, now)
    stretches = _stretches(report.played, epoch(moved))
    counted, spent = watch_rules.credit(stretches, json.loads(time.spent), epoch(row.opened_at), epoch(now))
    if stretches:
        time.spent = json.dumps(watch_rules.kept(spent, epoch(now)))
        time.save()
    known = [(float(start), float(end)) for start, end in json.loads(row.played)]
    new = [(round(start, 2), round(end, 2)) for start, end in watch_rules.clip(counted, 0.0, duration)]
    played = watch_rules.unite([*known, *new])
    keep = first or watch_rules.is_newer(moved, row.moved_at)
    before, seconds = int(row.seconds // 60), watch_rules.total(played)
    if seconds > row.seconds:
        row.played, row.seconds = json.dumps(played), seconds
    row.heard_at = max(now, row.heard_at)
    if keep:
        row.position_s, row.moved_at = min(report.position, duration), moved
    row.save()
    minutes = int(seconds // 60)
    if minutes > before:
        events.publish(events.RecordingWatched(actor.id, recording_id, minutes, clock.today()))
    done = _finish(actor.id, lecture, percent) if seconds else False
    return Standing(row.position_s, seconds, duration, keep, done, epoch(now))


def _stretches(played: Sequence[Played], until: float) -> list[Stretch]:
    whole = [Stretch(*one) for one in played if len(one) == 4]
    pairs = [(one[0], one[1]) for one in played if len(one) == 2]
    return whole + watch_rules.laid_out(pairs, until)


def _playable(actor: Actor, recording_id: int) -> tuple[int, float, int]:
    """Give the lecture, the length in seconds and the percent asked for of a recording. Raises NotFound."""
    row = _watched_recording.first(recording_id, actor.id, sorted(actor.sees_units))
    if row is None:
        columns = (Recording.lecture, Recording.duration_ms, Lecture.done_percent, Recording.state)
        row = queries.watchable(actor, recording_id, *columns)
    lecture, duration_ms, percent, state = row
    if state != "ready":
        raise NotFound(N_("This recording cannot be played yet."))
    return int(lecture), duration_ms / 1000, int(percent)


@prepared
def _watched_recording(recording: int, member: int, sees_units: Sequence[int]) -> Any:
    return (
        Recording.select(Recording.lecture, Recording.duration_ms, Lecture.done_percent, Recording.state)
        .join(Lecture, on=(Recording.lecture == Lecture.id))
        .where(
            Recording.id == recording,
            Recording.archived_at.is_null(),
            Lecture.archived_at.is_null(),
            queries.seen_by_member(member, sees_units),
        )
        .limit(1)
    )


def _member_time(member: int) -> WatchTime:
    """Give the member's row, held until the transaction ends: all reports of a member come one after another."""
    mine = WatchTime.select().where(WatchTime.member == member)
    query = mine if is_sqlite() else mine.for_update()
    row: WatchTime | None = query.first()
    if row is None:
        WatchTime.insert(member=member).on_conflict_ignore().execute()
        row = query.get()
    return row


def _progress_row(member: int, recording: int, now: datetime) -> tuple[WatchProgress, bool]:
    """Give the member's row of a recording; True when it was not there."""
    query = WatchProgress.select().where(WatchProgress.member == member, WatchProgress.recording == recording)
    row: WatchProgress | None = query.first()
    if row is not None:
        return row, False
    WatchProgress.insert(
        member=member, recording=recording, moved_at=now, heard_at=now, opened_at=now
    ).on_conflict_ignore().execute()
    return query.get(), True


# ---- when a lecture is done ----------------------------------------------------------------------------------------


def _finish(member: int, lecture: int, percent: int) -> bool:
    """Say whether the member is through with a lecture, and publish it the first time; it is never taken back.

    The share is of all its recordings together, those put away or damaged left out; while one is being prepared, its
    length is not known and the lecture is not done.
    """
    duration_ms, preparing, seconds, done = _whole_lecture.first(member, lecture) or (0, 0, 0.0, None)
    if done is not None:
        return True
    if preparing or not watch_rules.is_done(seconds or 0.0, (duration_ms or 0) / 1000, percent):
        return False
    added = (
        LectureDone.insert(member=member, lecture=lecture, done_at=clock.now())
        .on_conflict(action="nothing")
        .as_rowcount()
        .execute()
    )
    if added:
        events.publish(events.LectureCompleted(member, lecture, clock.today()))
    return True


@prepared
def _whole_lecture(member: int, lecture: int) -> Any:
    mine = (WatchProgress.recording == Recording.id) & (WatchProgress.member == member)
    mine_done = (LectureDone.member == member) & (LectureDone.lecture == lecture)
    done = LectureDone.select(fn.MAX(LectureDone.id)).where(mine_done)
    return (
        Recording.select(
            fn.SUM(Recording.duration_ms),
            fn.SUM((Recording.state == "preparing").cast("INTEGER")),
            fn.SUM(WatchProgress.seconds),
            done,
        )
        .join(WatchProgress, JOIN.LEFT_OUTER, on=mine)
        .where(Recording.lecture == lecture, Recording.archived_at.is_null(), Recording.state != "failed")
        .limit(1)
    )


def done_lectures(member: int, lectures: Sequence[int]) -> set[int]:
    """Give those of the lectures that the member is through with."""
    mine = (LectureDone.member == member) & LectureDone.lecture.in_(lectures)
    rows = LectureDone.select(LectureDone.lecture).where(mine)
    return {lecture for (lecture,) in rows.tuples()}
