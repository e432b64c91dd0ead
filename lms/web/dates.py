"""Days, instants, lengths and sizes as a reader of each language writes them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache

from lms import clock
from lms.amounts import figure, number, timecode
from lms.errors import N_
from lms.web.i18n import gettext, ngettext, reader_locale, say_as

KIB = 1024
MONTHS = N_("January February March April May June July August September October November December")
SHORT_MONTHS = N_("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
DAYS = N_("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31")
WEEKDAYS = N_("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")


@lru_cache
def _names(listed: str, locale: str) -> Sequence[str]:
    """Give the names that a msgid lists, in a reader's language."""
    return tuple(gettext(listed).split())


def day_words(value: date | None) -> str:
    """Write a day out: 十一月二十三日, 23 November; with the year when it is not this one."""
    if value is None:
        return ""
    if value.year != clock.today().year:
        return day_short(value)
    months, days = _names(MONTHS, reader_locale()), _names(DAYS, reader_locale())
    return str(gettext("%(day)s %(month)s", month=months[value.month - 1], day=days[value.day - 1]))


def weekday(value: date) -> str:
    """Name the day of the week."""
    return _names(WEEKDAYS, reader_locale())[value.weekday()]


def day_short(value: date | None) -> str:
    """Write a day for lists: 11 月 23 日, 23 Nov; with the year when it is not this one."""
    if value is None:
        return ""
    if value.year == clock.today().year:
        return str(gettext("%(day)d %(month)s", day=value.day, month=month_short(value)))
    return day_full(value)


def day_full(value: date) -> str:
    """Write a day with its year, for what is printed and read years later: 2026 年 11 月 23 日, 23 Nov 2026."""
    return str(gettext("%(day)d %(month)s %(year)d", day=value.day, month=month_short(value), year=value.year))


def month_short(value: date) -> str:
    """Name the month of a day in short: a figure in Chinese, Nov in English, where 11/12 would be two days."""
    return _names(SHORT_MONTHS, reader_locale())[value.month - 1]


def local_day(value: datetime | None) -> date | None:
    """Give the organisation's day of a stored instant: lists are calmer without the time."""
    return None if value is None else clock.local(value).date()


def instant(value: datetime | None) -> str:
    """Write a stored instant as day and time of the organisation's zone."""
    if value is None:
        return ""
    local = clock.local(value)
    return f"{day_short(local.date())} {local:%H:%M}"


def iso(value: datetime | date | None) -> str:
    """Write a day or a stored instant for a machine: the datetime attribute of <time>."""
    if value is None:
        return ""
    return clock.local(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def minutes_words(value: int) -> str:
    """Say a length of time given in minutes: 40 minutes, 2 h 20 min."""
    hours, minutes = divmod(int(value), 60)
    if not hours:
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    if not minutes:
        return str(ngettext("%(num)s hour", "%(num)s hours", hours))
    return str(gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes))


def clock_minutes(value: int) -> str:
    """Write minutes as a figure: 2:20."""
    hours, minutes = divmod(int(value), 60)
    return f"{number(hours)}:{minutes:02d}"


def file_size(size: int) -> str:
    """Write a size given in bytes."""
    value = float(size)
    for unit in ("B", "KB", "MB"):
        if value < KIB:
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= KIB
    return f"{value:.1f} GB"


FILTERS: dict[str, Callable[..., object]] = {
    "day_words": day_words,
    "weekday": weekday,
    "day_short": day_short,
    "day_full": day_full,
    "local_day": local_day,
    "instant": instant,
    "iso": iso,
    "minutes_words": minutes_words,
    "clock_minutes": clock_minutes,
    "timecode": timecode,
    "file_size": file_size,
    "number": figure,
}

# What a sentence of an error or a notice is given as a day or an instant is said as the pages say it.
say_as(date, day_words)
say_as(datetime, instant)
