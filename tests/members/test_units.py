"""The tree of units: paths always say where a unit hangs."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.db import database
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.members import units
from lms.members.access import load_actor
from lms.members.models import Member, Unit
from tests.browser_like import Browser
from tests.factories import Make
from tests.members.conftest import Town

Open = Callable[[Member | None], Browser]


def chain(unit: Unit) -> str:
    """The path as the parents say it, followed one by one."""
    ids = []
    at: Unit | None = unit
    while at is not None:
        ids.append(str(at.id))
        at = Unit.get_or_none(Unit.id == at.parent) if at.parent else None
    return "/" + "/".join(reversed(ids)) + "/"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 30), min_size=3, max_size=10),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8),
)
def test_after_any_moves_every_path_is_the_chain_of_its_parents(
    make: Make, parents: list[int], moves: list[tuple[int, int]]
) -> None:
    with database.atomic() as transaction:
        root = make.unit("根")
        made = [root]
        for number in parents:
            made.append(make.unit(f"单位{len(made)}", made[number % len(made)]))
        actor = load_actor(make.member(root, "administrator").id)
        for moved, target in moves:
            try:
                units.move_unit(actor, made[moved % len(made)].id, made[target % len(made)].id)
            except Conflict:
                continue
        mine = [unit for unit in Unit.select() if unit.id in {one.id for one in made}]
        assert [unit.path for unit in mine] == [chain(unit) for unit in mine]
        assert all(unit.path.startswith(f"/{root.id}/") for unit in mine)
        transaction.rollback()


def test_a_move_takes_the_whole_subtree_along_and_leaves_its_neighbours(town: Town, make: Make) -> None:
    neighbour = make.unit("晨读小组", town.garden)
    units.move_unit(town.actor(town.chief), town.garden.id, town.river.id)
    assert Unit.get_by_id(town.circle.id).path == f"/{town.root.id}/{town.river.id}/{town.garden.id}/{town.circle.id}/"
    assert Unit.get_by_id(neighbour.id).path.startswith(f"/{town.root.id}/{town.river.id}/{town.garden.id}/")
    assert Unit.get_by_id(town.river.id).path == town.river.path


def test_a_move_changes_what_everybody_reaches_at_once(town: Town, make: Make) -> None:
    warden_before = {m.id: m.access_version for m in Member.select()}
    riverside = make.member(town.river, "liaison")
    units.move_unit(town.actor(town.chief), town.circle.id, town.river.id)
    assert all(m.access_version > warden_before.get(m.id, 1) for m in Member.select())
    assert town.circle.id in town.actor(riverside).sees_units
    assert town.circle.id not in town.actor(town.liaison).sees_units


@pytest.mark.parametrize("target", ["garden", "circle"])
def test_a_unit_cannot_be_moved_below_itself(town: Town, target: str) -> None:
    with pytest.raises(Conflict) as caught:
        units.move_unit(town.actor(town.chief), town.garden.id, getattr(town, target).id)
    assert caught.value.field == "parent"


def test_the_topmost_unit_stays_where_it_is(town: Town) -> None:
    chief = town.actor(town.chief)
    for command in (
        lambda: units.move_unit(chief, town.root.id, town.river.id),
        lambda: units.remove_unit(chief, town.root.id),
    ):
        with pytest.raises(Conflict):
            command()


def test_an_administrator_of_one_unit_neither_takes_from_others_nor_gives_away_their_own(town: Town) -> None:
    warden = town.actor(town.warden)
    with pytest.raises(NotFound):
        units.move_unit(warden, town.river.id, town.garden.id)
    with pytest.raises(NotFound):
        units.move_unit(warden, town.circle.id, town.river.id)
    with pytest.raises(NotFound):
        units.move_unit(warden, town.garden.id, town.circle.id)
    with pytest.raises(NotFound):
        units.create_unit(warden, town.river.id, "group", "别人的小组")
    with pytest.raises(NotFound):
        units.edit_unit(warden, town.river.id, "community", "改名")
    with pytest.raises(NotFound):
        units.remove_unit(warden, town.garden.id)


@pytest.mark.parametrize("who", ["liaison", "reader"])
def test_who_is_no_administrator_changes_no_unit(town: Town, who: str) -> None:
    actor = town.actor(getattr(town, who))
    for command in (
        lambda: units.create_unit(actor, town.garden.id, "group", "小组"),
        lambda: units.edit_unit(actor, town.garden.id, "community", "改名"),
        lambda: units.move_unit(actor, town.circle.id, town.garden.id),
        lambda: units.remove_unit(actor, town.circle.id),
    ):
        with pytest.raises(Forbidden):
            command()


def test_an_administrator_adds_below_their_unit_and_sees_it_at_once(town: Town) -> None:
    made = units.create_unit(town.actor(town.warden), town.garden.id, "family", " 王淑兰　家庭 ")
    unit = Unit.get_by_id(made)
    assert (unit.name, unit.kind, unit.path) == ("王淑兰 家庭", "family", f"{town.garden.path}{made}/")
    assert made in town.actor(town.liaison).sees_units
    assert Member.get_by_id(town.liaison.id).access_version > town.liaison.access_version


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [
        ("palace", "小组", "kind"),
        ("", "小组", "kind"),
        ("group", "", "name"),
        ("group", "x" * 81, "name"),
        ("group", "a\x00", "name"),
    ],
)
def test_a_unit_without_a_proper_kind_or_name_is_refused(town: Town, kind: str, name: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        units.create_unit(town.actor(town.chief), town.garden.id, kind, name)
    assert caught.value.field == field


def test_two_units_side_by_side_have_two_names(town: Town) -> None:
    with pytest.raises(Conflict):
        units.create_unit(town.actor(town.chief), town.root.id, "community", "桂花社区")
    with pytest.raises(Conflict):
        units.edit_unit(town.actor(town.chief), town.river.id, "community", "桂花社区")
    units.edit_unit(town.actor(town.chief), town.garden.id, "village", "桂花社区")
    assert Unit.get_by_id(town.garden.id).kind == "village"


def test_a_new_name_reaches_those_who_belong_there(town: Town) -> None:
    units.edit_unit(town.actor(town.chief), town.garden.id, "community", "桂花里社区")
    assert Member.get_by_id(town.reader.id).access_version > town.reader.access_version
    assert town.actor(town.reader).home_name == "桂花里社区"


def test_only_an_empty_unit_is_removed(town: Town, make: Make) -> None:
    chief = town.actor(town.chief)
    with pytest.raises(Conflict, match="below"):
        units.remove_unit(chief, town.garden.id)
    member = make.member(town.circle)
    with pytest.raises(Conflict, match="belong"):
        units.remove_unit(chief, town.circle.id)
    member.delete_instance()
    assert units.remove_unit(chief, town.circle.id) == town.garden.id
    assert Unit.get_or_none(Unit.id == town.circle.id) is None


def test_a_unit_on_which_someone_holds_a_role_stays(town: Town, make: Make) -> None:
    make.member(town.garden, "lecturer", on=town.circle)
    with pytest.raises(Conflict, match="role"):
        units.remove_unit(town.actor(town.chief), town.circle.id)


def test_a_unit_is_chosen_from_the_tree_wherever_one_is_chosen(browser: Open, make: Make) -> None:
    root = make.unit("青禾街道", kind="agency")
    first = make.unit("桂花社区", root)
    for number in range(9):
        make.unit(f"第{number}社区", root)
    make.unit("银龄班", first, "group")  # the twelfth: "/1/12/" stands before "/1/2/" where paths are sorted as text
    page = browser(make.member(root, "administrator"))
    for place in (
        "/lectures/new",
        "/materials/new",
        "/courses/new",
        "/lists/new",
        "/activities/sessions/new",
        "/plans/units/new",
        "/progress/requirements/new",
        "/people/new",
    ):
        shown = page.get(place).get_data(as_text=True)
        offered = re.findall(r"<option[^>]*>([^<]*)</option>", shown.split('name="unit"')[1].split("</select>")[0])
        at = offered.index("　桂花社区")
        assert offered[at + 1 : at + 3] == ["　　银龄班", "　第0社区"], place
