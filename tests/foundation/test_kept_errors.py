"""An error that is kept until its reader comes says then what it would have said at once, and never fails."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

import lms.web.dates  # noqa: F401 it lets days be said
from lms.errors import InvalidInput, kept, read_kept
from lms.web.i18n import said_kept, words

TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=400)
VALUES = some.one_of(
    TEXTS, some.integers(), some.booleans(), some.dates(), some.datetimes(), some.lists(TEXTS, max_size=3)
)
ERRORS = some.builds(
    lambda message, values: InvalidInput(message, field=None, **values),
    TEXTS,
    some.dictionaries(some.just("name"), VALUES),
)
NESTED = some.builds(lambda why: InvalidInput("of %(why)s", why=why), ERRORS)


@pytest.fixture(scope="module", autouse=True)
def chinese() -> Iterator[None]:
    app = Flask("said")
    app.config["LMS"] = SimpleNamespace(locale="zh_CN", timezone="Asia/Shanghai")
    with app.test_request_context():
        yield


@given(some.one_of(ERRORS, NESTED))
def test_what_was_kept_whole_is_read_as_it_was(error: InvalidInput) -> None:
    read, was = read_kept(kept(error, 1_000_000)), error
    if error.message.startswith("of ") and isinstance(error.values.get("why"), InvalidInput):
        read, was = read.values["why"], error.values["why"]  # type: ignore[assignment]
    assert (read.message, dict(read.values)) == (was.message, dict(was.values))


@given(ERRORS, some.integers(20, 400))
def test_what_is_kept_never_outgrows_its_place(error: InvalidInput, most: int) -> None:
    safe = InvalidInput(error.message.replace("%", ""), field=None, **error.values)
    assert len(kept(safe, most)) <= most


@given(some.one_of(TEXTS, TEXTS.map(lambda text: "[" + text), some.just("[" * 4000), some.just('["%(a)d", {"a": {}}]')))
def test_any_text_at_all_can_be_said(text: str) -> None:
    assert isinstance(said_kept(text), str)


def test_a_text_that_only_begins_like_a_list_is_said_as_it_is() -> None:
    for text in ("[1] 名单.xlsx", '["a"]', '["a", 1]', '["a", {}, 2]', "[]"):
        assert said_kept(text) == text
    assert said_kept('["%(gone)s left", {"name": "x"}]') == "%(gone)s left"


def test_days_and_a_long_name_in_what_was_kept_are_said_as_pages_say_them() -> None:
    error = InvalidInput("%(name)s was not taken: %(why)s", name="[名单]" + "长" * 400, why=InvalidInput("x"))
    assert len(kept(error)) <= 300
    assert "[名单]长" in said_kept(kept(error))
    assert "was not taken" not in said_kept(kept(error))
    dated = InvalidInput("Until %(day)s", day=date(2019, 3, 5))
    assert said_kept(kept(dated)) == words(dated) == "Until 2019 年 3 月 5 日"
