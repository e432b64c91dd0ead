"""Two books become one: logs, notes of reading and plans that named the dropped one name the kept one."""

from datetime import date

from lms import clock, events
from lms.catalogue.models import Book
from lms.reading import rules
from lms.reading.models import OFF_SHELF, PastReading, PlanItem, ReadingEntry, ReadingSession, UnitPlanItem
from lms.reading.plan_service import note_change
from lms.reading.rules import State


def books_merged(event: events.BooksMerged) -> None:
    """Carry everything that named the dropped book over to the kept one; nothing that was noted is lost."""
    for entry in ReadingEntry.select().where(ReadingEntry.book == event.dropped).order_by(ReadingEntry.id):
        _carry_over(entry, event.kept)
    ReadingSession.update(book=event.kept).where(ReadingSession.book == event.dropped).execute()
    _merge_items(event)


def _carry_over(entry: ReadingEntry, kept: int) -> None:
    other = ReadingEntry.get_or_none(ReadingEntry.member == entry.member, ReadingEntry.book == kept)
    if other is None:
        entry.book = kept
        entry.save()
    elif entry.state != OFF_SHELF:
        _unite(entry, other)


def _unite(entry: ReadingEntry, other: ReadingEntry) -> None:
    """Make the readings of one entry readings of the other; a finish on the same day was one and the same.

    Of two readings that are going on, the one moved later stays the present one.
    """
    taken = {day for (day,) in _finishes(other.id)} | ({other.finished_on} if other.fact else set())
    past = [
        (row.started_on, row.finished_on, row.rating, row.fact)
        for row in PastReading.select().where(PastReading.entry == entry.id, PastReading.fact > 0)
    ]
    if entry.state == State.FINISHED:
        past.append((entry.started_on, entry.finished_on, entry.rating, entry.fact))
    for started, finished, rating, fact in past:
        events.publish(events.BookUnfinished(entry.member, entry.id, fact))
        if finished not in taken:
            _add_finish(other, started, finished, rating)
            taken.add(finished)
    goes_on = entry.state == State.READING and other.state != State.FINISHED
    if goes_on and (other.state != State.READING or entry.updated_at > other.updated_at):
        other.state, other.started_on = State.READING.value, entry.started_on
        other.page, other.percent = entry.page, entry.percent
    elif other.state == OFF_SHELF and entry.state != State.FINISHED:
        other.state, other.started_on, other.reason = entry.state, entry.started_on, entry.reason
    other.updated_at = clock.now()
    other.save()
    PastReading.delete().where(PastReading.entry == entry.id).execute()
    entry.state, entry.finished_on, entry.fact, entry.rating = OFF_SHELF, None, 0, None
    entry.save()


def _finishes(entry: int) -> list[tuple[date]]:
    return list(PastReading.select(PastReading.finished_on).where(PastReading.entry == entry).tuples())


def _add_finish(entry: ReadingEntry, started: date | None, finished: date, rating: int | None) -> None:
    """Add a finish: as the present reading where there is none yet, else as an earlier one."""
    entry.times += 1
    if entry.state != State.FINISHED and entry.state != State.READING:
        entry.state, entry.started_on, entry.finished_on = State.FINISHED.value, started, finished
        entry.rating, entry.fact = rating, entry.times
    else:
        # The present reading keeps the highest number: what is added stands before it.
        PastReading.create(
            entry=entry.id,
            number=entry.number,
            state=State.FINISHED.value,
            started_on=started,
            finished_on=finished,
            fact=entry.times,
            rating=rating,
        )
        entry.number += 1
    events.publish(events.BookFinished(entry.member, entry.book, entry.id, entry.times, finished))


def _merge_items(event: events.BooksMerged) -> None:
    """Have plans name the kept book; where both stood in one plan, one item stays. Each plan keeps a trace."""
    names = dict(Book.select(Book.id, Book.title).where(Book.id.in_([event.kept, event.dropped])).tuples())
    detail = {"remark": f"{names.get(event.dropped, '')} → {names.get(event.kept, '')}"[: rules.REMARK_CHARS]}
    both = {plan for (plan,) in PlanItem.select(PlanItem.plan).where(PlanItem.book == event.kept).tuples()}
    for item in PlanItem.select().where(PlanItem.book == event.dropped).order_by(PlanItem.id):
        if item.plan in both:
            item.delete_instance()
        else:
            PlanItem.update(book=event.kept).where(PlanItem.id == item.id).execute()
        note_change(item.plan, None, "merged", detail)
    given = {plan for (plan,) in UnitPlanItem.select(UnitPlanItem.plan).where(UnitPlanItem.book == event.kept).tuples()}
    dropped = UnitPlanItem.book == event.dropped
    if given:
        UnitPlanItem.delete().where(dropped, UnitPlanItem.plan.in_(given)).execute()
    UnitPlanItem.update(book=event.kept).where(dropped).execute()
