"""Sessions of a unit: leave asked beforehand, the register, what was made up afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lms import clock, freezing
from lms.activities import counting, reach, rules
from lms.activities.models import Activity, ActivityMark
from lms.activities.paste_rules import PastedMark
from lms.activities.rules import KINDS, Mark, State
from lms.activities.service import STRANGER, move, note_step, write_marks
from lms.catalogue.rules import line
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.members.access import Actor, active_on
from lms.members.models import Member, Membership, Unit

SEVERAL = N_("Row %(row)s: several are called %(name)s. Please put the phone number instead.")
NOBODY = N_("Row %(row)s: nobody called %(name)s is expected here.")
TWICE = N_("Row %(row)s: %(name)s stands in the list twice.")
NO_REGISTER = N_("This record has no register.")


@dataclass(frozen=True)
class Expected:
    """A member of whom attendance is expected, or who stands in the register already."""

    member: int
    name: str
    unit_name: str
    phone: str | None = None


@transactional
def ask_leave(actor: Actor, activity: int, reason: str) -> bool:
    """Ask for leave from a session of one's unit; gives whether it was asked before the beginning.

    Asked later it is noted all the same, but does not count as asked beforehand. Raises NotFound, InvalidInput without
    a reason, Conflict when it is not a scheduled session of one's unit, or the register says something already.
    """
    row = reach.get_row(actor, activity)
    checked = line(reason, "reason", rules.REASON_CHARS)
    if not checked:
        raise InvalidInput(N_("Please say in a few words why."), field="reason")
    if not KINDS[row.kind].register or row.member is not None or row.state == State.WITHDRAWN:
        raise Conflict(N_("There is nothing to ask leave from here."))
    if not any(one.member == actor.id for one in list_expected(row)):
        raise NotFound(N_("You are not expected at this session."))
    moment = clock.now()
    beforehand = rules.asked_beforehand(clock.local(moment).replace(tzinfo=None), row.day, row.starts)
    mark = ActivityMark.get_or_none(ActivityMark.activity == row.id, ActivityMark.member == actor.id)
    if mark is not None and (mark.leave_at is not None or mark.state == "present"):
        raise Conflict(N_("You have asked for leave already, or stand in the register as present."))
    values = {"leave_at": moment, "leave_late": not beforehand, "leave_reason": checked}
    if beforehand:
        values["state"] = "leave"
    if mark is None:
        ActivityMark.create(activity=row.id, member=actor.id, **values)
    else:
        ActivityMark.update(**values).where(ActivityMark.id == mark.id).execute()
    return beforehand


@transactional
def take_leave_back(actor: Actor, activity: int) -> None:
    """Take the own leave back while the session has no register yet. Raises NotFound, Conflict."""
    row = reach.get_row(actor, activity)
    if row.state != State.PLANNED:
        raise Conflict(N_("The register is written already. Ask your liaison if something has to be corrected."))
    ActivityMark.delete().where(ActivityMark.activity == row.id, ActivityMark.member == actor.id).execute()


@transactional
def set_register(
    actor: Actor, activity: int, version: int, register: Sequence[Mark], minutes: int | None = None
) -> None:
    """Write or correct the register of a session; from then on it counts.

    Raises NotFound, Forbidden, InvalidInput for somebody who is not expected or leave asked too late, Conflict when it
    was changed since ``version``, has not come yet, is withdrawn, or lies in a frozen period.
    """
    row = reach.get_cared_for(actor, activity)
    if not KINDS[row.kind].register or row.member is not None:
        raise Conflict(NO_REGISTER)
    if row.state == State.WITHDRAWN:
        raise Conflict(N_("This record is withdrawn. Please enter it anew."))
    if row.day > clock.today():
        raise Conflict(N_("This session has not been held yet."))
    if row.kind == "group_study" and row.minutes is None and minutes is None:
        raise InvalidInput(N_("Please say how many minutes it took."), field="minutes")
    if minutes is not None and not 1 <= minutes <= rules.MOST_MINUTES:
        raise InvalidInput(
            N_("Please enter a number from %(low)s to %(high)s."), field="minutes", low=1, high=rules.MOST_MINUTES
        )
    freezing.require_open(row.unit, row.day)
    expected = {one.member for one in list_expected(row)}
    stranger = next((mark.member for mark in register if mark.member not in expected), None)
    if stranger is not None:
        raise InvalidInput(STRANGER, field="register")
    first = row.state == State.PLANNED
    values: dict[str, object] = {"state": State.CONFIRMED.value, "decided_by": actor.id, "decided_at": clock.now()}
    if minutes is not None:
        values["minutes"] = minutes
        if first and row.kind == "group_study":
            values["amount"] = rules.default_days(minutes)
    move(row, version, (row.state,), **values)
    write_marks(row, register)
    note_step(actor, row, "registered" if first else "corrected")
    counting.recount(Activity.get_by_id(activity))


@transactional
def make_up(actor: Actor, activity: int, member: int, day: date | None) -> None:
    """Note the day on which a member made a session up, or (None) take that back.

    With leave asked beforehand the session then counts as attended. Raises NotFound, Forbidden, InvalidInput for a day
    before the session or after today, Conflict in a frozen period.
    """
    row = reach.get_cared_for(actor, activity)
    mark = ActivityMark.get_or_none(ActivityMark.activity == row.id, ActivityMark.member == member)
    if mark is None or mark.state == "present":
        raise NotFound(N_("This member has nothing to make up here."))
    if day is not None and not row.day <= day <= clock.today():
        raise InvalidInput(N_("It is made up on a day after the session, today at the latest."), field="day")
    freezing.require_open(row.unit, row.day)
    ActivityMark.update(made_up_on=day).where(ActivityMark.id == mark.id).execute()
    note_step(actor, row, "made_up" if day else "corrected")
    if row.state == State.CONFIRMED:
        counting.recount(row)


def list_expected(row: Activity) -> list[Expected]:
    """Give the members of a record's unit and of those below on its day, and whoever stands in its register."""
    path = Unit.select(Unit.path).where(Unit.id == row.unit).scalar()
    registered = ActivityMark.select(ActivityMark.member).where(ActivityMark.activity == row.id)
    belonging = Membership.select(Membership.member).join(Unit).where(active_on(row.day), Unit.path.startswith(path))
    there = Member.deactivated_at.is_null() & Member.id.in_(belonging)
    people = (
        Member.select(Member.id, Member.name, Member.phone)
        .where(there | Member.id.in_(registered))
        .order_by(Member.name_key, Member.id)
        .tuples()
    )
    named = list(people)
    homes = _homes([member for member, _, _ in named], row.day, path)
    return [Expected(member, name, homes.get(member, ""), phone) for member, name, phone in named]


