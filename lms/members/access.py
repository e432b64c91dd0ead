"""Who may do what. The only place where access is decided: pages, API, search and jobs all ask here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, reduce
from operator import or_
from typing import Any

from peewee import Expression, Value

from lms import clock
from lms.db import is_sqlite
from lms.errors import N_, Forbidden, InvalidInput
from lms.members import rules
from lms.members.models import Accreditation, Member, Membership, RoleGrant, Unit
from lms.periods import Span
from lms.prepared import prepared


class Action(StrEnum):
    """Something that not everybody may do."""

    CATALOGUE_EDIT = "catalogue.edit"
    CATEGORY_EDIT = "category.edit"
    LIST_EDIT = "list.edit"
    MATERIAL_UPLOAD = "material.upload"
    MATERIAL_MANAGE = "material.manage"
    READING_REQUIRE = "reading.require"
    LECTURE_UPLOAD = "lecture.upload"
    LECTURE_MANAGE = "lecture.manage"
    COURSE_EDIT = "course.edit"
    COURSE_MANAGE = "course.manage"
    LECTURER_ACCREDIT = "lecturer.accredit"
    MEMBER_LIST = "member.list"
    MEMBER_MANAGE = "member.manage"
    MEMBER_BIRTH_DATE = "member.birth_date"
    UNIT_MANAGE = "unit.manage"
    PROGRESS_OF_OTHERS = "progress.of_others"
    REQUIREMENT_EDIT = "requirement.edit"
    PERIOD_FREEZE = "period.freeze"
    NOTE_REVIEW = "note.review"
    NOTE_CARE = "note.care"
    PLAN_REVIEW = "plan.review"
    ACTIVITY_CARE = "activity.care"
    OPERATE = "operate"


ALLOWED: Mapping[Action, frozenset[str]] = {
    Action.CATALOGUE_EDIT: frozenset({"liaison", "administrator"}),
    Action.CATEGORY_EDIT: frozenset({"liaison", "administrator"}),
    Action.LIST_EDIT: frozenset({"liaison", "administrator"}),
    Action.MATERIAL_UPLOAD: frozenset({"lecturer", "liaison", "administrator"}),
    Action.MATERIAL_MANAGE: frozenset({"liaison", "administrator"}),
    Action.READING_REQUIRE: frozenset({"liaison", "administrator"}),
    Action.LECTURE_UPLOAD: frozenset({"lecturer", "liaison", "administrator"}),
    Action.LECTURE_MANAGE: frozenset({"liaison", "administrator"}),
    Action.COURSE_EDIT: frozenset({"lecturer", "liaison", "administrator"}),
    Action.COURSE_MANAGE: frozenset({"liaison", "administrator"}),
    Action.LECTURER_ACCREDIT: frozenset({"liaison", "administrator"}),
    Action.MEMBER_LIST: frozenset({"liaison", "administrator"}),
    Action.MEMBER_MANAGE: frozenset({"administrator"}),
    Action.MEMBER_BIRTH_DATE: frozenset({"administrator"}),  # others who look after members see the year
    Action.UNIT_MANAGE: frozenset({"administrator"}),
    Action.PROGRESS_OF_OTHERS: frozenset({"liaison", "administrator"}),
    Action.REQUIREMENT_EDIT: frozenset({"liaison", "administrator"}),
    Action.PERIOD_FREEZE: frozenset({"liaison", "administrator"}),
    Action.NOTE_REVIEW: frozenset({"liaison", "administrator"}),
    Action.NOTE_CARE: frozenset({"liaison", "administrator"}),
    Action.PLAN_REVIEW: frozenset({"liaison", "administrator"}),
    Action.ACTIVITY_CARE: frozenset({"liaison", "administrator"}),
    Action.OPERATE: frozenset({"administrator"}),
}


@dataclass(frozen=True)
class Grant:
    """A role held on a unit, with the unit's path, under which it reaches."""

    role: str
    unit: int
    path: str


