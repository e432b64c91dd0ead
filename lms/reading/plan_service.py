"""Writing plans: making, changing, submitting, deciding. Every change leaves a trace."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from lms import clock, things
from lms.catalogue import queries as catalogue
from lms.catalogue.models import Book
from lms.catalogue.rules import block
from lms.db import transactional
from lms.errors import N_, InvalidInput
from lms.events import PlanApproved, PlanDeleted, publish
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Unit
from lms.notices.service import notify
from lms.reading import plan_rules as rules
from lms.reading.locking import locked
from lms.reading.models import PlanChange, PlanItem, ReadingPlan
from lms.reading.plan_queries import get_own_plan, no_plan
from lms.reading.plan_rules import PlannedItem, PlanState

EPOCH = datetime(1970, 1, 1)
TOLD = {
    PlanState.APPROVED: N_("Your plan “%(title)s” is approved."),
    PlanState.RETURNED: N_("Your plan “%(title)s” was returned with a remark."),
}


@transactional
def make_plan(
    actor: Actor, title: str, since: date, until: date, items: Sequence[PlannedItem], source: int | None = None
) -> int:
    """Make a plan of the actor's own, a draft, and give its id; due days that are not given are spread evenly.

    Raises InvalidInput; for a withdrawn or unknown book, material or lecture too.
    """
    title, planned = checked_plan(actor, title, since, until, items, frozenset())
    plan = ReadingPlan.create(member=actor.id, title=title, since=since, until=until, source=source)
    write_items(PlanItem, plan.id, planned, titles_of(actor, planned))
    note_change(plan.id, actor.id, "copied" if source else "made")
    return int(plan.id)


@transactional
def change_plan(actor: Actor, plan_id: int, title: str, since: date, until: date, items: Sequence[PlannedItem]) -> None:
    """Change a plan of the actor's own; what was withdrawn since then may stay in it. The trace says what moved.

    Raises NotFound, InvalidInput, Conflict while the plan lies with the liaison.
    """
    before = _own(actor, plan_id)
    rules.check_open(before.state)
    held = _held(plan_id)
    kept = frozenset(item.key for item in held)
    title, planned = checked_plan(actor, title, since, until, items, kept)
    named = _titles_held(plan_id) | titles_of(actor, planned)
    moved = _moved((before.title, before.since, before.until), held, (title, since, until), planned, named)
    if not moved:
        return
    ReadingPlan.update(title=title, since=since, until=until, updated_at=clock.now()).where(
        ReadingPlan.id == plan_id
    ).execute()
    PlanItem.delete().where(PlanItem.plan == plan_id).execute()
    write_items(PlanItem, plan_id, planned, named)
    note_change(plan_id, actor.id, "changed", moved)


@transactional
def shift_plan(actor: Actor, plan_id: int, days: int) -> None:
    """Move the due days of all that is open by some days, later or (below zero) earlier, within the plan's span.

    Raises NotFound, InvalidInput, Conflict while the plan lies with the liaison.
    """
    plan = get_own_plan(actor, plan_id)
    open_keys = frozenset(item.key for item in plan.items if not item.done)
    days_after = rules.shifted(plan.planned, open_keys, days, plan.since, plan.until)
    items = [
        PlannedItem(item.kind, item.ref, day, item.amount) for item, day in zip(plan.planned, days_after, strict=True)
    ]
    change_plan(actor, plan_id, plan.title, plan.since, plan.until, items)


@transactional
def copy_plan(actor: Actor, plan_id: int) -> int:
    """Make a new plan of an earlier one of the actor's own, its days moved by whole years, and give its id.

    It moves into this year, one of this year into the next. What is not in the catalogue any more, or may not be seen,
    is left out. Raises NotFound, InvalidInput when nothing is left.
    """
    plan = get_own_plan(actor, plan_id)
    years = rules.years_to_copy(plan.since, clock.today())
    gone = {item.key for item in plan.items if item.gone}
    items = [
        PlannedItem(item.kind, item.ref, rules.years_later(item.due_on or plan.until, years), item.amount)
        for item in plan.planned
        if item.key not in gone
    ]
    title = plan.title.replace(str(plan.since.year), str(plan.since.year + years))
    since, until = (rules.years_later(day, years) for day in (plan.since, plan.until))
    return make_plan(actor, title, since, until, items, plan.id)


@transactional
def delete_plan(actor: Actor, plan_id: int) -> None:
    """Delete a plan of the actor's own for good; the log of its books is not touched. Raises NotFound."""
    _own(actor, plan_id)
    PlanChange.delete().where(PlanChange.plan == plan_id).execute()
    PlanItem.delete().where(PlanItem.plan == plan_id).execute()
    ReadingPlan.delete().where(ReadingPlan.id == plan_id).execute()
    publish(PlanDeleted(actor.id, plan_id))


