"""Accredited lecturers: who may publish, from when until when, and what happens when that ends."""

from datetime import date, datetime, timedelta

import pytest

from lms import clock
from lms.errors import Conflict, Forbidden, InvalidInput
from lms.members import accrediting
from lms.members.access import Action, may, may_publish
from lms.members.accrediting import Wanted
from lms.members.models import Accreditation
from tests.factories import Make

TODAY = date(2026, 10, 10)
NOW = datetime(2026, 10, 10, 4)


def test_accrediting_a_member_lets_them_upload_and_publish_for_the_unit_and_below(make: Make) -> None:
    root = make.unit()
    unit, beside = make.unit(parent=root), make.unit(parent=root)
    below = make.unit(parent=unit)
    liaison, member = make.actor(make.member(unit, "liaison")), make.member(unit)
    with clock.at(NOW):
        accrediting.accredit(liaison, Wanted(unit.id, member.id, since=TODAY, until=TODAY))
        lecturer = make.actor(member)
        assert may(lecturer, Action.LECTURE_UPLOAD, unit.path)
        assert may_publish(lecturer, Action.LECTURE_MANAGE, below.path)
        assert not may_publish(lecturer, Action.LECTURE_MANAGE, beside.path)
        assert not may_publish(lecturer, Action.LECTURE_MANAGE, root.path)
    for other_day in (NOW - timedelta(days=1), NOW + timedelta(days=1)):
        with clock.at(other_day):
            assert not may_publish(lecturer, Action.LECTURE_MANAGE, unit.path)


def test_only_who_looks_after_the_unit_accredits_and_each_time_once(make: Make) -> None:
    unit = make.unit()
    liaison, member = make.actor(make.member(unit, "liaison")), make.member(unit)
    other = make.actor(make.member(make.unit(), "liaison"))
    wanted = Wanted(unit.id, member.id, since=TODAY)
    with pytest.raises(Forbidden):
        accrediting.accredit(make.actor(member), wanted)
    with pytest.raises(InvalidInput):
        accrediting.accredit(other, wanted)
    made = accrediting.accredit(liaison, wanted)
    with pytest.raises(Conflict):
        accrediting.accredit(liaison, wanted)
    with pytest.raises(Forbidden):
        accrediting.revoke(other, made)
    accrediting.accredit(liaison, Wanted(unit.id, name="李教授", inside=False, since=TODAY, until=TODAY))
    with pytest.raises(InvalidInput) as refused:
        accrediting.accredit(liaison, Wanted(None, until=TODAY))
    assert {one.field for one in refused.value.all} == {"name", "unit", "since"}
    assert Accreditation.select().count() == 2


def test_a_revoked_accreditation_ends_at_once_and_can_be_given_back(make: Make) -> None:
    unit = make.unit()
    liaison, member = make.actor(make.member(unit, "liaison")), make.member(unit)
    with clock.at(NOW):
        made = accrediting.accredit(liaison, Wanted(unit.id, member.id, since=TODAY))
        accrediting.revoke(liaison, made)
        assert not may_publish(make.actor(member), Action.LECTURE_MANAGE, unit.path)
        with pytest.raises(Conflict):
            accrediting.change(liaison, made, TODAY, None, "", True)
        accrediting.reinstate(liaison, made)
        assert may_publish(make.actor(member), Action.LECTURE_MANAGE, unit.path)
