"""Booking facts of learning into the ledger, inside the transaction in which they happen.

``_add`` is the only place that writes a row: whatever is derived from the ledger hooks in there.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN, fn

from lms import events
from lms.members.access import unit_on
from lms.progress import packs
from lms.progress.models import LedgerEntry
from lms.progress.packs import Booked


@dataclass(frozen=True)
class Detail:
    """What requirements narrow a fact down by: its kind, 字数 or minutes, and what it is about ("book:12")."""

    category: str = ""
    size: int = 0
    subject: str = ""


PLAIN = Detail()


def book(
    member: int, measure: str, amount: int, day: date, fact: str, evidence: tuple[str, int], detail: Detail = PLAIN
) -> bool:
    """Book a fact of a member once. Gives False when its key is booked already: replaying a fact changes nothing."""
    return _book(member, unit_on(member, day), measure, amount, day, fact, evidence, detail)


def book_for_unit(
    unit: int, measure: str, amount: int, day: date, fact: str, evidence: tuple[str, int], detail: Detail = PLAIN
) -> bool:
    """Book a fact of a unit itself once, of no member: a group study held, funds set aside."""
    return _book(None, unit, measure, amount, day, fact, evidence, detail)


def _book(
    member: int | None,
    unit: int | None,
    measure: str,
    amount: int,
    day: date,
    fact: str,
    evidence: tuple[str, int],
    detail: Detail,
) -> bool:
    return _add(
        member=member,
        measure=measure,
        amount=amount,
        day=day,
        unit=unit,
        category=detail.category,
        size=detail.size,
        subject=detail.subject,
        fact=fact,
        evidence_kind=evidence[0],
        evidence_ref=evidence[1],
    )


def reverse(fact: str) -> bool:
    """Book the opposite of a fact, on the same day and unit, so that past sums stay explainable.

    Gives False when the fact was never booked or is reversed already.
    """
    entry = LedgerEntry.get_or_none(LedgerEntry.fact == fact)
    return entry is not None and _reverse(entry)


def _reverse(entry: LedgerEntry) -> bool:
    return _add(
        member=entry.member,
        measure=entry.measure,
        amount=-entry.amount,
        day=entry.day,
        unit=entry.unit,
        category=entry.category,
        size=entry.size,
        subject=entry.subject,
        fact=f"reverse:{entry.fact}",
        evidence_kind=entry.evidence_kind,
        evidence_ref=entry.evidence_ref,
        reverses=entry.id,
    )


def _standing(measure: str, evidence: tuple[str, int]) -> list[LedgerEntry]:
    """Give the facts of a measure that rest on some evidence and are not taken back."""
    taken_back = LedgerEntry.alias()
    return list(
        LedgerEntry.select()
        .join(taken_back, JOIN.LEFT_OUTER, on=(taken_back.reverses == LedgerEntry.id))
        .where(
            LedgerEntry.evidence_kind == evidence[0],
            LedgerEntry.evidence_ref == evidence[1],
            LedgerEntry.measure == measure,
            LedgerEntry.reverses.is_null(),
            taken_back.id.is_null(),
        )
        .order_by(LedgerEntry.id)
    )


def _add(**values: Any) -> bool:
    # "Nothing" rather than "ignore": only a key that is there already is passed over, any other breach still raises.
    # The number of rows tells whether one was added; SQLite's last id would name an older row.
    query = LedgerEntry.insert(**values).on_conflict(action="nothing").as_rowcount()
    if int(query.execute()) != 1:
        return False
    packs.append(values["member"], Booked(*(values[name] for name in Booked._fields)))
    return True


# ---- reading -------------------------------------------------------------------------------------------------------


def book_finished(event: events.BookFinished) -> None:
    """Book a finished book."""
    fact, detail = f"finish:{event.entry}:{event.times}", Detail(subject=f"book:{event.book}")
    book(event.member, "book_finished", 1, event.day, fact, ("reading_entry", event.entry), detail)


def book_unfinished(event: events.BookUnfinished) -> None:
    """Take a finished book back."""
    reverse(f"finish:{event.entry}:{event.times}")


def book_finish_moved(event: events.BookFinishMoved) -> None:
    """Move a finished book to another day: the old fact is reversed, the new one booked."""
    reverse(f"finish:{event.entry}:{event.before}")
    fact, detail = f"finish:{event.entry}:{event.times}", Detail(subject=f"book:{event.book}")
    book(event.member, "book_finished", 1, event.day, fact, ("reading_entry", event.entry), detail)


def study_time_logged(event: events.StudyTimeLogged) -> None:
    """Book minutes read."""
    fact = f"session:{event.session}"
    book(event.member, "study_minutes", event.minutes, event.day, fact, ("reading_session", event.session))


def study_time_withdrawn(event: events.StudyTimeWithdrawn) -> None:
    """Take minutes read back."""
    reverse(f"session:{event.session}")


def plan_approved(event: events.PlanApproved) -> None:
    """Book a plan that was approved, once for a plan however often it is sent again."""
    evidence = ("plan", event.plan)
    if not _standing("plan_approved", evidence):
        book(event.member, "plan_approved", 1, event.day, f"plan:{event.plan}:{event.number}", evidence)


def plan_deleted(event: events.PlanDeleted) -> None:
    """Take an approved plan back that is deleted."""
    for entry in _standing("plan_approved", ("plan", event.plan)):
        _reverse(entry)


def unit_plan_given(event: events.UnitPlanGiven) -> None:
    """Book a unit's plan for the unit."""
    book_for_unit(event.unit, "unit_plan_made", 1, event.day, f"unit_plan:{event.plan}", ("unit_plan", event.plan))


