"""What decides whether something is asked of members: stays, tags, leaves, exemptions, with their days."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from peewee import SQL, Value

from lms.members import access
from lms.members.models import FormerRole, LeaveOfAbsence, Member, Membership, MemberTag, RoleGrant, Unit
from lms.members.tags import ROLE_PREFIX
from lms.periods import Span
from lms.prepared import prepared
from lms.progress.models import Exemption, LedgerPack
from lms.progress.who import Person, Stay, born_on

FOREVER = date.max
Row = tuple[Any, ...]
NOTHING = (Value(None), Value(None), Value(None))


@dataclass(frozen=True)
class Circumstances:
    """A person, and the days of exemption by series of requirements."""

    person: Person
    exempt: dict[int, tuple[Span, ...]] = field(default_factory=dict)

    @cached_property
    def units(self) -> tuple[int, ...]:
        """The units that the person was ever in, with all above them, in the order of their numbers."""
        return tuple(sorted({int(part) for stay in self.person.stays for part in stay.path.strip("/").split("/")}))


def circumstances_of(member: int) -> Circumstances:
    """Give a member's circumstances: one statement."""
    return circumstances_from(rows_about(member)[0])


def rows_about(member: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Give the rows that a member's circumstances are made of, and those that say which state the ledger is in."""
    rows = _all_of(member)
    return tuple([row for row in rows if row[0] != "ledger"]), tuple([row for row in rows if row[0] == "ledger"])


def circumstances_from(rows: Iterable[Row]) -> Circumstances:
    """Make a member's circumstances of the rows about them."""
    stays: list[Stay] = []
    tags: list[tuple[str, Span]] = []
    leaves: list[Span] = []
    exempt: dict[int, tuple[Span, ...]] = {}
    born = 0
    for what, key, kind, since, until, birth_year, closed_at, birth_date in rows:
        span = _span(since, until)
        if what == "stay":
            stays += _stay(key, kind, since, until, closed_at)
            born = born_on(birth_year, birth_date)
        elif what == "tag":
            tags.append((key, span))
        elif what == "leave":
            leaves.append(span)
        else:
            exempt[int(key)] = (*exempt.get(int(key), ()), span)
    stays.sort(key=lambda stay: stay.span.since)
    return Circumstances(Person(tuple(stays), tuple(tags), tuple(leaves), born), exempt)


def _stay(path: str, kind: str, since: date, until: date | None, closed_at: datetime | None) -> list[Stay]:
    """Give a stay up to the day on which the account was closed, none where that was before it began."""
    span = _span(since, access.last_day(until, closed_at))
    return [Stay(path, kind, span)] if span.since <= span.until else []


def _span(since: date, until: date | None) -> Span:
    return Span(since, until or FOREVER)


def held_tags() -> tuple[tuple[Any, Any, Any], ...]:
    """Give where it stands what members are besides belonging to units: the table, the tag, its last day.

    A role that is or was held counts as a tag of its own.
    """
    return (
        (MemberTag, MemberTag.tag, MemberTag.until),
        (RoleGrant, Value(ROLE_PREFIX).concat(RoleGrant.role), Value(None)),
        (FormerRole, Value(ROLE_PREFIX).concat(FormerRole.role), FormerRole.until),
    )


def tags_of(condition: Callable[[Any], Any]) -> Any:
    """Make the statement that gives the tags of many members: member, tag, first and last day."""
    one, two, three = (
        model.select(model.member, what, model.since, until).where(condition(model.member))
        for model, what, until in held_tags()
    )
    return one + two + three


@prepared
def _all_of(member: int) -> Any:
    stay, leave, out, booked = Membership, LeaveOfAbsence, Exemption, LedgerPack
    stays = (
        stay.select(
            *(Value("stay"), Unit.path, Unit.kind, stay.since, stay.until),
            *(Member.birth_year, Member.deactivated_at, Member.birth_date),
        )
        .join(Unit)
        .switch(stay)
        .join(Member)
        .where(stay.member == member)
    )
    tags = [
        model.select(Value("tag"), what, Value(""), model.since, until, *NOTHING).where(model.member == member)
        for model, what, until in held_tags()
    ]
    leaves = leave.select(Value("leave"), Value(""), Value(""), leave.since, leave.until, *NOTHING)
    series = out.series.cast("VARCHAR(20)")
    exempt = out.select(Value("exempt"), series, Value(""), out.since, out.until, *NOTHING)
    year = booked.year.cast("VARCHAR(20)")
    ledger = booked.select(
        *(Value("ledger"), year, Value(""), Value(None), Value(None), booked.version, Value(None), Value(None))
    )
    return (
        stays
        + tags[0]
        + tags[1]
        + tags[2]
        + leaves.where(leave.member == member)
        + exempt.where(out.member == member)
        + ledger.where(booked.member == member)
    )


def circumstances_by_member(members: Any) -> dict[int, Circumstances]:
    """Give the circumstances of many members: four statements. ``members`` is a list of ids or a subquery."""
    stays: dict[int, list[Stay]] = {}
    born: dict[int, int] = {}
    rows = (
        Membership.select(
            *(Membership.member, Unit.path, Unit.kind, Membership.since, Membership.until),
            *(Member.birth_year, Member.deactivated_at, Member.birth_date),
        )
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(Membership.member.in_(members))
        .order_by(Membership.member, Membership.since)
    )
    for member, path, kind, since, until, birth_year, closed_at, birth_date in rows.tuples():
        stays.setdefault(member, []).extend(_stay(path, kind, since, until, closed_at))
        born[member] = born_on(birth_year, birth_date)
    leave, out = LeaveOfAbsence, Exemption
    tags = _gathered(tags_of(lambda member: member.in_(members)))
    leaves = _gathered(leave.select(leave.member, SQL("''"), leave.since, leave.until).where(leave.member.in_(members)))
    exempt = _gathered(out.select(out.member, out.series, out.since, out.until).where(out.member.in_(members)))
    return {
        member: Circumstances(
            Person(
                tuple(held),
                tuple(tags.get(member, ())),
                tuple(span for _, span in leaves.get(member, ())),
                born[member],
            ),
            _by_series(exempt.get(member, ())),
        )
        for member, held in stays.items()
    }


def _gathered(query: Any) -> dict[int, list[tuple[Any, Span]]]:
    found: dict[int, list[tuple[Any, Span]]] = {}
    for member, key, since, until in query.tuples():
        found.setdefault(member, []).append((key, _span(since, until)))
    return found


def _by_series(rows: Iterable[tuple[int, Span]]) -> dict[int, tuple[Span, ...]]:
    found: dict[int, tuple[Span, ...]] = {}
    for series, span in rows:
        found[series] = (*found.get(series, ()), span)
    return found


def exempt_spans(circumstances: Circumstances, series: int) -> Sequence[Span]:
    """Give the days on which the person is exempt from a series of requirements."""
    return circumstances.exempt.get(series, ())
