"""What the page of a lecture needs to play a recording: captions, text to read along, chapters, where to begin."""

import math
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import request

from lms import clock
from lms.amounts import timecode
from lms.lectures import recognising, rules, transcript_queries, transcripts, watching
from lms.lectures.parts import LectureView
from lms.lectures.transcript_queries import TranscriptRow
from lms.members.access import Actor
from lms.web.i18n import PARSED, gettext, reader_locale

NEAR_S = 5
OFFERED = ("zh", "en", "zh-Hant", "yue", "bo", "mn", "ug", "kk", "ja", "ko", "ru", "fr", "de", "es", "pt", "ar", "vi")


@dataclass(frozen=True)
class Begin:
    """Where to begin: the stored second, the one to play from, whether the address asked for another than that."""

    stored: float = 0.0
    start: float = 0.0
    asked: bool = False


def language_words(tag: str) -> str:
    """Name a language in the reader's; a tag that is not known stays as it is."""
    try:
        return str(Locale.parse(tag, sep="-").get_display_name(PARSED[reader_locale()]) or tag)
    except (UnknownLocaleError, ValueError):
        return tag


def languages() -> list[tuple[str, str]]:
    """Give the languages to choose from, with their names."""
    return [(tag, language_words(tag)) for tag in OFFERED]


def player(reader: Actor, shown: LectureView) -> dict[str, Any]:
    """Give the template what it needs of the recording that is shown."""
    rows = transcript_queries.transcripts_of([shown.recording]).get(shown.recording, [])
    chosen = _chosen(rows)
    lines, headings = transcript_queries.spoken(shown.recording, chosen.id if chosen else None)
    cues = [(cue.start_ms, cue.end_ms, cue.text) for cue in lines]
    begin = _begin(shown, shown.part.position_s)
    return {
        "begin": begin,
        "transcripts": [(row, language_words(row.language)) for row in rows],
        "transcript": chosen,
        "paragraphs": _paragraphs(cues, begin.start),
        "chapters": [
            (f"{heading.start_ms / 1000:g}", timecode(heading.start_ms / 1000), heading.title) for heading in headings
        ],
        "listening": bool(shown.part.sound_key) and request.args.get("sound") == "1",
        "seen_minutes": int(shown.part.seconds // 60),
        "seen_percent": min(100, int(shown.part.seconds * 100 / shown.duration)) if shown.duration else 0,
        "done": bool(shown.done),
        "member": reader.id,
        "now": watching.epoch(clock.now()),
        **recognition(shown),
    }


def recognition(shown: LectureView) -> dict[str, Any]:
    """Give the template how far a transcript made by machine is, to who may change the lecture."""
    if not (shown.manageable and shown.state == "ready" and recognising.is_there()):
        return {"can_recognise": False}
    row = recognising.find(shown.recording)
    failure = gettext(row.failure) % {"detail": row.failure_detail} if row and row.failure else ""
    return {
        "can_recognise": True,
        "recognition": row,
        "recognition_failure": failure,
        "languages": languages(),
    }


def _chosen(rows: list[TranscriptRow]) -> TranscriptRow | None:
    """Give the transcript in the language that is asked for, else in the reader's, else the oldest."""
    asked = request.args.get("lang", "")
    own = reader_locale().partition("_")[0]
    for fits in (lambda row: row.language == asked, lambda row: row.language.partition("-")[0] == own):
        found = next((row for row in rows if fits(row)), None)
        if found is not None:
            return found
    return rows[0] if rows else None


def _paragraphs(cues: list[tuple[int, int, str]], start: float) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Give paragraphs as (second, clock, sentences), a sentence as (second, text, whether it is said at the start)."""
    begun = [begin for begin, _, _ in cues if begin <= start * 1000] if start else []
    current = begun[-1] if begun else -1
    return [
        (
            f"{sentences[0][0] / 1000:g}",
            timecode(sentences[0][0] / 1000),
            [(f"{begin / 1000:g}", text, begin == current) for begin, text in sentences],
        )
        for sentences in transcripts.paragraphs(cues)
    ]


def _begin(shown: LectureView, position: float) -> Begin:
    if shown.state != "ready":
        return Begin()
    stored = rules.resume_at(position, shown.duration)
    wanted = _seconds(request.args.get("t"), shown.duration)
    return Begin(stored, stored) if wanted is None else Begin(stored, wanted, abs(wanted - stored) > NEAR_S)


def _seconds(raw: str | None, duration: float) -> float | None:
    """Read ?t=; anything that is not a second of the recording is passed over."""
    try:
        value = float(raw or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= duration else None