@transactional
def submit_plan(actor: Actor, plan_id: int) -> None:
    """Hand a plan to the liaison of the actor's unit. Raises NotFound, Conflict, InvalidInput without a unit."""
    plan = _own(actor, plan_id)
    if actor.home is None:
        raise InvalidInput(N_("You belong to no unit, so there is nobody to submit the plan to."))
    state = rules.next_state(plan.state, "submit")
    _step(plan_id, actor.id, state, "submitted", {"unit": actor.home, "submitted_at": clock.now(), "remark": ""})


@transactional
def recall_plan(actor: Actor, plan_id: int) -> None:
    """Take a plan back from the liaison, who has not decided yet. Raises NotFound, Conflict."""
    plan = _own(actor, plan_id)
    _step(plan_id, actor.id, rules.next_state(plan.state, "recall"), "recalled", {})


@transactional
def decide_plan(actor: Actor, plan_id: int, decision: str, remark: str) -> None:
    """Approve a plan of somebody else, or return it with a remark; the first of two who decide counts.

    ``decision`` is "approve" or "return". Raises NotFound, Forbidden, Conflict when it was decided already,
    InvalidInput for no remark when it is returned.
    """
    access.require(actor, Action.PLAN_REVIEW)
    remark = block(remark, "remark", rules.REMARK_CHARS)
    if decision not in rules.DECISIONS:
        raise InvalidInput(N_("Please choose: approve or return."), field="decision")
    plan = locked(ReadingPlan.select().where(ReadingPlan.id == plan_id)).first()
    path = Unit.select(Unit.path).where(Unit.id == plan.unit).scalar() if plan and plan.unit else None
    others = plan is not None and plan.member != actor.id and plan.state != PlanState.DRAFT
    if not (others and path and access.may(actor, Action.PLAN_REVIEW, path)):
        raise no_plan()
    state = rules.next_state(plan.state, decision)
    if state is PlanState.RETURNED and not remark:
        raise InvalidInput(N_("Please say what should be changed."), field="remark")
    now = clock.now()
    decided = {"remark": remark, "decided_at": now, "decided_by": actor.id}
    _step(plan_id, actor.id, state, state.value, decided, {"remark": remark} if remark else {})
    key = f"plan:{plan_id}:{now.isoformat()}"
    notify([plan.member], "plan", key, TOLD[state], {"title": plan.title}, f"/plans/{plan_id}")
    if state is PlanState.APPROVED:
        # A deleted plan's id may come again, so the instant numbers the approval. It counts from when it was sent.
        day = clock.local(plan.submitted_at or now).date()
        publish(PlanApproved(plan.member, plan_id, int((now - EPOCH).total_seconds()), day))


def _step(
    plan_id: int,
    by: int,
    state: PlanState,
    what: str,
    values: Mapping[str, Any],
    detail: Mapping[str, Any] | None = None,
) -> None:
    ReadingPlan.update(state=state.value, **values).where(ReadingPlan.id == plan_id).execute()
    note_change(plan_id, by, what, detail)


def note_change(plan_id: int, by: int | None, what: str, detail: Mapping[str, Any] | None = None) -> None:
    """Leave a trace of what happened to a plan; ``by`` is None for what happened by itself."""
    PlanChange.create(plan=plan_id, by=by, what=what, detail=json.dumps(detail or {}, ensure_ascii=False))


def _own(actor: Actor, plan_id: int) -> ReadingPlan:
    plan: ReadingPlan | None = locked(
        ReadingPlan.select().where(ReadingPlan.id == plan_id, ReadingPlan.member == actor.id)
    ).first()
    if plan is None:
        raise no_plan()
    return plan


def _held(plan_id: int) -> list[PlannedItem]:
    rows = PlanItem.select().where(PlanItem.plan == plan_id).order_by(PlanItem.position, PlanItem.id)
    return [PlannedItem(row.kind, row.book or row.ref or 0, row.due_on, row.amount) for row in rows]


def _titles_held(plan_id: int) -> dict[str, str]:
    rows = PlanItem.select().where(PlanItem.plan == plan_id)
    return {f"{row.kind}-{row.book or row.ref or 0}": row.title for row in rows}


