"""Questions under lectures as search documents: the question with its answers, opened at the second it is about."""

from collections.abc import Iterator

from lms import clock
from lms.lectures.models import Lecture
from lms.members.access import audience_tokens
from lms.questions import queries
from lms.questions.models import Post
from lms.searchable import Searchable, Source

KIND = "question"
TITLE_CHARS = 60


def load(ref: int) -> Iterator[Searchable]:
    """Give the one place of a question; none when it is deleted, hidden, or its lecture is not there for others."""
    there = Post.deleted_at.is_null() & Post.hidden_at.is_null()
    question = Post.get_or_none(Post.id == ref, Post.question.is_null(), there)
    if question is None:
        return
    published = Lecture.published_at.is_null(False) & Lecture.archived_at.is_null()
    lecture = Lecture.get_or_none(Lecture.id == question.lecture, published)
    if lecture is None:
        return
    answers = Post.select(Post.text).where(Post.question == ref, there).order_by(Post.id).tuples()
    first = question.text.split("\n")[0]
    key = f"{KIND}:{ref}"
    yield Searchable(
        key=key,
        kind=KIND,
        ref=ref,
        group=key,
        title=first if len(first) <= TITLE_CHARS else first[: TITLE_CHARS - 1] + "…",
        body="\n".join([question.text, *(text for (text,) in answers)]),
        audience=audience_tokens(lecture.audience, lecture.unit, None),
        day=clock.local(question.created_at).date(),
        extra={"by": lecture.title},
        facets={"unit": str(lecture.unit), "lecturer": lecture.speaker},
    )


SOURCE = Source(KIND, load, queries.all_questions, queries.visible_questions, queries.seen_among)
