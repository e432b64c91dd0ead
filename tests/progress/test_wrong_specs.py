"""A requirement sent by the API with a spec that makes no sense is refused with a word: never stored, never a crash."""

from collections.abc import Callable
from typing import Any

import pytest

from lms.members.models import Member
from lms.progress.models import Requirement
from tests.browser_like import Browser
from tests.progress.conftest import Garden

Open = Callable[[Member | None], Browser]
WRONG: list[dict[str, Any]] = [
    {"who": 5},
    {"who": {"tags": "leader"}},
    {"who": {"kinds": ["castle"]}},
    {"who": {"age_from": "sixty"}},
    {"who": {"age_on": "2026-02-30"}},
    {"least": "many"},
    {"carry": True},
    {"subject": "everybody"},
    {"each": "minute"},
    {"subjects": ["book:abc"], "also": []},
    {"parts": [{"weight": 3}]},
    {"parts": 7},
    {"coverage": 1.5},
    {"most_per_day": -1},
    {"categories": ["reflection"]},
]


@pytest.mark.parametrize("spec", WRONG, ids=str)
def test_a_spec_that_is_none_is_refused(garden: Garden, browser: Open, spec: dict[str, Any]) -> None:
    asked = {"title": "x", "measure": "book_finished", "amount": 1, "period": "month", "since": "2026-11-01"}
    before = Requirement.select().count()
    for path in ("/requirements", "/requirements/preview"):
        answer = browser(garden.liaison).api("POST", path, {**asked, "unit": garden.unit.id, "spec": spec})
        assert answer.status_code == 422, answer.get_json()
    assert Requirement.select().count() == before
