"""Chapters as they are typed: a time and a title in each row. No database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass

from lms.errors import N_, InvalidInput
from lms.lectures.transcript_files import stamps
from lms.typed import has_controls

TITLE_CHARS = 120
MOST_CHAPTERS = 200
TEXT_CHARS = 40_000


@dataclass(frozen=True)
class Heading:
    """Where a chapter begins, in milliseconds, and what it is called."""

    start_ms: int
    title: str


def read(text: str, duration_ms: int) -> list[Heading]:
    """Read rows such as "12:30 Title", in whatever order they come; empty rows are passed over.

    Raises InvalidInput, naming the first bad row: no time, no title, too long, after the end, a time there is twice.
    """
    found: dict[int, Heading] = {}
    if len(text) > TEXT_CHARS:
        raise _wrong(N_("This is too long: at most %(limit)s characters."), limit=TEXT_CHARS)
    for number, row in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if not row.strip():
            continue
        times, words = stamps(row)
        title = " ".join(words.split())
        if not times:
            raise _wrong(N_("Row %(row)s: a time such as 12:30 is missing at its beginning."), row=number)
        if not title or len(title) > TITLE_CHARS or has_controls(title):
            raise _wrong(
                N_("Row %(row)s: please give a title of at most %(limit)s characters."), row=number, limit=TITLE_CHARS
            )
        if duration_ms and times[0] >= duration_ms:
            raise _wrong(N_("Row %(row)s: the recording is over by then."), row=number)
        if times[0] in found:
            raise _wrong(N_("Row %(row)s: another chapter begins at that time."), row=number)
        found[times[0]] = Heading(times[0], title)
    if len(found) > MOST_CHAPTERS:
        raise _wrong(N_("There are more than %(limit)s chapters."), limit=MOST_CHAPTERS)
    return [found[start] for start in sorted(found)]


def _wrong(message: str, **values: object) -> InvalidInput:
    return InvalidInput(message, field="chapters", **values)


def write(headings: Iterable[Heading]) -> str:
    """Write chapters as they are typed."""
    return "\n".join(f"{clock_words(heading.start_ms)} {heading.title}" for heading in headings)


def clock_words(ms: int) -> str:
    """Write a time as people type it: 12:30, or 1:02:03, with tenths only where there are some."""
    seconds, rest = divmod(ms, 1000)
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    part = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{hours}{seconds // 60 % 60:02d}:{seconds % 60:02d}{part}"
