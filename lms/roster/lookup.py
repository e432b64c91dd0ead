"""The members that rows of a table may be about, looked up for many rows at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.bulk import among
from lms.members import rules
from lms.members.access import Action, Actor, active_on
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag, RoleGrant, Unit
from lms.roster import roles
from lms.roster.people_rules import Draft, Known, Stay


@dataclass(frozen=True)
class People:
    """Members by number, by phone number, and by unit and name."""

    by_id: Mapping[int, Known]
    by_phone: Mapping[str, int]
    by_name: Mapping[tuple[int, str], Sequence[int]]

    def about(self, draft: Draft) -> Known | None:
        """Give the member of a row's number, or else of its phone number."""
        if draft.id is not None:
            return self.by_id.get(draft.id)
        return self.by_id.get(self.by_phone[draft.phone]) if draft.phone in self.by_phone and draft.phone else None

    def phone_owner(self, draft: Draft) -> int | None:
        """Give whose a row's phone number is now."""
        return self.by_phone.get(draft.phone) if draft.phone else None

    def namesakes(self, draft: Draft) -> list[Known]:
        """Give the members of a row's name in its unit."""
        if draft.unit is None or draft.name is None:
            return []
        return [self.by_id[member] for member in self.by_name.get((draft.unit, draft.name), ())]


def people_for(actor: Actor, drafts: Sequence[Draft], units: Collection[int], day: date) -> People:
    """Look up all that some rows may be about: seven statements, however many rows. ``units`` are the actor's reach."""
    by_phone = _by_phone({draft.phone for draft in drafts if draft.phone})
    by_name = _by_name({(draft.unit, draft.name) for draft in drafts if draft.unit and draft.name}, day)
    ids = {draft.id for draft in drafts if draft.id} | set(by_phone.values())
    ids |= {member for members in by_name.values() for member in members}
    return People(_known(actor, ids, units, day), by_phone, by_name)


def _by_phone(phones: set[str]) -> dict[str, int]:
    if not phones:
        return {}
    return dict(Member.select(Member.phone, Member.id).where(among(Member.phone, phones)).tuples())


def _by_name(wanted: set[tuple[int, str]], day: date) -> dict[tuple[int, str], list[int]]:
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    if not wanted:
        return found
    # The names lead, and the units are looked at here: in a table of a whole town they are those of everybody.
    named = among(Member.name, {name for _, name in wanted})
    rows = Membership.select(Membership.unit, Member.name, Member.id).join(Member).where(named, active_on(day))
    for unit, name, member in rows.order_by(Member.id).tuples():
        if (unit, name) in wanted:
            found[unit, name].append(member)
    return found


def _known(actor: Actor, ids: set[int], units: Collection[int], day: date) -> dict[int, Known]:
    if not ids:
        return {}
    wanted, paths = list(ids), actor.paths_for(Action.MEMBER_MANAGE)
    stays, reached = _stays(wanted, paths, day)
    tags = grouped(
        MemberTag.select(MemberTag.member, MemberTag.tag).where(
            among(MemberTag.member, wanted),
            (MemberTag.since <= day) & (MemberTag.until.is_null() | (MemberTag.until >= day)),
        )
    )
    leave = LeaveOfAbsence
    leaves = grouped(leave.select(leave.member, leave.since, leave.until).where(among(leave.member, wanted)))
    held = RoleGrant.select(RoleGrant.member, Unit.path, RoleGrant.role, Unit.id).join(Unit)
    granted = grouped(held.where(among(RoleGrant.member, wanted)))
    columns = (Member.id, Member.name, Member.phone, Member.birth_year, Member.birth_date)
    more, found = (Member.position, Member.deactivated_at), {}
    rows = Member.select(*columns, *more).where(among(Member.id, wanted)).tuples()
    for member, name, phone, year, born, position, closed in rows:
        found[member] = Known(
            id=member,
            name=name,
            phone=phone,
            birth_year=year,
            birth_date=born,
            stays=tuple(stays.get(member, ())),
            tags=frozenset(tag for (tag,) in tags.get(member, ())),
            leaves=frozenset(leaves.get(member, ())),
            reached=member in reached,
            manageable=not rules.outranked(paths, (path for path, *_ in granted.get(member, ()))),
            closed=closed is not None,
            position=position,
            roles=roles.within(((role, unit) for _, role, unit in granted.get(member, ())), units),
        )
    return found


def _stays(members: list[int], paths: Sequence[str], day: date) -> tuple[dict[int, list[Stay]], set[int]]:
    """Give the memberships of today by member, and the members who are or were in a unit of the actor's reach."""
    found: dict[int, list[Stay]] = defaultdict(list)
    reached = set()
    columns = (Membership.member, Membership.id, Membership.unit, Membership.since, Membership.until, Unit.path)
    rows = Membership.select(*columns).join(Unit).where(among(Membership.member, members)).order_by(Membership.id)
    for member, ident, unit, since, until, path in rows.tuples():
        mine = any(path.startswith(reach) for reach in paths)
        if mine:
            reached.add(member)
        if since <= day and (until is None or until >= day):
            found[member].append(Stay(ident, unit, since, until, mine))
    return found, reached


def grouped(rows: Any) -> dict[int, list[Any]]:
    """Send a query and give the rest of its rows by their first column, a member."""
    found: dict[int, list[Any]] = defaultdict(list)
    for member, *rest in rows.tuples():
        found[member].append(tuple(rest))
    return found


def members_of(units: Iterable[int], day: date) -> list[tuple[int, str, int]]:
    """Give the members of some units on a day: number, name, unit."""
    rows = Membership.select(Member.id, Member.name, Membership.unit).join(Member)
    return list(
        rows.where(Membership.unit.in_(list(units)), active_on(day)).order_by(Member.name_key, Member.id).tuples()
    )