@dataclass(frozen=True)
class Actor:
    """The member who acts, with all that access depends on.

    ``home`` is the unit of the newest open membership, where what the member makes belongs by default. ``sees_units``
    are the units whose things the member may see: the own ones and all above them, and all below a granted role;
    ``wanted_by`` only the first, those whose requests are for the member.
    """

    id: int
    name: str
    home: int | None
    home_name: str
    units: frozenset[int]
    sees_units: frozenset[int]
    wanted_by: frozenset[int]
    grants: tuple[Grant, ...]
    tokens: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def units_seen(self) -> tuple[int, ...]:
        """Give ``sees_units`` in order, as statements take them: sorted once for as long as the actor is known."""
        return tuple(sorted(self.sees_units))

    def paths_for(self, action: Action) -> list[str]:
        """Give the paths of the units below which the actor may do something."""
        return [grant.path for grant in self.grants if grant.role in ALLOWED[action]]


def load_actor(member_id: int) -> Actor:
    """Load a member's access as it is today: two statements, so remember it by ``access_version`` and day."""
    rows = _all_held(member_id, clock.today())
    name = next((text for what, _, _, _, _, text, _ in rows if what == "name"), "")
    stays = sorted((row for row in rows if row[0] == "stay"), key=lambda row: (row[6], row[1]), reverse=True)
    memberships = [(unit, path, unit_name) for _, _, unit, path, unit_name, _, _ in stays]
    granted = sorted(row for row in rows if row[0] == "grant")
    grants = tuple(Grant(role, unit, path) for _, _, unit, path, _, role, _ in granted)
    own = frozenset(unit for unit, _, _ in memberships)
    around = {int(part) for _, path, _ in memberships for part in path.strip("/").split("/")}
    below = _units_below({grant.path for grant in grants})
    sees = frozenset(around.union(*below.values()))
    caring = {unit for grant in grants if grant.role in ALLOWED[Action.ACTIVITY_CARE] for unit in below[grant.path]}
    tokens = frozenset({"all", f"m{member_id}"} | {f"u{unit}" for unit in sees} | {f"c{unit}" for unit in caring})
    places = [*((unit, unit_name) for unit, _, unit_name in memberships), *((row[2], row[4]) for row in granted)]
    home, home_name = places[0] if places else (None, "")
    return Actor(member_id, name, home, home_name, own, sees, frozenset(around), grants, tokens)


@prepared
def _all_held(member_id: int, day: date) -> Any:
    """Ask for name, memberships and roles: what it is, its id, the unit with path and name, a text, the first day."""
    stay, held, unit = Membership, RoleGrant, (Unit.id, Unit.path, Unit.name)
    stays = stay.select(Value("stay"), stay.id, *unit, Value(""), stay.since).join(Unit)
    grants = held.select(Value("grant"), held.id, *unit, held.role, Value(None)).join(Unit)
    nowhere = (Value(0), Value(""), Value(""))
    name = Member.select(Value("name"), Member.id, *nowhere, Member.name, Value(None))
    return (
        stays.where(stay.member == member_id, active_on(day))
        + grants.where(held.member == member_id)
        + name.where(Member.id == member_id)
    )


def _units_below(paths: Collection[str]) -> dict[str, set[int]]:
    """Give the units at or below each path: one statement, none for no path."""
    if not paths:
        return {}
    units = list(Unit.select(Unit.id, Unit.path).where(reduce(or_, map(in_subtree, sorted(paths)))).tuples())
    return {path: {unit for unit, own in units if own.startswith(path)} for path in paths}


def active_on(day: date) -> Expression:
    """Make the condition that a membership holds on a day; its last day counts."""
    return (Membership.since <= day) & (Membership.until.is_null() | (Membership.until >= day))


def in_subtree(path: str) -> Expression:
    """Make the condition that a unit lies at or below a path. Paths end in "/", so /1/4/ never takes in /1/40/.

    Where texts are compared by their bytes it is a range, for which SQLite has an index; a statement with LIKE it makes
    anew each time, for what comes may begin with "%".
    """
    if is_sqlite():
        return (Unit.path >= path) & (Unit.path < f"{path[:-1]}0")  # "0" comes after "/"
    return Unit.path.startswith(path)


