"""Chapters of a recording: reading them, and putting others in their place."""

from collections.abc import Iterable, Sequence
from typing import Any

from lms.db import transactional
from lms.lectures import chapter_rules, recording_queries
from lms.lectures.chapter_rules import Heading
from lms.lectures.models import Chapter
from lms.lectures.transcript_service import tell
from lms.members.access import Actor
from lms.prepared import prepared


def chapters_of(recording_id: int) -> list[Heading]:
    """Give the chapters of a recording that the caller may see already."""
    return [Heading(start, title) for start, title in _rows(recording_id)]


@prepared
def _rows(recording_id: int) -> Any:
    rows = Chapter.select(Chapter.start_ms, Chapter.title).where(Chapter.recording == recording_id)
    return rows.order_by(Chapter.start_ms)


def spans(headings: Sequence[Heading], duration_ms: int) -> list[tuple[int, int, str]]:
    """Give chapters as cues: each lasts until the next begins, the last to the end of the recording."""
    if not headings:
        return []
    ends = [*(heading.start_ms for heading in headings[1:]), max(duration_ms, headings[-1].start_ms + 1)]
    return [(heading.start_ms, end, heading.title) for heading, end in zip(headings, ends, strict=True)]


@transactional
def put(actor: Actor, recording_id: int, text: str) -> int:
    """Put the chapters that were typed in the place of those there are, and give their number.

    Raises NotFound, Forbidden, or InvalidInput, naming the row.
    """
    lecture = recording_queries.get_manageable(actor, recording_id)
    headings = chapter_rules.read(text, lecture.duration_ms)
    write(recording_id, headings)
    tell(recording_id)
    return len(headings)


def write(recording_id: int, headings: Iterable[Heading]) -> None:
    """Write chapters inside the caller's transaction."""
    Chapter.delete().where(Chapter.recording == recording_id).execute()
    rows = [(recording_id, heading.start_ms, heading.title) for heading in headings]
    if rows:
        Chapter.insert_many(rows, fields=[Chapter.recording, Chapter.start_ms, Chapter.title]).execute()
