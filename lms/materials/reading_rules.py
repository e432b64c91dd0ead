"""When a page counts as read, and a material as read through. Pure: no database, no clock."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

CHARS_PER_SECOND = 40
SHORTEST, LONGEST = 3, 30
VALID = timedelta(hours=12)
_SPAN = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")


def needed_seconds(chars: int) -> int:
    """Say how long a page must be looked at to count: quick skimming (40 characters a second), 3 to 30 seconds."""
    return max(SHORTEST, min(LONGEST, -(-chars // CHARS_PER_SECOND)))


def seconds_left(opened_at: datetime, now: datetime, credited_at: datetime | None, chars: int) -> int:
    """Say how many seconds a page still has to be looked at; 0 when it counts now.

    Time that was given to another page of the same material is not given again: two windows cannot read at once.
    """
    begun = max(opened_at, credited_at) if credited_at else opened_at
    waited = max(timedelta(0), now - begun)
    left = timedelta(seconds=needed_seconds(chars)) - waited
    return max(0, -(-left // timedelta(seconds=1)))


def is_valid(opened_at: datetime, now: datetime) -> bool:
    """Say whether a page was opened lately, and not in the future."""
    return timedelta(0) <= now - opened_at <= VALID


def pages_of(text: str) -> set[int]:
    """Read a set of pages written as "1-3,7"."""
    pages: set[int] = set()
    for part in text.split(",") if text else ():
        found = _SPAN.fullmatch(part)
        if found:
            first = int(found[1])
            pages.update(range(first, int(found[2] or first) + 1))
    return pages


def text_of(pages: Iterable[int]) -> str:
    """Write a set of pages as "1-3,7": as short for a whole book as for one page."""
    spans: list[list[int]] = []
    for page in sorted(set(pages)):
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def is_read_through(pages: Iterable[int], count: int) -> bool:
    """Say whether nine tenths of the pages are read; what has no pages counts as one."""
    count = max(1, count)
    there = sum(1 <= page <= count for page in set(pages))
    return there >= -(-count * 9 // 10)


def moved(pages: Iterable[int], now_at: Mapping[int, int]) -> set[int]:
    """Give where read pages are in a new version: those whose text is still there; the others are to be read."""
    return {now_at[page] for page in pages if page in now_at}
