"""What of a record counts: published part by part, so that a correction moves only what it changes.

Whatever counts for several members is published in the order of their ids: who counts something holds what the member
has, and two who each hold a member that the other needs would wait for each other.
"""

from collections.abc import Sequence
from typing import NamedTuple

from peewee import chunked, fn

from lms.activities import rules
from lms.activities.models import Activity, ActivityMark, ActivityPart
from lms.activities.rules import Draft, Mark, Part
from lms.events import ActivityCounted, ActivityWithdrawn, publish

AT_ONCE = 50


def draft_of(row: Activity) -> Draft:
    """Give what a stored record says, as the rules take it."""
    return Draft(
        row.kind,
        row.title,
        row.day,
        row.until,
        row.starts,
        row.place,
        row.minutes,
        row.amount,
        row.category,
        row.text,
        row.link,
    )


def register_of(row: Activity) -> list[Mark]:
    """Give who stands in a record's register; a record about one member has a register of that one."""
    if row.member is not None:
        return [Mark(row.member)]
    found = ActivityMark.select(
        ActivityMark.member, ActivityMark.state, ActivityMark.spoke, ActivityMark.made_up_on
    ).where(ActivityMark.activity == row.id, ActivityMark.state != "")
    return [Mark(member, state, bool(spoke), made_up_on) for member, state, spoke, made_up_on in found.tuples()]


def recount(*rows: Activity) -> None:
    """Have confirmed records count as they stand now: what changed is withdrawn and counted anew."""
    _publish([step for row in rows for step in _settle(row, rules.parts_of(draft_of(row), register_of(row)))])


def withdraw(row: Activity) -> None:
    """Have nothing of a record count any more."""
    _publish(_settle(row, []))


class _Step(NamedTuple):
    """Something to publish, and the part that it is about."""

    part: Part
    event: ActivityCounted | ActivityWithdrawn


def _publish(steps: Sequence[_Step]) -> None:
    for step in sorted(steps, key=lambda step: (step.part.member or 0, step.part.day)):
        publish(step.event)


def _settle(row: Activity, wanted: Sequence[Part]) -> list[_Step]:
    live = _live(row.id)
    gone, come = rules.moved(live.values(), wanted)
    numbers = {name: number for number, name in live}
    for some in chunked([part.name for part in gone], AT_ONCE):
        ActivityPart.update(withdrawn=True).where(
            ActivityPart.activity == row.id, ActivityPart.name.in_(some)
        ).execute()
    taken_back = [_Step(part, ActivityWithdrawn(row.id, f"{part.name}:{numbers[part.name]}")) for part in gone]
    return taken_back + (_count(row, come) if come else [])


def _live(activity: int) -> dict[tuple[int, str], Part]:
    rows = ActivityPart.select(
        ActivityPart.number,
        ActivityPart.name,
        ActivityPart.measure,
        ActivityPart.member,
        ActivityPart.amount,
        ActivityPart.day,
        ActivityPart.category,
        ActivityPart.size,
    ).where(ActivityPart.activity == activity, ~ActivityPart.withdrawn)
    return {(number, name): Part(name, *values) for number, name, *values in rows.tuples()}


def _count(row: Activity, parts: Sequence[Part]) -> list[_Step]:
    last = dict(
        ActivityPart.select(ActivityPart.name, fn.MAX(ActivityPart.number))
        .where(ActivityPart.activity == row.id)
        .group_by(ActivityPart.name)
        .tuples()
    )
    numbered = [(part, last.get(part.name, 0) + 1) for part in parts]
    for some in chunked(numbered, AT_ONCE):
        ActivityPart.insert_many(
            [
                {
                    "activity": row.id,
                    "name": part.name,
                    "number": number,
                    "measure": part.measure,
                    "member": part.member,
                    "amount": part.amount,
                    "day": part.day,
                    "category": part.category,
                    "size": part.size,
                    "withdrawn": False,
                }
                for part, number in some
            ]
        ).execute()
    return [
        _Step(
            part,
            ActivityCounted(
                row.id,
                f"{part.name}:{number}",
                part.member,
                row.unit,
                part.measure,
                part.amount,
                part.day,
                part.category,
                part.size,
            ),
        )
        for part, number in numbered
    ]