# ---- notes ---------------------------------------------------------------------------------------------------------


def note_submitted(event: events.NoteSubmitted) -> None:
    """Book a note that was handed in. Handed in again after a return it counts as it now is, from its first day.

    What the reviewer takes is not the writer's: a note that came in time stays in time.
    """
    evidence = ("note", event.note)
    fact = f"submit:{event.note}:{event.times}"
    before = [entry for entry in _standing("note_submitted", evidence) if entry.fact != fact]
    day = before[0].day if before else event.day
    for entry in before:
        _reverse(entry)
    detail = Detail(event.kind, event.chars, event.subject)
    book(event.member, "note_submitted", 1, day, fact, evidence, detail)


def note_withdrawn(event: events.NoteWithdrawn) -> None:
    """Take a note back that is handed in no longer."""
    for entry in _standing("note_submitted", ("note", event.note)):
        _reverse(entry)


def note_accepted(event: events.NoteAccepted) -> None:
    """Book an accepted note, on the day it was handed in: the reviewer's time is not the writer's."""
    evidence, detail = ("note", event.note), Detail(event.kind, event.chars, event.subject)
    book(event.member, "note_accepted", 1, event.day, f"note:{event.note}:{event.times}", evidence, detail)


def note_unaccepted(event: events.NoteUnaccepted) -> None:
    """Take an accepted note back."""
    reverse(f"note:{event.note}:{event.times}")


# ---- lectures, courses, materials ----------------------------------------------------------------------------------


def recording_watched(event: events.RecordingWatched) -> None:
    """Book the minutes of a recording that were not booked before: each minute of it counts once per member.

    The key names the minute from which a stretch counts, so two devices that report at once meet in the same key:
    the one that comes second finds it taken, looks again and books only what is still new. Reversed stretches stay
    counted as booked here: watching on adds new minutes, it does not bring back what was corrected.
    A key found taken means that another booked at least a minute, so nobody comes second more often than that.
    """
    for _ in range(event.minutes):
        booked = _minutes_booked(event.member, event.recording)
        new = event.minutes - booked
        if new <= 0:
            return
        fact = f"watch:{event.recording}:{event.member}:{booked}"
        if book(event.member, "study_minutes", new, event.day, fact, ("recording", event.recording)):
            return


