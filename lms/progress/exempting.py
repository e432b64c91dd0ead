"""Exempting members from a requirement for some days; what was booked stays, only the asking rests."""

from dataclasses import dataclass
from datetime import date

from peewee import fn

from lms import clock
from lms.db import transactional
from lms.errors import N_, Faults, InvalidInput, NotFound
from lms.members import tags
from lms.members.access import Action, Actor, may
from lms.members.models import Unit
from lms.members.tags import LeaveRow, TagRow
from lms.progress.asked_rows import RequirementRow, asked_of_members
from lms.progress.figures import applying_on
from lms.progress.models import Exemption, Requirement
from lms.progress.people import circumstances_of

REASON_LENGTH = 200


@dataclass(frozen=True)
class ExemptionRow:
    """An exemption of a member, with the requirement's name."""

    id: int
    series: int
    title: str
    since: date
    until: date | None
    reason: str


@dataclass(frozen=True)
class Care:
    """What decides what is asked of a member, as those who look after them keep it.

    ``endable`` are the exemptions that the actor may end. Of the requirements that reach the member today
    ``exemptable`` are those from which the actor may exempt, as series and title, ``others`` the units that ask the
    rest.
    """

    member: int
    name: str
    tags: tuple[TagRow, ...]
    leaves: tuple[LeaveRow, ...]
    exemptions: tuple[ExemptionRow, ...]
    endable: frozenset[int]
    exemptable: tuple[tuple[int, str], ...]
    others: tuple[str, ...]


def get_care(actor: Actor, member: int) -> Care:
    """Give a member's tags, leaves and exemptions. Raises NotFound unless the actor looks after the member."""
    name = tags.require_care(actor, member)
    today = clock.today()
    circumstances = circumstances_of(member)
    asked = applying_on(asked_of_members(circumstances.units, today, today), circumstances, today)
    exemptions = _exemptions(member)
    return Care(
        member,
        name,
        tuple(tags.list_tags(member)),
        tuple(tags.list_leaves(member)),
        tuple(row for row, _ in exemptions),
        frozenset(row.id for row, path in exemptions if may(actor, Action.REQUIREMENT_EDIT, path)),
        tuple((row.series, row.title) for row in asked if _may_edit(actor, row)),
        tuple(dict.fromkeys(row.unit_name for row in asked if not _may_edit(actor, row))),
    )


def _exemptions(member: int) -> list[tuple[ExemptionRow, str]]:
    """Give the exemptions of a member, each with the path of the unit that asks."""
    out = Exemption
    latest = Requirement.select(fn.MAX(Requirement.id)).group_by(fn.COALESCE(Requirement.series, Requirement.id))
    rows = (
        out.select(out.id, out.series, Requirement.title, out.since, out.until, out.reason, Unit.path)
        .join(Requirement, on=(fn.COALESCE(Requirement.series, Requirement.id) == out.series))
        .join(Unit)
        .where(out.member == member, Requirement.id.in_(latest))
        .order_by(out.since.desc(), out.id.desc())
    )
    return [(ExemptionRow(*values), path) for *values, path in rows.tuples()]


@transactional
def exempt(
    actor: Actor,
    member: int,
    series: int | None,
    since: date | None,
    until: date | None,
    reason: str,
    *,
    before: Faults | None = None,
) -> None:
    """Exempt a member from a requirement for some days.

    Only who may set the requirement may exempt from it. Raises NotFound, Forbidden, InvalidInput without a reason.
    """
    tags.require_care(actor, member)
    faults, why = Faults(before), reason.strip()
    first = faults.check(lambda: tags.check_days(since, until))
    if not why or len(why) > REASON_LENGTH:
        text = N_("Please give the reason, in at most %(most)s characters.")
        faults.add(InvalidInput(text, field="reason", most=REASON_LENGTH))
    if series is None or not _may_set(actor, series):
        faults.add(InvalidInput(N_("Please choose a requirement that you may set."), field="series"))
    if faults or first is None:
        raise faults.gathered()
    Exemption.create(member=member, series=series, since=first, until=until, reason=why, given_by=actor.id)


def _may_edit(actor: Actor, row: RequirementRow) -> bool:
    return may(actor, Action.REQUIREMENT_EDIT, row.unit_path)


def _may_set(actor: Actor, series: int) -> bool:
    rows = (
        Requirement.select(Unit.path)
        .join(Unit)
        .where(fn.COALESCE(Requirement.series, Requirement.id) == series)
        .limit(1)
        .tuples()
    )
    return any(may(actor, Action.REQUIREMENT_EDIT, path) for (path,) in rows)


@transactional
def end_exemption(actor: Actor, member: int, exemption: int, last: date | None = None) -> None:
    """End an exemption with its last day, or take it away as given by mistake. Raises NotFound, InvalidInput."""
    tags.require_care(actor, member)
    row = Exemption.get_or_none(Exemption.id == exemption, Exemption.member == member)
    if row is None or not _may_set(actor, row.series):
        raise NotFound(N_("There is no such entry."))
    if last is None:
        row.delete_instance()
    else:
        tags.check_days(row.since, last)
        Exemption.update(until=last).where(Exemption.id == exemption).execute()
