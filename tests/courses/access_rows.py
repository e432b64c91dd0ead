"""Rows of the table of access for courses: one of the unit, published for the unit, and a draft of it."""

from datetime import date, datetime
from typing import Any

from lms.courses.models import Course, CourseCompletion, CourseItem
from lms.lectures.models import Lecture, Recording
from tests.web.access_table import CONFLICT, FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, row, staff
from tests.web.world import World

ID = "int(max=2147483647)"
COURSE = f"/courses/<{ID}:course_id>"
API = f"/api/v1{COURSE}"
MEMBER = f"/members/<{ID}:member>"
DRAFT = {"course_id": "draft_course"}
FACTS = {"title": "基层治理十讲", "lecturer_name": "陈志远", "category": "law", "audience": "unit", "rule": "all"}


def furnish(world: World) -> None:
    """Make a course that was published for the unit, and a draft; the member has completed the first."""
    lecture = Lecture.create(title="治理", speaker="陈志远", unit=world.ids["unit"], uploader=world.ids["lecturer"])
    Recording.create(
        lecture=lecture,
        media_type="audio/mpeg",
        file_key="0" * 64,
        file_name="课.mp3",
        file_size=1,
        duration_ms=60_000,
        state="ready",
    )
    for name, published in (("course", datetime(2026, 9, 1)), ("draft_course", None)):
        made = Course.create(
            title="基层治理十讲",
            lecturer=world.ids["lecturer"],
            lecturer_name="陈志远",
            unit=world.ids["unit"],
            audience="unit",
            made_by=world.ids["lecturer"],
            published_at=published,
        )
        CourseItem.create(course=made, kind="lecture", ref=lecture.id, position=0)
        world.ids[name] = made.id
    world.ids["course_lecture"] = lecture.id
    CourseCompletion.create(
        course=world.ids["course"], member=world.ids["member"], day=date(2026, 9, 2), class_hour_tenths=20
    )


def _takers(method: str, rule: str, **sent: Any) -> Row:
    """Who may see a course of the unit: its members and those above."""
    return everyone(method, rule, other_liaison=MISSING, **sent)


def _keepers(method: str, rule: str, done: str = OK, **sent: Any) -> Row:
    """Who may change a course of the unit: its lecturer, its liaison and those above."""
    refused = MISSING if sent.get("params") is DRAFT else FORBIDDEN
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=refused,
        lecturer=done,
        liaison=done,
        other_liaison=MISSING,
        administrator=done,
        **sent,
    )


def _liaisons(method: str, rule: str, done: str = OK, **sent: Any) -> Row:
    """Who may correct a completion: who looks after the courses of the unit."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=FORBIDDEN,
        liaison=done,
        other_liaison=MISSING,
        administrator=done,
        **sent,
    )


UNIT = {"unit": "2"}
JSON = {**FACTS, "unit": 2}
SAME_LECTURER = {"lecturer": 2}  # as it stands: a published course cannot go to one who is not accredited
ITEM = {"kind": "lecture", "ref": 1}

ROWS = [
    everyone("GET", "/courses"),
    everyone("GET", "/api/v1/courses"),
    _takers("GET", COURSE),
    _takers("GET", API),
    staff("GET", "/courses/new"),
    staff("POST", "/courses/new", form={**FACTS, **UNIT}, other_liaison="422"),
    staff("POST", "/api/v1/courses", json=JSON, other_liaison="422"),
    _keepers("GET", COURSE + "/edit"),
    _keepers("GET", COURSE + "/candidates"),
    _keepers("POST", COURSE + "/edit", form={**FACTS, **UNIT, **SAME_LECTURER}),
    _keepers("POST", COURSE + "/items", form={"item": "lecture-1", "required-lecture-1": "1", "move": "up-lecture-1"}),
    _keepers("POST", COURSE + "/add", form={"item": "lecture-1"}),
    _keepers("POST", COURSE + "/publish"),
    _keepers("POST", COURSE + "/archive"),
    _keepers("POST", COURSE + "/restore"),
    _keepers("POST", COURSE + "/copy"),
    _keepers("POST", COURSE + "/delete", CONFLICT),
    _keepers("POST", COURSE + "/delete", params=DRAFT),
    _keepers("GET", COURSE + "/members"),
    _keepers("GET", COURSE + "/members.csv"),
    _keepers("GET", "/api/v1" + COURSE + "/members.csv"),
    _keepers("GET", "/api/v1" + COURSE + "/members.xlsx"),
    _keepers("GET", COURSE + "/members.xlsx"),
    _liaisons("POST", COURSE + MEMBER + "/withdraw"),
    _liaisons("POST", COURSE + MEMBER + "/give-back", CONFLICT),
    _keepers("PUT", API, json={**JSON, **SAME_LECTURER}),
    _keepers("PUT", API + "/items", json={"items": [ITEM]}),
    _keepers("POST", API + "/items", json=ITEM),
    _keepers("POST", API + "/publish"),
    _keepers("POST", API + "/archive"),
    _keepers("POST", API + "/restore"),
    _keepers("POST", API + "/copy"),
    _keepers("DELETE", API, params=DRAFT),
    _keepers("GET", API + "/members"),
    _liaisons("DELETE", API + MEMBER + "/completion"),
    _liaisons("PUT", API + MEMBER + "/completion", CONFLICT),
]
