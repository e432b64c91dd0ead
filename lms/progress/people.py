"""What decides whether something is asked of members: stays, tags, leaves, exemptions, with their days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from peewee import SQL, Value

from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag, Unit
from lms.periods import Span
from lms.prepared import prepared
from lms.progress.models import Exemption
from lms.progress.who import Person, Stay

FOREVER = date.max


@dataclass(frozen=True)
class Circumstances:
    """A person, and the days of exemption by series of requirements."""

    person: Person
    exempt: dict[int, tuple[Span, ...]] = field(default_factory=dict)

    def units(self) -> set[int]:
        """Give the units that the person was ever in, with all above them."""
        return {int(part) for stay in self.person.stays for part in stay.path.strip("/").split("/")}


def circumstances_of(member: int) -> Circumstances:
    """Give a member's circumstances: two statements, the second only while there is anything but belonging."""
    stays = [Stay(path, kind, _span(since, until)) for path, kind, since, until, _ in (rows := _stays_of(member))]
    birth_year = rows[0][4] if rows else None
    tags: list[tuple[str, Span]] = []
    leaves: list[Span] = []
    exempt: dict[int, tuple[Span, ...]] = {}
    for what, key, since, until in _else_of(member):
        span = _span(_day(since), _day(until))
        if what == "tag":
            tags.append((key, span))
        elif what == "leave":
            leaves.append(span)
        else:
            exempt[int(key)] = (*exempt.get(int(key), ()), span)
    return Circumstances(Person(tuple(stays), tuple(tags), tuple(leaves), birth_year), exempt)


def _span(since: date, until: date | None) -> Span:
    return Span(since, until or FOREVER)


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


@prepared
def _stays_of(member: int) -> Any:
    return (
        Membership.select(Unit.path, Unit.kind, Membership.since, Membership.until, Member.birth_year)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(Membership.member == member)
        .order_by(Membership.since, Membership.id)
    )


@prepared
def _else_of(member: int) -> Any:
    tag, leave, out = MemberTag, LeaveOfAbsence, Exemption
    return (
        tag.select(Value("tag"), tag.tag, tag.since, tag.until).where(tag.member == member)
        | leave.select(Value("leave"), Value(""), leave.since, leave.until).where(leave.member == member)
        | out.select(Value("exempt"), out.series.cast("VARCHAR(20)"), out.since, out.until).where(out.member == member)
    )


def circumstances_by_member(members: Any) -> dict[int, Circumstances]:
    """Give the circumstances of many members: four statements. ``members`` is a list of ids or a subquery."""
    stays: dict[int, list[Stay]] = {}
    born: dict[int, int | None] = {}
    rows = (
        Membership.select(
            Membership.member, Unit.path, Unit.kind, Membership.since, Membership.until, Member.birth_year
        )
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(Membership.member.in_(members))
        .order_by(Membership.member, Membership.since)
    )
    for member, path, kind, since, until, birth_year in rows.tuples():
        stays.setdefault(member, []).append(Stay(path, kind, _span(since, until)))
        born[member] = birth_year
    tags = _gathered(MemberTag.select(MemberTag.member, MemberTag.tag, MemberTag.since, MemberTag.until), members)
    leaves = _gathered(
        LeaveOfAbsence.select(LeaveOfAbsence.member, SQL("''"), LeaveOfAbsence.since, LeaveOfAbsence.until), members
    )
    exempt = _gathered(Exemption.select(Exemption.member, Exemption.series, Exemption.since, Exemption.until), members)
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


def _gathered(query: Any, members: Any) -> dict[int, list[tuple[Any, Span]]]:
    found: dict[int, list[tuple[Any, Span]]] = {}
    for member, key, since, until in query.where(query.model.member.in_(members)).tuples():
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
