"""Lectures as search documents: one for the lecture itself, one for each stretch of its transcript."""

from collections.abc import Iterator

from lms.lectures import queries, transcripts
from lms.lectures.models import Chapter, Cue, Lecture, Recording, Transcript
from lms.members.access import audience_tokens
from lms.searchable import Searchable, Source


def load(ref: int) -> Iterator[Searchable]:
    """Give a lecture's places: itself, its chapters, its transcripts in stretches; ``place`` is where each begins."""
    lecture = Lecture.get_or_none((Lecture.id == ref) & Lecture.archived_at.is_null())
    if lecture is None:
        return
    audience = audience_tokens(lecture.audience if lecture.published_at else "", lecture.unit, lecture.uploader)
    group = f"lecture:{ref}"
    day = lecture.held_on or lecture.created_at.date()
    itself = Searchable(
        key=group,
        kind="lecture",
        ref=ref,
        group=group,
        title=lecture.title,
        body=lecture.summary,
        audience=audience,
        authors=lecture.speaker,
        day=day,
        extra={"of": lecture.title, "by": lecture.speaker},
        facets={"unit": str(lecture.unit), "lecturer": lecture.speaker},
    )
    yield itself
    recordings = _recordings(ref)
    for recording, start_ms, title in _chapters(recordings):
        place = f"{start_ms // 1000}@{recording}" if len(recordings) > 1 else str(start_ms // 1000)
        yield itself._replace(key=f"{group}:chapter:{recording}:{start_ms}", body=title, place=place)
    for recording, transcript in _transcripts(recordings):
        # Where there is one recording its second is the place; where there are several it is SECOND@RECORDING.
        behind = f"@{recording}" if len(recordings) > 1 else ""
        for window in transcripts.windows(_cues(transcript)):
            first, start_ms = window[0][:2]
            lines = [(f"{start // 1000}{behind}", " ".join(text.split())) for _, start, _, text in window]
            yield itself._replace(
                key=f"{group}:cue:{first}{behind}",
                body=transcripts.joined([line for _, line in lines]),
                place=f"{start_ms // 1000}{behind}",
                extra={**itself.extra, "cues": "\n".join(f"{second} {line}" for second, line in lines)},
            )


def second_of(cues: str, words: str) -> str:
    """Give the place at which words of a stretch are said: that of the cue they stand in, else of the first cue.

    ``cues`` is what the place of a stretch holds as ``extra["cues"]``: a line for each cue, its second and its text.
    """
    lines = [line.partition(" ") for line in cues.split("\n")]
    return next((second for second, _, text in lines if words in text), lines[0][0])


def second_and_recording(place: str) -> tuple[str, str]:
    """Take the place of a stretch apart: its second, and its recording, which is empty where there is only one."""
    second, _, recording = place.partition("@")
    return second, recording


def _recordings(lecture: int) -> list[int]:
    rows = Recording.select(Recording.id).where(Recording.lecture == lecture, Recording.archived_at.is_null())
    return [recording for (recording,) in rows.order_by(Recording.position, Recording.id).tuples()]


def _chapters(recordings: list[int]) -> Iterator[tuple[int, int, str]]:
    rows = Chapter.select(Chapter.recording, Chapter.start_ms, Chapter.title).where(Chapter.recording.in_(recordings))
    yield from rows.order_by(Chapter.recording, Chapter.start_ms).tuples()


def _transcripts(recordings: list[int]) -> list[tuple[int, int]]:
    """Give the transcripts of recordings with the recording of each, in their order."""
    rows = Transcript.select(Transcript.recording, Transcript.id).where(Transcript.recording.in_(recordings))
    return sorted(rows.tuples(), key=lambda row: (recordings.index(row[0]), row[1]))


def _cues(transcript: int) -> Iterator[tuple[int, int, int, str]]:
    rows = Cue.select(Cue.id, Cue.start_ms, Cue.end_ms, Cue.text).where(Cue.transcript == transcript)
    yield from rows.order_by(Cue.start_ms, Cue.id).tuples()


SOURCE = Source("lecture", load, queries.all_lectures, queries.visible_lectures, queries.seen_among)
