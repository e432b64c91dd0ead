"""The names behind each number of a board: who stands so, since when, and where the evidence is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from peewee import JOIN

from lms import clock
from lms.board import rules
from lms.board.coverage import Counts, Group, reckoning_day
from lms.board.judging import PACES, Judged
from lms.board.queries import UnitHead, get_with_ground
from lms.board.reckoning import Reckoning
from lms.board.rules import Chosen
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.members.models import Member, Membership, Unit
from lms.name_order import name_key
from lms.paging import Page
from lms.periods import Span
from lms.progress.asked_rows import RequirementRow
from lms.progress.rules import LATE, Pace, Why, demand

PER_PAGE = 50
MOST_NAMED = 10_000  # ids that one statement takes
NO_RULE = N_("There is no such requirement on this board.")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PersonLine:
    """A member on a list of names: of the periods asked how many were met and late, and how the latest stands.

    ``behind_since`` is the day from which on less than expected was done; None where nothing is late.
    """

    id: int
    name: str
    unit_name: str
    requirement: int
    title: str
    span: Span
    asked: int
    met: int
    late: int
    done: int
    required: int
    pace: Pace
    why: tuple[Why, ...]
    measure: str
    behind_since: date | None


@dataclass(frozen=True)
class People:
    """The members behind a number of the board."""

    unit: UnitHead
    chosen: Chosen
    group: Group
    row: RequirementRow | None
    counts: Counts | None
    lines: Page[PersonLine]


@dataclass(frozen=True)
class Found:
    """A member in a group of a requirement, before names are looked up; ``judged`` is the latest such period."""

    who: int
    row: RequirementRow
    judged: Judged
    asked: int
    met: int
    late: int


def list_people(
    actor: Actor, unit: int, chosen: Chosen, group: Group, series: int | None, page: int, profile: str
) -> People:
    """Give the members of a group, of one requirement or (None) of all, those furthest behind first.

    By name alone where members may not be ranked. Raises NotFound, Forbidden.
    """
    head, ground = get_with_ground(actor, unit)
    reckoning = Reckoning(head.path, chosen, clock.today(), profile, series, ground)
    line = next(iter(reckoning.lines), None) if series is not None else None
    if series is not None and line is None:
        raise NotFound(NO_RULE)
    found = people_of(reckoning, group, ranked=rules.members_may_be_ranked(profile))
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    row, counts = (line.row, line.total) if line else (None, None)
    return People(head, chosen, group, row, counts, Page(named(reckoning, shown), page, PER_PAGE, len(found)))


def people_of(reckoning: Reckoning, group: Group, *, ranked: bool) -> list[Found]:
    """Find the members of a group: one line for each requirement in which they are of it."""
    found = [one for _, held in reckoning.shown() for one in _found_in(reckoning, held, group)]
    names = names_of(reckoning.crowd.ids[one.who] for one in found)
    ids = reckoning.crowd.ids

    def by_name(one: Found) -> tuple[str, int]:
        return name_key(names.get(int(ids[one.who]), "")), int(ids[one.who])

    found.sort(key=by_name)
    if ranked and group is Group.LATE:
        found.sort(key=_share_done)
    return found


@dataclass(frozen=True)
class LateMember:
    """A member who is behind, with each requirement in which they are."""

    id: int
    name: str
    unit_name: str
    lines: Sequence[PersonLine]


def late_members(reckoning: Reckoning, number: int, *, ranked: bool) -> list[LateMember]:
    """Give the first of those who are behind: who is so with most requirements, or by name where nobody is ranked."""
    by_member: dict[int, list[Found]] = {}
    for one in people_of(reckoning, Group.LATE, ranked=False):
        by_member.setdefault(one.who, []).append(one)
    order = sorted(by_member, key=lambda who: -len(by_member[who])) if ranked else list(by_member)
    shown = order[:number]
    lines = iter(named(reckoning, [one for who in shown for one in by_member[who]]))
    found = []
    for who in shown:
        own = [next(lines) for _ in by_member[who]]
        found.append(LateMember(own[0].id, own[0].name, own[0].unit_name, own))
    return found


def _found_in(reckoning: Reckoning, held: Sequence[tuple[RequirementRow, Judged]], group: Group) -> Iterable[Found]:
    size = reckoning.crowd.size
    asked, met, late, last = (np.zeros(size, np.int32) for _ in range(4))
    member = np.zeros(size, bool)
    for number, (_, judged) in enumerate(held):
        standings = reckoning.standings(judged)
        asked += standings.who(Group.ASKED)
        met += standings.who(Group.MET)
        late += standings.who(Group.LATE)
        here = standings.who(group)
        member |= here
        last[here] = number
    for who in np.flatnonzero(member).tolist():
        row, judged = held[int(last[who])]
        yield Found(who, row, judged, int(asked[who]), int(met[who]), int(late[who]))


def _share_done(one: Found) -> tuple[float, float]:
    required = one.judged.demand_of(one.who).required
    return one.met / one.asked if one.asked > 1 else 0.0, int(one.judged.total[one.who]) / required if required else 1.0


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """Give names by id: one statement, however many."""
    wanted = {int(one) for one in ids}
    if not wanted:
        return {}
    rows = Member.select(Member.id, Member.name).where(_among(wanted)).tuples()
    return {member: name for member, name in rows if member in wanted}


@dataclass(frozen=True)
class Whereabouts:
    """A member's name, and that of a unit the member belongs to."""

    name: str
    unit_name: str


