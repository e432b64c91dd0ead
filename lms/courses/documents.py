"""Courses as search documents: title, what it is about, and the titles of what it consists of."""

from collections.abc import Iterator

from peewee import Expression

from lms import clock
from lms.courses import queries
from lms.courses.models import Course, CourseItem
from lms.lectures import queries as lectures
from lms.lectures.models import Lecture
from lms.materials import queries as materials
from lms.materials.models import Material
from lms.members.access import audience_tokens
from lms.searchable import Searchable, Source

KIND = "course"


def load(ref: int) -> Iterator[Searchable]:
    """Give the one place of a course; none for a draft and for one put away."""
    there = Course.published_at.is_null(False) & Course.archived_at.is_null()
    course = Course.get_or_none((Course.id == ref) & there)
    if course is None:
        return
    key = f"{KIND}:{ref}"
    yield Searchable(
        key=key,
        kind=KIND,
        ref=ref,
        group=key,
        title=course.title,
        body="\n".join(part for part in (course.summary, *_parts(ref)) if part),
        audience=audience_tokens(course.audience, course.unit, None),
        authors=course.lecturer_name,
        day=course.since or clock.local(course.published_at).date(),
        extra={"by": course.lecturer_name},
        facets={"category": course.category, "unit": str(course.unit), "lecturer": course.lecturer_name},
    )


def _parts(course: int) -> Iterator[str]:
    """Give what is said of the items; the titles only of those that everybody may see."""
    open_lectures = lectures.there() & (Lecture.audience == "everyone")
    open_materials = materials.there() & (Material.audience == "everyone")
    titles = {
        "lecture": _titles(Lecture, course, "lecture", open_lectures),
        "material": _titles(Material, course, "material", open_materials),
    }
    rows = CourseItem.select(CourseItem.kind, CourseItem.ref, CourseItem.remark).where(CourseItem.course == course)
    for kind, ref, remark in rows.order_by(CourseItem.position).tuples():
        yield " ".join(part for part in (titles[kind].get(ref, ""), remark) if part)


def _titles(model: type[Lecture] | type[Material], course: int, kind: str, where: Expression) -> dict[int, str]:
    refs = CourseItem.select(CourseItem.ref).where(CourseItem.course == course, CourseItem.kind == kind)
    return dict(model.select(model.id, model.title).where(model.id.in_(refs), where).tuples())


SOURCE = Source(KIND, load, queries.all_courses, queries.visible_courses, queries.seen_among)