def may(actor: Actor, action: Action | str, unit_path: str | None = None) -> bool:
    """Say whether the actor may do something, on the unit with a path or (None) on any unit at all."""
    roles = ALLOWED[Action(action)]
    return any(
        grant.role in roles and (unit_path is None or unit_path.startswith(grant.path)) for grant in actor.grants
    )


def may_grant(actor: Actor, role: str, unit_path: str) -> bool:
    """Say whether the actor may give or take a role on the unit with a path: what is beyond their own reach is not."""
    return rules.may_grant(((grant.role, grant.path) for grant in actor.grants), role, unit_path)


def require(actor: Actor, action: Action | str, unit_path: str | None = None) -> None:
    """Raise Forbidden unless the actor may do something there."""
    if not may(actor, action, unit_path):
        raise Forbidden(N_("You do not have the right to do this. Ask the administrator of your unit if you need it."))


def holds_on(day: date) -> Expression:
    """Make the condition that an accreditation holds on a day; its last day counts."""
    ends = Accreditation.until.is_null() | (Accreditation.until >= day)
    return Accreditation.revoked_at.is_null() & (Accreditation.since <= day) & ends


def may_publish(actor: Actor, manage: Action, unit_path: str) -> bool:
    """Say whether the actor may publish for a unit today: who manages such things there, and accredited lecturers."""
    return publish_refusal(actor, manage, unit_path) is None


def require_publish(actor: Actor, manage: Action, unit_path: str) -> None:
    """Raise Forbidden, saying what to do, unless the actor may publish for a unit today."""
    refusal = publish_refusal(actor, manage, unit_path)
    if refusal is not None:
        raise refusal


def publish_refusal(actor: Actor, manage: Action, unit_path: str) -> Forbidden | None:
    """Say why the actor may not publish for a unit today and what to do; None when it is allowed."""
    if may(actor, manage, unit_path):
        return None
    today, spans = clock.today(), _accredited_spans(actor.id, unit_path)
    if any(since <= today <= last for since, last in spans):
        return None
    ended = [last for _, last in spans if last <= today]
    if ended:
        return Forbidden(
            N_("Your accreditation as a lecturer ended on %(day)s. Ask the liaison of the unit to renew it."),
            day=max(ended),
        )
    return Forbidden(N_("You are not accredited as a lecturer of this unit today. Ask its liaison to accredit you."))


def lecturer_refusal(member: int | None, name: str, manage: Action, unit_path: str) -> InvalidInput | None:
    """Say why somebody may not be presented as the lecturer of something published for a unit today; None if they may.

    A member must be one who may publish there; who has no account must be accredited there by this very name.
    """
    if member is not None:
        there = may_publish(load_actor(member), manage, unit_path)
    else:
        there = any(unit_path.startswith(path) for (path,) in _accredited_outside(name, clock.today()))
    if there:
        return None
    message = NOT_ACCREDITED if member is not None else OUTSIDE_NOT_ACCREDITED
    return InvalidInput(message, field="lecturer" if member is not None else "lecturer_name", name=name)


NOT_ACCREDITED = N_("%(name)s is not accredited as a lecturer of this unit today. Ask its liaison to do it.")
OUTSIDE_NOT_ACCREDITED = N_(
    "No lecturer from outside called %(name)s is accredited by this unit today. Ask its liaison to do it, by this name."
)


@prepared
def _accredited_outside(name: str, day: date) -> Any:
    holds = Accreditation.member.is_null() & (Accreditation.name == name) & holds_on(day)
    return Accreditation.select(Unit.path).join(Unit).where(holds)


def _accredited_spans(member: int, unit_path: str) -> list[tuple[date, date]]:
    """Give the first and last days of a member's accreditations by a unit or one above it; revoked ones end before."""
    return [
        (since, clock.local(revoked_at).date() - timedelta(days=1) if revoked_at else until or date.max)
        for path, since, until, revoked_at in _accreditations(member)
        if unit_path.startswith(path)
    ]


@prepared
def _accreditations(member: int) -> Any:
    columns = (Unit.path, Accreditation.since, Accreditation.until, Accreditation.revoked_at)
    return Accreditation.select(*columns).join(Unit).where(Accreditation.member == member)


