"""Reading real text: JSON lines, plain or compressed with xz, a passage a line, gathered into texts by title."""

import json
import lzma
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, cast

from lms.errors import N_, InvalidInput

CHUNK = 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
MOST_ROWS = 5000
XZ_MAGIC = b"\xfd7zXZ\x00"
BOM = b"\xef\xbb\xbf"

# A numbered article of a Chinese law, also one inserted later: the character for "number", a numeral, the one for
# "article", perhaps "of" and a second numeral.
_NUMERAL = "[0-9\u3007\u96f6\u4e24\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343]+"
_ARTICLE = re.compile(rf"(\u7b2c{_NUMERAL}\u6761(?:\u4e4b{_NUMERAL})?)[ \t\u3000]+")
_TITLE = re.compile(r"(#{1,6})[ \t]+(.+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DAY = re.compile("([12][0-9]{3})[\u5e74-]([0-9]{1,2})[\u6708-]([0-9]{1,2})(?![0-9])")

Section = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """A passage as it stands in the file."""

    id: str
    title: str
    day: date | None
    body: str


@dataclass(frozen=True)
class Damaged:
    """A line that cannot be taken; ``reason`` says why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Text:
    """Passages that follow one another under one title and date: one text with its pages."""

    title: str
    day: date | None
    rows: list[Row] = field(default_factory=list)


def count_lines(path: Path) -> int:
    """Count the lines of a file, which also reads it through once.

    Raises InvalidInput when there is no such file, it cannot be read or its compression is broken.
    """
    lines = 0
    last = b"\n"
    try:
        with _open(path) as file:
            while chunk := file.read(CHUNK):
                lines += chunk.count(b"\n")
                last = chunk[-1:]
    except (OSError, EOFError, lzma.LZMAError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(N_("%(path)s cannot be read: %(reason)s."), path=path, reason=reason) from error
    return lines + (last != b"\n")


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(len(XZ_MAGIC)) == XZ_MAGIC
    return cast(IO[bytes], lzma.open(path)) if packed else path.open("rb")


def read(path: Path) -> Iterator[Row | Damaged]:
    """Walk over the lines of a file; blank ones are passed over. Never more than a line is held in memory."""
    with _open(path) as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                _skip_line(file)
                yield Damaged(number, f"longer than {LONGEST_LINE} bytes")
            elif line.strip():
                yield _row(number, line.removeprefix(BOM) if number == 1 else line)


def _skip_line(file: IO[bytes]) -> None:
    while (rest := file.readline(CHUNK)) and not rest.endswith(b"\n"):
        pass


def _row(number: int, line: bytes) -> Row | Damaged:
    try:
        values = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return Damaged(number, "not UTF-8")
    except (ValueError, RecursionError):
        return Damaged(number, "not JSON")
    if not isinstance(values, dict):
        return Damaged(number, "not a JSON object")
    found = [values.get(name) for name in ("id", "title", "body")]
    texts = [text for text in found if isinstance(text, str) and text.strip()]
    if len(texts) < len(found):
        return Damaged(number, "id, title or body is missing or no text")
    if any("\0" in text or not _is_whole(text) for text in texts):
        return Damaged(number, "NUL or half a character in its text")
    try:
        day = date.fromisoformat(values["date"]) if values.get("date") else None
    except (TypeError, ValueError):
        return Damaged(number, "date is not YYYY-MM-DD")
    return Row(texts[0], texts[1].strip(), day, texts[2])


def _is_whole(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def texts(rows: Iterable[Row]) -> Iterator[Text]:
    """Gather rows that follow one another under the same title and date; a text ends after ``MOST_ROWS`` at the latest.

    The same title further on in the file is another text: collections hold several versions of one law.
    """
    held: Text | None = None
    for row in rows:
        if held and (row.title, row.day) == (held.title, held.day) and len(held.rows) < MOST_ROWS:
            held.rows.append(row)
            continue
        if held:
            yield held
        held = Text(row.title, row.day, [row])
    if held:
        yield held


def sections(text: Text) -> list[Section]:
    """Make the pages of a text: one for each row, with the article or title it begins with as its heading.

    A chapter's name stands in the collection at the end of the row before its first article: it leads the heading of
    the row it belongs to.
    """
    pages: list[Section] = []
    leading: list[str] = []
    for place, row in enumerate(text.rows):
        heading, lines = _headed(_COMMENT.sub("", row.body).strip())
        body, chapters = _trailing_titles(lines) if place + 1 < len(text.rows) else (lines, [])
        pages.append((" \N{MIDDLE DOT} ".join(part for part in (*leading, heading) if part), body))
        leading = chapters
    return pages


def _headed(body: str) -> Section:
    article = _ARTICLE.match(body)
    if article:
        return article[1], body[article.end() :]
    first, _, rest = body.partition("\n")
    title = _TITLE.fullmatch(first)
    return (" ".join(title[2].split()), rest.strip()) if title else ("", body)


def _trailing_titles(body: str) -> tuple[str, list[str]]:
    """Part a row from the titles at its end, chapter before section; a table of contents stays where it is."""
    lines = body.rstrip().split("\n")
    titles: list[str] = []
    level = 7
    while lines:
        found = _TITLE.fullmatch(lines[-1])
        if lines[-1].strip() and (not found or len(found[1]) >= level):
            break
        lines.pop()
        if found:
            level = len(found[1])
            titles.insert(0, " ".join(found[2].split()))
    return "\n".join(lines), titles


def day_of(text: Text) -> date | None:
    """Give the date of a text: the one the file gives, else the last that its first page names."""
    if text.day:
        return text.day
    days = [_as_day(*map(int, found.groups())) for found in _DAY.finditer(_head(text))]
    return max((day for day in days if day), default=None)


def _as_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def summary_of(text: Text, limit: int) -> str:
    """Give what is said before the text proper, as a summary: in a law who passed it and when."""
    lines = [" ".join(line.split()) for line in _head(text).split("\n")[1:]]
    summary = "\n".join(line for line in lines if line)
    return summary if len(summary) <= limit else summary[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _head(text: Text) -> str:
    """Give the part of the first row that stands before its comment, where such collections keep what is about it."""
    before, mark, _ = text.rows[0].body.partition("<!--")
    return before if mark else ""
