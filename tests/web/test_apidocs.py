"""The page that describes the API, made from the running application."""

import re
from collections.abc import Callable

import pytest
from apiflask import APIFlask

from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[..., Browser]


@pytest.fixture
def page(browser: Open, make: Make) -> str:
    reader = browser(make.member())
    reader.client.set_cookie("lms_locale", "en")
    return reader.get("/api/docs").get_data(as_text=True)


def test_every_operation_of_the_api_stands_on_the_page(app: APIFlask, page: str) -> None:
    shown = {(method, path) for method, path in re.findall(r"<code><b>(\w+)</b> ([^<]+)</code>", page)}
    there = {
        (method, re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not getattr(app.view_functions[rule.endpoint], "_spec", {}).get("hide")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there - shown == set()
    assert len(there) > 20


def test_every_shape_an_operation_names_is_described_once(page: str) -> None:
    shapes = re.findall(r'id="shape-([^"]+)"', page)
    assert sorted(shapes) == sorted(set(shapes))
    assert set(re.findall(r'href="#shape-([^"]+)"', page)) <= set(shapes)
    assert "members.MemberOut" in shapes
    assert not [name for name in shapes if re.search(r"\d$", name)]


def test_parameters_and_fields_say_what_they_take(page: str) -> None:
    assert "current, former, deactivated" in page
    assert "Part of a name, start of a number." in page
    assert "X-CSRFToken" in page


def test_the_page_loads_nothing_from_elsewhere(page: str) -> None:
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)


def test_the_specification_is_openapi_3_1_and_every_reference_leads_somewhere(app: APIFlask) -> None:
    answer = app.test_client().get("/api/openapi.json")
    spec = answer.json
    assert spec["openapi"].startswith("3.1")
    names = set(spec["components"]["schemas"])
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', answer.get_data(as_text=True))) <= names
