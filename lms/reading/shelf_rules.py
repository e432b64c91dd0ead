"""What a row of somebody's shelf elsewhere says of their reading. Pure: no database, no clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from html import unescape

from lms.catalogue import columns
from lms.catalogue.numbers import parse_published
from lms.errors import N_, InvalidInput
from lms.reading import rules

ACTIONS = ("note", "stays", "missing", "error")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^>]{0,200}>")
LONG_REMARK = N_("The remark is longer than %(limit)s characters: it becomes a note on the book that only you see.")
TOO_LONG_REMARK = N_("The remark is longer than %(limit)s characters and is left aside.")
LONGEST_REVIEW = 50_000  # characters that go into one note
NO_PLACE = N_("A remark can be noted of a book that was finished; this one is left aside.")


@dataclass(frozen=True)
class Said:
    """What a row says: the state of the reading, its day, stars, a remark, why it was given up.

    ``review`` is a remark too long for the log, whole: it becomes a note of the member's. ``left`` says where it goes
    or what could not be taken along, as a msgid with ``limit``; the rest of the row is taken all the same.
    """

    state: str
    day: date | None = None
    rating: int | None = None
    remark: str = ""
    reason: str = ""
    review: str = ""
    left: str = ""
    limit: int = 0


def read(values: Mapping[str, str], sheet: str, today: date) -> Said:
    """Read a row. ``sheet`` is that of the table, which names the state in exports of Douban.

    A book that was finished needs its day, for it counts for that one. Raises InvalidInput naming the field.
    """
    state = columns.SHELVES.get(sheet) or columns.state_of(values.get("state", ""))
    if not state:
        raise InvalidInput(N_("This row does not say whether the book was read."), field="state")
    remark = _plain(values.get("remark", ""))
    reason = _plain(values.get("reason", ""))[: rules.REASON_CHARS]
    if state == rules.State.ABANDONED:
        short, longer = _placed(remark, rules.REASON_CHARS)
        return replace(longer, state=state, reason=reason or short)
    short, longer = _placed(remark, rules.REMARK_CHARS)
    if state != rules.State.FINISHED:
        return replace(longer, state=state, left=NO_PLACE if short else longer.left)
    return replace(longer, state=state, day=_day(values, today), rating=_stars(values.get("rating", "")), remark=short)


def _placed(remark: str, limit: int) -> tuple[str, Said]:
    """Give a remark that fits into the log, or what is said of a longer one."""
    if len(remark) <= limit:
        return remark, Said("")
    if len(remark) <= LONGEST_REVIEW:
        return "", Said("", review=remark, left=LONG_REMARK, limit=limit)
    return "", Said("", left=TOO_LONG_REMARK, limit=LONGEST_REVIEW)


def _day(values: Mapping[str, str], today: date) -> date:
    """Read the day on which a book was finished; the one on which it was added where that is all there is."""
    text = values.get("day") or values.get("added", "")
    bare = text.replace("T", " ").split()  # a time of day may stand behind the day
    if not bare:
        raise InvalidInput(N_("This row does not say on which day the book was finished."), field="day")
    try:
        read = parse_published(bare[0], date.max)
        day = date.fromisoformat((read + "-01-01")[:10])
    except (InvalidInput, ValueError) as error:
        raise InvalidInput(N_("Please enter a date such as 2026-05-31."), field="day") from error
    rules.check_day(day, today)
    return day


def _stars(text: str) -> int | None:
    """Read stars, halves rounded up: none for an empty cell or 0."""
    try:
        stars = int(float(text or "0") + 0.5)
    except (ValueError, OverflowError):
        stars = -1
    if stars == 0:
        return None
    if not 1 <= stars <= rules.BEST_RATING:
        raise InvalidInput(
            N_("Please enter a whole number from %(low)s to %(high)s."), field="rating", low=1, high=rules.BEST_RATING
        )
    return stars


def _plain(text: str) -> str:
    """Give a review as plain text: Goodreads writes it as HTML."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", text))).strip()
