"""Plans given to a unit: whom they reach, who gives them, what stays."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lms import clock, events
from lms.db import database
from lms.errors import Forbidden
from lms.members.access import Actor
from lms.members.models import Member, Membership, Unit
from lms.members.service import join_unit, transfer_member
from lms.reading import going_on, service, unit_plans
from lms.reading import plan_queries as queries
from lms.reading.models import PlanItem, ReadingPlan, UnitPlan
from lms.reading.plan_rules import planned_book
from tests.browser_like import Browser
from tests.factories import Make
from tests.reading.planning import ago, text

Open = Callable[[Member | None], Browser]


def test_a_plan_given_to_a_unit_reaches_everybody_below_and_newcomers(
    make: Make, unit: Unit, reader: Member, actor: Actor, liaison: Member
) -> None:
    below = make.member(make.unit("小组", unit))
    boss = make.actor(liaison)
    book = make.book().id
    given, members = unit_plans.give_plan(boss, unit.id, "共读", ago(10), ago(-10), [planned_book(book)])
    assert members == 3
    holders = {row.member for row in ReadingPlan.select().where(ReadingPlan.given == given)}
    assert holders == {reader.id, below.id, liaison.id}
    chief = make.actor(make.member(Unit.get_by_id(unit.parent), "administrator"))
    for _ in range(2):
        with database.atomic():
            events.publish(events.MembershipsBegan.of(below.id, unit.id, clock.today()))
    newcomer = make.member(Unit.get_by_id(unit.parent))
    join_unit(chief, newcomer.id, unit.id)
    plans = ReadingPlan.select().where(ReadingPlan.given == given)
    assert plans.count() == 4
    mine = queries.get_plan(make.actor(newcomer), plans.where(ReadingPlan.member == newcomer.id).get().id)
    assert (mine.state, [item.ref for item in mine.items]) == ("approved", [book])
    unit_plans.withdraw_unit_plan(boss, given)
    late = make.member(Unit.get_by_id(unit.parent))
    join_unit(chief, late.id, unit.id)
    assert plans.count() == 4
    assert unit_plans.list_unit_plans(boss, 1, 20).items[0].holders == 4
    service.set_state(actor, book, "finished")
    assert going_on.plan_overview(actor)[0].done == 1


def test_newcomers_who_come_together_each_get_the_plans_of_their_own_unit_from_their_day_on(
    make: Make, unit: Unit, reader: Member, liaison: Member
) -> None:
    below, beside = make.unit("小组", unit), make.unit("临江", Unit.get_by_id(unit.parent))
    items = [replace(planned_book(make.book().id), due_on=ago(5))]
    given, _ = unit_plans.give_plan(make.actor(liaison), unit.id, "共读", ago(10), ago(-10), items)
    early, late, other = make.member(below), make.member(unit), make.member(beside)
    begun = ((early.id, below.id, ago(8)), (late.id, unit.id, ago(0)), (other.id, beside.id, ago(0)))
    with database.atomic():
        events.publish(events.MembershipsBegan(tuple(events.Begun(*one) for one in begun)))
    plans = ReadingPlan.select(ReadingPlan.member, PlanItem.due_on).join(PlanItem).where(ReadingPlan.given == given)
    due = dict(plans.tuples())
    assert other.id not in due
    assert (due[early.id], due[late.id]) == (ago(5), ago(-10))


def test_who_leaves_keeps_the_units_plan(make: Make, unit: Unit, reader: Member, liaison: Member) -> None:
    unit_plans.give_plan(make.actor(liaison), unit.id, "共读", ago(1), ago(-10), [planned_book(make.book().id)])
    chief = make.actor(make.member(Unit.get_by_id(unit.parent), "administrator"))
    elsewhere = make.unit("临江", Unit.get_by_id(unit.parent))
    membership = Membership.get(Membership.member == reader.id).id
    transfer_member(chief, membership, elsewhere.id)
    assert ReadingPlan.select().where(ReadingPlan.member == reader.id).count() == 1


def test_a_plan_is_given_only_where_one_has_a_say(make: Make, unit: Unit) -> None:
    items = [planned_book(make.book().id)]
    with pytest.raises(Forbidden):
        unit_plans.give_plan(make.actor(make.member(role="liaison")), unit.id, "共读", ago(1), ago(-1), items)
    assert UnitPlan.select().count() == 0


def test_the_liaison_gives_a_plan_by_the_form(
    make: Make, unit: Unit, reader: Member, liaison: Member, browser: Open
) -> None:
    window = browser(liaison)
    sent = {"title": "共读", "since": str(ago(1)), "until": str(ago(-30)), "count": "3", "do": "save"}
    refused = window.post("/plans/units/new", sent)
    assert (refused.status_code, 'value="共读"' in text(refused)) == (422, True)
    window.post("/plans/units/new", {**sent, "unit": str(unit.id)})
    assert "2 人持有" in text(window.get("/plans/units"))
    assert "联络员下发给桂花社区" in text(browser(reader).get(f"/plans/{ReadingPlan.get(member=reader.id).id}"))


def test_what_the_liaison_gave_does_not_wait_for_a_decision(
    make: Make, unit: Unit, reader: Member, liaison: Member, browser: Open
) -> None:
    unit_plans.give_plan(make.actor(liaison), unit.id, "共读", ago(1), ago(-10), [planned_book(make.book().id)])
    page = text(browser(liaison).get("/plans/review?state=approved"))
    assert "没有计划" in page
