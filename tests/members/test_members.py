"""Commands on members: who is added, moved, given a role, and by whom."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from lms import clock
from lms.errors import Conflict, Forbidden, InvalidInput, LmsError, NotFound
from lms.members import passwords, queries, service
from lms.members.access import Actor, unit_on
from lms.members.models import Member, Membership, RoleGrant
from lms.members.service import Details
from tests.factories import Make
from tests.members.conftest import Town


def spans(member: Member | int) -> list[tuple[int, date, date | None]]:
    rows = Membership.select(Membership.unit, Membership.since, Membership.until).where(Membership.member == member)
    return list(rows.order_by(Membership.since).tuples())


def version(member: Member) -> int:
    return int(Member.get_by_id(member.id).access_version)


def membership(member: Member) -> int:
    return int(Membership.get(Membership.member == member).id)


def test_a_member_added_gets_a_first_password_that_must_be_changed(town: Town) -> None:
    made = service.add_member(town.actor(town.warden), Details("赵明", "100 6256 3358", 1984), town.circle.id)
    kept = Member.get_by_id(made.member)
    assert (kept.name, kept.phone, kept.birth_year, kept.must_change_password) == ("赵明", "10062563358", 1984, True)
    assert passwords.matches(kept.password_hash, made.password)
    assert made.password not in kept.password_hash
    assert spans(kept) == [(town.circle.id, clock.today(), None)]


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (Details(""), "name"),
        (Details("x" * 41), "name"),
        (Details("王\x00兰"), "name"),
        (Details("赵明", "12"), "phone"),
        (Details("赵明", "", 1850), "birth_year"),
        (Details("赵明", "", 2999), "birth_year"),
    ],
)
def test_a_person_who_cannot_be_kept_as_typed_is_refused_by_field(town: Town, details: Details, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        service.add_member(town.actor(town.chief), details, town.garden.id)
    assert caught.value.field == field


def test_a_phone_number_belongs_to_one_member_only(town: Town) -> None:
    chief = town.actor(town.chief)
    with pytest.raises(Conflict) as caught:
        service.add_member(chief, Details("赵明", town.reader.phone), town.garden.id)
    assert caught.value.field == "phone"
    with pytest.raises(Conflict):
        service.edit_member(chief, town.liaison.id, Details("刘敏", town.reader.phone))
    service.edit_member(chief, town.reader.id, Details("王淑兰", town.reader.phone, 1958))
    assert Member.get_by_id(town.reader.id).birth_year == 1958


def test_several_members_may_have_no_phone(town: Town) -> None:
    chief = town.actor(town.chief)
    first = service.add_member(chief, Details("赵明"), town.garden.id)
    second = service.add_member(chief, Details("赵明"), town.garden.id)
    assert first.member != second.member


def test_a_day_out_of_all_reason_is_refused(town: Town) -> None:
    chief = town.actor(town.chief)
    for day in (date.min, date(1900, 1, 1), clock.today() + timedelta(days=800), date.max):
        with pytest.raises(InvalidInput):
            service.add_member(chief, Details("赵明"), town.garden.id, day)
        with pytest.raises(InvalidInput):
            service.transfer_member(chief, membership(town.reader), town.river.id, day)


def test_a_transfer_ends_the_old_membership_the_day_before_the_new_one(town: Town) -> None:
    before = version(town.reader)
    day = date(2026, 5, 4)
    service.transfer_member(town.actor(town.chief), membership(town.reader), town.river.id, day)
    assert spans(town.reader) == [
        (town.garden.id, date(2020, 1, 1), date(2026, 5, 3)),
        (town.river.id, day, None),
    ]
    assert unit_on(town.reader.id, date(2026, 5, 3)) == town.garden.id
    assert unit_on(town.reader.id, day) == town.river.id
    assert version(town.reader) > before


def test_a_transfer_before_the_membership_began_or_to_the_same_unit_changes_nothing(town: Town) -> None:
    chief = town.actor(town.chief)
    before = spans(town.reader)
    for unit, day in ((town.river.id, date(2020, 1, 1)), (town.garden.id, date(2026, 5, 4))):
        with pytest.raises(Conflict):
            service.transfer_member(chief, membership(town.reader), unit, day)
    assert spans(town.reader) == before


def test_a_transfer_into_a_unit_of_others_is_refused_whole(town: Town) -> None:
    before = spans(town.reader)
    with pytest.raises(NotFound):
        service.transfer_member(town.actor(town.warden), membership(town.reader), town.river.id)
    assert spans(town.reader) == before


def test_who_leaves_belongs_there_for_the_last_day_and_no_longer(town: Town) -> None:
    service.leave_unit(town.actor(town.chief), membership(town.reader), clock.today())
    assert unit_on(town.reader.id, clock.today()) == town.garden.id
    assert unit_on(town.reader.id, clock.today() + timedelta(days=1)) is None
    with pytest.raises(Conflict):
        service.leave_unit(town.actor(town.chief), membership(town.reader), date(2019, 1, 1))


def test_a_membership_that_ended_is_history_and_is_not_ended_again(town: Town) -> None:
    chief = town.actor(town.chief)
    held = membership(town.reader)
    service.leave_unit(chief, held, date(2025, 1, 1))
    with pytest.raises(Conflict):
        service.leave_unit(chief, held, date(2025, 6, 1))
    with pytest.raises(Conflict):
        service.transfer_member(chief, held, town.river.id)


def test_a_member_belongs_to_several_units_but_to_each_once_at_a_time(town: Town) -> None:
    chief = town.actor(town.chief)
    service.join_unit(chief, town.reader.id, town.river.id, date(2026, 1, 1))
    assert {unit for unit, _, _ in spans(town.reader)} == {town.garden.id, town.river.id}
    with pytest.raises(Conflict):
        service.join_unit(chief, town.reader.id, town.river.id, date(2025, 1, 1))


def test_who_left_may_come_back(town: Town) -> None:
    chief = town.actor(town.chief)
    service.leave_unit(chief, membership(town.reader), date(2025, 1, 1))
    service.join_unit(chief, town.reader.id, town.garden.id, date(2025, 1, 2))
    assert len(spans(town.reader)) == 2


def test_a_role_reaches_the_subtree_at_once_and_is_gone_when_taken_back(town: Town) -> None:
    chief = town.actor(town.chief)
    service.grant_role(chief, town.reader.id, town.garden.id, "liaison")
    assert town.circle.id in town.actor(town.reader).sees_units
    service.grant_role(chief, town.reader.id, town.garden.id, "liaison")
    grants = RoleGrant.select().where(RoleGrant.member == town.reader)
    assert grants.count() == 1
    before = version(town.reader)
    service.revoke_role(chief, grants.get().id)
    assert version(town.reader) > before
    assert town.actor(town.reader).grants == ()


@pytest.mark.parametrize("role", ["member", "emperor", "", "Administrator"])
def test_only_roles_that_exist_are_given(town: Town, role: str) -> None:
    with pytest.raises(InvalidInput):
        service.grant_role(town.actor(town.chief), town.reader.id, town.garden.id, role)


def test_nobody_gives_a_role_beyond_their_own_reach(town: Town) -> None:
    with pytest.raises(NotFound):
        service.grant_role(town.actor(town.warden), town.reader.id, town.river.id, "lecturer")
    with pytest.raises(NotFound):
        service.grant_role(town.actor(town.warden), town.warden.id, town.root.id, "administrator")
    assert RoleGrant.select().where(RoleGrant.member == town.reader).count() == 0


COMMANDS: list[Callable[[Actor, Town], object]] = [
    lambda actor, town: service.add_member(actor, Details("赵明"), town.garden.id),
    lambda actor, town: service.edit_member(actor, town.reader.id, Details("改名")),
    lambda actor, town: service.reset_password(actor, town.reader.id),
    lambda actor, town: service.deactivate_member(actor, town.reader.id),
    lambda actor, town: service.reactivate_member(actor, town.reader.id),
    lambda actor, town: service.join_unit(actor, town.reader.id, town.circle.id),
    lambda actor, town: service.transfer_member(actor, membership(town.reader), town.circle.id),
    lambda actor, town: service.leave_unit(actor, membership(town.reader)),
    lambda actor, town: service.grant_role(actor, town.reader.id, town.circle.id, "lecturer"),
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("who", ["reader", "liaison"])
def test_who_is_no_administrator_changes_nobody(town: Town, who: str, command: Callable[[Actor, Town], object]) -> None:
    with pytest.raises(Forbidden):
        command(town.actor(getattr(town, who)), town)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_administrator_of_another_unit_does_not_even_learn_who_is_there(
    town: Town, make: Make, command: Callable[[Actor, Town], object]
) -> None:
    stranger = make.member(town.river, "administrator")
    with pytest.raises(NotFound):
        command(town.actor(stranger), town)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_administrator_of_the_unit_does_all_of_it(town: Town, command: Callable[[Actor, Town], object]) -> None:
    command(town.actor(town.warden), town)


def test_an_administrator_of_a_unit_cannot_take_over_one_who_reaches_further(town: Town, make: Make) -> None:
    both = make.member(town.garden, "administrator", on=town.root, name="领导")
    warden = town.actor(town.warden)
    commands: list[Callable[[], object]] = [
        lambda: service.reset_password(warden, both.id),
        lambda: service.edit_member(warden, both.id, Details("领导", "10000000000")),
        lambda: service.deactivate_member(warden, both.id),
        lambda: service.leave_unit(warden, membership(both)),
        lambda: service.revoke_role(warden, RoleGrant.get(RoleGrant.member == both).id),
    ]
    for command in commands:
        with pytest.raises(Forbidden):
            command()
    assert service.reset_password(town.actor(town.chief), both.id).password


def test_the_last_administrator_can_neither_be_closed_nor_lose_the_role(town: Town, make: Make) -> None:
    chief = town.actor(town.chief)
    grant = RoleGrant.get(RoleGrant.member == town.chief).id
    with pytest.raises(Conflict):
        service.revoke_role(chief, grant)
    second = make.member(town.root, "administrator")
    Member.update(deactivated_at=clock.now()).where(Member.id == second.id).execute()
    with pytest.raises(Conflict):
        service.revoke_role(chief, grant)
    service.reactivate_member(chief, second.id)
    service.revoke_role(chief, grant)
    with pytest.raises(Conflict):
        service.deactivate_member(town.actor(second), second.id)


def test_an_administrator_below_is_not_one_of_the_last(town: Town) -> None:
    with pytest.raises(Conflict):
        service.revoke_role(town.actor(town.chief), RoleGrant.get(RoleGrant.member == town.chief).id)
    service.revoke_role(town.actor(town.chief), RoleGrant.get(RoleGrant.member == town.warden).id)


def test_a_new_first_password_ends_the_members_sessions(town: Town) -> None:
    made = service.reset_password(town.actor(town.chief), town.reader.id)
    kept = Member.get_by_id(town.reader.id)
    assert kept.session_version == town.reader.session_version + 1
    assert kept.must_change_password
    assert passwords.matches(kept.password_hash, made.password)


def test_nobody_resets_or_closes_the_own_account_from_the_people_page(town: Town) -> None:
    chief = town.actor(town.chief)
    for command in (service.reset_password, service.deactivate_member):
        with pytest.raises(Conflict):
            command(chief, town.chief.id)


@pytest.mark.parametrize("member", [0, 999_999])
def test_a_member_that_does_not_exist_is_not_found(town: Town, member: int) -> None:
    with pytest.raises(NotFound):
        service.edit_member(town.actor(town.chief), member, Details("谁"))
    with pytest.raises(NotFound):
        queries.get_member(town.actor(town.chief), member)


def test_a_member_who_left_the_organisation_is_still_found_by_the_unit_they_were_in(town: Town) -> None:
    service.leave_unit(town.actor(town.chief), membership(town.reader), date(2025, 1, 1))
    liaison = town.actor(town.liaison)
    assert queries.get_member(liaison, town.reader.id).name == "王淑兰"
    former = queries.list_members(liaison, queries.MemberFilter(state="former"))
    assert [row.name for row in former.items] == ["王淑兰"]


def test_a_member_who_moved_on_to_another_unit_is_no_longer_shown_to_the_old_one(town: Town) -> None:
    service.transfer_member(town.actor(town.chief), membership(town.reader), town.river.id, date(2025, 1, 1))
    liaison = town.actor(town.liaison)
    with pytest.raises(NotFound):
        queries.get_member(liaison, town.reader.id)
    for state in queries.STATES:
        names = [row.name for row in queries.list_members(liaison, queries.MemberFilter(state=state)).items]
        assert "王淑兰" not in names


def test_the_list_holds_the_people_of_the_subtree_and_nobody_else(town: Town, make: Make) -> None:
    make.member(town.circle, name="张桂芳")
    make.member(town.river, name="彭敏")
    found = queries.list_members(town.actor(town.liaison), queries.MemberFilter())
    assert {row.name for row in found.items} == {"林建华", "刘敏", "王淑兰", "张桂芳"}
    below = queries.list_members(town.actor(town.liaison), queries.MemberFilter(unit=town.circle.id))
    assert [row.name for row in below.items] == ["张桂芳"]
    with pytest.raises(NotFound):
        queries.list_members(town.actor(town.liaison), queries.MemberFilter(unit=town.river.id))


@pytest.mark.parametrize(
    ("text", "names"), [("淑", ["王淑兰"]), ("10000", None), ("%", []), ("_", []), ("  王淑兰 ", ["王淑兰"])]
)
def test_the_list_is_narrowed_by_part_of_a_name_or_the_start_of_a_number(
    town: Town, text: str, names: list[str] | None
) -> None:
    found = queries.list_members(town.actor(town.chief), queries.MemberFilter(text=text))
    assert [row.name for row in found.items] == names if names is not None else found.total == 4


def test_an_error_says_its_field_so_that_the_form_can(town: Town) -> None:
    with pytest.raises(LmsError) as caught:
        service.join_unit(town.actor(town.chief), town.reader.id, None)
    assert caught.value.field == "unit"
