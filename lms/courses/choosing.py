"""What a course can be made of: lectures and materials found by a few words, and who may give it."""

from typing import Any, NamedTuple

from lms import clock
from lms.courses.models import CourseItem
from lms.lectures import queries as lectures
from lms.lectures.models import Lecture, Recording
from lms.materials import queries as materials
from lms.materials.models import Material
from lms.members.access import Actor, holds_on
from lms.members.models import Accreditation, Member

FOUND = 8
LOOKED_AT = 60
MOST_LECTURERS = 500


class Candidate(NamedTuple):
    """A lecture or material that can be put into a course."""

    kind: str
    ref: int
    title: str
    by: str


def candidates(actor: Actor, course_id: int, text: str) -> list[Candidate]:
    """Give lectures and materials that the actor sees and the course has not, by words of title or speaker.

    Without words the latest; of each kind a few. A lecture of which nothing can be played, nor will be, is left out.
    """
    return _lectures(actor, course_id, text) + _materials(actor, course_id, text)


def _there(course_id: int, kind: str) -> Any:
    return CourseItem.select(CourseItem.ref).where(CourseItem.course == course_id, CourseItem.kind == kind)


def _lectures(actor: Actor, course_id: int, text: str) -> list[Candidate]:
    failed = Recording.select(Recording.lecture).where(Recording.state == "failed")
    hopeful = Recording.select(Recording.lecture).where(Recording.state != "failed", Recording.archived_at.is_null())
    where = Lecture.archived_at.is_null() & (Lecture.id.not_in(failed) | Lecture.id.in_(hopeful))
    where &= Lecture.id.not_in(_there(course_id, "lecture"))
    for word in text.split()[:8]:
        where &= Lecture.title.contains(word) | Lecture.speaker.contains(word)
    rows = list(
        Lecture.select(Lecture.id, Lecture.title, Lecture.speaker)
        .where(where)
        .order_by(Lecture.id.desc())
        .limit(LOOKED_AT)
        .tuples()
    )
    seen = lectures.visible_lectures(actor, [row[0] for row in rows]) if rows else set()
    return [Candidate("lecture", ref, title, speaker) for ref, title, speaker in rows if ref in seen][:FOUND]


def _materials(actor: Actor, course_id: int, text: str) -> list[Candidate]:
    where = materials.there() & Material.id.not_in(_there(course_id, "material"))
    for word in text.split()[:8]:
        where &= Material.title.contains(word)
    rows = list(
        Material.select(Material.id, Material.title).where(where).order_by(Material.id.desc()).limit(LOOKED_AT).tuples()
    )
    seen = materials.visible_ids(actor, [row[0] for row in rows]) if rows else set()
    return [Candidate("material", ref, title, "") for ref, title in rows if ref in seen][:FOUND]


def outside_lecturers() -> list[str]:
    """Give the names of those from outside, without an account, who are accredited today."""
    there = holds_on(clock.today()) & Accreditation.member.is_null()
    rows = Accreditation.select(Accreditation.name).where(there).distinct().order_by(Accreditation.name)
    return [name for (name,) in rows.limit(MOST_LECTURERS).tuples()]


def lecturer_choices(actor: Actor, present: int | None = None) -> list[tuple[int, str]]:
    """Give the members who may be named as lecturers: the accredited ones, the actor, and who is named now."""
    reached = [actor.id] + ([present] if present else [])
    accredited = Accreditation.select(Accreditation.member).where(
        holds_on(clock.today()), Accreditation.member.is_null(False)
    )
    rows = (
        Member.select(Member.id, Member.name)
        .where(Member.deactivated_at.is_null(), Member.id.in_(accredited) | Member.id.in_(reached))
        .order_by(Member.name_key, Member.id)
        .limit(MOST_LECTURERS)
    )
    return [(member, name) for member, name in rows.tuples()]
