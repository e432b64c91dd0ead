"""Reading the stretch of days that a word of a query means."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import NamedTuple

_DIGIT = re.compile("[0-9]")
_YEAR = re.compile(r"([12]\d{3})年?", re.ASCII)
_MONTH = re.compile(r"([12]\d{3})[-/年](\d{1,2})月?", re.ASCII)
_DAY = re.compile(r"([12]\d{3})([-/.年])(\d{1,2})[-/.月](\d{1,2})[日号]?", re.ASCII)
_RANGE = re.compile(r"(.*?)(\.{2,}|。{2,}|…+|~|至|到)(.*)")

_CLEAR = {
    "本周": ("week", 0), "这周": ("week", 0), "本週": ("week", 0), "this week": ("week", 0),
    "上周": ("week", -1), "上週": ("week", -1), "last week": ("week", -1),
    "本月": ("month", 0), "这个月": ("month", 0), "這個月": ("month", 0), "this month": ("month", 0),
    "上月": ("month", -1), "上个月": ("month", -1), "上個月": ("month", -1), "last month": ("month", -1),
    "本季度": ("quarter", 0), "this quarter": ("quarter", 0),
    "上季度": ("quarter", -1), "last quarter": ("quarter", -1),
    "今年": ("year", 0), "本年": ("year", 0), "this year": ("year", 0),
    "去年": ("year", -1), "last year": ("year", -1),
}  # fmt: skip
WORDS = frozenset(word for said in _CLEAR for word in said.split())
"""The words that a date without a figure is made of, in lower case, wherever it may stand."""

_IN_FIELD = {
    "今天": ("day", 0), "today": ("day", 0),
    "昨天": ("day", -1), "yesterday": ("day", -1),
    "前年": ("year", -2),
}  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Days(NamedTuple):
    """A stretch of days, both ends inclusive; None leaves that end open."""

    first: datetime.date | None
    last: datetime.date | None


def read(text: str, today: datetime.date | None, *, in_field: bool = False) -> Days | None:
    """Read a word as a stretch of days; None when it is no date.

    A year alone is a date only `in_field` (date:2024) or as an end of a range: elsewhere it is as likely part of a
    title. Words that count from `today` are dates only when it is given.
    """
    word = text.lower()
    relative = _CLEAR.get(word) or (_IN_FIELD.get(word) if in_field else None)
    if relative:
        return _counted(*relative, today) if today else None
    if not _DIGIT.search(word):
        return None
    return _written(word, years=in_field) or _range(word)


def _written(text: str, *, years: bool) -> Days | None:
    if match := _DAY.fullmatch(text):
        year, _, month, day = match.groups()
        return _whole_day(int(year), int(month), int(day))
    if match := _MONTH.fullmatch(text):
        year, month = map(int, match.groups())
        return _whole_months(year, month, 1) if 1 <= month <= 12 else None
    match = _YEAR.fullmatch(text) if years else None
    return _whole_months(int(match.group(1)), 1, 12) if match else None


def _range(text: str) -> Days | None:
    """Read two dates with .. or 至 between; only dots may leave an end open."""
    match = _RANGE.fullmatch(text)
    if not match:
        return None
    left, joint, right = match.groups()
    begin, end = _written(left, years=True), _written(right, years=True)
    if begin and end:
        first, last = sorted((begin, end))
        return Days(first.first, last.last)
    if joint[0] not in ".。…" or (left and not begin) or (right and not end):
        return None
    if begin:
        return Days(begin.first, None)
    return Days(None, end.last) if end else None


def _counted(size: str, steps: int, today: datetime.date) -> Days:
    if size == "day":
        day = today + datetime.timedelta(days=steps)
        return Days(day, day)
    if size == "week":
        monday = today + datetime.timedelta(days=7 * steps - today.weekday())
        return Days(monday, monday + datetime.timedelta(days=6))
    months = _MONTHS[size]
    begin = (today.year * 12 + today.month - 1) // months * months + steps * months
    return _whole_months(begin // 12, begin % 12 + 1, months)


def _whole_day(year: int, month: int, day: int) -> Days | None:
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    date = datetime.date(year, month, day)
    return Days(date, date)


def _whole_months(year: int, month: int, count: int) -> Days:
    last = month + count - 1
    return Days(datetime.date(year, month, 1), datetime.date(year, last, calendar.monthrange(year, last)[1]))
