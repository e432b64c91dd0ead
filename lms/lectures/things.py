"""Lectures as other rooms speak of them: by their title; what is said in them is not compared with notes."""

from collections.abc import Iterator, Mapping, Sequence

from lms.lectures import queries
from lms.lectures.models import Lecture
from lms.members.access import Actor
from lms.things import Thing


def titles(actor: Actor, refs: Sequence[int]) -> Mapping[int, str]:
    """Give the titles of those lectures that the actor may see."""
    seen = queries.visible_lectures(actor, refs) if refs else set()
    if not seen:
        return {}
    return dict(Lecture.select(Lecture.id, Lecture.title).where(Lecture.id.in_(sorted(seen))).tuples())


def texts(ref: int) -> Iterator[tuple[int, str]]:
    """Walk over nothing: a transcript is the speaker's, and quoting it is what notes on a lecture are for."""
    yield from ()


def text(ref: int, place: int) -> str:
    """Give no text, see ``texts``."""
    return ""


def all_refs() -> Iterator[int]:
    """Walk over the ids of all lectures that are not archived."""
    return queries.all_lectures()


THING = Thing("lecture", titles, texts, text, all_refs, compared=False)
