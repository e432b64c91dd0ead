"""Two books become one: logs, notes of reading and plans that named the dropped one name the kept one.

What is moved is kept with the merge, so that ``unmerging`` can put it back.
"""

from typing import Any

from lms import clock, events
from lms.catalogue import merging
from lms.catalogue.models import Book
from lms.reading import rules
from lms.reading.models import OFF_SHELF, PastReading, PlanItem, ReadingEntry, ReadingSession, UnitPlanItem
from lms.reading.plan_service import note_change
from lms.reading.rules import State

PART = "reading"
ENTRY_FIELDS = (
    *("state", "page", "percent", "started_on", "finished_on", "times", "fact", "number", "rating", "reason"),
    "updated_at",
)
PAST_FIELDS = ("number", "state", "started_on", "finished_on", "fact", "rating", "reason")
ITEM_FIELDS = ("plan", "kind", "ref", "title", "amount", "due_on", "position")
Row = dict[str, Any]


def books_merged(event: events.BooksMerged) -> None:
    """Carry everything that named the dropped book over to the kept one; nothing that was noted is lost."""
    moved: list[int] = []
    united: list[Row] = []
    off: list[int] = []
    for entry in ReadingEntry.select().where(ReadingEntry.book == event.dropped).order_by(ReadingEntry.id):
        other = ReadingEntry.get_or_none(ReadingEntry.member == entry.member, ReadingEntry.book == event.kept)
        if other is None:
            entry.book = event.kept
            entry.save()
            moved.append(entry.id)
        elif entry.state != OFF_SHELF:
            united.append(_united(entry, other))
        else:
            off.append(entry.member)
    sessions = [row for (row,) in ReadingSession.select(ReadingSession.id).where(_of(event.dropped)).tuples()]
    ReadingSession.update(book=event.kept).where(_of(event.dropped)).execute()
    plans = {"items": _merge_items(event), "given": _merge_given(event)}
    merging.keep(event.merge, PART, {"moved": moved, "united": united, "off": off, "sessions": sessions, **plans})


def _of(book: int) -> Any:
    return ReadingSession.book == book