def _minutes_booked(member: int, recording: int) -> int:
    total = (
        LedgerEntry.select(fn.SUM(LedgerEntry.amount))
        .where(
            LedgerEntry.member == member,
            LedgerEntry.measure == "study_minutes",
            LedgerEntry.evidence_kind == "recording",
            LedgerEntry.evidence_ref == recording,
            LedgerEntry.reverses.is_null(),
        )
        .scalar()
    )
    return int(total or 0)


def lecture_completed(event: events.LectureCompleted) -> None:
    """Book a lecture that was really heard, once per member."""
    fact, detail = f"lecture:{event.lecture}:{event.member}", Detail(subject=f"lecture:{event.lecture}")
    book(event.member, "lecture_completed", 1, event.day, fact, ("lecture", event.lecture), detail)


def course_completed(event: events.CourseCompleted) -> None:
    """Book a completed course, and its class hours when it has any."""
    evidence, detail = ("course", event.course), Detail(subject=f"course:{event.course}")
    fact = f"course:{event.course}:{event.member}:{event.times}"
    book(event.member, "course_completed", 1, event.day, fact, evidence, detail)
    if event.class_hour_tenths:
        hours = f"hours:{event.course}:{event.member}:{event.times}"
        book(event.member, "class_hours", event.class_hour_tenths, event.day, hours, evidence, detail)


def course_uncompleted(event: events.CourseUncompleted) -> None:
    """Take a completed course back, with its class hours."""
    reverse(f"course:{event.course}:{event.member}:{event.times}")
    reverse(f"hours:{event.course}:{event.member}:{event.times}")


def material_read(event: events.MaterialReadThrough) -> None:
    """Book a material that was read through."""
    fact = f"material:{event.material}:{event.member}:{event.times}"
    detail = Detail(event.category, event.pages, f"material:{event.material}")
    book(event.member, "material_read", 1, event.day, fact, ("material", event.material), detail)


def material_unread(event: events.MaterialReadUndone) -> None:
    """Take a material back that was read through by the reader's word only."""
    reverse(f"material:{event.material}:{event.member}:{event.times}")


# ---- activity records ----------------------------------------------------------------------------------------------


def activity_counted(event: events.ActivityCounted) -> None:
    """Book a part of a confirmed activity record, for a member or for a unit."""
    fact, evidence = f"activity:{event.record}:{event.part}", ("activity", event.record)
    detail = Detail(event.category, event.size)
    if event.member is not None:
        book(event.member, event.measure, event.amount, event.day, fact, evidence, detail)
    elif event.unit is not None:
        book_for_unit(event.unit, event.measure, event.amount, event.day, fact, evidence, detail)


def activity_withdrawn(event: events.ActivityWithdrawn) -> None:
    """Take a part of an activity record back."""
    reverse(f"activity:{event.record}:{event.part}")


FOLLOWED = (
    (events.BookFinished, book_finished),
    (events.BookUnfinished, book_unfinished),
    (events.BookFinishMoved, book_finish_moved),
    (events.StudyTimeLogged, study_time_logged),
    (events.StudyTimeWithdrawn, study_time_withdrawn),
    (events.PlanApproved, plan_approved),
    (events.PlanDeleted, plan_deleted),
    (events.UnitPlanGiven, unit_plan_given),
    (events.NoteSubmitted, note_submitted),
    (events.NoteWithdrawn, note_withdrawn),
    (events.NoteAccepted, note_accepted),
    (events.NoteUnaccepted, note_unaccepted),
    (events.RecordingWatched, recording_watched),
    (events.LectureCompleted, lecture_completed),
    (events.CourseCompleted, course_completed),
    (events.CourseUncompleted, course_uncompleted),
    (events.MaterialReadThrough, material_read),
    (events.MaterialReadUndone, material_unread),
    (events.ActivityCounted, activity_counted),
    (events.ActivityWithdrawn, activity_withdrawn),
)


def connect() -> None:
    """Have the ledger follow what the other rooms report."""
    for event, handler in FOLLOWED:
        events.subscribe(event, handler)  # type: ignore[arg-type]
