"""Transcripts as WebVTT, read as people really have it and written as browsers want it; and as stretches to be found.

The general subtitle library drops line numbers, takes the name of the next cue for text and merges notes into cues, so
the blocks are read here: whoever sent a file with a fault is told the line.
"""

import html
import re
from collections.abc import Iterable, Iterator

from lms.errors import N_, InvalidInput
from lms.lectures.cue_rules import CUE_CHARS, Line
from lms.typed import has_controls

MAX_CUES = 20_000
WINDOW_CUES = 5
WINDOW_MS = 25_000
SILENCE_MS = 5_000

_TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_MARKUP = re.compile(r"</?(?:b|i|u|s|c|v|font|ruby|rt|lang)(?:\.[^\s>]*)?(?:\s[^>]*)?>|<[\d:.]+>")
_SENTENCE_END = re.compile(
    "[.!?\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}\N{HORIZONTAL ELLIPSIS}]"
    "[\"')\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT CORNER BRACKET}\N{FULLWIDTH RIGHT PARENTHESIS}]*\\s*$"
)
_SKIPPED = ("NOTE", "STYLE", "REGION")


def parse(text: str) -> list[Line]:
    """Read a WebVTT file's text with line feeds; times may overlap or go backwards, see ``cue_rules.mend``.

    Raises InvalidInput, naming the first bad line: no header, a time that cannot be read, too many cues.
    """
    lines = text.split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise wrong(N_("This is not a WebVTT file: its first line must be WEBVTT."))
    cues: list[Line] = []
    for number, block in _blocks(lines):
        cue = _cue(number, block)
        if cue is not None:
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise too_many()
    return cues


def wrong(message: str, **values: object) -> InvalidInput:
    """Make the error of a transcript that cannot be used, under the field's name."""
    return InvalidInput(message, field="transcript", **values)


def too_many() -> InvalidInput:
    """Make the error of a transcript with more lines than can be held."""
    return wrong(N_("The transcript has more than %(limit)s cues."), limit=MAX_CUES)


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Give the blocks after the header with the number of their first line."""
    block: list[str] = []
    first = 1
    header = True
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            if not block:
                first = number
            block.append(line)
            continue
        if block and not header:
            yield first, block
        block, header = [], False


def _cue(first: int, block: list[str]) -> Line | None:
    if block[0].split(maxsplit=1)[0] in _SKIPPED and "-->" not in block[0]:
        return None
    at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        raise _at_line(first, N_("Line %(line)s of the transcript: a time such as 00:01.000 --> 00:04.000 is missing."))
    match = _TIMING.fullmatch(block[at])
    if match is None:
        raise _at_line(first + at, N_("Line %(line)s of the transcript: this time cannot be read."))
    start, end = _milliseconds(match.groups()[:4]), _milliseconds(match.groups()[4:])
    text = plain("\n".join(block[at + 1 :]))
    if has_controls(text):
        raise _at_line(first + at + 1, N_("Line %(line)s of the transcript holds characters that cannot be shown."))
    if len(text) > CUE_CHARS:
        message = N_("Line %(line)s of the transcript: more than %(limit)s characters.")
        raise wrong(message, line=first + at + 1, limit=CUE_CHARS)
    return Line(start, end, text) if text else None


def _at_line(number: int, message: str) -> InvalidInput:
    return wrong(message, line=number)


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def plain(text: str) -> str:
    """Take the markup of captions away, keeping who speaks; anything else in angle brackets is text as well."""
    named = _VOICE.sub(lambda match: f"{match[1].strip()}{_colon(match[1])}", text)
    bare = html.unescape(_MARKUP.sub("", named))
    return "\n".join(line for line in (" ".join(part.split()) for part in bare.split("\n")) if line)


def _colon(name: str) -> str:
    return ": " if name.isascii() else "\N{FULLWIDTH COLON}"


def write(cues: Iterable[tuple[int, int, str]]) -> str:
    """Write cues (start and end in milliseconds, text) as WebVTT; no text can become markup."""
    blocks = (
        f"{_stamp(start)} --> {_stamp(end)}\n{html.escape(text, quote=False)}" for start, end, text in cues if text
    )
    return "\n\n".join(("WEBVTT", *blocks)) + "\n"


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def windows(cues: Iterable[tuple[int, int, int, str]]) -> Iterator[list[tuple[int, int, int, str]]]:
    """Gather cues (number, start, end, text) that follow one another into stretches that read as sentences.

    A sentence often runs over two cues, so a stretch ends with the last sentence that ends within 25 seconds and 5
    cues; where no cue ends a sentence, as in many transcripts made by machine, it ends with those limits. A silence of
    more than 5 seconds ends it too.
    """
    window: list[tuple[int, int, int, str]] = []
    for cue in cues:
        if window and cue[1] - window[-1][2] > SILENCE_MS:
            yield window
            window = []
        while window and (len(window) >= WINDOW_CUES or cue[2] - window[0][1] > WINDOW_MS):
            size = _whole_sentences(window)
            yield window[:size]
            window = window[size:]
        window.append(cue)
    if window:
        yield window


def _whole_sentences(window: list[tuple[int, int, int, str]]) -> int:
    """Count the cues up to the last one that ends a sentence; all of them when none does."""
    ends = [size for size, cue in enumerate(window, start=1) if _SENTENCE_END.search(cue[3])]
    return ends[-1] if ends else len(window)


def joined(lines: Iterable[str]) -> str:
    """Put the lines of cues together as they are said: a space between them only where words are written with one."""
    text = ""
    for line in lines:
        spaced = text and line and (text[-1].isascii() or line[0].isascii())
        text += f" {line}" if spaced else line
    return text


PAUSE_MS = 2_500
PARAGRAPH_CHARS, MOST_PARAGRAPH_CHARS = 140, 360
MARKED_ONE_IN = 5  # fewer cues that end in a mark: its writer sets none
_MARK_AT_END = re.compile('[\uff0c\u3002\uff01\uff1f\uff1b\uff1a\u3001\u2026\u201d\uff09\u300b,.!?;:)"]$')
_NAMED = re.compile("[\\w\N{MIDDLE DOT}. ]{1,12}(?:\N{FULLWIDTH COLON}|: )")


def paragraphs(cues: Iterable[tuple[int, int, str]]) -> list[list[tuple[int, str]]]:
    """Gather cues (start, end in milliseconds, text) into paragraphs to read: pairs of start and text.

    A paragraph ends at a pause, where somebody else speaks, or after a sentence when it is long enough. A text begins
    with a space where words are written with one, and in a transcript without marks, as subtitles in Chinese often are:
    there each cue is a phrase, and nothing else parts one from the next.
    """
    rows = [(start, end, joined(text.split("\n"))) for start, end, text in cues]
    rows = [row for row in rows if row[2]]
    unmarked = sum(_MARK_AT_END.search(text) is not None for _, _, text in rows) * MARKED_ONE_IN < len(rows)
    found: list[list[tuple[int, str]]] = []
    said, until = "", 0
    for start, end, row in rows:
        ended = len(said) >= MOST_PARAGRAPH_CHARS or (len(said) >= PARAGRAPH_CHARS and _SENTENCE_END.search(said))
        if not found or ended or start - until > PAUSE_MS or _NAMED.match(row):
            found.append([])
            said = ""
        parted = unmarked and said and _MARK_AT_END.search(said) is None
        both = f"{said} {row}" if parted else joined([said, row])
        found[-1].append((start, both[len(said) :]))
        said, until = both, end
    return found
