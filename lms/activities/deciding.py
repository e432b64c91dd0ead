"""Confirming records or returning them with a remark: one, or many at once."""

from collections.abc import Sequence

from lms import clock, freezing
from lms.activities import counting, reach, rules
from lms.activities.models import Activity
from lms.activities.rules import State
from lms.activities.service import move, note_step
from lms.catalogue.rules import block
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden, InvalidInput
from lms.members.access import Action, Actor, require
from lms.notices.service import Telling, tell_each

CONFIRMED = N_("“%(title)s” is confirmed and counts.")
RETURNED = N_("“%(title)s” was returned with a remark.")
VERDICTS = ("confirmed", "returned")
MOST_AT_ONCE = 200


@transactional
def decide(actor: Actor, activity: int, version: int, verdict: str, remark: str = "") -> None:
    """Confirm a record, which then counts, or return it with a remark.

    Raises NotFound, Forbidden for the own record, InvalidInput when a return says nothing, Conflict when somebody else
    was first, it was changed since ``version``, or it lies in a frozen period.
    """
    row = reach.get_cared_for(actor, activity)
    if row.member == actor.id:
        raise Forbidden(N_("Nobody confirms their own record."))
    _decide(actor, [(row, version)], verdict, _checked(verdict, remark))


def _checked(verdict: str, remark: str) -> str:
    if verdict not in VERDICTS:
        raise InvalidInput(N_("A record is confirmed or returned."), field="verdict")
    checked = block(remark, "remark", rules.REMARK_CHARS)
    if verdict == "returned" and not checked:
        raise InvalidInput(N_("Please say why, so that the member knows what to do."), field="remark")
    return checked


def _decide(actor: Actor, rows: Sequence[tuple[Activity, int]], verdict: str, remark: str) -> None:
    """Decide on records, each as it was in a version: first all of them, then their members are told, then they count.

    Step by step for all, each step in one order: two who decide for the same members never wait for each other.
    """
    for row, version in rows:
        freezing.require_open(row.unit, row.day)
        if row.state != State.WAITING:
            raise Conflict(N_("This record is not waiting for a decision any more. Please look at it again."))
        move(row, version, (State.WAITING.value,), state=verdict, decided_by=actor.id, decided_at=clock.now())
        note_step(actor, row, verdict, remark)
    tell_each(
        "activity",
        CONFIRMED if verdict == "confirmed" else RETURNED,
        [
            Telling(row.member, f"activity:{row.id}:{verdict}:{version}", {"title": row.title}, f"/activities/{row.id}")
            for row, version in rows
            if row.member is not None
        ],
    )
    if verdict == "confirmed":
        counting.recount(*(row for row, _ in rows))


@transactional
def decide_many(actor: Actor, activities: Sequence[int], verdict: str, remark: str = "") -> int:
    """Confirm or return many waiting records at once, all or none; gives how many. Those decided already are passed by.

    Raises Forbidden, InvalidInput, Conflict when one lies in a frozen period.
    """
    require(actor, Action.ACTIVITY_CARE)
    checked = _checked(verdict, remark)
    wanted = sorted(set(activities))
    if not wanted:
        raise InvalidInput(N_("Please tick at least one record."), field="activity")
    if len(wanted) > MOST_AT_ONCE:
        raise InvalidInput(N_("At most %(most)s at once, please."), field="activity", most=MOST_AT_ONCE)
    rows = Activity.select().where(
        Activity.id.in_(wanted),
        Activity.state == State.WAITING,
        reach.cared_for(actor),
        Activity.member.is_null() | (Activity.member != actor.id),
    )
    found = [(row, row.version) for row in rows.order_by(Activity.id)]
    _decide(actor, found, verdict, checked)
    return len(found)


@transactional
def reopen(actor: Actor, activity: int, remark: str) -> None:
    """Take a confirmation back: the record waits again and counts no more.

    Raises NotFound, Forbidden, InvalidInput without a reason, Conflict when it is not confirmed or its period frozen.
    """
    row = reach.get_cared_for(actor, activity)
    if row.member == actor.id:
        raise Forbidden(N_("Nobody confirms their own record."))
    checked = _checked("returned", remark)
    if row.state != State.CONFIRMED or row.member is None:
        raise Conflict(N_("This record is not confirmed, so there is nothing to take back."))
    freezing.require_open(row.unit, row.day)
    values = {"state": State.WAITING.value, "decided_by": None, "decided_at": None}
    move(row, row.version, (State.CONFIRMED.value,), **values)
    note_step(actor, row, "reopened", checked)
    counting.withdraw(row)
