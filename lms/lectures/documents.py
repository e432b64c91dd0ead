"""Lectures as search documents: one for the lecture itself, one for each stretch of its transcript."""

from collections.abc import Iterator

from lms.lectures import queries, transcripts
from lms.lectures.models import Cue, Lecture, Recording
from lms.members.access import audience_tokens
from lms.searchable import Searchable, Source


def load(ref: int) -> Iterator[Searchable]:
    """Give a lecture's places: itself, and its transcript in stretches whose ``place`` is their first second."""
    lecture = Lecture.get_or_none((Lecture.id == ref) & Lecture.archived_at.is_null())
    if lecture is None:
        return
    audience = audience_tokens(lecture.audience, lecture.unit, lecture.uploader)
    group = f"lecture:{ref}"
    day = lecture.held_on or lecture.created_at.date()
    yield Searchable(
        key=group,
        kind="lecture",
        ref=ref,
        group=group,
        title=lecture.title,
        body=lecture.summary,
        audience=audience,
        keywords=lecture.speaker,
        day=day,
        extra={"speaker": lecture.speaker},
    )
    for window in transcripts.windows(_cues(ref)):
        number, start_ms = window[0][:2]
        yield Searchable(
            key=f"{group}:cue:{number}",
            kind="lecture",
            ref=ref,
            group=group,
            title=lecture.title,
            body=" ".join(text.replace("\n", " ") for _, _, _, text in window),
            audience=audience,
            day=day,
            place=str(start_ms // 1000),
            extra={"speaker": lecture.speaker},
        )


def _cues(lecture: int) -> Iterator[tuple[int, int, int, str]]:
    rows = (
        Cue.select(Cue.number, Cue.start_ms, Cue.end_ms, Cue.text)
        .join(Recording, on=(Cue.recording == Recording.id))
        .where(Recording.lecture == lecture)
        .order_by(Cue.number)
        .tuples()
    )
    yield from rows


SOURCE = Source(kind="lecture", load=load, all_refs=queries.all_lectures, visible=queries.visible_lectures)
