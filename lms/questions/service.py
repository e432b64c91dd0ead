"""Asking under a lecture, answering, and looking after what was written."""

from lms import clock, events
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden
from lms.lectures import queries as lectures
from lms.lectures.parts import LectureView
from lms.members.access import Actor
from lms.notices.service import notify
from lms.questions import queries, rules
from lms.questions.models import Post
from lms.questions.queries import PostRow


def connect() -> None:
    """Follow who may see a lecture: its questions are found by the same."""
    events.subscribe(events.SearchableChanged, lecture_changed)


def lecture_changed(event: events.SearchableChanged) -> None:
    """Have the index take the questions under a changed lecture anew."""
    if event.kind == "lecture":
        for question in queries.questions_under(event.ref):
            events.publish(events.SearchableChanged("question", question))


@transactional
def ask(actor: Actor, lecture_id: int, text: str, at_s: int | None = None, recording: int | None = None) -> int:
    """Ask a question under a lecture, at a second of one of its recordings, and give its id.

    Raises NotFound, InvalidInput. Who uploaded the lecture hears of it.
    """
    lecture = lectures.get_lecture(actor, lecture_id, recording)
    checked = rules.check_text(text)
    second = rules.check_second(at_s, lecture.duration)
    part = lecture.recording if second is not None else None
    post = Post.create(lecture=lecture_id, member=actor.id, text=checked, at_s=second, recording=part)
    _tell([lecture.uploader], actor, post.id, "asked", N_("%(name)s asks under “%(lecture)s”."), lecture)
    events.publish(events.SearchableChanged("question", post.id))
    return int(post.id)


def _tell(members: list[int | None], actor: Actor, question: int, key: str, message: str, lecture: LectureView) -> None:
    heard = [member for member in members if member is not None and member != actor.id]
    said = {"name": actor.name, "lecture": lecture.title}
    notify(heard, "question", f"question:{question}:{key}", message, said, f"/questions/{question}")


@transactional
def answer(actor: Actor, question_id: int, text: str) -> int:
    """Answer a question and give the answer's id; who may change the lecture marks it as answered by it.

    Raises NotFound, InvalidInput, Conflict for a question that was deleted or is hidden. Who asked hears of it; what
    they add to it themselves, who uploaded the lecture.
    """
    lecture, question = _question(actor, question_id)
    if question.deleted_at is not None or question.hidden_at is not None:
        raise Conflict(N_("This question is deleted or hidden, so it cannot be answered."))
    post = Post.create(lecture=lecture.id, question=question_id, member=actor.id, text=rules.check_text(text))
    if lecture.manageable and question.answered_at is None:
        Post.update(answered_at=clock.now()).where(Post.id == question_id).execute()
    _tell(
        [question.member],
        actor,
        question_id,
        f"{post.id}",
        N_("%(name)s answered your question under “%(lecture)s”."),
        lecture,
    )
    if question.member == actor.id:
        more = N_("%(name)s wrote more to a question under “%(lecture)s”.")
        _tell([lecture.uploader], actor, question_id, f"{post.id}", more, lecture)
    events.publish(events.SearchableChanged("question", question_id))
    return int(post.id)


def _question(actor: Actor, question_id: int) -> tuple[LectureView, PostRow]:
    lecture, post = queries.get_post(actor, question_id)
    if post.question is not None:
        raise Conflict(N_("This is an answer, not a question."))
    return lecture, post


@transactional
def mark_answered(actor: Actor, question_id: int, answered: bool) -> None:
    """Let a question count as answered, or open again: for who asked, and who manages the lecture."""
    _, question = _question(actor, question_id)
    if not (question.own or question.manages):
        raise Forbidden(N_("Only who asked, and who looks after the lecture, may mark this."))
    instant = (question.answered_at or clock.now()) if answered else None
    Post.update(answered_at=instant).where(Post.id == question_id).execute()


@transactional
def edit(actor: Actor, post_id: int, text: str) -> None:
    """Change the own words. Raises NotFound, Forbidden, InvalidInput."""
    post = _own(actor, post_id)
    Post.update(text=rules.check_text(text), edited_at=clock.now()).where(Post.id == post_id).execute()
    _changed(post)


@transactional
def delete(actor: Actor, post_id: int) -> None:
    """Take the own words away; ``restore`` brings them back. Raises NotFound, Forbidden."""
    post = _own(actor, post_id)
    Post.update(deleted_at=post.deleted_at or clock.now()).where(Post.id == post_id).execute()
    _changed(post)


@transactional
def restore(actor: Actor, post_id: int) -> None:
    """Bring the own words back. Raises NotFound, Forbidden."""
    post = _own(actor, post_id)
    Post.update(deleted_at=None).where(Post.id == post_id).execute()
    _changed(post)


def _own(actor: Actor, post_id: int) -> PostRow:
    _, post = queries.get_post(actor, post_id)
    require_own(post)
    return post


def require_own(post: PostRow) -> None:
    """Raise Forbidden unless the reader of a post wrote it."""
    if not post.own:
        raise Forbidden(N_("Only who wrote this may change it."))


@transactional
def hide(actor: Actor, post_id: int, hidden: bool) -> None:
    """Hide a post from the others, or show it again: for who manages the lecture. Raises NotFound, Forbidden."""
    _, post = queries.get_post(actor, post_id)
    if not post.manages:
        raise Forbidden(N_("Only who looks after the lecture may hide this."))
    instant = (post.hidden_at or clock.now()) if hidden else None
    Post.update(hidden_at=instant).where(Post.id == post_id).execute()
    _changed(post)


def _changed(post: PostRow) -> None:
    events.publish(events.SearchableChanged("question", post.question or post.id))
