"""Entering activity records, correcting and withdrawing them."""

from collections.abc import Sequence
from datetime import date

from lms import clock, freezing
from lms.activities import counting, reach, rules
from lms.activities.models import Activity, ActivityMark, ActivityStep
from lms.activities.rules import KINDS, ActivityRefused, Draft, Mark, State
from lms.db import one_at_a_time, transactional
from lms.errors import N_, Conflict, InvalidInput
from lms.events import SearchableChanged, publish
from lms.members.access import Action, Actor, members_in, require, unit_on
from lms.members.models import Unit
from lms.notices.service import notify

CHANGED = N_("Somebody has changed this record since you opened it. Please look at it again.")
SCHEDULED = N_("%(day)s %(time)s: “%(title)s”. If you cannot come, ask for leave beforehand.")
STRANGER = N_("Somebody in this register is not a member of the unit.")
TWIN = N_("This is entered already: the same kind, day and topic.")
FIELDS = ("title", "day", "until", "starts", "place", "minutes", "amount", "category", "text", "link")


@transactional
def enter(actor: Actor, draft: Draft, member: int | None = None) -> int:
    """Enter what a member did, the actor if none is named; gives the record's id.

    About oneself it waits for a liaison; what a liaison enters about others is confirmed at once. Raises Forbidden,
    ActivityRefused, Conflict when the day lies in a frozen period.
    """
    checked = rules.check_draft(draft, clock.today())
    if not KINDS[checked.kind].personal:
        raise ActivityRefused([InvalidInput(N_("This is entered by the liaison of a unit."), field="kind")])
    whose = actor.id if member is None else member
    unit = unit_of(whose, checked)
    if whose != actor.id:
        require_care(actor, unit)
    freezing.require_open(unit, _day(checked))
    state = State.WAITING if whose == actor.id else State.CONFIRMED
    row = _create(actor, checked, unit, state, whose)
    if state is State.CONFIRMED:
        counting.recount(row)
    return int(row.id)


def unit_of(member: int, draft: Draft) -> int:
    """Give the unit that a member's record belongs to: the one of its day. Raises ActivityRefused without one."""
    unit = unit_on(member, _day(draft))
    if unit is None:
        message = N_("On this day the member belonged to no unit, so nobody could confirm it.")
        raise ActivityRefused([InvalidInput(message, field="day")])
    return unit


def require_care(actor: Actor, unit: int) -> None:
    """Raise Forbidden unless the actor looks after the records of a unit, InvalidInput when there is none."""
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None:
        raise ActivityRefused([InvalidInput(N_("Please choose a unit."), field="unit")])
    require(actor, Action.ACTIVITY_CARE, path)


@transactional
def plan(actor: Actor, unit: int, draft: Draft) -> int:
    """Schedule something that a unit will hold, so that its members see it and can ask for leave; gives its id.

    Raises Forbidden, ActivityRefused, Conflict when the day lies in a frozen period.
    """
    made = _hold(actor, unit, draft, State.PLANNED)
    row = Activity.get_by_id(made)
    if row.day > clock.today():
        said = {"title": row.title, "day": row.day.isoformat(), "time": row.starts}
        path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
        told = members_in(path, row.day) - {actor.id}
        notify(told, "activity", f"session:{made}", SCHEDULED, said, f"/activities/{made}")
    return made


@transactional
def hold(actor: Actor, unit: int, draft: Draft, register: Sequence[Mark] = ()) -> int:
    """Enter what a unit held, with its register where the kind has one; it counts at once. Raises as ``plan``."""
    made = _hold(actor, unit, draft, State.CONFIRMED)
    row = Activity.get_by_id(made)
    if KINDS[row.kind].register:
        _refuse_strangers(row, register)
        write_marks(row, register)
    counting.recount(row)
    return made


def _refuse_strangers(row: Activity, register: Sequence[Mark]) -> None:
    path = Unit.select(Unit.path).where(Unit.id == row.unit).scalar()
    expected = members_in(path, row.day)
    if any(mark.member not in expected for mark in register):
        raise InvalidInput(STRANGER, field="register")


def _hold(actor: Actor, unit: int, draft: Draft, state: State) -> int:
    require_care(actor, unit)
    planned = state is State.PLANNED
    checked = rules.check_draft(draft, clock.today(), planned=planned)
    kind = KINDS[checked.kind]
    if not kind.held or (planned and not kind.register):
        raise ActivityRefused([InvalidInput(N_("This is not something that a unit holds."), field="kind")])
    freezing.require_open(unit, _day(checked))
    return int(_create(actor, checked, unit, state, None).id)


def _day(draft: Draft) -> date:
    if draft.day is None:
        raise ValueError("a checked draft has a day")
    return draft.day


def _create(actor: Actor, draft: Draft, unit: int, state: State, member: int | None) -> Activity:
    values = {name: getattr(draft, name) for name in FIELDS}
    _refuse_twin(draft, unit, member)
    moment = clock.now()
    row = Activity.create(
        kind=draft.kind,
        unit=unit,
        member=member,
        state=state.value,
        entered_by=actor.id,
        submitted_at=moment if state is State.WAITING else None,
        decided_by=actor.id if state is State.CONFIRMED else None,
        decided_at=moment if state is State.CONFIRMED else None,
        **values,
    )
    note_step(actor, row, "planned" if state is State.PLANNED else "entered")
    return row


