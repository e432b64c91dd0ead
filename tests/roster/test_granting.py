"""Roles and positions in tables of people: who may give what, what a dry run says, that an export changes nothing."""

import json
from collections.abc import Callable

import pytest

from lms.members.access import Actor, load_actor
from lms.members.models import Member, RoleGrant, Unit
from lms.roster import export, queries
from lms.roster.models import RosterRow
from tests.browser_like import Browser
from tests.factories import Make
from tests.roster.tables import csv_of, look, take

Open = Callable[[Member | None], Browser]


@pytest.fixture
def town(make: Make) -> dict[str, Unit]:
    root = make.unit("青禾街道", kind="agency")
    return {"root": root, "osmanthus": make.unit("桂花社区", root), "river": make.unit("临江社区", root)}


@pytest.fixture
def chief(make: Make, town: dict[str, Unit]) -> Member:
    return make.member(town["root"], "administrator", name="周正")


def held(member: Member | int) -> set[tuple[str, int]]:
    rows = RoleGrant.select(RoleGrant.role, RoleGrant.unit).where(RoleGrant.member == member).tuples()
    return {(role, unit) for role, unit in rows}


def notes(load: int) -> list[tuple[str, list[str]]]:
    rows = RosterRow.select().where(RosterRow.load == load).order_by(RosterRow.number)
    return [(row.action, [note[1] % note[2] for note in json.loads(row.notes)]) for row in rows]


def test_a_dry_run_names_each_role_and_nobody_holds_one_before_it_is_carried_out(
    make: Make, town: dict[str, Unit], chief: Member, browser: Open
) -> None:
    admin, river = make.actor(chief), town["river"].id
    before = make.member(town["river"], "liaison", name="刘敏")
    content = csv_of(
        "姓名,手机号,单位,职务,职级,系统角色",
        "李梅,13800000001,桂花社区,居委会主任,正处级,联络员；讲师@青禾街道/临江社区",
        f"刘敏,{before.phone},临江社区,副主任,,-",
        "王小明,13800000003,桂花社区,,,",
        "丁一,13800000004,桂花社区,,,馆长",
    )
    load = look(admin, content)
    assert notes(load) == [
        (
            "add",
            [
                "Gives the role of lecturer on 青禾街道/临江社区.",
                "Gives the role of liaison on 青禾街道/桂花社区 and all below it.",
            ],
        ),
        ("change", ["Takes the role of liaison on 青禾街道/临江社区 back."]),
        ("add", []),
        ("refused", ["“馆长” is no role. The template explains which there are."]),
    ]
    assert held(before) == {("liaison", river)}
    page = browser(chief).get(f"/people/import/{load}?action=roles").text
    assert "授予“联络员”角色：青禾街道/桂花社区及其下属单位。" in page
    assert "王小明" not in page
    listed = browser(chief).get("/api/v1/people-imports").json
    assert [(one["id"], one["roles"]) for one in listed["items"]] == [(load, 2)]
    empty = browser(chief).get("/api/v1/people-export/people?form=xlsx&template=true").get_data()
    assert empty.startswith(b"PK")
    answer = browser(chief).get(f"/api/v1/people-imports/{load}/rows?action=roles").json
    assert (browser(chief).get(f"/api/v1/people-imports/{load}").json["roles"], answer["total"]) == (2, 2)
    assert take(admin, content.replace("馆长".encode(), b"")) == {"add": 3, "change": 1}
    plum = Member.get(Member.name == "李梅")
    assert held(plum) == {("liaison", town["osmanthus"].id), ("lecturer", river)}
    assert (plum.position, Member.get_by_id(before.id).position, held(before)) == ("居委会主任", "副主任", set())
    assert Member.get_by_id(before.id).access_version == 2
    assert "居委会主任" in browser(chief).get(f"/people/{plum.id}").text


def test_roles_and_positions_written_out_change_nothing_when_taken_in_again(
    make: Make, town: dict[str, Unit], chief: Member
) -> None:
    both = make.member(town["river"], "liaison", name="刘敏")
    RoleGrant.create(member=both, unit=town["osmanthus"], role="lecturer")
    Member.update(position="=1+1").where(Member.id == both.id).execute()
    for locale in ("zh_CN", "en"):
        written = "".join(export.as_csv(make.actor(chief), "people", locale))
        assert queries.get_import(make.actor(chief), look(make.actor(chief), written.encode())).counts == {"same": 2}
    assert "Liaison" in written
    assert "Lecturer@青禾街道/桂花社区" in written


def test_nobody_gives_or_takes_beyond_their_own_reach_or_gives_themselves_up(
    make: Make, town: dict[str, Unit], chief: Member
) -> None:
    keeper = make.member(town["river"], "administrator", name="赵明")
    plain = make.member(town["river"], name="王淑兰")
    actor: Actor = load_actor(keeper.id)
    head = "ID,Unit,Roles"
    refused = csv_of(
        head,
        f"{plain.id},临江社区,Liaison@青禾街道",  # a unit beyond the reach
        f"{keeper.id},临江社区,Liaison",  # the own role of administrator
    )
    assert [action for action, _ in notes(look(actor, refused))] == ["refused", "refused"]
    assert take(actor, csv_of(head, f"{plain.id},临江社区,administrator")) == {"change": 1}
    assert held(plain) == {("administrator", town["river"].id)}
    assert take(actor, csv_of(head, f"{plain.id},临江社区,administrator")) == {"same": 1}
    assert take(actor, csv_of("ID,Roles", f"{plain.id},-")) == {"change": 1}
    assert held(plain) == set()
    without_unit = notes(look(actor, csv_of("ID,Roles", f"{plain.id},Liaison")))
    assert without_unit[0][1] == ["A role needs a unit: write role@unit, or fill in the column of the unit."]