def _moved(
    head: tuple[str, date, date],
    held: Sequence[PlannedItem],
    head_after: tuple[str, date, date],
    planned: Sequence[PlannedItem],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """Say what a change moves: names and days, before and after."""
    before, after = {item.key: item for item in held}, {item.key: item for item in planned}
    found: dict[str, Any] = {
        "title": [head[0], head_after[0]] if head[0] != head_after[0] else None,
        "span": [str(day) for day in (*head[1:], *head_after[1:])] if head[1:] != head_after[1:] else None,
        "added": [titles.get(key, "") for key in after if key not in before],
        "removed": [titles.get(key, "") for key in before if key not in after],
        "moved": [
            [titles.get(key, ""), str(before[key].due_on), str(item.due_on)]
            for key, item in after.items()
            if key in before and before[key].due_on != item.due_on
        ],
        "amount": [
            [before[key].amount, item.amount]
            for key, item in after.items()
            if key in before and before[key].amount != item.amount
        ],
    }
    return {what: value for what, value in found.items() if value}


def checked_plan(
    actor: Actor, title: str, since: date, until: date, items: Sequence[PlannedItem], kept: frozenset[str]
) -> tuple[str, list[PlannedItem]]:
    """Check what a plan is made of and give its title and items with their days. Raises InvalidInput.

    A book that was merged since it was looked up is the one that stands for it.
    ``kept`` are the keys of items that stand in it already and may stay though they were withdrawn.
    """
    title = rules.check_title(title)
    items = _standing(items)
    rules.check_plan(since, until, items)
    wanted = [item.ref for item in items if item.kind == rules.BOOK]
    there = {f"{rules.BOOK}-{book}" for book in catalogue.open_books(wanted)}
    for kind in (rules.MATERIAL, rules.LECTURE):
        there |= {f"{kind}-{ref}" for ref in thing_titles(actor, kind, items)}
    missing = [item for item in items if item.kind != rules.COUNT and item.key not in there | kept]
    if missing:
        books = any(item.kind == rules.BOOK for item in missing)
        raise InvalidInput(
            N_("One of the books is not in the catalogue any more.")
            if books
            else N_("One of the materials or lectures is not there any more, or you may not see it."),
            field="items",
        )
    return title, rules.with_due_days(since, until, items)


def _standing(items: Sequence[PlannedItem]) -> list[PlannedItem]:
    merged = catalogue.standing_books([item.ref for item in items if item.kind == rules.BOOK])
    if not merged:
        return list(items)
    now = [replace(one, ref=merged.get(one.ref, one.ref)) if one.kind == rules.BOOK else one for one in items]
    first = {one.key: place for place, one in reversed(list(enumerate(now)))}
    return [one for place, one in enumerate(now) if first[one.key] == place]


def thing_titles(actor: Actor, kind: str, items: Sequence[PlannedItem]) -> Mapping[int, str]:
    """Give the titles of the items of a kind that the actor may see: materials or lectures."""
    refs = [item.ref for item in items if item.kind == kind]
    thing = things.find_thing(kind)
    return thing.titles(actor, refs) if thing is not None and refs else {}


def titles_of(actor: Actor, items: Sequence[PlannedItem]) -> dict[str, str]:
    """Give what the items are called now, by key."""
    books = [item.ref for item in items if item.kind == rules.BOOK]
    rows = Book.select(Book.id, Book.title).where(Book.id.in_(books)).tuples() if books else []
    found = {f"{rules.BOOK}-{ref}": title for ref, title in rows}
    for kind in (rules.MATERIAL, rules.LECTURE):
        found |= {f"{kind}-{ref}": title for ref, title in thing_titles(actor, kind, items).items()}
    return found


def write_items(model: Any, plan_id: int, planned: Sequence[PlannedItem], titles: Mapping[str, str]) -> None:
    """Write the items of a plan or of a unit's plan."""
    model.insert_many(item_rows(plan_id, planned, titles)).execute()


def item_rows(plan_id: int, planned: Sequence[PlannedItem], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Make the rows of a plan's items."""
    return [
        {
            "plan": plan_id,
            "kind": item.kind,
            "book": item.ref if item.kind == rules.BOOK else None,
            "ref": None if item.kind == rules.BOOK else item.ref,
            "title": titles.get(item.key, ""),
            "amount": item.amount,
            "due_on": item.due_on,
            "position": place,
        }
        for place, item in enumerate(planned)
    ]
