"""People and units as tables: the columns of our own template, so that taking them in again changes nothing."""

from collections.abc import Iterator
from datetime import date
from typing import IO

from lms import clock
from lms.bulk import among
from lms.members.access import Action, Actor, active_on, require
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag, RoleGrant
from lms.roster import columns, roles
from lms.roster.lookup import grouped
from lms.roster.places import Places, places_of
from lms.tables import csv_lines, write_xlsx

BATCH = 500
REAL = frozenset({"id", "birth_year", "since", "until"})  # what a spreadsheet is to know as numbers and days


def rows_of(actor: Actor, kind: str, locale: str) -> Iterator[list[str]]:
    """Walk over the people, or units, whom the actor administers. Raises Forbidden."""
    require(actor, Action.MEMBER_MANAGE)
    return _people(actor, locale) if kind == "people" else _units(actor, locale)


def _units(actor: Actor, locale: str) -> Iterator[list[str]]:
    places = places_of(actor, Action.UNIT_MANAGE)
    for place in places.by_id.values():
        above = place.way.rpartition("/")[0]
        yield [
            str(place.id),
            place.name,
            above if place.parent in places.by_id else "",
            columns.kind_word(place.kind, locale),
        ]


def _people(actor: Actor, locale: str) -> Iterator[list[str]]:
    places, today = places_of(actor, Action.MEMBER_MANAGE), clock.today()
    found = Membership.select(Membership.member, Membership.unit, Membership.since, Membership.until)
    homes: dict[int, tuple[int, date, date | None]] = {}
    for member, unit, since, until in found.where(active_on(today)).order_by(Membership.since, Membership.id).tuples():
        if unit in places.by_id:
            homes[member] = (unit, since, until)  # the newest, where somebody belongs to several
    order = sorted(homes, key=lambda member: (places.by_id[homes[member][0]].path, member))
    for start in range(0, len(order), BATCH):
        yield from _some(order[start : start + BATCH], homes, places, today, locale)


def _some(
    members: list[int], homes: dict[int, tuple[int, date, date | None]], places: Places, today: date, locale: str
) -> Iterator[list[str]]:
    tags = grouped(
        MemberTag.select(MemberTag.member, MemberTag.tag)
        .where(among(MemberTag.member, members), MemberTag.since <= today)
        .where(MemberTag.until.is_null() | (MemberTag.until >= today))
        .order_by(MemberTag.tag)
    )
    leave = LeaveOfAbsence
    leaves = grouped(
        leave.select(leave.member, leave.since, leave.until)
        .where(among(leave.member, members), leave.until.is_null() | (leave.until >= today))
        .order_by(leave.since)
    )
    granted = grouped(
        RoleGrant.select(RoleGrant.member, RoleGrant.role, RoleGrant.unit).where(among(RoleGrant.member, members))
    )
    facts = Member.select(Member.id, Member.name, Member.phone, Member.birth_year, Member.position, Member.birth_date)
    known = {row[0]: row for row in facts.where(among(Member.id, members), Member.deactivated_at.is_null()).tuples()}
    for member in members:
        if member not in known:
            continue
        _, name, phone, year, position, born = known[member]
        unit, since, until = homes[member]
        yield [
            str(member),
            name,
            phone or "",
            places.by_id[unit].way,
            str(born or year or ""),
            position,
            "; ".join(columns.tag_word(tag, locale) for (tag,) in tags.get(member, ())),
            roles.written(roles.within(granted.get(member, ()), places.by_id), unit, places, locale),
            since.isoformat(),
            until.isoformat() if until else "",
            "; ".join(f"{begin}~{end or ''}" for begin, end in leaves.get(member, ())),
        ]


def as_csv(actor: Actor, kind: str, locale: str, *, empty: bool = False) -> Iterator[str]:
    """Write people or units as CSV, or (empty) the template. Raises Forbidden."""
    rows = rows_of(actor, kind, locale)
    return csv_lines(_headings(kind, locale, empty), () if empty else rows)


def as_xlsx(actor: Actor, kind: str, locale: str, target: IO[bytes], *, empty: bool = False) -> None:
    """Write people or units as XLSX, or (empty) the template, with a sheet that explains each column."""
    rows, sheet = rows_of(actor, kind, locale), columns.sheet_of(kind, locale)
    hints = (*columns.explanations(locale), columns.hints_of(kind, locale))
    real = [number for number, field in enumerate(columns.FIELDS[kind]) if field in REAL]
    write_xlsx(target, sheet, _headings(kind, locale, empty), () if empty else rows, (hints,), real)


def _headings(kind: str, locale: str, empty: bool) -> list[str]:
    return columns.headings_of(kind, locale)[1 if empty else 0 :]
