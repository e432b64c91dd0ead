"""Reading the questions under a lecture with their answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from peewee import fn

from lms.errors import N_, NotFound
from lms.lectures import queries as lectures
from lms.lectures.models import Lecture
from lms.lectures.parts import LectureView
from lms.members.access import Actor
from lms.members.models import Member
from lms.paging import Page
from lms.prepared import prepared
from lms.questions.models import Post

SORTS = ("newest", "place", "unanswered")
PAGE_SIZE = 20


class PostRow(NamedTuple):
    """A question or an answer; ``own`` and ``manages`` say what the reader may do with it, ``staff`` who wrote it."""

    id: int
    question: int | None
    recording: int | None
    at_s: int | None
    member: int
    name: str
    text: str
    created_at: datetime
    edited_at: datetime | None
    answered_at: datetime | None
    deleted_at: datetime | None
    hidden_at: datetime | None
    own: bool
    manages: bool
    by_uploader: bool


@dataclass(frozen=True)
class Asked:
    """A question with its answers in the order in which they came."""

    post: PostRow
    answers: Sequence[PostRow] = ()


@dataclass(frozen=True)
class Questions:
    """A page of the questions under a lecture, and how many of all wait for an answer."""

    lecture: LectureView
    page: Page[Asked]
    waiting: int


def get_questions(
    actor: Actor, lecture_id: int, sort: str = "newest", number: int = 1, size: int = PAGE_SIZE
) -> Questions:
    """Give a page of the questions under a lecture that the actor may see. Raises NotFound."""
    return questions_of(actor, lectures.get_lecture(actor, lecture_id), sort, number, size)


def latest_of(actor: Actor, lecture: LectureView, size: int) -> tuple[list[Asked], bool]:
    """Give the latest questions under a lecture with their answers, and whether there are more: one statement."""
    posts = _posts(actor, lecture, _latest(lecture.id, actor.id, size + 1, manages=lecture.manageable))
    rows = [post for post in posts if post.question is None][::-1]
    return _joined(rows[:size], [post for post in posts if post.question is not None]), len(rows) > size


@prepared
def _latest(lecture: int, member: int, most: int, *, manages: bool) -> Any:
    asked = Post.alias("asked")
    shown = (asked.lecture == lecture) & asked.question.is_null() & _shown_to(member, manages, asked)
    latest = asked.select(asked.id).where(shown).order_by(asked.id.desc()).limit(most)
    within = Post.id.in_(latest) | Post.question.in_(latest)
    return _columns(Post.select().where(within, _shown_to(member, manages)).order_by(Post.id))


@prepared
def _answers(questions: Sequence[int], member: int, *, manages: bool) -> Any:
    return _columns(Post.select().where(Post.question.in_(questions), _shown_to(member, manages)).order_by(Post.id))


def _with_answers(actor: Actor, lecture: LectureView, rows: Sequence[PostRow]) -> list[Asked]:
    ids = [row.id for row in rows]
    answers = _posts(actor, lecture, _answers(ids, actor.id, manages=lecture.manageable)) if ids else []
    return _joined(rows, answers)


def _joined(rows: Sequence[PostRow], answers: Sequence[PostRow]) -> list[Asked]:
    below: dict[int | None, list[PostRow]] = {row.id: [] for row in rows}
    for answer in answers:
        if answer.question in below:
            below[answer.question].append(answer)
    return [Asked(row, tuple(below[row.id])) for row in rows]


def questions_of(actor: Actor, lecture: LectureView, sort: str, number: int, size: int) -> Questions:
    """Give a page of the questions under a lecture that was looked up for the actor: four statements."""
    values, manages = (lecture.id, actor.id), lecture.manageable
    rows = _posts(actor, lecture, _page(*values, size, (number - 1) * size, sort=sort, manages=manages))
    items = _with_answers(actor, lecture, rows)
    total = int(_count.scalar(*values, manages=manages, waiting=False))
    waiting = int(_count.scalar(*values, manages=manages, waiting=True))
    return Questions(lecture, Page(items, number, size, total), waiting)


def _asked(lecture: int, member: int, manages: bool) -> Any:
    return (Post.lecture == lecture) & Post.question.is_null() & _shown_to(member, manages)


@prepared
def _page(lecture: int, member: int, size: int, offset: int, *, sort: str, manages: bool) -> Any:
    asked = Post.select().where(_asked(lecture, member, manages))
    return _columns(asked.order_by(*_order(sort)).limit(size).offset(offset))


@prepared
def _count(lecture: int, member: int, *, manages: bool, waiting: bool) -> Any:
    found = Post.select(fn.COUNT(Post.id)).where(_asked(lecture, member, manages))
    unanswered = (Post.deleted_at.is_null(), Post.hidden_at.is_null(), Post.answered_at.is_null())
    return found.where(*unanswered) if waiting else found


def page_of(actor: Actor, lecture: LectureView, question_id: int) -> int:
    """Give the page on which a question stands when the latest come first."""
    later = Post.select().where(
        Post.lecture == lecture.id, Post.question.is_null(), Post.id > question_id, _shown(actor, lecture.manageable)
    )
    return int(later.count()) // PAGE_SIZE + 1


def _shown(actor: Actor, manages: bool) -> Any:
    """Make the condition that a post is shown: the own ones even when deleted, hidden ones to managers."""
    return _shown_to(actor.id, manages)


def _shown_to(member: int, manages: bool, post: Any = Post) -> Any:
    there = post.deleted_at.is_null()
    if not manages:
        there &= post.hidden_at.is_null()
    return there | (post.member == member)


def _order(sort: str) -> tuple[Any, ...]:
    if sort == "place":
        return (Post.at_s.is_null(), Post.recording, Post.at_s, Post.id)
    if sort == "unanswered":
        return (Post.answered_at.is_null().desc(), Post.id.desc())
    return (Post.id.desc(),)


def _rows(actor: Actor, lecture: LectureView, query: Any) -> list[PostRow]:
    return _posts(actor, lecture, _columns(query).tuples())


def _columns(query: Any) -> Any:
    return query.select(
        Post.id,
        Post.question,
        Post.recording,
        Post.at_s,
        Post.member,
        Member.name,
        Post.text,
        Post.created_at,
        Post.edited_at,
        Post.answered_at,
        Post.deleted_at,
        Post.hidden_at,
    ).join(Member, on=(Post.member == Member.id))


def _posts(actor: Actor, lecture: LectureView, rows: Iterable[tuple[Any, ...]]) -> list[PostRow]:
    uploader = lecture.uploader
    return [PostRow._make((*row, row[4] == actor.id, lecture.manageable, row[4] == uploader)) for row in rows]


def get_post(actor: Actor, post_id: int) -> tuple[LectureView, PostRow]:
    """Give a post that the actor may see with its lecture. Raises NotFound."""
    lecture_id = Post.select(Post.lecture).where(Post.id == post_id).scalar()
    if lecture_id is None:
        raise _gone()
    lecture = lectures.get_lecture(actor, lecture_id)
    rows = _rows(actor, lecture, Post.select().where(Post.id == post_id, _shown(actor, lecture.manageable)))
    if not rows:
        raise _gone()
    return lecture, rows[0]


def _gone() -> NotFound:
    return NotFound(N_("This question or answer is not there any more."))


# ---- for the index -------------------------------------------------------------------------------------------------


def visible_questions(actor: Actor, refs: Sequence[int]) -> set[int]:
    """Give those of the questions that the actor may find now."""
    return {ref for (ref,) in _seen(actor.id, actor.units_seen, list(refs))}


@prepared
def _seen(member: int, sees_units: Sequence[int], refs: Sequence[int]) -> Any:
    return seen_among(member, sees_units, refs)


def seen_among(member: int, sees_units: Sequence[int], refs: Sequence[int], _care: Sequence[str] = ()) -> Any:
    """Make the query of those of some questions that are there, under lectures that a member may see."""
    there = Post.deleted_at.is_null() & Post.hidden_at.is_null()
    seen = Lecture.archived_at.is_null() & lectures.seen_by_member(member, sees_units)
    return Post.select(Post.id).join(Lecture).where(Post.id.in_(refs), there, seen)


def all_questions() -> Iterator[int]:
    """Walk over the ids of all questions that can be found."""
    there = Post.question.is_null() & Post.deleted_at.is_null() & Post.hidden_at.is_null()
    for (ref,) in Post.select(Post.id).where(there).order_by(Post.id).tuples().iterator():
        yield ref


def questions_under(lecture_id: int) -> list[int]:
    """Give the ids of all questions under a lecture."""
    rows = Post.select(Post.id).where(Post.lecture == lecture_id, Post.question.is_null()).tuples()
    return [ref for (ref,) in rows]
