"""The JSON API of courses."""

from typing import Any

from apiflask import APIBlueprint
from werkzeug.wrappers import Response

from lms.courses import completing, item_queries, people_queries, queries, service
from lms.courses.people_table import people_file
from lms.courses.queries import Filter
from lms.courses.rules import Details, Item
from lms.courses.schemas import (
    CourseIn,
    CourseOut,
    CoursePage,
    CourseQuery,
    ItemIn,
    ItemsIn,
    PeopleOut,
    PeopleQuery,
)
from lms.errors import LmsError
from lms.members.access import Action, require
from lms.web.errors import answer
from lms.web.i18n import words
from lms.web.paged import paged
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE

api = APIBlueprint("courses_api", __name__, url_prefix="/api/v1", tag="Courses")

COURSE = "/courses/<int(max=2147483647):course_id>"
MEMBER = "<int(max=2147483647):member>"


@api.get("/courses")
@api.input(CourseQuery, location="query", arg_name="query")
@api.output(CoursePage)
@api.doc(summary="List courses")
def list_courses(query: dict[str, Any]) -> dict[str, Any]:
    """Give a page of courses with how far I am."""
    asked = {"text" if name == "q" else name: value for name, value in query.items() if name != "page"}
    page = queries.list_courses(actor(), Filter(**asked), query["page"], PAGE_SIZE)
    items = [{**row._asdict(), "state": row.state} for row in page.items]
    return paged(page, items)


@api.get(COURSE)
@api.output(CourseOut)
@api.doc(summary="Give a course with its items and where I stand")
def get_course(course_id: int) -> dict[str, Any]:
    """Give a course."""
    return _shown(course_id)


@api.post("/courses")
@api.input(CourseIn, location="json", arg_name="said")
@api.output(CourseOut, status_code=201)
@api.doc(summary="Make a course; it is a draft")
def make_course(said: dict[str, Any]) -> dict[str, Any] | Response:
    """Make a course."""
    require(actor(), Action.COURSE_EDIT)
    details = Details(**said)
    faults = service.faults(actor(), details)
    return _refused(faults) if faults else _shown(service.make_course(actor(), details))


@api.put(COURSE)
@api.input(CourseIn, location="json", arg_name="said")
@api.output(CourseOut)
@api.doc(summary="Change what is said of a course and its rule of completion")
def change_course(course_id: int, said: dict[str, Any]) -> dict[str, Any] | Response:
    """Change a course; nobody loses a completion by it."""
    details = Details(**said)
    course = queries.get_manageable(actor(), course_id)
    faults = service.faults(actor(), details, course.unit, course.category)
    if faults:
        return _refused(faults)
    service.change_course(actor(), course_id, details)
    return _shown(course_id)


@api.put(COURSE + "/items")
@api.input(ItemsIn, location="json", arg_name="said")
@api.output(CourseOut)
@api.doc(summary="Put items into a course in this order, in place of what stood there")
def set_items(course_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Set all items of a course."""
    service.set_items(actor(), course_id, [Item(**one) for one in said["items"]])
    return _shown(course_id)


@api.post(COURSE + "/items")
@api.input(ItemIn, location="json", arg_name="said")
@api.output(CourseOut)
@api.doc(summary="Put an item at the end of a course")
def add_item(course_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Add an item; one that is there already stays where it is."""
    service.add_item(actor(), course_id, Item(**said))
    return _shown(course_id)


@api.post(COURSE + "/publish")
@api.output(CourseOut)
@api.doc(
    summary="Publish a course",
    description="403 without an accreditation that holds today, unless I look after courses of its unit; 422 when its "
    "lecturer (a member, or somebody from outside by name) has none there.",
    responses=[409],
)
def publish(course_id: int) -> dict[str, Any]:
    """Let members see a course."""
    service.publish_course(actor(), course_id)
    return _shown(course_id)


@api.post(COURSE + "/archive")
@api.output(CourseOut)
@api.doc(summary="Archive a course")
def archive(course_id: int) -> dict[str, Any]:
    """Put a course away."""
    service.archive_course(actor(), course_id)
    return _shown(course_id)


@api.post(COURSE + "/restore")
@api.output(CourseOut)
@api.doc(summary="Bring an archived course back")
def restore(course_id: int) -> dict[str, Any]:
    """Bring a course back."""
    service.restore_course(actor(), course_id)
    return _shown(course_id)


@api.post(COURSE + "/copy")
@api.output(CourseOut, status_code=201)
@api.doc(summary="Make a draft like a course, a year on")
def copy(course_id: int) -> dict[str, Any]:
    """Copy a course."""
    return _shown(service.copy_course(actor(), course_id))


@api.delete(COURSE)
@api.output({}, status_code=204)
@api.doc(summary="Delete a course that was never published", responses=[409])
def delete(course_id: int) -> str:
    """Delete a draft."""
    service.delete_course(actor(), course_id)
    return ""


@api.get(COURSE + "/members")
@api.input(PeopleQuery, location="query", arg_name="query")
@api.output(PeopleOut)
@api.doc(summary="Who is how far in a course")
def people(course_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """Give a page of members with how far they are."""
    found = people_queries.get_people(
        actor(), course_id, query["state"], _sort(query["sort"]), query["page"], PAGE_SIZE, query["unit"], query["q"]
    )
    page = found.page
    items = [{**row._asdict(), "state": row.state} for row in page.items]
    counts = {"members": found.counts.members, "begun": found.counts.begun, "done": found.counts.done}
    return {**counts, **paged(page, items)}


@api.get(COURSE + "/members.csv", defaults={"form": "csv"})
@api.get(COURSE + "/members.xlsx", defaults={"form": "xlsx"})
@api.input(PeopleQuery, location="query", arg_name="query")
@api.doc(summary="Who is how far in a course, as a table")
def people_table(course_id: int, query: dict[str, Any], form: str) -> Response:
    """Hand out all members of the list as CSV or XLSX."""
    return people_file(actor(), course_id, query["state"], _sort(query["sort"]), query["unit"], query["q"], form)


@api.delete(COURSE + f"/members/{MEMBER}/completion")
@api.output({}, status_code=204)
@api.doc(summary="Take a completion back that should not count")
def withdraw_completion(course_id: int, member: int) -> str:
    """Take a completion back."""
    completing.withdraw_completion(actor(), course_id, member)
    return ""


@api.put(COURSE + f"/members/{MEMBER}/completion")
@api.output({}, status_code=204)
@api.doc(summary="Let a completion that was taken back count again", responses=[409])
def give_back_completion(course_id: int, member: int) -> str:
    """Let a completion count again."""
    completing.give_back_completion(actor(), course_id, member)
    return ""


def _sort(wanted: str) -> str:
    """Give an order that the profile allows."""
    allowed = people_queries.sorts_for(profile())
    return wanted if wanted in allowed else people_queries.SORTS[0]


def _refused(faults: dict[str, LmsError]) -> Response:
    first = next(iter(faults.values()))
    return answer(422, words(first), errors={name: [words(error)] for name, error in faults.items()})


def _shown(course_id: int) -> dict[str, Any]:
    reader = actor()
    course = queries.get_course(reader, course_id)
    items = item_queries.list_items(reader, course)
    standing = item_queries.standing_of(course, items)
    shown = [item._asdict() | ({} if item.seen or course.manageable else {"title": "", "by": ""}) for item in items]
    return {
        **course._asdict(),
        "completed_on": queries.completed_on(reader.id, course_id),
        "done": standing.done,
        "needed": standing.needed,
        "items": shown,
    }