NOWHERE = Whereabouts("", "")


def whereabouts_of(ids: Iterable[int], path: str, day: date) -> dict[int, Whereabouts]:
    """Give names, and of the units below a path that members belong to on a day; where they are now for others.

    One statement, however many members.
    """
    wanted = {int(one) for one in ids}
    if not wanted:
        return {}
    stay = Membership
    rows = (
        Member.select(Member.id, Member.name, Unit.name, Unit.path, stay.until)
        .join(stay, JOIN.LEFT_OUTER, on=(stay.member == Member.id) & (stay.since <= day))
        .join(Unit, JOIN.LEFT_OUTER, on=(stay.unit == Unit.id))
        .where(_among(wanted))
        .order_by(Member.id, stay.since, stay.id)
    )
    found: dict[int, tuple[bool, Whereabouts]] = {}
    for member, name, unit_name, unit_path, until in rows.tuples():
        here = bool(unit_path) and unit_path.startswith(path) and (until is None or until >= day)
        if here or member not in found or not found[member][0]:
            found[member] = here, Whereabouts(name, unit_name or "")
    return {member: where for member, (_, where) in found.items() if member in wanted}


def _among(wanted: Collection[int]) -> Any:
    """Make the condition that a member is one of some; where these are too many for a statement, that it may be."""
    if len(wanted) > MOST_NAMED:
        return Member.id.between(min(wanted), max(wanted))
    return Member.id.in_(sorted(wanted))


def named(reckoning: Reckoning, shown: Sequence[Found]) -> list[PersonLine]:
    """Look up the names and units of some of the members found."""
    ids = [int(reckoning.crowd.ids[one.who]) for one in shown]
    day = reckoning_day(reckoning.chosen.span, reckoning.today)
    known = whereabouts_of(ids, reckoning.path, day)
    return [_line(reckoning, one, ident, known.get(ident, NOWHERE)) for one, ident in zip(shown, ids, strict=True)]


def _line(reckoning: Reckoning, one: Found, ident: int, known: Whereabouts) -> PersonLine:
    judged, asked_for = one.judged, one.judged.demand_of(one.who)
    total, pace = int(judged.total[one.who]), PACES[judged.pace[one.who]]
    late = pace in LATE
    return PersonLine(
        ident,
        known.name,
        known.unit_name,
        one.row.id,
        one.row.title,
        judged.span,
        *(one.asked, one.met, one.late, total, asked_for.required),
        pace,
        asked_for.why,
        one.row.asked.measure,
        behind_since(one.row, judged, one.who, reckoning.today) if late else None,
    )


def behind_since(row: RequirementRow, judged: Judged, who: int, today: date) -> date | None:
    """Give the day from which on less was done than expected: the first on which what is done today was too little.

    Of a period that was missed it is the day after its end. None where nothing tells, as with what events ask for.
    """
    asked_for, belonging = judged.demand_of(who), judged.belonging_of(who)
    started, deadline = asked_for.started, asked_for.deadline
    if started is None or deadline is None or not asked_for.required:
        return None
    if asked_for.over:
        return deadline + DAY
    if belonging is None:
        return None
    total = int(judged.total[who])
    low, high = started, min(today, deadline)
    while low < high:
        middle = low + (high - low) // 2
        if demand(row.asked, judged.span, belonging, middle).behind_below > total:
            high = middle
        else:
            low = middle + DAY
    return low
