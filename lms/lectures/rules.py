"""Decisions about lectures: where to go on, what may be typed. No database, no clock."""

from dataclasses import dataclass
from datetime import date

from lms.errors import N_, InvalidInput
from lms.typed import has_controls

END_S = 15.0
TITLE_CHARS, SUMMARY_CHARS, SPEAKER_CHARS = 200, 1000, 80
EARLIEST_DAY = date(1900, 1, 1)
AUDIENCES = ("everyone", "unit")
DONE_PERCENT, LEAST_PERCENT = 90, 10


# ---- where to go on ------------------------------------------------------------------------------------------------


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
    done_percent: int | None = DONE_PERCENT


def tidy(details: Details) -> Details:
    """Give the details as they are stored: no space around, line ends of one kind."""
    return Details(
        title=" ".join(details.title.split()),
        speaker=" ".join(details.speaker.split()),
        unit=details.unit,
        summary=details.summary.replace("\r\n", "\n").replace("\r", "\n").strip(),
        held_on=details.held_on,
        audience=details.audience,
        done_percent=details.done_percent,
    )


def problems(details: Details, latest_day: date) -> dict[str, InvalidInput]:
    """Say what is wrong with tidied details, by field; ``latest_day`` is the last on which a lecture can be held."""
    checks = [
        _text(details.title, "title", TITLE_CHARS, N_("Please give a title.")),
        _text(details.speaker, "speaker", SPEAKER_CHARS, N_("Please say who speaks.")),
        _text(details.summary, "summary", SUMMARY_CHARS, None),
        _choice(details.unit, details.audience),
        _day(details.held_on, latest_day),
        _percent(details.done_percent),
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


def _choice(unit: int | None, audience: str) -> InvalidInput | None:
    if unit is None:
        return InvalidInput(N_("Please choose a unit."), field="unit")
    if audience not in AUDIENCES:
        return InvalidInput(N_("Please choose who may see this."), field="audience")
    return None


def _percent(percent: int | None) -> InvalidInput | None:
    if percent is None or not LEAST_PERCENT <= percent <= 100:
        return InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."),
            field="done_percent",
            low=LEAST_PERCENT,
            high=100,
        )
    return None


def _day(day: date | None, latest: date) -> InvalidInput | None:
    if day is not None and not EARLIEST_DAY <= day <= latest:
        return InvalidInput(N_("A recording cannot be of a day that is still to come."), field="held_on")
    return None
