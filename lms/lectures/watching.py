"""Noting where a member is in a recording and what was really played of it, and when a lecture is done."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from peewee import JOIN, fn

from lms import clock, events
from lms.db import database, is_sqlite, transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.freezing import find_frozen
from lms.lectures import queries, watch_rules
from lms.lectures.models import Lecture, LectureDone, Recording, WatchProgress, WatchTime
from lms.lectures.watch_rules import Stretch
from lms.members.access import Actor, unit_on
from lms.prepared import prepared

Played = tuple[float, ...]
_Day = tuple[date, list[watch_rules.Interval]]
SAME_DAY_S = 120.0  # nearly all reports are of the last seconds: their day need not be worked out one by one


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


class _Row(NamedTuple):
    """A member's progress in a recording, as stored."""

    id: int
    played: str
    seconds: float
    position_s: float
    moved_at: datetime
    heard_at: datetime
    opened_at: datetime


@transactional
def record_progress(actor: Actor, recording_id: int, report: Report) -> Standing:
    """Note where a member is and what was played since the last report.

    What counts is decided by ``watch_rules.credit``; sending a report again changes nothing. What was kept without a
    line counts for the day on which it was played, unless that day's period is frozen meanwhile: then for today. A
    position reached before the stored one, on another device, is passed over (``kept`` is False then). Raises NotFound,
    InvalidInput for times that are not, or Conflict for a report that somebody else's player kept on the same device.
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
    spent_before = _spent(actor.id)
    row, first = _progress(actor.id, recording_id, now)
    stretches = _stretches(report.played, epoch(moved))
    days: list[_Day] = []
    if stretches:
        spent = [(float(began), float(ended)) for began, ended in json.loads(spent_before)]
        for day, of_day in _by_day(stretches, now):
            counted, spent = watch_rules.credit(of_day, spent, epoch(row.opened_at), epoch(now))
            days.append((day, watch_rules.clip(counted, 0.0, duration)))
        _write("UPDATE watch_time SET spent = ? WHERE member_id = ?", _told(spent, now), actor.id)
    played, seconds, grown = _grown(row, days)
    keep = first or watch_rules.is_newer(moved, row.moved_at)
    position = min(report.position, duration) if keep else row.position_s
    _write(
        "UPDATE watch_progress SET played = ?, seconds = ?, position_s = ?, moved_at = ?, heard_at = ? WHERE id = ?",
        json.dumps(played) if seconds > row.seconds else row.played,
        seconds,
        position,
        moved if keep else row.moved_at,
        max(now, row.heard_at),
        row.id,
    )
    for day, so_far in grown:
        events.publish(events.RecordingWatched(actor.id, recording_id, so_far, _open_day(actor.id, day)))
    last = days[-1][0] if days else clock.today()
    done = _finish(actor.id, lecture, percent, last) if seconds else False
    return Standing(position, seconds, duration, keep, done, epoch(now))


def _grown(row: _Row, days: Sequence[_Day]) -> tuple[list[watch_rules.Interval], float, list[tuple[date, int]]]:
    """Give what is played of a recording with what counts of each day, in seconds too, and its whole minutes by day."""
    played = [(float(start), float(end)) for start, end in json.loads(row.played)]
    seconds, grown = row.seconds, []
    for day, counted in days:
        before = seconds // 60
        played = watch_rules.unite([*played, *((round(start, 2), round(end, 2)) for start, end in counted)])
        seconds = max(seconds, watch_rules.total(played))
        if seconds // 60 > before:
            grown.append((day, int(seconds // 60)))
    return played, seconds, grown


def _by_day(stretches: Sequence[Stretch], now: datetime) -> list[tuple[date, list[Stretch]]]:
    """Give sound stretches by the day on which each ended, the oldest day first; no day lies ahead."""
    present = epoch(now)
    if all(stretch.ended >= present - SAME_DAY_S for stretch in stretches) and _is_same_day(now):
        return [(clock.today(), list(stretches))]
    days: dict[date, list[Stretch]] = {}
    for stretch in filter(Stretch.sound, stretches):
        ended = min(max(stretch.ended, present - watch_rules.LATE_S), present)
        day = clock.local(datetime.fromtimestamp(ended, UTC).replace(tzinfo=None)).date()
        days.setdefault(day, []).append(stretch)
    return sorted(days.items())


def _is_same_day(now: datetime) -> bool:
    return clock.local(now - timedelta(seconds=SAME_DAY_S)).date() == clock.today()


def _open_day(member: int, day: date) -> date:
    """Give the day for which something played counts: its own, or today where that day is closed or was not theirs."""
    if day >= clock.today():
        return clock.today()
    unit = unit_on(member, day)
    return day if unit is not None and find_frozen(unit, day) is None else clock.today()


def _stretches(played: Sequence[Played], until: float) -> list[Stretch]:
    whole = [Stretch(*one) for one in played if len(one) == 4]
    pairs = [(one[0], one[1]) for one in played if len(one) == 2]
    return whole + watch_rules.laid_out(pairs, until)


def _playable(actor: Actor, recording_id: int) -> tuple[int, float, int]:
    """Give the lecture, the length in seconds and the percent asked for of a recording. Raises NotFound."""
    columns = (Recording.lecture, Recording.duration_ms, Lecture.done_percent, Recording.state)
    lecture, duration_ms, percent, state = queries.watchable(actor, recording_id, *columns)
    if state != "ready":
        raise NotFound(N_("This recording cannot be played yet."))
    return int(lecture), duration_ms / 1000, int(percent)


def _told(spent: Sequence[watch_rules.Interval], now: datetime) -> str:
    return json.dumps(watch_rules.kept(spent, epoch(now)))


def _write(statement: str, *values: Any) -> None:
    """Send a statement whose text never changes: having it made anew took longer than the database."""
    if is_sqlite():
        database.execute_sql(statement, [str(one) if isinstance(one, datetime) else one for one in values])
    else:
        database.execute_sql(statement.replace("?", "%s"), values)


def _spent(member: int) -> str:
    """Give the member's spent time, held until the transaction ends: a member's reports come one after another."""
    row = _spent_of.first(member, lock=not is_sqlite())
    if row is None:
        WatchTime.insert(member=member).on_conflict_ignore().execute()
        row = _spent_of.first(member, lock=not is_sqlite()) or ("[]",)
    return str(row[0])


@prepared
def _spent_of(member: int, *, lock: bool) -> Any:
    query = WatchTime.select(WatchTime.spent).where(WatchTime.member == member)
    return query.for_update() if lock else query


def _progress(member: int, recording: int, now: datetime) -> tuple[_Row, bool]:
    """Give the member's row of a recording; True when it was not there."""
    row = _progress_of.first(member, recording)
    if row is not None:
        return _Row(*row), False
    WatchProgress.insert(
        member=member, recording=recording, moved_at=now, heard_at=now, opened_at=now
    ).on_conflict_ignore().execute()
    return _Row(*_progress_of(member, recording)[0]), True


@prepared
def _progress_of(member: int, recording: int) -> Any:
    return WatchProgress.select(
        WatchProgress.id,
        WatchProgress.played,
        WatchProgress.seconds,
        WatchProgress.position_s,
        WatchProgress.moved_at,
        WatchProgress.heard_at,
        WatchProgress.opened_at,
    ).where(WatchProgress.member == member, WatchProgress.recording == recording)


# ---- when a lecture is done ----------------------------------------------------------------------------------------


def _finish(member: int, lecture: int, percent: int, day: date) -> bool:
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
        events.publish(events.LectureCompleted(member, lecture, _open_day(member, day)))
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
