"""What a member is besides belonging to a unit: tags with days, and leaves of absence; requirements ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from lms.db import transactional
from lms.errors import N_, Faults, InvalidInput, NotFound
from lms.members.access import Action, Actor
from lms.members.belonging import name_within_reach
from lms.members.models import LeaveOfAbsence, MemberTag

TAG_LENGTH = 24
REASON_LENGTH = 200
# The tags that the presets ask for. A unit may add words of its own; they are shown as typed.
KNOWN_TAGS: Mapping[str, str] = {
    "leader": N_("leader"),
    "main_leader": N_("main leader"),
    "county_leader": N_("leader at county level"),
    "officer": N_("officer"),
    "party_member": N_("party member"),
    "secretary": N_("branch secretary"),
    "new_member": N_("new member"),
    "young_officer": N_("officer of 35 and under"),
    "firm_member": N_("member in a non-public firm"),
    "leading_group": N_("member of the leading group"),
    "retired": N_("retired"),
}
# What stands for a role where requirements say whom they are for; nobody is given it as a tag.
ROLE_TAGS: Mapping[str, str] = {
    "role:lecturer": N_("lecturer"),
    "role:liaison": N_("liaison"),
    "role:administrator": N_("administrator"),
}
ROLE_PREFIX = "role:"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class TagRow:
    """A tag that a member has or had."""

    id: int
    tag: str
    since: date
    until: date | None


@dataclass(frozen=True)
class LeaveRow:
    """A member's leave of absence."""

    id: int
    since: date
    until: date | None
    reason: str


def check_tag(raw: str) -> str:
    """Give a tag as it is kept. Raises InvalidInput for none, one too long or one that cannot be shown."""
    tag = raw.strip()
    if not tag or len(tag) > TAG_LENGTH or not tag.isprintable() or tag.startswith(ROLE_PREFIX):
        raise InvalidInput(N_("Please give a word of at most %(most)s characters."), field="tag", most=TAG_LENGTH)
    return tag


def check_days(since: date | None, until: date | None) -> date:
    """Give the first day of a span. Raises InvalidInput for none, or a last day before it."""
    if since is None:
        raise InvalidInput(N_("Please say from which day on."), field="since")
    if until is not None and until < since:
        raise InvalidInput(N_("The last day lies before the first."), field="until")
    return since


@transactional
def add_tag(
    actor: Actor,
    member: int,
    tag: str,
    since: date | None,
    until: date | None = None,
    *,
    before: Faults | None = None,
) -> None:
    """Give a member a tag for some days; what overlaps with the same tag becomes one span.

    Raises NotFound, Forbidden without the right to look after the member, InvalidInput.
    """
    require_care(actor, member)
    faults = Faults(before)
    word, first = faults.check(lambda: check_tag(tag)), faults.check(lambda: check_days(since, until))
    if faults or word is None or first is None:
        raise faults.gathered()
    put_tag(member, word, first, until)


def put_tag(member: int, tag: str, since: date, until: date | None) -> None:
    """Write a tag, inside the caller's transaction; days that touch others of the same tag are joined with them."""
    last = until or date.max
    held = MemberTag.select().where(MemberTag.member == member, MemberTag.tag == tag)
    for row in list(held):
        if row.since - DAY <= last and since - DAY <= (row.until or date.max):
            since, last = min(since, row.since), max(last, row.until or date.max)
            MemberTag.delete().where(MemberTag.id == row.id).execute()
    MemberTag.create(member=member, tag=tag, since=since, until=None if last == date.max else last)


def _end(row: TagRow, today: date) -> None:
    if row.since >= today:
        MemberTag.delete().where(MemberTag.id == row.id).execute()
    else:
        MemberTag.update(until=today - DAY).where(MemberTag.id == row.id).execute()


@transactional
def remove_tag(actor: Actor, member: int, tag_id: int, last: date | None = None) -> None:
    """End a tag with its last day, or take it away as if it had never been.

    Raises NotFound, Forbidden, InvalidInput.
    """
    require_care(actor, member)
    row = MemberTag.get_or_none(MemberTag.id == tag_id, MemberTag.member == member)
    if row is None:
        raise NotFound(N_("There is no such entry."))
    if last is None:
        row.delete_instance()
    else:
        check_days(row.since, last)
        MemberTag.update(until=last).where(MemberTag.id == tag_id).execute()


@transactional
def add_leave(
    actor: Actor,
    member: int,
    since: date | None,
    until: date | None,
    reason: str = "",
    *,
    before: Faults | None = None,
) -> None:
    """Note a leave of absence. Raises NotFound, Forbidden, InvalidInput."""
    require_care(actor, member)
    faults, why = Faults(before), reason.strip()
    first = faults.check(lambda: check_days(since, until))
    if len(why) > REASON_LENGTH:
        faults.add(InvalidInput(N_("At most %(most)s characters, please."), field="reason", most=REASON_LENGTH))
    if faults or first is None:
        raise faults.gathered()
    LeaveOfAbsence.create(member=member, since=first, until=until, reason=why, noted_by=actor.id)


@transactional
def remove_leave(actor: Actor, member: int, leave: int, last: date | None = None) -> None:
    """End a leave with its last day, or take it away as noted by mistake. Raises NotFound, Forbidden, InvalidInput."""
    require_care(actor, member)
    row = LeaveOfAbsence.get_or_none(LeaveOfAbsence.id == leave, LeaveOfAbsence.member == member)
    if row is None:
        raise NotFound(N_("There is no such entry."))
    if last is None:
        row.delete_instance()
    else:
        check_days(row.since, last)
        LeaveOfAbsence.update(until=last).where(LeaveOfAbsence.id == leave).execute()


def list_tags(member: int) -> list[TagRow]:
    """Give a member's tags, those in force last begun first; access was checked before."""
    rows = MemberTag.select(MemberTag.id, MemberTag.tag, MemberTag.since, MemberTag.until)
    return [TagRow(*row) for row in rows.where(MemberTag.member == member).order_by(MemberTag.since.desc()).tuples()]


def list_leaves(member: int) -> list[LeaveRow]:
    """Give a member's leaves of absence, the latest first; access was checked before."""
    leave = LeaveOfAbsence
    rows = leave.select(leave.id, leave.since, leave.until, leave.reason).where(leave.member == member)
    return [LeaveRow(*row) for row in rows.order_by(leave.since.desc()).tuples()]


def require_care(actor: Actor, member: int) -> str:
    """Give the name of a member whom the actor looks after: whose progress the actor may see, or a manager's.

    Raises NotFound where the actor may not know of the member.
    """
    return name_within_reach(actor, member, Action.REQUIREMENT_EDIT)
