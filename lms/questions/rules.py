"""What may be asked under a lecture, and how places of a recording are written. No database, no clock."""

import re

from lms.errors import N_, InvalidInput
from lms.typed import has_controls

TEXT_CHARS = 1000
LATEST_S = 100 * 3600
# 12:34 or 1:02:03, with a full-width colon as well; not part of a longer figure.
_MARK = re.compile(r"(?<![\d:])(?:(\d{1,2})[:\uff1a])?(\d{1,3})[:\uff1a]([0-5]\d)(?![\d:])")


def check_text(text: str) -> str:
    """Give a text tidied. Raises InvalidInput when it is empty, too long or holds what cannot be shown."""
    tidied = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not tidied:
        raise InvalidInput(N_("Please write something."), field="text")
    if len(tidied) > TEXT_CHARS:
        raise InvalidInput(N_("This is too long: at most %(limit)s characters."), field="text", limit=TEXT_CHARS)
    if has_controls(tidied):
        raise InvalidInput(N_("This contains characters that cannot be shown. Please type it again."), field="text")
    return tidied


def seconds(raw: str) -> int | None:
    """Read a place of a recording: "12:34", "1:02:03"; None for nothing typed. Raises InvalidInput."""
    text = raw.strip()
    if not text:
        return None
    found = _MARK.fullmatch(text)
    if found is None:
        raise InvalidInput(N_("Please write the place as 12:34 or 1:02:03."), field="at")
    return _second(found)


def check_second(second: int | None, duration: float) -> int | None:
    """Give a second of a recording. Raises InvalidInput beyond its end; a length of 0 is not known yet."""
    if second is not None and not 0 <= second <= (duration or LATEST_S):
        raise InvalidInput(N_("The recording has no such place."), field="at")
    return second


def marked(text: str) -> list[tuple[str, int | None]]:
    """Split a text at the places of a recording written in it: pieces of text, with the second where one is a place."""
    parts: list[tuple[str, int | None]] = []
    end = 0
    for found in _MARK.finditer(text):
        if found.start() > end:
            parts.append((text[end : found.start()], None))
        parts.append((found.group(), _second(found)))
        end = found.end()
    if end < len(text):
        parts.append((text[end:], None))
    return parts


def _second(found: re.Match[str]) -> int:
    hours, minutes, rest = (int(group or 0) for group in found.groups())
    return hours * 3600 + minutes * 60 + rest
