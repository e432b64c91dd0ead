"""How a feature tells the ones above it: past-tense facts, delivered inside the publisher's transaction.

A subscriber writes its own rows in that same transaction, so a fact and what follows from it stand or fall
together. Nothing slow belongs in a subscriber.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar

E = TypeVar("E")


@dataclass(frozen=True)
class SearchableChanged:
    """A row that can be found was added, changed or taken away. ``kind`` names a source in ``lms.search``."""

    kind: str
    ref: int


@dataclass(frozen=True)
class BooksMerged:
    """Two books of the catalogue are one from now on: what named ``dropped`` names ``kept``.

    ``merge`` is under which a room keeps what it moved (``lms.catalogue.merging.keep``).
    """

    kept: int
    dropped: int
    merge: int


@dataclass(frozen=True)
class BookMergeUndone:
    """Two books are two again: what the merge moved goes back to ``dropped``."""

    kept: int
    dropped: int
    merge: int


@dataclass(frozen=True)
class ReviewBrought:
    """A member brought from elsewhere what they wrote of a book and what is too long for a remark in the log."""

    member: int
    book: int
    text: str


@dataclass(frozen=True)
class BookFinished:
    """A member finished a book; ``times`` counts up so that finishing again after undoing is a new fact."""

    member: int
    book: int
    entry: int
    times: int
    day: date


@dataclass(frozen=True)
class BookUnfinished:
    """The finish number ``times`` of a reading entry was taken back."""

    member: int
    entry: int
    times: int


@dataclass(frozen=True)
class BookFinishMoved:
    """The day on which a finished book counts was corrected; ``times`` is the new fact, ``before`` the old."""

    member: int
    book: int
    entry: int
    times: int
    day: date
    before: int


@dataclass(frozen=True)
class StudyTimeLogged:
    """A member noted minutes of self-study with a book."""

    member: int
    session: int
    minutes: int
    day: date


@dataclass(frozen=True)
class StudyTimeWithdrawn:
    """A noted stretch of self-study was taken back."""

    member: int
    session: int


class Begun(NamedTuple):
    """A member belongs to a unit from a day on."""

    member: int
    unit: int
    since: date


@dataclass(frozen=True)
class MembershipsBegan:
    """Members belong to units from days on: one of them, or the newcomers of an import together."""

    begun: tuple[Begun, ...]

    @staticmethod
    def of(member: int, unit: int, since: date) -> "MembershipsBegan":
        """Tell of one."""
        return MembershipsBegan((Begun(member, unit, since),))


@dataclass(frozen=True)
class LectureCompleted:
    """A member has really played nine tenths of a lecture's recording, for the first time."""

    member: int
    lecture: int
    day: date


@dataclass(frozen=True)
class RecordingWatched:
    """More of a recording was really played: ``minutes`` is the whole minutes of it seen so far, by this member."""

    member: int
    recording: int
    minutes: int
    day: date


@dataclass(frozen=True)
class NoteAccepted:
    """A note was accepted; ``times`` counts up, so accepting it again later is a new fact. ``day`` it was handed in.

    ``kind`` is the kind of note (reading, reflection, research, training, free), ``chars`` its 字数, ``subject`` what
    it is about ("book:12", "" for nothing).
    """

    member: int
    note: int
    times: int
    day: date
    kind: str
    chars: int
    subject: str = ""


@dataclass(frozen=True)
class NoteUnaccepted:
    """The acceptance number ``times`` of a note was taken back."""

    member: int
    note: int
    times: int


@dataclass(frozen=True)
class NoteSubmitted:
    """A note was handed in, for the first time or again after it was returned; ``times`` counts up."""

    member: int
    note: int
    times: int
    day: date
    kind: str
    chars: int
    subject: str = ""


@dataclass(frozen=True)
class NoteWithdrawn:
    """A note that had been handed in is so no longer: the writer took it back or deleted it."""

    member: int
    note: int


@dataclass(frozen=True)
class PlanApproved:
    """A member's own plan was approved; ``number`` is unique among the approvals of a plan of this id, ever."""

    member: int
    plan: int
    number: int
    day: date


@dataclass(frozen=True)
class PlanDeleted:
    """A member deleted a plan of their own for good."""

    member: int
    plan: int


@dataclass(frozen=True)
class UnitPlanGiven:
    """A unit's plan was made and given to its members."""

    unit: int
    plan: int
    day: date


@dataclass(frozen=True)
class MaterialReadThrough:
    """A member has read a material through: the pages were opened and dwelt on, or (``on_paper``) by the own word.

    ``times`` counts up, so reading it again after a withdrawal is a new fact; ``pages`` is how many the material has,
    ``category`` what it is about.
    """

    member: int
    material: int
    times: int
    day: date
    pages: int
    on_paper: bool
    category: str


@dataclass(frozen=True)
class MaterialReadUndone:
    """The reading-through number ``times`` of a material was taken back; only what was said by hand ever is."""

    member: int
    material: int
    times: int


@dataclass(frozen=True)
class CourseCompleted:
    """A member met a course's rule of completion; ``times`` counts up, so meeting it again after a reversal is new.

    ``class_hour_tenths`` are the course's class hours (学时) in tenths.
    """

    member: int
    course: int
    times: int
    day: date
    class_hour_tenths: int


@dataclass(frozen=True)
class CourseUncompleted:
    """The completion number ``times`` of a course was taken back."""

    member: int
    course: int
    times: int


@dataclass(frozen=True)
class ActivityCounted:
    """A part of a confirmed activity record counts as learning, for a member or (``member`` None) for a unit.

    ``part`` is unique within the record and says how often it was confirmed, so that it can be withdrawn and counted
    anew. ``category`` narrows the measure down (a kind of training, a cohort), "" for none; ``size`` is the minutes of
    the one thing, for rules that ask for so much each, 0 when nobody said.
    """

    record: int
    part: str
    member: int | None
    unit: int | None
    measure: str
    amount: int
    day: date
    category: str = ""
    size: int = 0


@dataclass(frozen=True)
class ActivityWithdrawn:
    """A part of an activity record that counted does so no longer."""

    record: int
    part: str


_subscribers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event: type[E], handler: Callable[[E], None]) -> None:
    """Have a handler called for each event of a type; a second call with the same handler changes nothing."""
    if handler not in _subscribers[event]:
        _subscribers[event].append(handler)


def publish(event: object) -> None:
    """Deliver an event now, inside the caller's transaction; what a handler raises undoes the whole."""
    for handler in _subscribers[type(event)]:
        handler(event)
