"""What a process remembers is bounded, and cookies and parts of pages that it remembers stay what they were."""

import time
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask import render_template_string, session
from markupsafe import Markup

from lms.memory import Memory, Recent
from lms.web.sessions import RememberingSessions
from lms.web.view import page_numbers
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[..., Browser]


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    memory: Memory[str, int] = Memory(2)
    memory.put("a", 1)
    memory.put("b", 2)
    assert memory.get("a") == 1
    memory.put("c", 3)
    assert (memory.get("a"), memory.get("b"), memory.get("c"), len(memory)) == (1, None, 3, 2)


def test_what_was_asked_for_of_late_is_known_again_and_no_more_than_that_many() -> None:
    recent = Recent(2)
    assert [recent.again(key) for key in ("a", "b", "a", "c", "a", "b")] == [False, False, True, False, True, False]


def test_a_session_that_a_request_changes_is_unchanged_for_the_next_with_the_same_cookie(app: APIFlask) -> None:
    serializer = app.session_interface.get_signing_serializer(app)
    headers = {"Cookie": f"lms_session={serializer.dumps({'colour': 'red', '_permanent': True})}"}
    for _ in range(3):
        with app.test_request_context(headers=headers):
            assert dict(session) == {"colour": "red", "_permanent": True}
            session["colour"] = "blue"
            session["more"] = "x"


def test_messages_kept_in_a_session_are_not_shared_between_requests(app: APIFlask) -> None:
    serializer = app.session_interface.get_signing_serializer(app)
    headers = {"Cookie": f"lms_session={serializer.dumps({'_flashes': [('success', 'Saved.')]})}"}
    for _ in range(3):
        with app.test_request_context(headers=headers):
            assert len(session["_flashes"]) == 1
            session["_flashes"].append(("success", "Again."))


def test_a_remembered_cookie_expires_as_any_other(app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    serializer = app.session_interface.get_signing_serializer(app)
    headers = {"Cookie": f"lms_session={serializer.dumps({'colour': 'red'})}"}
    with app.test_request_context(headers=headers):
        assert session["colour"] == "red"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + app.permanent_session_lifetime.total_seconds() + 5)
    with app.test_request_context(headers=headers):
        assert "colour" not in session


def test_a_forged_cookie_is_never_remembered(app: APIFlask) -> None:
    assert isinstance(app.session_interface, RememberingSessions)
    cookie = app.session_interface.get_signing_serializer(app).dumps({"colour": "red"})[:-2] + "xx"
    for _ in range(2):
        with app.test_request_context(headers={"Cookie": f"lms_session={cookie}"}):
            assert "colour" not in session


def test_two_pages_of_a_session_carry_the_same_good_token_and_two_sessions_different_ones(
    browser: Open, make: Make
) -> None:
    first, second = browser(make.member()), browser(make.member())
    assert first.token() == first.token() != second.token()
    assert first.post("/preferences", {"theme": "dark"}).status_code == 303


def test_a_kept_part_differs_by_language_and_by_the_type_of_its_values(app: APIFlask) -> None:
    source = '{{ kept_part("_partials/cover.html", title=title, author="", clc="", size="") }}'
    with app.test_request_context():
        plain = render_template_string(source, title="<b>")
        markup = render_template_string(source, title=Markup("<b>"))
    assert "&lt;b&gt;" in plain
    assert "&lt;b&gt;" not in markup
    shown = []
    for locale in ("zh_CN", "en"):
        with app.test_request_context(headers={"Cookie": f"lms_locale={locale}"}):
            shown.append(render_template_string('{{ kept_part("_partials/ask.html") }}'))
    assert "Cancel" in shown[1]
    assert "Cancel" not in shown[0]


@pytest.mark.parametrize(
    ("number", "pages", "shown"),
    [
        (1, 1, (1,)),
        (1, 3, (1, 2, 3)),
        (1, 9, (1, 2, 3, None, 9)),
        (4, 9, (1, 2, 3, 4, 5, 6, None, 9)),
        (5, 9, (1, None, 3, 4, 5, 6, 7, None, 9)),
        (9, 9, (1, None, 7, 8, 9)),
        (50, 3, (1, None, 3)),
    ],
)
def test_a_list_links_to_its_ends_and_to_the_pages_around(
    number: int, pages: int, shown: tuple[int | None, ...]
) -> None:
    assert page_numbers(number, pages) == shown
