"""Decisions about the lines of a transcript: putting times right, splitting, merging. No database, no clock."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from lms.errors import N_, InvalidInput
from lms.typed import has_controls

CUE_CHARS = 2_000
MAX_MS = 48 * 3600 * 1000
LEAST_MS, MOST_MS, MS_A_CHARACTER = 1_000, 7_000, 250
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A line of a transcript: start and end in milliseconds, and its text without markup."""

    start_ms: int
    end_ms: int
    text: str


class Mended(NamedTuple):
    """What was put right while a file was read: in which of its lines, counted from 1, at what time.

    ``what``: "end" was not after the beginning, "order" began before the line above, "joined" began with the line
    above, "overlap" ran into the next one.
    """

    line: int
    start_ms: int
    what: str


def spoken_ms(text: str) -> int:
    """Guess how long a text takes to say, where its end is not known."""
    return min(MOST_MS, max(LEAST_MS, MS_A_CHARACTER * len(text)))


def mend(lines: Sequence[Line]) -> tuple[list[Line], list[Mended]]:
    """Put the times of lines right, and say which were wrong.

    Afterwards each line ends after it begins, begins after the one above, and ends before the next begins. No text is
    lost: two lines that begin together become one of two rows.
    """
    mended: list[Mended] = []
    numbered: list[tuple[int, Line]] = []
    latest = -1
    for number, line in enumerate(lines, start=1):
        if line.end_ms <= line.start_ms:
            mended.append(Mended(number, line.start_ms, "end"))
            line = replace(line, end_ms=line.start_ms + spoken_ms(line.text))
        if line.start_ms < latest:
            mended.append(Mended(number, line.start_ms, "order"))
        latest = max(latest, line.start_ms)
        numbered.append((number, line))
    numbered.sort(key=lambda pair: pair[1].start_ms)
    kept: list[tuple[int, Line]] = []
    for number, line in numbered:
        if kept and kept[-1][1].start_ms == line.start_ms:
            mended.append(Mended(number, line.start_ms, "joined"))
            kept[-1] = (kept[-1][0], _joined(kept[-1][1], line))
        else:
            kept.append((number, line))
    for place, ((number, line), (_, following)) in enumerate(pairwise(kept)):
        if line.end_ms > following.start_ms:
            mended.append(Mended(number, line.start_ms, "overlap"))
            kept[place] = (number, replace(line, end_ms=following.start_ms))
    return [line for _, line in kept], sorted(mended)


def _joined(first: Line, second: Line) -> Line:
    same = second.text in first.text.split("\n")
    text = first.text if same else f"{first.text}\n{second.text}"
    return Line(first.start_ms, max(first.end_ms, second.end_ms), text)


def tidy_text(text: str) -> str:
    """Give the text of a line as it is kept: rows without space around, no empty ones."""
    rows = (" ".join(row.split()) for row in text.replace("\r", "\n").split("\n"))
    return "\n".join(row for row in rows if row)


def checked(line: Line) -> Line:
    """Give a typed line as it is kept. Raises InvalidInput, naming ``text``, ``start`` or ``end``."""
    text = tidy_text(line.text)
    if has_controls(text):
        message = N_("This contains characters that cannot be shown. Please type it again.")
        raise InvalidInput(message, field="text")
    if len(text) > CUE_CHARS:
        raise InvalidInput(N_("This is too long: at most %(limit)s characters."), field="text", limit=CUE_CHARS)
    if not 0 <= line.start_ms <= MAX_MS:
        raise InvalidInput(N_("This time lies outside the recording."), field="start")
    if not line.start_ms < line.end_ms <= MAX_MS:
        raise InvalidInput(N_("The end must come after the beginning."), field="end")
    return Line(line.start_ms, line.end_ms, text)


def split(line: Line, at: int, at_ms: int | None = None) -> tuple[Line, Line]:
    """Cut a line after ``at`` characters, at a time or, without one, where the share of the text falls.

    Raises InvalidInput when one side would be empty or the line is too short to have two parts.
    """
    first, second = tidy_text(line.text[:at]), tidy_text(line.text[at:])
    if not first or not second:
        raise InvalidInput(N_("Put the cursor where the line shall be split: text must be on both sides."), field="at")
    if line.end_ms - line.start_ms < 2:
        raise InvalidInput(N_("This line is too short to be split."), field="at")
    if at_ms is None or not line.start_ms < at_ms < line.end_ms:
        at_ms = line.start_ms + (line.end_ms - line.start_ms) * len(first) // (len(first) + len(second))
        at_ms = min(max(at_ms, line.start_ms + 1), line.end_ms - 1)
    return Line(line.start_ms, at_ms, first), Line(at_ms, line.end_ms, second)


def tidy_language(tag: str) -> str:
    """Give a BCP 47 tag of language, script and region in its usual spelling. Raises InvalidInput for any other."""
    found = _TAG.fullmatch(tag.strip().replace("_", "-"))
    if found is None:
        raise InvalidInput(N_("Please choose a language."), field="language")
    language, script, region = found.groups()
    parts = (language.lower(), script.title() if script else "", region.upper() if region else "")
    return "-".join(part for part in parts if part)


def language_of(texts: Iterable[str]) -> str:
    """Guess the language of a text from its characters: Japanese, Korean, Chinese, Russian, else English."""
    sample = "".join(texts)[:4000]
    if any("\u3040" <= char <= "\u30ff" for char in sample):
        return "ja"
    if any("\uac00" <= char <= "\ud7a3" for char in sample):
        return "ko"
    if any("\u4e00" <= char <= "\u9fff" for char in sample):
        return "zh"
    return "ru" if any("\u0400" <= char <= "\u04ff" for char in sample) else "en"
