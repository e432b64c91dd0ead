"""Pages of courses for those who take them: the list, a course, and where it stands on other pages."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request

from lms import clock
from lms.categories import queries as categories
from lms.categories import words as category_names
from lms.courses import item_queries, people_queries, queries, service
from lms.courses.item_queries import ItemView
from lms.courses.queries import CourseView, Filter
from lms.courses.words import KIND_WORDS, SORT_WORDS, STATE_WORDS, hours_words, rule_words
from lms.members.access import Action, Actor, may
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import words
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, page_number

pages = Blueprint("courses", __name__)

ID = "int(max=2147483647)"
COURSE = f"/courses/<{ID}:course_id>"
TEXT_CHARS = 100
ON_DOOR = 3


# ---- the list ------------------------------------------------------------------------------------------------------


def asked_filter() -> Filter:
    """Read what a list of courses is narrowed to; what is unknown counts as nothing asked."""
    args = request.args

    def one_of(name: str, known: tuple[str, ...]) -> str:
        return args.get(name, "") if args.get(name) in known else known[0]

    return Filter(
        which=one_of("which", queries.WHICH),
        mine=one_of("mine", queries.MINE),
        category=args.get("category", "")[:20].replace("\0", ""),
        lecturer=args.get("lecturer", "")[:TEXT_CHARS].replace("\0", ""),
        text=args.get("q", "").strip()[:TEXT_CHARS].replace("\0", ""),
        sort=one_of("sort", queries.SORTS),
    )


@pages.get("/courses")
def courses() -> str:
    """Show the courses that are there for the reader, or those to look after."""
    reader, wanted = actor(), asked_filter()
    page = queries.list_courses(reader, wanted, page_number(), PAGE_SIZE)
    return render_template(
        "courses/courses.html",
        page=page,
        wanted=wanted,
        categories=category_names.options(categories.list_visible(reader)),
        category_words=category_names.names_words({row.category for row in page.items}),
        lecturers=[(name, name) for name in queries.list_lecturers(reader)],
        states=[(key, str(text)) for key, text in STATE_WORDS.items()],
        state_words={key: str(text) for key, text in STATE_WORDS.items()},
        sorts=[(key, str(text)) for key, text in SORT_WORDS.items()],
        hours_words=hours_words,
        keeper=may(reader, Action.COURSE_EDIT),
        today=clock.today(),
    )


# ---- one course ----------------------------------------------------------------------------------------------------


@pages.get(COURSE)
def course(course_id: int) -> str:
    """Show a course: what it is, its items with where the reader stands, and the one thing to do next."""
    reader = actor()
    shown = queries.get_course(reader, course_id)
    items = item_queries.list_items(reader, shown)
    return render_template(
        "courses/course.html",
        course=shown,
        items=items,
        standing=item_queries.standing_of(shown, items),
        completed=queries.completed_on(reader.id, course_id),
        following=next_item(items),
        href=item_href,
        kinds={key: str(text) for key, text in KIND_WORDS.items()},
        hours=hours_words(shown.class_hour_tenths),
        category=category_names.category_words(shown.category),
        rule=rule_words(shown, sum(item.required for item in items)),
        today=clock.today(),
        refusal=refusal_words(reader, shown),
        sees_people=people_queries.may_see_people(reader, shown),
        panels=panels.loaded_panels("course", reader, course_id),
    )


def refusal_words(reader: Actor, shown: CourseView) -> str:
    """Say why a draft cannot be published by the reader; empty when it can, or when it is published."""
    refusal = service.publish_refusal(reader, shown) if shown.manageable and shown.published_at is None else None
    return words(refusal) if refusal else ""


def next_item(items: list[ItemView]) -> ItemView | None:
    """Give the item to go on with: the first undone required one that can be opened, else the first undone."""
    undone = [item for item in items if item.done_on is None and item.open and item.seen]
    return next((item for item in undone if item.required), undone[0] if undone else None)


def item_href(item: ItemView) -> str:
    """Give the address of an item."""
    if item.kind == "lecture":
        return str(url_for("lectures.lecture", lecture_id=item.ref))
    return str(url_for("materials.material", material_id=item.ref))


# ---- on other pages ------------------------------------------------------------------------------------------------


def _in_courses(kind: str, reader: Actor, ref: int) -> dict[str, Any] | None:
    """Say on the page of an item in which courses it stands, and what comes next there."""
    courses = item_queries.courses_with(reader, kind, ref, ON_DOOR)
    found = [_beside(shown, items, kind, ref) for shown, items in courses]
    return {"courses": found, "href": item_href} if found else None


def _beside(shown: CourseView, items: list[ItemView], kind: str, ref: int) -> dict[str, Any]:
    at = next((n for n, item in enumerate(items) if (item.kind, item.ref) == (kind, ref)), 0)
    after = next((item for item in items[at + 1 :] if item.open and item.seen), None)
    standing = item_queries.standing_of(shown, items)
    return {"course": shown, "number": at + 1, "of": len(items), "after": after, "standing": standing}


def _door(reader: Actor, ref: int) -> dict[str, Any] | None:
    """Say on the door of lectures and on home which courses are being taken, the one nearest its end first."""
    running = queries.list_running(reader, ON_DOOR)
    return {"rows": running, "total": queries.count_open(reader)}


def _home(reader: Actor, ref: int) -> dict[str, Any] | None:
    running = queries.list_running(reader, ON_DOOR)
    return {"rows": running} if running else None


for _kind in ("lecture", "material"):
    panels.add_panel(_kind, "courses/_in_courses.html", partial(_in_courses, _kind), 10)
panels.add_panel("lectures", "courses/_door.html", _door, 20)
panels.add_panel("home", "courses/_home.html", _home, 40)