@dataclass(frozen=True)
class PastedProblem:
    """What is wrong with a row of a pasted register, in which column: "who" or "state"."""

    row: int
    column: str
    error: InvalidInput


def match_pasted(row: Activity, marks: Sequence[PastedMark]) -> tuple[dict[int, PastedMark], list[PastedProblem]]:
    """Give the pasted lines by the member meant, and what is wrong with the others; nothing is written."""
    people: dict[str, list[int]] = {}
    for one in list_expected(row):
        for key in {one.name, one.phone or one.name}:
            people.setdefault(key, []).append(one.member)
    found: dict[int, PastedMark] = {}
    wrong: list[PastedProblem] = []
    for mark in marks:
        meant = people.get(mark.who, [])
        if mark.error is not None:
            wrong.append(PastedProblem(mark.number, "state", mark.error))
        elif len(meant) == 1 and meant[0] not in found:
            found[meant[0]] = mark
        else:
            message = NOBODY if not meant else SEVERAL if len(meant) > 1 else TWICE
            error = InvalidInput(message, field="rows", row=mark.number, name=mark.who)
            wrong.append(PastedProblem(mark.number, "who", error))
    return found, wrong


def _homes(members: Sequence[int], day: date, path: str) -> dict[int, str]:
    rows = (
        Membership.select(Membership.member, Unit.name)
        .join(Unit)
        .where(active_on(day), Unit.path.startswith(path))
        .order_by(Membership.since, Membership.id)
        .tuples()
    )
    wanted = set(members)
    return {member: name for member, name in rows if member in wanted}
