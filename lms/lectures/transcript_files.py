"""Transcripts as files: read from WebVTT, SRT, ASS, LRC and plain text with times; written as SRT, LRC and text."""

import codecs
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import pysubs2
from pysubs2.exceptions import Pysubs2Error

from lms.errors import N_, InvalidInput
from lms.lectures import cue_rules, transcripts
from lms.lectures.cue_rules import CUE_CHARS, MAX_MS, Line, Mended
from lms.lectures.transcripts import MAX_CUES, wrong
from lms.typed import has_controls

MAX_BYTES = 4 * 1024 * 1024
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16")
SUFFIXES = (".vtt", ".srt", ".ass", ".ssa", ".lrc", ".txt")
MOST_MENDED = 200

_STAMP = r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?:[.:,](\d{1,3}))?"
_STAMPED = re.compile(rf"\s*(?:[\[(]{_STAMP}[\])]|{_STAMP}(?=\s))[ \t]*(?:[-\N{{EN DASH}}\N{{EM DASH}}][ \t]+)?")
_LRC_TAG = re.compile(r"\s*\[([a-z#]+):(.*)\]\s*", re.IGNORECASE)
_LRC_WORD = re.compile(r"<\d{1,3}:[0-5]\d(?:[.:]\d{1,3})?>")
_SRT_TIMES = re.compile(r"\d+:\d\d:\d\d[,.]\d+\s*-->\s*\d+:\d\d:\d\d[,.]\d+")
_ASS_OVERRIDE = re.compile(r"\{\\[^}]*\}")


@dataclass(frozen=True)
class Reading:
    """What a file held: its lines with right times, what was put right, and how its bytes were read."""

    lines: list[Line]
    mended: list[Mended]
    encoding: str
    kind: str