def snapshot(entry: ReadingEntry) -> Row:
    """Give an entry and its earlier readings as they are stored, to compare with and to restore from."""
    past = PastReading.select().where(PastReading.entry == entry.id).order_by(PastReading.number)
    return {
        "id": entry.id,
        **{name: _plain(getattr(entry, name)) for name in ENTRY_FIELDS},
        "past": [{name: _plain(getattr(row, name)) for name in PAST_FIELDS} for row in past],
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else value.isoformat()


def _united(entry: ReadingEntry, other: ReadingEntry) -> Row:
    """Unite two entries of one member, and give both as they were and the second as it is now."""
    numbers = (
        ReadingSession.select(ReadingSession.id, ReadingSession.number)
        .where(ReadingSession.member == entry.member, ReadingSession.book.in_([entry.book, other.book]))
        .tuples()
    )
    before = {"entry": snapshot(entry), "other": snapshot(other), "numbers": list(numbers)}
    _Union(entry, other).carry_out()
    return {**before, "left": snapshot(ReadingEntry.get_by_id(other.id))}


class _Union:
    """The readings of one entry becoming readings of another one of the same member.

    A finish on the same day was one and the same. Of two readings that are going on, the one moved later stays the
    present one. Notes of reading follow the reading they belong to: ``numbers`` says which number became which.
    """

    def __init__(self, entry: ReadingEntry, other: ReadingEntry) -> None:
        self.entry, self.other = entry, other
        self.was_off = other.state == OFF_SHELF
        self.numbers: dict[int, int] = {}
        finishes = PastReading.select(PastReading.finished_on, PastReading.number).where(
            PastReading.entry == other.id, PastReading.fact > 0
        )
        self.taken = dict(finishes.tuples())
        if other.fact:
            self.taken[other.finished_on] = other.number

    def carry_out(self) -> None:
        """Move every reading, then what is going on; the entry left behind is off the shelf."""
        entry, other = self.entry, self.other
        past = list(PastReading.select().where(PastReading.entry == entry.id).order_by(PastReading.number))
        for reading in past:
            self._add(reading)
        if entry.state == State.FINISHED or (entry.state == State.ABANDONED and not self.was_off):
            self._add(entry)
        self._go_on()
        self.numbers.setdefault(entry.number, other.number)
        other.updated_at = clock.now()
        other.save()
        self._renumber()
        PastReading.delete().where(PastReading.entry == entry.id).execute()
        entry.state, entry.finished_on, entry.fact, entry.rating = OFF_SHELF, None, 0, None
        entry.save()

    def _add(self, reading: Any) -> None:
        if reading.fact:
            events.publish(events.BookUnfinished(self.entry.member, self.entry.id, reading.fact))
        if reading.finished_on in self.taken:
            self.numbers[reading.number] = self.taken[reading.finished_on]
            return
        other = self.other
        fact = 0
        if reading.fact:
            other.times += 1
            fact = other.times
        if other.state == State.ABANDONED and fact:
            self._make_past(other)
        if fact and other.state not in (State.FINISHED, State.READING):
            other.state, other.started_on = State.FINISHED.value, reading.started_on
            other.finished_on, other.rating, other.fact = reading.finished_on, reading.rating, fact
            self.numbers[reading.number] = other.number
        else:
            self.numbers[reading.number] = self._make_past(reading, fact)
        if fact:
            self.taken[reading.finished_on] = self.numbers[reading.number]
            finished = (other.member, other.book, other.id, fact, reading.finished_on)
            events.publish(events.BookFinished(*finished))

    def _make_past(self, reading: Any, fact: int = 0) -> int:
        """Add an earlier reading and give its number; the present one keeps the highest, and its notes with it."""
        other, number = self.other, self.other.number
        PastReading.create(
            entry=other.id,
            number=number,
            state=reading.state,
            started_on=reading.started_on,
            finished_on=reading.finished_on,
            fact=fact,
            rating=reading.rating,
            reason=reading.reason,
        )
        other.number = number + 1
        if reading is other:
            # It was the present one itself: its notes stay with it, and a new reading begins.
            other.state, other.started_on, other.reason = State.WANT.value, None, ""
            return int(number)
        ReadingSession.update(number=number + 1).where(
            ReadingSession.member == other.member, ReadingSession.book == other.book, ReadingSession.number == number
        ).execute()
        for moved in (self.numbers, self.taken):
            moved.update({key: number + 1 for key, at in moved.items() if at == number})
        return int(number)

    def _go_on(self) -> None:
        entry, other = self.entry, self.other
        if self.was_off and entry.state != State.FINISHED and other.state == State.FINISHED:
            # Only the entry had readings: its former ones are former ones here, too.
            self._make_past(other, other.fact)
            other.finished_on, other.rating, other.fact = None, None, 0
            other.state, other.started_on, other.reason = entry.state, entry.started_on, entry.reason
            other.page, other.percent = entry.page, entry.percent
            return
        goes_on = entry.state == State.READING and other.state != State.FINISHED
        if goes_on and (other.state != State.READING or entry.updated_at > other.updated_at):
            other.state, other.started_on = State.READING.value, entry.started_on
            other.page, other.percent = entry.page, entry.percent
        elif other.state == OFF_SHELF and entry.state != State.FINISHED:
            other.state, other.started_on, other.reason = entry.state, entry.started_on, entry.reason

    def _renumber(self) -> None:
        rows = ReadingSession.select(ReadingSession.id, ReadingSession.number).where(
            ReadingSession.member == self.entry.member, ReadingSession.book == self.entry.book
        )
        for session, number in list(rows.tuples()):
            if self.numbers.get(number, number) != number:
                ReadingSession.update(number=self.numbers[number]).where(ReadingSession.id == session).execute()


def _merge_items(event: events.BooksMerged) -> Row:
    """Have plans name the kept book; where both stood in one plan, one item stays. Each plan keeps a trace."""
    names = dict(Book.select(Book.id, Book.title).where(Book.id.in_([event.kept, event.dropped])).tuples())
    detail = {"remark": f"{names.get(event.dropped, '')} → {names.get(event.kept, '')}"[: rules.REMARK_CHARS]}
    both = {plan for (plan,) in PlanItem.select(PlanItem.plan).where(PlanItem.book == event.kept).tuples()}
    moved, gone = [], []
    for item in PlanItem.select().where(PlanItem.book == event.dropped).order_by(PlanItem.id):
        if item.plan in both:
            gone.append(_item(item))
            item.delete_instance()
        else:
            moved.append(item.plan)
            PlanItem.update(book=event.kept).where(PlanItem.id == item.id).execute()
        note_change(item.plan, None, "merged", detail)
    return {"moved": moved, "gone": gone}


def _merge_given(event: events.BooksMerged) -> Row:
    both = {plan for (plan,) in UnitPlanItem.select(UnitPlanItem.plan).where(UnitPlanItem.book == event.kept).tuples()}
    items = list(UnitPlanItem.select().where(UnitPlanItem.book == event.dropped).order_by(UnitPlanItem.id))
    gone = [item for item in items if item.plan in both]
    UnitPlanItem.delete().where(UnitPlanItem.id.in_([item.id for item in gone])).execute()
    UnitPlanItem.update(book=event.kept).where(UnitPlanItem.book == event.dropped).execute()
    return {"moved": [item.plan for item in items if item.plan not in both], "gone": [_item(item) for item in gone]}


def _item(item: Any) -> Row:
    return {name: _plain(getattr(item, name)) for name in ITEM_FIELDS}