def _refuse_twin(draft: Draft, unit: int, member: int | None) -> None:
    """Raise ActivityRefused for what is there already: sent twice, or entered by a colleague, it would count twice."""
    one_at_a_time(f"records of unit:{unit}" if member is None else f"records of member:{member}")
    whose = (Activity.unit == unit) & Activity.member.is_null() if member is None else Activity.member == member
    same = (Activity.kind == draft.kind) & (Activity.day == draft.day) & (Activity.title == draft.title)
    there = Activity.select(Activity.id).where(whose, same, Activity.starts == draft.starts)
    twin = there.where(Activity.state != "withdrawn").order_by(Activity.id).scalar()
    if twin is not None:
        raise ActivityRefused([InvalidInput(TWIN, field="title", twin=twin)])


def note_step(actor: Actor, row: Activity, step: str, remark: str = "") -> None:
    """Leave a trace of what happened to a record, and have search take it in anew."""
    ActivityStep.create(activity=row.id, member=actor.id, step=step, remark=remark)
    publish(SearchableChanged("activity", row.id))


def write_marks(row: Activity, register: Sequence[Mark]) -> None:
    """Write a register; what is known of leave stays. Raises InvalidInput when leave was asked too late."""
    known = {mark.member: mark for mark in ActivityMark.select().where(ActivityMark.activity == row.id)}
    named = {mark.member: mark for mark in register}
    for mark in named.values():
        before = known.get(mark.member)
        if mark.state not in rules.MARKS:
            raise InvalidInput(N_("Please choose one of these."), field=f"state-{mark.member}")
        if mark.state == "leave" and before is not None and before.leave_late:
            raise InvalidInput(
                N_("Leave was asked after it had begun, so this is an absence without leave."),
                field=f"state-{mark.member}",
            )
        values = {"state": mark.state, "spoke": mark.spoke and mark.state == "present", "made_up_on": mark.made_up_on}
        if mark.state == "present":
            values["made_up_on"] = None
        if before is None:
            ActivityMark.create(activity=row.id, member=mark.member, **values)
        elif any(getattr(before, name) != value for name, value in values.items()):
            ActivityMark.update(**values).where(ActivityMark.id == before.id).execute()
    left_out = [mark.id for member, mark in known.items() if member not in named and mark.leave_at is None]
    if left_out:
        ActivityMark.delete().where(ActivityMark.id.in_(left_out)).execute()


@transactional
def change(actor: Actor, activity: int, version: int, draft: Draft) -> None:
    """Change what a record says; a returned one waits again, a confirmed one is taken back and counted anew.

    Raises NotFound, Forbidden, ActivityRefused, Conflict when it was changed since ``version``, is withdrawn, or lies
    in a frozen period, before or after.
    """
    row = reach.get_editable(actor, activity)
    if row.state == State.WITHDRAWN:
        raise Conflict(N_("This record is withdrawn. Please enter it anew."))
    checked = rules.check_draft(
        Draft(**{**vars(draft), "kind": row.kind}), clock.today(), planned=row.state == "planned"
    )
    freezing.require_open(row.unit, row.day)
    freezing.require_open(row.unit, _day(checked))
    values = {name: getattr(checked, name) for name in FIELDS}
    if row.state == State.RETURNED:
        values |= {"state": State.WAITING.value, "submitted_at": clock.now(), "decided_at": None, "decided_by": None}
    move(row, version, (row.state,), **values)
    note_step(actor, row, "corrected" if row.state == State.CONFIRMED else "changed")
    fresh = Activity.get_by_id(activity)
    if fresh.state == State.CONFIRMED:
        counting.recount(fresh)


def move(row: Activity, version: int, states: tuple[str, ...], **values: object) -> None:
    """Change a record unless somebody else did meanwhile. Raises Conflict then."""
    condition = (Activity.id == row.id) & (Activity.version == version) & Activity.state.in_(states)
    done = Activity.update(version=Activity.version + 1, updated_at=clock.now(), **values).where(condition).execute()
    if not done:
        raise Conflict(CHANGED)


@transactional
def withdraw(actor: Actor, activity: int) -> None:
    """Withdraw a record: it stays to be read by those who look after it, and counts no more. Twice changes nothing.

    Raises NotFound, Forbidden, Conflict in a frozen period.
    """
    row = reach.get_editable(actor, activity)
    if row.state == State.WITHDRAWN:
        return
    if row.state == State.CONFIRMED:
        freezing.require_open(row.unit, row.day)
    move(row, row.version, (row.state,), state=State.WITHDRAWN.value)
    note_step(actor, row, "withdrawn")
    counting.withdraw(row)


@transactional
def restore(actor: Actor, activity: int) -> None:
    """Bring a withdrawn record back: about a member it waits for confirmation, a session waits for its register.

    Raises NotFound, Forbidden, Conflict when it is not withdrawn or lies in a frozen period.
    """
    row = reach.get_row(actor, activity)
    if row.member != actor.id:
        row = reach.get_cared_for(actor, activity)
    if row.state != State.WITHDRAWN:
        raise Conflict(N_("This record is not withdrawn."))
    freezing.require_open(row.unit, row.day)
    if row.member is not None:
        values: dict[str, object] = {"state": State.WAITING.value, "submitted_at": clock.now(), "decided_by": None}
    else:
        values = {"state": (State.PLANNED if KINDS[row.kind].register else State.CONFIRMED).value}
    move(row, row.version, (State.WITHDRAWN.value,), **values)
    note_step(actor, row, "restored")
    fresh = Activity.get_by_id(activity)
    if fresh.state == State.CONFIRMED:
        counting.recount(fresh)
