"""Reading lectures: lists, one lecture with all its page needs, where to go on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import JOIN, Expression, fn

from lms.errors import N_, Forbidden, NotFound
from lms.lectures import part_rules, parts, rules
from lms.lectures.models import Lecture, LectureDone, Recording, WatchProgress
from lms.lectures.parts import LectureView, Part
from lms.members.access import Action, Actor, audience_tokens, in_subtree, may, reaches, visible_to
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.prepared import prepared

SORTS = ("newest", "title")
RECORDINGS_OF_ONE = 4  # looked through for each lecture to go on in: few members begin more parts of one


class LectureRow(NamedTuple):
    """A lecture in a list with the recording the asking member would go on in, and what was seen of all of them.

    ``duration_ms`` and ``seconds`` are those of all its recordings that can be played, ``parts`` their number.
    """

    id: int
    title: str
    speaker: str
    held_on: date | None
    created_at: datetime
    recording: int
    media_type: str
    state: str
    duration_ms: int
    poster_key: str
    position_s: float
    seconds: float
    seen: bool = False
    parts: int = 1
    published: bool = True

    @property
    def duration(self) -> float:
        """Give the length in seconds, 0 while it is not known."""
        return self.duration_ms / 1000


@dataclass(frozen=True)
class Filter:
    """What a list of lectures is narrowed to; ``archived`` asks for those put away that the actor may bring back."""

    text: str = ""
    mine: bool = False
    archived: bool = False
    sort: str = "newest"


@dataclass(frozen=True)
class Watched:
    """Where a member is in a recording, in seconds, and how much of it was really played."""

    position: float = 0.0
    seconds: float = 0.0
    moved_at: datetime | None = None


def there() -> Expression:
    """Make the condition that a lecture is there for its audience: published, not put away."""
    return Lecture.published_at.is_null(False) & Lecture.archived_at.is_null()


def seen_by_member(member: int, sees_units: Sequence[int]) -> Expression:
    """Make the condition that a lecture may be seen: the own ones, and published ones within their audience."""
    published = Lecture.published_at.is_null(False) & visible_to(member, sees_units, Lecture.audience, Lecture.unit)
    return published | (Lecture.uploader == member)


def _may_change(actor: Actor, uploader: int | None, unit_path: str) -> bool:
    if may(actor, Action.LECTURE_MANAGE, unit_path):
        return True
    return uploader == actor.id and may(actor, Action.LECTURE_UPLOAD)


def list_lectures(actor: Actor, wanted: Filter, number: int, size: int) -> Page[LectureRow]:
    """List the lectures the actor can play or look after, with how far the actor is in each: three statements."""
    values, shape = (actor.id, actor.units_seen), _shape(actor, wanted)
    if shape["words"]:
        query = _matching(*values, **shape)
        total, rows = query.count(), list(_in_order(query, wanted.sort).paginate(number, size).tuples())
    else:
        total = int(_counted.scalar(*values, **shape) or 0)
        rows = _page(*values, size, (number - 1) * size, sort=wanted.sort, **shape)
    found = parts.of_lectures(actor.id, [row[0] for row in rows]) if rows else {}
    return Page([_listed(row, found.get(row[0], [])) for row in rows], number, size, total)


def _listed(row: tuple[Any, ...], all_parts: Sequence[Part]) -> LectureRow:
    shown = [part for part in all_parts if part.archived_at is None] or all_parts
    ready = [part for part in shown if part.ready]
    part = shown[part_rules.choose(shown, None)]
    ident, title, speaker, held_on, created_at, published_at = row
    return LectureRow(
        id=ident,
        title=title,
        speaker=speaker,
        held_on=held_on,
        created_at=created_at,
        recording=part.id,
        media_type=part.media_type,
        state=part.state,
        duration_ms=sum(each.duration_ms for each in ready or shown),
        poster_key=next((each.poster_key for each in shown if each.poster_key), ""),
        position_s=part.position_s,
        seconds=sum(each.seconds for each in ready),
        seen=bool(ready) and all(each.seen for each in ready),
        parts=len(ready or shown),
        published=published_at is not None,
    )


def _shape(actor: Actor, wanted: Filter) -> dict[str, Any]:
    """Give what decides how the statement of a list is made."""
    return {
        "archived": wanted.archived,
        "mine": wanted.mine,
        "uploads": may(actor, Action.LECTURE_UPLOAD),
        "paths": tuple(actor.paths_for(Action.LECTURE_MANAGE)),
        "words": tuple(wanted.text.split()[:8]),
    }


def _matching(
    member: int,
    sees_units: Sequence[int],
    *,
    archived: bool,
    mine: bool,
    uploads: bool,
    paths: tuple[str, ...],
    words: tuple[str, ...],
) -> Any:
    """Select the lectures of a list. What cannot be played is shown only to those who can do something about it."""
    managed = Lecture.uploader == member if uploads else Lecture.uploader.in_([])
    for path in paths:
        managed |= in_subtree(path)
    if archived:
        condition = Lecture.archived_at.is_null(False) & managed
    else:
        playable = Recording.select(Recording.lecture).where(
            Recording.state == "ready", Recording.archived_at.is_null()
        )
        seen = seen_by_member(member, sees_units) & Lecture.id.in_(playable)
        condition = Lecture.archived_at.is_null() & (seen | managed)
    if mine:
        condition &= Lecture.uploader == member
    for word in words:
        condition &= Lecture.title.contains(word) | Lecture.speaker.contains(word)
    columns = (Lecture.id, Lecture.title, Lecture.speaker, Lecture.held_on, Lecture.created_at, Lecture.published_at)
    return Lecture.select(*columns).join(Unit, on=(Lecture.unit == Unit.id)).where(condition)


def _in_order(query: Any, sort: str) -> Any:
    return query.order_by(
        *((Lecture.title, Lecture.id) if sort == "title" else (Lecture.created_at.desc(), Lecture.id.desc()))
    )


@prepared
def _counted(*values: Any, **shape: Any) -> Any:
    return _matching(*values, **shape).select(fn.COUNT(Lecture.id))


@prepared
def _page(*values: Any, sort: str, **shape: Any) -> Any:
    *of_list, size, offset = values
    return _in_order(_matching(*of_list, **shape), sort).limit(size).offset(offset)


def get_lecture(actor: Actor, lecture_id: int, part: int | None = None) -> LectureView:
    """Give a lecture the actor may see; an archived one only to those who may bring it back. Raises NotFound.

    ``part`` asks for one of its recordings; another lecture's is passed over. One statement.
    """
    found = _lecture(lecture_id, actor.id)
    if not found:
        raise _no_lecture()
    row = dict(zip(_OF_LECTURE, found[0], strict=False))
    manageable = _may_change(actor, row["uploader"], row["unit_path"])
    if not manageable and (row["archived_at"] is not None or not _is_seen(actor, row)):
        raise _no_lecture()
    of_it = [Part(*each[len(_OF_LECTURE) :]) for each in found]
    shown = tuple(each for each in of_it if manageable or each.archived_at is None)
    if not shown:
        raise _no_lecture()
    chosen = shown[part_rules.choose(shown, part)]
    return LectureView(id=lecture_id, manageable=manageable, part=chosen, parts=shown, **row)


_OF_LECTURE = (
    "title", "summary", "speaker", "held_on", "audience", "done_percent", "unit", "unit_name", "uploader_name",
    "created_at", "archived_at", "published_at", "uploader", "unit_path", "done",
)  # fmt: skip


@prepared
def _lecture(lecture_id: int, member: int) -> Any:
    through = LectureDone.select(LectureDone.id).where(LectureDone.lecture == Lecture.id, LectureDone.member == member)
    joined = {"unit_name": Unit.name, "unit_path": Unit.path, "uploader_name": fn.COALESCE(Member.name, "")}
    joined["done"] = fn.EXISTS(through)
    columns = [joined[name] if name in joined else getattr(Lecture, name) for name in _OF_LECTURE]
    return (
        Lecture.select(*columns, *parts.columns())
        .join(Unit, on=(Lecture.unit == Unit.id))
        .switch(Lecture)
        .join(Member, JOIN.LEFT_OUTER, on=(Lecture.uploader == Member.id))
        .switch(Lecture)
        .join(Recording, on=(Recording.lecture == Lecture.id))
        .join(WatchProgress, JOIN.LEFT_OUTER, on=parts.seen_by(member))
        .where(Lecture.id == lecture_id)
        .order_by(Recording.position, Recording.id)
    )


def _is_seen(actor: Actor, row: dict[str, Any]) -> bool:
    """Say on one row what ``seen_by_member`` says in a statement."""
    within = reaches(actor, row["audience"], row["unit"])
    return (row["published_at"] is not None and within) or row["uploader"] == actor.id


def get_manageable(actor: Actor, lecture_id: int, part: int | None = None) -> LectureView:
    """Give a lecture the actor may change. Raises NotFound when they may not see it, Forbidden when only that."""
    lecture = get_lecture(actor, lecture_id, part)
    if not lecture.manageable:
        raise Forbidden(N_("Only its uploader and the liaisons of its unit may change this lecture."))
    return lecture


def _no_lecture() -> NotFound:
    return NotFound(N_("This lecture does not exist, or you may not see it."))


def watchable(actor: Actor, recording_id: int, *columns: Any) -> tuple[Any, ...]:
    """Give columns of a recording the actor may see, those of what is put away only to who may bring it back.

    The one place that decides who gets a recording's bytes, pictures and words. A player asks it for each range, so
    it is one prepared statement by the key; what may be seen is decided as the index decides it. Raises NotFound.
    """
    row = _with_lecture.first(recording_id, columns=tuple((column.model, column.name) for column in columns))
    if row is None:
        raise _no_lecture()
    lecture_away, recording_away, published_at, audience, unit, uploader, path = row[:7]
    seen = not actor.tokens.isdisjoint(audience_tokens(audience if published_at else "", unit, uploader))
    if not (seen and lecture_away is None and recording_away is None) and not _may_change(actor, uploader, path):
        raise _no_lecture()
    return row[7:]


@prepared
def _with_lecture(recording: int, *, columns: tuple[tuple[Any, str], ...]) -> Any:
    wanted = [getattr(model, name) for model, name in columns]
    away = (Lecture.archived_at, Recording.archived_at)
    open_to = (Lecture.published_at, Lecture.audience, Lecture.unit, Lecture.uploader, Unit.path)
    return (
        Recording.select(*away, *open_to, *wanted)
        .join(Lecture, on=(Recording.lecture == Lecture.id))
        .join(Unit, on=(Lecture.unit == Unit.id))
        .where(Recording.id == recording)
        .limit(1)
    )


def get_playable(actor: Actor, recording_id: int) -> int:
    """Give the length in milliseconds of a recording that can be played. Raises NotFound."""
    duration, state = watchable(actor, recording_id, Recording.duration_ms, Recording.state)
    if state != "ready":
        raise NotFound(N_("This recording cannot be played yet."))
    return int(duration)


def require_seen(actor: Actor, recording_id: int) -> None:
    """Raise NotFound unless the actor may see the recording."""
    watchable(actor, recording_id, Recording.id)


def get_watched(actor: Actor, recording_id: int) -> Watched:
    """Give where the actor is in a recording; the beginning when nothing was played yet."""
    row = (
        WatchProgress.select(WatchProgress.position_s, WatchProgress.seconds, WatchProgress.moved_at)
        .where(WatchProgress.member == actor.id, WatchProgress.recording == recording_id)
        .tuples()
        .first()
    )
    return Watched(*row) if row else Watched()


def continue_watching(actor: Actor, limit: int) -> list[LectureRow]:
    """Give the lectures the actor began and has not come to the end of, the last watched first: one statement.

    Of a lecture with several recordings the one last watched stands for it.
    """
    begun: dict[int, LectureRow] = {}
    for row in _begun(actor.id, actor.units_seen, limit * RECORDINGS_OF_ONE):
        begun.setdefault(row[0], LectureRow(*row))
    return list(begun.values())[:limit]


@prepared
def _begun(member: int, sees_units: Sequence[int], limit: int) -> Any:
    end_s = Recording.duration_ms / 1000.0 - rules.END_S
    return (
        WatchProgress.select(
            Lecture.id,
            Lecture.title,
            Lecture.speaker,
            Lecture.held_on,
            Lecture.created_at,
            Recording.id,
            Recording.media_type,
            Recording.state,
            Recording.duration_ms,
            Recording.poster_key,
            WatchProgress.position_s,
            WatchProgress.seconds,
        )
        .join(Recording, on=(WatchProgress.recording == Recording.id))
        .join(Lecture, on=(Recording.lecture == Lecture.id))
        .where(
            WatchProgress.member == member,
            Lecture.archived_at.is_null(),
            seen_by_member(member, sees_units),
            Recording.state == "ready",
            Recording.archived_at.is_null(),
            WatchProgress.position_s > 0,
            WatchProgress.position_s < end_s,
        )
        .order_by(WatchProgress.moved_at.desc())
        .limit(limit)
    )


# ---- for the index -------------------------------------------------------------------------------------------------


def visible_lectures(actor: Actor, refs: Iterable[int]) -> set[int]:
    """Give those of the lectures that the actor may see now."""
    return {ref for (ref,) in _visible(actor.id, actor.units_seen, list(refs))}


@prepared
def _visible(member: int, sees_units: Sequence[int], refs: Sequence[int]) -> Any:
    return seen_among(member, sees_units, refs)


def seen_among(member: int, sees_units: Sequence[int], refs: Sequence[int], _care: Sequence[str] = ()) -> Any:
    """Make the query of those of some lectures that a member may see now."""
    return Lecture.select(Lecture.id).where(
        Lecture.id.in_(refs), Lecture.archived_at.is_null(), seen_by_member(member, sees_units)
    )


def all_lectures() -> Iterator[int]:
    """Walk over the ids of all lectures that are not archived."""
    for (ref,) in Lecture.select(Lecture.id).where(Lecture.archived_at.is_null()).order_by(Lecture.id).tuples():
        yield ref


def used_keys() -> Iterator[str]:
    """Walk over the storage keys that recordings use: files, pictures, sound, originals; archived ones as well."""
    columns = (Recording.file_key, Recording.poster_key, Recording.sound_key, Recording.original_key)
    for keys in Recording.select(*columns).tuples().iterator():
        yield from filter(None, keys)