def read(raw: bytes, encoding: str = "") -> Reading:
    """Read a transcript in whatever of the formats its content is, in an encoding or the one found.

    Raises InvalidInput: too large, not text in that encoding, no format known, a fault with its line, no line at all.
    """
    if len(raw) > MAX_BYTES:
        limit = MAX_BYTES // 1024**2
        raise wrong(N_("The transcript is too large: the limit is %(limit)s MB."), limit=limit)
    text, encoding = _decoded(raw, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    kind = kind_of(text)
    found = [line for line in PARSERS[kind](text) if line.text]
    if len(found) > MAX_CUES:
        raise transcripts.too_many()
    if not found:
        raise wrong(N_("The transcript holds no text."))
    for number, line in enumerate(found, start=1):
        _check(number, line)
    lines, mended = cue_rules.mend(found)
    for number, line in enumerate(lines, start=1):
        if len(line.text) > CUE_CHARS:
            raise wrong(
                N_("Line %(line)s of the transcript: more than %(limit)s characters."), line=number, limit=CUE_CHARS
            )
    return Reading(lines, mended[:MOST_MENDED], encoding, kind)


def _check(number: int, line: Line) -> None:
    if has_controls(line.text):
        raise wrong(N_("Line %(line)s of the transcript holds characters that cannot be shown."), line=number)
    if not 0 <= line.start_ms <= MAX_MS or not line.end_ms <= MAX_MS:
        raise wrong(N_("Line %(line)s of the transcript: this time cannot be."), line=number)


def _decoded(raw: bytes, encoding: str) -> tuple[str, str]:
    """Give the text and the encoding it was read in: the wanted one, else by its mark, UTF-8, or GB18030, strictly."""
    if encoding and encoding not in ENCODINGS:
        raise InvalidInput(N_("Please choose one of the encodings."), field="encoding")
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    tried = [encoding] if encoding else ["utf-16"] if marked else ["utf-8", "gb18030"]
    for name in tried:
        try:
            text = raw.decode("utf-8-sig" if name == "utf-8" else name)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text, name
    if encoding:
        raise InvalidInput(N_("The transcript cannot be read in this encoding."), field="encoding")
    raise wrong(N_("The transcript is neither UTF-8 nor GB18030 text. Please save it as UTF-8."))


def kind_of(text: str) -> str:
    """Tell the format of a transcript by its content: "vtt", "srt", "ass" or "lrc", which plain text with times is."""
    if text.startswith("WEBVTT"):
        return "vtt"
    if _SRT_TIMES.search(text):
        return "srt"
    return "ass" if "[Events]" in text else "lrc"


def _parse_srt(text: str) -> list[Line]:
    # The library looks for the number of the next line at the end of each text: quadratic in a run of empty rows.
    thin = re.sub(r"\n\s*\n", "\n\n", text)
    events = _events(thin, "srt", keep_html_tags=True)
    return [
        Line(event.start, event.end, transcripts.plain(_ASS_OVERRIDE.sub("", event.text.replace(r"\N", "\n"))))
        for event in events
    ]


def _parse_ass(text: str) -> list[Line]:
    events = _events(text, "ass")
    spoken = (event for event in events if not event.is_comment and not event.is_drawing)
    return [Line(event.start, event.end, cue_rules.tidy_text(event.plaintext)) for event in spoken]


def _events(text: str, kind: str, **options: bool) -> Iterable[pysubs2.SSAEvent]:
    try:
        return list(pysubs2.SSAFile.from_string(text, format_=kind, **options))
    except (Pysubs2Error, ValueError, OverflowError, KeyError, IndexError) as error:
        raise wrong(N_("The transcript is damaged and cannot be read. Please export it again.")) from error


def _parse_lrc(text: str) -> list[Line]:
    """Read lines that begin with a time or several; a row without one goes on with the line above.

    A line lasts until the next one begins. Raises InvalidInput when no row has a time.
    """
    starts: list[tuple[int, str]] = []
    above: list[int] = []
    shift, repeated = 0, False
    for row in text.split("\n"):
        tag = _LRC_TAG.fullmatch(row)
        if tag:
            if tag[1].lower() == "offset" and re.fullmatch(r"\s*[+-]?\d{1,7}\s*", tag[2]):
                shift = int(tag[2])
            continue
        times, words = stamps(row)
        repeated = repeated or len(times) > 1
        if times:
            above = list(range(len(starts), len(starts) + len(times)))
            starts.extend((time, words) for time in times)
        elif words and above:
            for place in above:
                starts[place] = (starts[place][0], f"{starts[place][1]}\n{words}")
        if len(starts) > MAX_CUES:
            raise transcripts.too_many()
    if not starts:
        raise wrong(N_("No times were found. Taken are WebVTT, SRT, ASS, LRC, and text whose lines begin like 00:12."))
    shown = sorted((max(0, time - shift), place) for place, (time, _) in enumerate(starts))
    until = {place: following for (_, place), (following, _) in pairwise(shown)}
    lines = []
    for place, (time, words) in enumerate(starts):
        begin, kept = max(0, time - shift), cue_rules.tidy_text(words)
        end = until.get(place, begin + cue_rules.spoken_ms(kept))
        lines.append(Line(begin, end if end > begin else begin + cue_rules.spoken_ms(kept), kept))
    # A row with several times is said several times, which is no fault of order.
    return sorted(lines, key=lambda line: line.start_ms) if repeated else lines


def stamps(row: str) -> tuple[list[int], str]:
    """Give the times a row begins with, in milliseconds, and the rest of it."""
    times: list[int] = []
    rest = row
    while found := _STAMPED.match(f"{rest} "):
        hours, minutes, seconds, part = found.groups()[:4] if found[3] else found.groups()[4:]
        fraction = int((part or "0").ljust(3, "0"))
        times.append((int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + fraction)
        rest = rest[found.end() :]
    return times, _LRC_WORD.sub("", rest).strip()


PARSERS: dict[str, Callable[[str], list[Line]]] = {
    "vtt": transcripts.parse,
    "srt": _parse_srt,
    "ass": _parse_ass,
    "lrc": _parse_lrc,
}

Cues = Iterable[tuple[int, int, str]]


def write_srt(cues: Cues) -> str:
    """Write cues (start and end in milliseconds, text) as SRT."""
    blocks = (
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}\n"
        for number, (start, end, text) in enumerate(((s, e, t) for s, e, t in cues if t), start=1)
    )
    return "\n".join(blocks)


def write_lrc(cues: Cues) -> str:
    """Write cues as LRC: minutes beyond 99 stay minutes, for the format knows no hours."""
    rows = (f"[{_lrc_clock(start)}]{_row(text)}" for start, _, text in cues if text)
    return "\n".join(rows) + "\n"


def _lrc_clock(ms: int) -> str:
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}.{ms % 1000 // 10:02d}"


def write_txt(cues: Cues) -> str:
    """Write cues as plain text, each row with the time at its head."""
    rows = (f"{_clock(start, '')[:8]} {_row(text)}" for start, _, text in cues if text)
    return "\n".join(rows) + "\n"


def _row(text: str) -> str:
    return transcripts.joined(text.split("\n"))


def _clock(ms: int, point: str) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"


WRITERS: dict[str, tuple[Callable[[Cues], str], str]] = {
    "vtt": (transcripts.write, "text/vtt"),
    "srt": (write_srt, "application/x-subrip"),
    "lrc": (write_lrc, "text/plain"),
    "txt": (write_txt, "text/plain"),
}
