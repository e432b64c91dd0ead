"""Categories: five contents of study, and what a unit adds for itself and the units below it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.categories import queries, rules, service
from lms.errors import Forbidden, InvalidInput
from lms.members.models import Member, Unit
from tests.browser_like import Browser
from tests.factories import Make


@pytest.fixture
def units(make: Make) -> tuple[Unit, Unit, Unit]:
    street = make.unit("青禾街道")
    return street, make.unit("桂花社区", street), make.unit("临江社区", street)


@given(st.text(max_size=40))
def test_a_name_is_kept_tidy_or_refused(raw: str) -> None:
    try:
        name = rules.check_name(raw)
    except InvalidInput:
        return
    assert 0 < len(name) <= rules.NAME_CHARS
    assert rules.check_name(name) == name


@given(st.integers(1, 2**31 - 1))
def test_a_code_leads_back_to_its_category_and_presets_to_none(ident: int) -> None:
    assert rules.own_id(rules.own_code(ident)) == ident
    assert len(rules.own_code(ident)) <= 20
    assert [rules.own_id(preset.code) for preset in rules.PRESETS] == [None] * 6


def test_an_own_category_holds_in_its_unit_and_below_and_nowhere_else(
    make: Make, units: tuple[Unit, Unit, Unit]
) -> None:
    street, here, there = units
    liaison = make.actor(make.member(here, "liaison"))
    code = rules.own_code(service.add_category(liaison, here.id, " 垃圾  分类 "))
    below = make.unit("一网格", here)
    assert queries.check(code, here.path) == queries.check(code, below.path) == code
    for path in (street.path, there.path):
        with pytest.raises(InvalidInput):
            queries.check(code, path)
    assert [row.name for row in queries.choices_for([below.path]) if row.own] == ["垃圾 分类"]
    assert [row.code for row in queries.choices_for([there.path])] == [p.code for p in rules.PRESETS]
    with pytest.raises(Forbidden):
        service.add_category(liaison, there.id, "村史")
    with pytest.raises(InvalidInput, match="already"):
        service.add_category(liaison, here.id, "垃圾 分类")


def test_a_retired_category_is_kept_by_what_bears_it_and_comes_back(make: Make, units: tuple[Unit, Unit, Unit]) -> None:
    _, here, _ = units
    liaison = make.actor(make.member(here, "liaison"))
    ident = service.add_category(liaison, here.id, "村史")
    code = rules.own_code(ident)
    service.retire_category(liaison, ident)
    with pytest.raises(InvalidInput):
        queries.check(code, here.path)
    assert queries.check(code, here.path, kept=code) == code
    assert queries.names([code, "law", "own-999999"]) == {
        code: "村史",
        "law": "Laws and regulations",
        "own-999999": "Other",
    }
    assert service.add_category(liaison, here.id, "村史") == ident
    assert queries.check(code, here.path) == code


def test_a_liaison_adds_renames_and_retires_on_the_page(
    make: Make, units: tuple[Unit, Unit, Unit], browser: Callable[[Member], Browser]
) -> None:
    _, here, _ = units
    window = browser(make.member(here, "liaison"))
    window.post("/categories/new", {"name": "村史", "unit": str(here.id)})
    page = window.get("/categories").text
    assert "村史" in page
    assert "政治理论" in page
    ident = queries.own_names()["村史"].removeprefix("own-")
    window.post(f"/categories/{ident}/rename", {"name": "村史村情"})
    refused = window.post(f"/categories/{ident}/rename", {"name": ""})
    assert refused.status_code == 422
    assert "请填写类别名称" in refused.text
    window.post(f"/categories/{ident}/retire", {})
    page = window.get("/categories").text
    assert "已停用" in page
    assert "村史村情" in page
    assert window.get("/api/v1/categories").json["items"][-2]["retired"] is True