def visible(actor: Actor, audience: Any, unit: Any, owner: Any = None) -> Expression:
    """Make the condition that a row may be seen, from its audience, unit and owner columns.

    "everyone" is for all members; "unit" for those in that unit or below it, and those with a role over it; the
    owner always sees what is their own.
    """
    return visible_to(actor.id, actor.units_seen, audience, unit, owner)


def visible_to(member: int, sees_units: Sequence[int], audience: Any, unit: Any, owner: Any = None) -> Expression:
    """Make the same condition from the parts of an actor, for a prepared query, where they are stand-ins."""
    condition = (audience == "everyone") | ((audience == "unit") & unit.in_(sees_units))
    return condition | (owner == member) if owner is not None else condition


def reaches(actor: Actor, audience: str, unit: int | None) -> bool:
    """Say of one row what ``visible_to`` asks of all: whether its audience reaches the actor."""
    return audience == "everyone" or (audience == "unit" and unit in actor.sees_units)


def reaches_member(member: int, audience: str, unit: int | None) -> bool:
    """Say what ``reaches`` says of a member who is not asking: their access of today is loaded where it matters."""
    return audience == "everyone" or reaches(load_actor(member), audience, unit)


def audience_tokens(audience: str, unit: int | None, owner: int | None) -> tuple[str, ...]:
    """Give the tokens a search document carries; an actor with any of them among ``Actor.tokens`` may see it.

    They name the row's own unit and never those around it: how the tree lies is in the actor's tokens, which are made
    anew when it changes. So a unit that moves takes all that can be found with it, and no document becomes stale.
    """
    tokens = {f"m{owner}"} if owner is not None else set()
    if audience == "everyone":
        tokens.add("all")
    elif audience == "unit" and unit is not None:
        tokens.add(f"u{unit}")
    return tuple(sorted(tokens))


def care_token(unit: int) -> str:
    """Give the token of those who look after a unit: for what is about one member there, not for all of the unit."""
    return f"c{unit}"


def members_in(path: str, day: date) -> set[int]:
    """Give the members who belong on a day to a unit or to those below it, deactivated ones left out."""
    rows = (
        Membership.select(Membership.member)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(in_subtree(path), active_on(day), Member.deactivated_at.is_null())
    )
    return {member for (member,) in rows.tuples()}


def last_day(until: date | None, closed_at: datetime | None) -> date | None:
    """Give the last day of a stay in a unit: with a closed account nobody belongs from the day of closing on."""
    if closed_at is None:
        return until
    closed = clock.local(closed_at).date() - timedelta(days=1)
    return closed if until is None else min(until, closed)


@dataclass(frozen=True)
class InCare:
    """A member whom somebody looks after, or did: ``days`` are those of which they may see what was done; None: all."""

    name: str
    days: tuple[Span, ...] | None


def find_in_care(actor: Actor, action: Action, member: int, below: str) -> InCare | None:
    """Give the days of a member that are open to who may do something on the member's units at or below a path.

    All days while the member belongs to such a unit. Of one who moved away or left, those on which they belonged to
    it: a past period's figures name them, and who answers for the figures can show what they are made of. None of a
    member who never did.
    """
    rows = (
        Membership.select(Unit.path, Member.name, Membership.since, Membership.until)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(Membership.member == member, in_subtree(below))
        .order_by(Membership.since)
        .tuples()
    )
    held = [(name, Span(since, until or date.max)) for path, name, since, until in rows if may(actor, action, path)]
    today = clock.today()
    if any(span.since <= today <= span.until for _, span in held):
        return InCare(held[0][0], None)
    return InCare(held[0][0], tuple(span for _, span in held)) if held else None


def unit_on(member_id: int, day: date) -> int | None:
    """Give the unit a member belonged to on a day: the newest of the memberships that held, None without any."""
    found: int | None = (
        Membership.select(Membership.unit)
        .where(Membership.member == member_id, active_on(day))
        .order_by(Membership.since.desc(), Membership.id.desc())
        .limit(1)
        .scalar()
    )
    return found
