"""Reading what a lecturer owns: lectures, materials, courses and uploads under way, with their audience."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from peewee import JOIN, Expression, fn

from lms.courses.models import Course, CourseCompletion, CourseItem, ItemDone
from lms.lectures import parts, transcript_queries
from lms.lectures.audience_queries import Audience, Audiences, audience_of
from lms.lectures.models import Lecture
from lms.materials.models import Material, MaterialReading
from lms.members.access import Action, Actor, require
from lms.paging import Page
from lms.prepared import prepared
from lms.questions.models import Post
from lms.studio import rules
from lms.studio.rules import Owned, Recorded
from lms.uploads import queries as uploads

MOST_OF_A_KIND = 1000
MOST_WAITING = 3


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; "" narrows nothing."""

    kind: str = ""
    state: str = ""
    text: str = ""
    sort: str = "newest"


class Waiting(NamedTuple):
    """A question that waits for an answer."""

    id: int
    text: str
    lecture: str


@dataclass(frozen=True)
class Studio:
    """A page of what the actor owns, how much of it is in which state, and the questions that wait for an answer.

    ``waiting`` counts those, ``questions`` are the few that wait longest.
    """

    page: Page[Owned]
    states: Counter[str]
    waiting: int
    questions: Sequence[Waiting]
    audience: Audience


def get_studio(actor: Actor, wanted: Filter, number: int, size: int) -> Studio:
    """Give a page of what the actor owns, the newest thousand of each kind: eight statements. Raises Forbidden."""
    require(actor, Action.LECTURE_UPLOAD)
    lectures = _own_lectures(actor.id, MOST_OF_A_KIND)
    audiences = audience_of(row[0] for row in lectures)
    owned = [*_uploads(actor), *_lectures(actor, lectures, audiences), *_materials(actor), *_courses(actor)]
    shown = rules.in_order(rules.narrowed(owned, wanted.kind, wanted.state, wanted.text), wanted.sort)
    page = Page(shown[(number - 1) * size : number * size], number, size, len(shown))
    questions, waiting = list_waiting(actor, MOST_WAITING)
    return Studio(page, Counter(one.state for one in owned), waiting, questions, audiences.together)


def _uploads(actor: Actor) -> list[Owned]:
    page = uploads.list_unfinished(actor, 1, MOST_OF_A_KIND)
    return [
        Owned(
            "upload",
            view.token,
            view.name,
            "unused" if view.state == "ready" else "uploading",
            view.created_at,
            percent=view.received * 100 // view.length if view.length else 100,
            purpose=view.purpose,
            page=view.page,
            until=view.expires_at,
        )
        for view in page.items
    ]


def _lectures(actor: Actor, rows: Sequence[Any], audiences: Audiences) -> list[Owned]:
    ids = [row[0] for row in rows]
    recordings = parts.of_lectures(actor.id, ids) if ids else {}
    wordless = transcript_queries.without_transcript(part.id for found in recordings.values() for part in found)
    return [_lecture(row, recordings.get(row[0], []), wordless, audiences.of(row[0])) for row in rows]


@prepared
def _own_lectures(member: int, most: int) -> Any:
    columns = (Lecture.id, Lecture.title, Lecture.created_at, Lecture.archived_at, Lecture.published_at)
    return Lecture.select(*columns).where(Lecture.uploader == member).order_by(Lecture.id.desc()).limit(most)


def _lecture(row: tuple, found: Sequence[parts.Part], wordless: set[int], figures: Audience) -> Owned:  # type: ignore[type-arg]
    ident, title, created_at, archived_at, published_at = row
    recorded = [Recorded(part.state, part.archived_at is not None, part.id not in wordless) for part in found]
    state = rules.lecture_state(archived_at is not None, published_at is not None, recorded)
    owned = Owned("lecture", str(ident), title, state, created_at, **figures._asdict())
    shown = [part for part in found if part.archived_at is None]
    failed = next((part for part in shown if part.state == "failed"), None)
    if state == "failed" and failed is not None:
        return replace(owned, why=failed.failure, why_detail=failed.failure_detail, part=failed.id)
    if state == "words":
        return replace(owned, part=next(part.id for part in shown if part.id in wordless))
    if state == "preparing":
        return replace(owned, percent=min(part.percent for part in shown if part.state == "preparing"))
    return owned


def _materials(actor: Actor) -> list[Owned]:
    return [
        Owned(
            "material",
            str(ident),
            title,
            "archived" if archived_at else {"ready": "published"}.get(state, state),
            created_at,
            why=failure if state == "failed" else "",
            begun=readers,
            finished=through,
        )
        for ident, title, created_at, archived_at, state, failure, readers, through in _own_materials(
            actor.id, MOST_OF_A_KIND
        )
    ]


@prepared
def _own_materials(member: int, most: int) -> Any:
    columns = (Material.id, Material.title, Material.created_at, Material.archived_at, Material.state, Material.failure)
    return (
        Material.select(*columns, fn.COUNT(MaterialReading.id), fn.COUNT(MaterialReading.finished_on))
        .join(MaterialReading, JOIN.LEFT_OUTER)
        .where(Material.uploader == member)
        .group_by(Material.id)
        .order_by(Material.id.desc())
        .limit(most)
    )


def _courses(actor: Actor) -> list[Owned]:
    return [
        Owned(
            "course",
            str(ident),
            title,
            "archived" if archived_at else "published" if published_at else "unpublished",
            created_at,
            begun=max(begun, done),
            finished=done,
        )
        for ident, title, created_at, archived_at, published_at, begun, done in _own_courses(actor.id, MOST_OF_A_KIND)
    ]


@prepared
def _own_courses(member: int, most: int) -> Any:
    same = (ItemDone.kind == CourseItem.kind) & (ItemDone.ref == CourseItem.ref)
    begun = CourseItem.select(fn.COUNT(ItemDone.member.distinct())).join(ItemDone, on=same)
    completed = CourseCompletion.select(fn.COUNT(CourseCompletion.id))
    columns = (
        Course.id,
        Course.title,
        Course.created_at,
        Course.archived_at,
        Course.published_at,
        begun.where(CourseItem.course == Course.id),
        completed.where(CourseCompletion.course == Course.id, CourseCompletion.withdrawn_at.is_null()),
    )
    own = (Course.made_by == member) | (Course.lecturer == member)
    return Course.select(*columns).where(own).order_by(Course.id.desc()).limit(most)


def waiting_for(actor: Actor) -> Any:
    """Make the query that counts the questions under the actor's lectures that wait for an answer."""
    return Post.select(fn.COUNT(Post.id)).join(Lecture).where(_unanswered(actor.id))


def _unanswered(member: int) -> Expression:
    waits = Post.question.is_null() & Post.answered_at.is_null() & Post.deleted_at.is_null() & Post.hidden_at.is_null()
    return waits & (Lecture.uploader == member) & Lecture.archived_at.is_null()


def list_waiting(actor: Actor, limit: int) -> tuple[list[Waiting], int]:
    """Give the questions under the actor's lectures that wait longest for an answer, and how many wait in all."""
    rows = _longest_waiting(actor.id, limit)
    return [Waiting(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


@prepared
def _longest_waiting(member: int, limit: int) -> Any:
    columns = (Post.id, Post.text, Lecture.title, fn.COUNT(Post.id).over())
    return Post.select(*columns).join(Lecture).where(_unanswered(member)).order_by(Post.id).limit(limit)
