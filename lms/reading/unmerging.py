"""A merge of two books is undone: logs, notes of reading and plans that it moved go back.

A log that both books had is parted again when its owner has not changed it since; else it stays whole with the kept
book: nothing that was noted is lost either way.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from lms import events
from lms.catalogue import merging as merges
from lms.catalogue.models import Book
from lms.reading import rules
from lms.reading.locking import locked
from lms.reading.merging import ENTRY_FIELDS, PART, PAST_FIELDS, Row, snapshot
from lms.reading.models import PastReading, PlanItem, ReadingEntry, ReadingPlan, ReadingSession, UnitPlan, UnitPlanItem
from lms.reading.plan_service import note_change

DAYS = ("started_on", "finished_on")


def merge_undone(event: events.BookMergeUndone) -> None:
    """Put back what a merge moved."""
    trace = merges.kept_trace(event.merge, PART)
    apart = _go_back(event, trace["moved"]) | set(trace["off"])
    for pair in trace["united"]:
        member = _part(event, pair)
        if member is not None:
            apart.add(member)
    mine = ReadingSession.member.in_(list(apart))
    for start in range(0, len(trace["sessions"]), 500):
        ids = trace["sessions"][start : start + 500]
        ReadingSession.update(book=event.dropped).where(ReadingSession.id.in_(ids), mine).execute()
    _items_go_back(event, trace["items"])
    _given_go_back(event, trace["given"])


def _go_back(event: events.BookMergeUndone, moved: list[int]) -> set[int]:
    """Give entries their book back, with what was noted since: they were of this book alone. Gives their members."""
    members = set()
    for entry in locked(ReadingEntry.select().where(ReadingEntry.id.in_(moved), ReadingEntry.book == event.kept)):
        members.add(entry.member)
        ReadingEntry.update(book=event.dropped).where(ReadingEntry.id == entry.id).execute()
        ReadingSession.update(book=event.dropped).where(
            ReadingSession.member == entry.member, ReadingSession.book == event.kept
        ).execute()
    return members


def _part(event: events.BookMergeUndone, pair: Mapping[str, Any]) -> int | None:
    """Part two entries that were united and give their member, or None when they were changed since."""
    other = locked(ReadingEntry.select().where(ReadingEntry.id == pair["other"]["id"])).first()
    entry = locked(ReadingEntry.select().where(ReadingEntry.id == pair["entry"]["id"])).first()
    if entry is None or other is None or snapshot(other) != pair["left"]:
        return None
    for fact in _facts(pair["left"]) - _facts(pair["other"]):
        events.publish(events.BookUnfinished(other.member, other.id, fact))
    _restore(other, {**pair["other"], "times": other.times})
    stood = pair["entry"]
    again = {fact: entry.times + place for place, fact in enumerate(sorted(_facts(stood)), 1)}
    _restore(entry, _renumbered(stood, again))
    for reading in (stood, *stood["past"]):
        if reading["fact"]:
            number, day = again[reading["fact"]], date.fromisoformat(reading["finished_on"])
            events.publish(events.BookFinished(entry.member, event.dropped, entry.id, number, day))
    for session, number in pair["numbers"]:
        ReadingSession.update(number=number).where(ReadingSession.id == session).execute()
    return int(entry.member)


def _facts(stood: Mapping[str, Any]) -> set[int]:
    return {reading["fact"] for reading in (stood, *stood["past"]) if reading["fact"]}


def _renumbered(stood: Mapping[str, Any], again: Mapping[int, int]) -> Row:
    """Give an entry with new numbers for its finishes: the ledger has taken the old ones back for good."""
    past = [{**reading, "fact": again.get(reading["fact"], 0)} for reading in stood["past"]]
    times = max([*again.values(), stood["times"]])
    return {**stood, "past": past, "fact": again.get(stood["fact"], 0), "times": times}


def _restore(entry: ReadingEntry, stood: Mapping[str, Any]) -> None:
    values = {name: _value(name, stood[name]) for name in ENTRY_FIELDS}
    ReadingEntry.update(**values).where(ReadingEntry.id == entry.id).execute()
    PastReading.delete().where(PastReading.entry == entry.id).execute()
    for reading in stood["past"]:
        PastReading.create(entry=entry.id, **{name: _value(name, reading[name]) for name in PAST_FIELDS})


def _value(name: str, plain: Any) -> Any:
    if plain is None:
        return None
    if name == "updated_at":
        return datetime.fromisoformat(plain)
    return date.fromisoformat(plain) if name in DAYS else plain


def _items_go_back(event: events.BookMergeUndone, items: Mapping[str, Any]) -> None:
    names = dict(Book.select(Book.id, Book.title).where(Book.id.in_([event.kept, event.dropped])).tuples())
    detail = {"remark": f"{names.get(event.kept, '')} → {names.get(event.dropped, '')}"[: rules.REMARK_CHARS]}
    for plan in items["moved"]:
        mine = (PlanItem.plan == plan) & (PlanItem.book == event.kept)
        if PlanItem.update(book=event.dropped).where(mine).execute():
            note_change(plan, None, "parted", detail)
    there = {plan for (plan,) in ReadingPlan.select(ReadingPlan.id).where(_named(ReadingPlan, items)).tuples()}
    for item in items["gone"]:
        if item["plan"] in there:
            PlanItem.create(**_planned(item), book=event.dropped)
            note_change(item["plan"], None, "parted", detail)


def _given_go_back(event: events.BookMergeUndone, items: Mapping[str, Any]) -> None:
    UnitPlanItem.update(book=event.dropped).where(
        UnitPlanItem.plan.in_(items["moved"]), UnitPlanItem.book == event.kept
    ).execute()
    there = {plan for (plan,) in UnitPlan.select(UnitPlan.id).where(_named(UnitPlan, items)).tuples()}
    for item in items["gone"]:
        if item["plan"] in there:
            UnitPlanItem.create(**_planned(item), book=event.dropped)


def _named(plans: Any, items: Mapping[str, Any]) -> Any:
    return plans.id.in_([item["plan"] for item in items["gone"]])


def _planned(item: Mapping[str, Any]) -> Row:
    return {**item, "due_on": date.fromisoformat(item["due_on"])}
