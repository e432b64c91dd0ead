"""Decisions about lectures: what was really played, where to go on, what may be typed. No database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lms.errors import N_, InvalidInput

Interval = tuple[float, float]

MAX_SPEED = 2.0
TOLERANCE_S = 3.0
FIRST_REPORT_S = 15.0
MOST_INTERVALS = 500
END_S = 15.0
TITLE_CHARS, SUMMARY_CHARS, SPEAKER_CHARS = 200, 1000, 80
EARLIEST_DAY = date(1900, 1, 1)
AUDIENCES = ("everyone", "unit")


# ---- what was played -----------------------------------------------------------------------------------------------


def unite(intervals: Iterable[Interval]) -> list[Interval]:
    """Give the stretches covered by the intervals, in order and apart from one another, in seconds."""
    united: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def clip(intervals: Iterable[Interval], duration: float) -> list[Interval]:
    """Cut intervals to the recording, from 0 to ``duration`` seconds; what lies outside vanishes."""
    cut = [(max(0.0, start), min(end, duration)) for start, end in intervals]
    return [(start, end) for start, end in cut if start < end]


def total(intervals: Iterable[Interval]) -> float:
    """Add up the seconds of intervals that lie apart."""
    return sum(end - start for start, end in intervals)


def subtract(intervals: Iterable[Interval], known: Sequence[Interval]) -> list[Interval]:
    """Give the parts of the intervals that are not in ``known``; both as ``unite`` gives them."""
    new: list[Interval] = []
    for first, last in intervals:
        start = first
        for known_start, known_end in known:
            if known_end <= start or known_start >= last:
                continue
            if known_start > start:
                new.append((start, known_start))
            start = max(start, known_end)
        if start < last:
            new.append((start, last))
    return new


def take(intervals: Iterable[Interval], seconds: float) -> list[Interval]:
    """Take intervals from the front until they hold ``seconds``; the last may be cut."""
    taken: list[Interval] = []
    left = seconds
    for start, end in intervals:
        if left <= 0:
            break
        taken.append((start, min(end, start + left)))
        left -= end - start
    return taken


def allowance(elapsed: timedelta | None) -> float:
    """Give how many seconds of a recording can have been played since the last report; None for the first report.

    Time passes for a forger as well: at the highest speed of the players nobody hears more than twice what passed.
    """
    wall = FIRST_REPORT_S if elapsed is None else max(0.0, elapsed.total_seconds())
    return wall * MAX_SPEED + TOLERANCE_S


def credit(
    played: Sequence[Interval], reported: Sequence[Interval], duration: float, elapsed: timedelta | None
) -> list[Interval]:
    """Add what a player reports to what was played before.

    Never more is new than ``allowance`` gives, and nothing counts twice or outside the recording.
    """
    known = unite(played)
    new = take(subtract(unite(clip(reported, duration)), known), allowance(elapsed))
    return unite([*known, *new])


# ---- where to go on ------------------------------------------------------------------------------------------------


def moved_at(now: datetime, at: datetime, sent_at: datetime | None = None) -> datetime:
    """Give the server's instant at which a player reached its position.

    ``at`` and ``sent_at`` are the device's: their difference is right however wrong its clock is. Without ``sent_at``
    the device's clock is believed, but never into the future.
    """
    if sent_at is not None:
        return now - max(timedelta(), min(sent_at - at, timedelta(days=365)))
    return min(at, now)


def is_newer(moved: datetime, known: datetime | None) -> bool:
    """Say whether a reported position is the one to keep: a late report of an older one must not win."""
    return known is None or moved >= known


def resume_at(position: float, duration: float) -> float:
    """Give the second to go on at: the stored one, or the beginning when the end was reached."""
    return 0.0 if position >= duration - min(END_S, duration / 10) else max(0.0, position)


def is_seen(seconds: float, duration: float) -> bool:
    """Say whether a recording counts as seen: nine tenths of it were really played."""
    return duration > 0 and seconds >= duration * 0.9


# ---- what was typed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Details:
    """What an uploader says of a lecture."""

    title: str
    speaker: str
    unit: int | None
    summary: str = ""
    held_on: date | None = None
    audience: str = "everyone"


def tidy(details: Details) -> Details:
    """Give the details as they are stored: no space around, line ends of one kind."""
    return Details(
        title=" ".join(details.title.split()),
        speaker=" ".join(details.speaker.split()),
        unit=details.unit,
        summary=details.summary.replace("\r\n", "\n").replace("\r", "\n").strip(),
        held_on=details.held_on,
        audience=details.audience,
    )


def problems(details: Details, latest_day: date) -> dict[str, InvalidInput]:
    """Say what is wrong with tidied details, by field; ``latest_day`` is the last on which a lecture can be held."""
    checks = [
        _text(details.title, "title", TITLE_CHARS, N_("Please give a title.")),
        _text(details.speaker, "speaker", SPEAKER_CHARS, N_("Please say who speaks.")),
        _text(details.summary, "summary", SUMMARY_CHARS, None),
        _choice(details.unit, details.audience),
        _day(details.held_on, latest_day),
    ]
    return {str(problem.field): problem for problem in checks if problem is not None}


def _text(text: str, field: str, limit: int, missing: str | None) -> InvalidInput | None:
    if not text and missing:
        return InvalidInput(missing, field=field)
    if len(text) > limit:
        return InvalidInput(N_("This is too long: at most %(limit)s characters."), field=field, limit=limit)
    if has_controls(text):
        return InvalidInput(N_("This contains characters that cannot be shown. Please type it again."), field=field)
    return None


def has_controls(text: str) -> bool:
    """Say whether a text holds control characters other than line end and tab, or halves of characters."""
    return any((char < " " and char not in "\n\t") or char == "\x7f" or "\ud800" <= char <= "\udfff" for char in text)


def _choice(unit: int | None, audience: str) -> InvalidInput | None:
    if unit is None:
        return InvalidInput(N_("Please choose a unit."), field="unit")
    if audience not in AUDIENCES:
        return InvalidInput(N_("Please choose who may see this."), field="audience")
    return None


def _day(day: date | None, latest: date) -> InvalidInput | None:
    if day is not None and not EARLIEST_DAY <= day <= latest:
        return InvalidInput(N_("A recording cannot be of a day that is still to come."), field="held_on")
    return None
