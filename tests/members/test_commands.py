"""What the command line does with people."""

import pytest

from lms.errors import InvalidInput
from lms.members import passwords
from lms.members.access import load_actor, may
from lms.members.commands import create_first_administrator
from lms.members.models import Member, RoleGrant, Unit
from tests.factories import Make


def test_on_an_empty_database_the_first_administrator_gets_a_root_unit_and_a_password(service: object) -> None:
    made = create_first_administrator("周正", "10000000001", unit_name="青禾街道")
    root = Unit.get()
    member = Member.get_by_id(made.member)
    assert (root.name, root.path, root.parent) == ("青禾街道", f"/{root.id}/", None)
    assert member.must_change_password
    assert passwords.matches(member.password_hash, made.password)
    assert may(load_actor(member.id), "operate", root.path)


def test_a_password_given_is_kept_and_need_not_be_changed(service: object) -> None:
    made = create_first_administrator("周正", password="a lamp in the study")
    member = Member.get_by_id(made.member)
    assert not member.must_change_password
    assert passwords.matches(member.password_hash, "a lamp in the study")


def test_a_root_unit_that_exists_is_taken(make: Make) -> None:
    root = make.unit("青禾街道", kind="agency")
    make.unit("桂花社区", root)
    made = create_first_administrator("周正", "10000000001")
    assert Unit.select().count() == 2
    assert RoleGrant.get(RoleGrant.member == made.member).unit == root.id


def test_asking_again_with_the_same_phone_gives_the_same_member_a_new_password(service: object) -> None:
    first = create_first_administrator("周正", "10000000001")
    second = create_first_administrator("周正", "10000000001")
    assert first.member == second.member
    kept = Member.get_by_id(first.member).password_hash
    assert passwords.matches(kept, second.password)
    assert not passwords.matches(kept, first.password)
    assert RoleGrant.select().count() == 1


@pytest.mark.parametrize(
    ("name", "phone", "password", "field"),
    [
        ("", "", None, "name"),
        ("周正", "12", None, "phone"),
        ("周正", "", "short", "password"),
        ("周正", "", "12345678", "password"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_made(
    service: object, name: str, phone: str, password: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_first_administrator(name, phone, password)
    assert caught.value.field == field
    assert Unit.select().count() == 0
