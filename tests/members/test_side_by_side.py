"""Two who change the same people or units at the same moment: the second sees what the first has done."""

from functools import partial

import pytest

from lms.db import database
from lms.errors import Conflict, TooManyTries
from lms.members import rules, service, sign_in, units
from lms.members.models import Member, Membership, SignInFailure, Unit
from lms.members.service import Details
from tests.members.conftest import Town
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.postgres_only


def kinds(failures: list[Exception]) -> list[type[Exception]]:
    return [type(error) for error in failures]


def test_a_member_who_is_moved_twice_at_once_is_moved_once(town: Town) -> None:
    chief, stay = town.actor(town.chief), Membership.get(Membership.member == town.reader.id).id
    move = partial(service.transfer_member, chief, stay, town.river.id)
    assert kinds(side_by_side(move, move)) == [Conflict]
    assert Membership.select().where(Membership.member == town.reader.id).count() == 2


def test_a_member_who_joins_a_unit_twice_at_once_belongs_to_it_once(town: Town) -> None:
    join = partial(service.join_unit, town.actor(town.chief), town.reader.id, town.river.id)
    assert kinds(side_by_side(join, join)) == [Conflict]


def test_of_two_new_first_passwords_at_once_each_ends_what_was_begun_with_the_other(town: Town) -> None:
    before = town.reader.session_version
    reset = partial(service.reset_password, town.actor(town.chief), town.reader.id)
    assert side_by_side(reset, reset) == []
    assert Member.get_by_id(town.reader.id).session_version == before + 2


def test_a_phone_number_taken_by_two_at_once_is_refused_in_words(town: Town) -> None:
    chief, phone = town.actor(town.chief), "13800000001"
    one = partial(service.edit_member, chief, town.reader.id, Details("王淑兰", phone))
    other = partial(service.edit_member, chief, town.liaison.id, Details("刘敏", phone))
    failures = side_by_side(one, other)
    assert [(type(error), getattr(error, "field", None)) for error in failures] == [(Conflict, "phone")]


def test_an_account_that_is_closed_while_a_role_is_given_holds_up_neither(town: Town) -> None:
    chief = town.actor(town.chief)
    close = partial(service.deactivate_member, chief, town.reader.id)
    grant = partial(service.grant_role, chief, town.reader.id, town.garden.id, "liaison")
    assert side_by_side(close, grant) == []


def test_a_unit_made_below_one_that_is_moved_at_that_moment_lies_below_it_at_its_new_place(town: Town) -> None:
    chief = town.actor(town.chief)
    move = partial(units.move_unit, chief, town.circle.id, town.river.id)
    make = partial(units.create_unit, chief, town.circle.id, "group", "晨读班")
    assert side_by_side(move, make) == []
    made = Unit.get(Unit.name == "晨读班")
    assert made.path == f"{town.river.path}{town.circle.id}/{made.id}/"


def test_two_units_side_by_side_do_not_come_to_one_name(town: Town) -> None:
    chief = town.actor(town.chief)
    name = partial(units.edit_unit, chief, town.garden.id, "community", "新村")
    make = partial(units.create_unit, chief, town.root.id, "community", "新村")
    assert len(side_by_side(name, make)) == 1
    assert Unit.select().where(Unit.name == "新村").count() == 1


def test_guesses_at_several_accounts_at_once_count_together_for_their_address(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "ADDRESS_TRIES", 1)
    one, other = (partial(sign_in._write_try_down, f"m:{number}", "192.0.2.7") for number in (1, 2))
    assert kinds(side_by_side(one, other)) == [TooManyTries]
    assert SignInFailure.select().count() == 2
    assert not database.in_transaction()
