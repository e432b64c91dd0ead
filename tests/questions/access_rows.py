"""Rows of the table of access for questions: one of the member under a lecture of the unit."""

from typing import Any

from lms.lectures.models import Lecture, Recording
from lms.questions.models import Post
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, row
from tests.web.world import World

ID = "int(max=2147483647)"
UNDER = f"/lectures/<{ID}:lecture_id>/questions"
QUESTION = f"/questions/<{ID}:question_id>"
POST = f"/posts/<{ID}:post_id>"
ASKED_UNDER = {"lecture_id": "asked_lecture"}
ASK = {"text": "这里说的差序格局是什么意思？", "at": 12}


def furnish(world: World) -> None:
    """Make a lecture of the unit with a question of the member."""
    lecture = Lecture.create(
        title="乡土中国",
        speaker="陈志远",
        unit=world.ids["unit"],
        uploader=world.ids["lecturer"],
        audience="unit",
    )
    recording = Recording.create(
        lecture=lecture,
        media_type="audio/mpeg",
        file_key="0" * 64,
        file_name="课.mp3",
        file_size=1,
        duration_ms=60_000,
        state="ready",
    )
    post = Post.create(lecture=lecture, recording=recording, at_s=12, member=world.ids["member"], text="什么意思？")
    world.ids.update(asked_lecture=lecture.id, question=post.id, post=post.id)


def _audience(method: str, rule: str, **sent: Any) -> Row:
    return everyone(method, rule, other_liaison=MISSING, **sent)


def _cells(method: str, rule: str, member: str, others: str, **sent: Any) -> Row:
    """Make a row where its writer, or who looks after the lecture, may do something."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=member,
        lecturer=others,
        liaison=others,
        other_liaison=MISSING,
        administrator=others,
        **sent,
    )


ROWS = [
    _audience("GET", UNDER, params=ASKED_UNDER),
    _audience("POST", UNDER, params=ASKED_UNDER, form={"text": "请问？", "at": "0:12"}),
    _audience("GET", QUESTION),
    _audience("POST", QUESTION + "/answers", form={"text": "就像水波。"}),
    _audience("POST", QUESTION + "/answered", member=OK, form={"answered": "1"}),
    _cells("GET", POST + "/edit", OK, FORBIDDEN),
    _cells("POST", POST + "/edit", OK, FORBIDDEN, form={"text": "是什么？"}),
    _cells("POST", POST + "/delete", OK, FORBIDDEN),
    _cells("POST", POST + "/restore", OK, FORBIDDEN),
    _cells("POST", POST + "/hide", FORBIDDEN, OK, form={"hidden": "1"}),
    _audience("GET", "/api/v1" + UNDER, params=ASKED_UNDER),
    _audience("POST", "/api/v1" + UNDER, params=ASKED_UNDER, json=ASK),
    _audience("POST", "/api/v1" + QUESTION + "/answers", json={"text": "就像水波。"}),
    _audience("PUT", "/api/v1" + QUESTION + "/answered", json={"answered": True}),
    _cells("PATCH", "/api/v1" + POST, OK, FORBIDDEN, json={"text": "是什么？"}),
    _cells("DELETE", "/api/v1" + POST, OK, FORBIDDEN),
    _cells("POST", "/api/v1" + POST + "/restore", OK, FORBIDDEN),
    _cells("PUT", "/api/v1" + POST + "/hidden", FORBIDDEN, OK, json={"hidden": True}),
]
