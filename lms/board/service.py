"""Commands on boards: a period is frozen when its figures have been reported, and opened again with a trace."""

from datetime import date

import numpy as np
from peewee import fn

from lms import clock, freezing
from lms.board import rules, snapshot
from lms.board.coverage import Group
from lms.board.models import FrozenPeriod, FrozenStanding
from lms.board.people import whereabouts_of
from lms.board.queries import beside_of, board_of, get_unit
from lms.board.reckoning import Reckoning
from lms.board.rules import Chosen
from lms.db import many_at_a_time, one_at_a_time, transactional
from lms.errors import N_, Conflict, NotFound
from lms.freezing import Frozen
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Unit

AT_ONCE = 2000
PERIODS = "frozen periods"
NO_SNAPSHOT = N_("There is no such frozen period, or it is not one of yours.")


def connect() -> None:
    """Have those who enter learning ask here whether a day can still be changed."""
    freezing.bind(find_frozen)


@transactional
def freeze_period(actor: Actor, unit: int, chosen: Chosen, note: str, profile: str) -> int:
    """Keep a unit's figures of a period that is over, dated, and close its days for what people enter; give its id.

    Facts that the service records itself are still booked on their day: the snapshot stays as it is and says where it
    differs. Raises NotFound, Forbidden, Conflict for a period that runs or is frozen already, InvalidInput.
    """
    head = get_unit(actor, unit)
    access.require(actor, Action.PERIOD_FREEZE, head.path)
    today = clock.today()
    rules.check_freezable(chosen, today)
    note = rules.checked_note(note, "note", needed=False)
    one_at_a_time(PERIODS)
    p = FrozenPeriod
    same = p.select().where(
        p.unit == unit, p.since == chosen.span.since, p.until == chosen.span.until, p.lifted_at.is_null()
    )
    if same.exists():
        raise Conflict(N_("This period is frozen already."))
    board, reckoning = board_of(head, chosen, today, profile)
    made: int = p.create(
        unit=unit,
        kind=chosen.kind,
        since=chosen.span.since,
        until=chosen.span.until,
        figures=snapshot.written(board, beside_of(head, reckoning)),
        note=note,
        frozen_by=actor.id,
        frozen_at=clock.now(),
    ).id
    _keep_standings(made, reckoning)
    return made


def _keep_standings(frozen: int, reckoning: Reckoning) -> None:
    ids = reckoning.crowd.ids
    rows: list[tuple[int, ...]] = []
    for _, held in reckoning.shown():
        asked, met, late, done, required = (np.zeros(len(ids), np.int64) for _ in range(5))
        for _, judged in held:
            standings = reckoning.standings(judged)
            asked += standings.who(Group.ASKED)
            met += standings.who(Group.MET)
            late += standings.who(Group.LATE)
            done += judged.total
            required += judged.required
        requirement = held[-1][0].id
        for who in np.flatnonzero(asked).tolist():
            figures = (int(one[who]) for one in (asked, met, late, done, required))
            rows.append((frozen, requirement, int(ids[who]), *figures))
    members = {row[2] for row in rows}
    known = whereabouts_of(members, reckoning.path, reckoning.last)
    s = FrozenStanding
    columns = [s.frozen, s.requirement, s.member, s.asked, s.met, s.late, s.done, s.required, s.name, s.unit_name]
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        part = [(*row, known[row[2]].name, known[row[2]].unit_name) for row in some]
        s.insert_many(part, fields=columns).execute()


@transactional
def lift_freeze(actor: Actor, frozen: int, why: str) -> None:
    """Open a frozen period again: its snapshot stays, with who did it, when and why.

    Raises NotFound, Forbidden, Conflict when it is open already, InvalidInput without a reason.
    """
    row = FrozenPeriod.get_or_none(FrozenPeriod.id == frozen)
    path = Unit.select(Unit.path).where(Unit.id == row.unit).scalar() if row else None
    if path is None or not access.may(actor, Action.PROGRESS_OF_OTHERS, path):
        raise NotFound(NO_SNAPSHOT)
    access.require(actor, Action.PERIOD_FREEZE, path)
    why = rules.checked_note(why, "why", needed=True)
    changed = (
        FrozenPeriod.update(lifted_by=actor.id, lifted_at=clock.now(), lifted_why=why)
        .where(FrozenPeriod.id == frozen, FrozenPeriod.lifted_at.is_null())
        .execute()
    )
    if not changed:
        raise Conflict(N_("This period was opened again already."))


def find_frozen(unit: int | None, day: date) -> Frozen | None:
    """Give the frozen period that a day of a unit lies in: its own, or one of a unit above it.

    Nothing is frozen then until the transaction ends: what is entered now stands in the figures that are reported.
    """
    if unit is None:
        return None
    many_at_a_time(PERIODS)
    p, above, own = FrozenPeriod, Unit.alias(), Unit.alias()
    row = (
        p.select(above.name, p.since, p.until)
        .join(above, on=(p.unit == above.id))
        .join(own, on=(fn.SUBSTR(own.path, 1, fn.LENGTH(above.path)) == above.path))
        .where(own.id == unit, p.since <= day, p.until >= day, p.lifted_at.is_null())
        .order_by(p.since.desc())
        .limit(1)
        .tuples()
        .first()
    )
    return Frozen(*row) if row else None
