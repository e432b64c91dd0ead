"""A form that cannot be taken says all that is wrong at once, each fault at its field, and keeps what was typed."""

import re
from collections.abc import Callable

from tests.browser_like import Browser
from tests.factories import Make

LONG = "长" * 3000
TYPED = "keep this"
# Each form with everything wrong in it, and one field that is right.
FORMS = {
    "/people/new": ({"name": "", "phone": "12", "birth_year": "x", "unit": "", "since": "x"}, "position"),
    "/units/new": ({"name": "", "kind": "none", "parent": "x"}, ""),
    "/lecturers/new": ({"who": LONG, "unit": "x", "since": "x", "until": "x"}, "remark"),
    "/categories/new": ({"name": "", "unit": "x"}, ""),
    "/books/new": ({"title": "", "authors": "", "isbn": "1", "published": "x", "pages": "x"}, "publisher"),
    "/courses/new": (
        {"title": "", "unit": "x", "lecturer": "x", "class_hours": "x", "since": "x", "until": "x"},
        "lecturer_name",
    ),
    "/lectures/new": ({"title": "", "unit": "x", "held_on": "x", "done_percent": "x", "file": ""}, "speaker"),
    "/materials/new": ({"title": LONG, "unit": "x", "file": ""}, "summary"),
    "/plans/new": ({"title": "", "since": "x", "until": "x", "count": "x", "items": ""}, ""),
    "/lists/new": ({"title": "", "unit": "x", "since": "x", "until": "x"}, "intro"),
    "/activities/new": (
        {"title": "", "day": "x", "amount": "x", "link": "x", "category": "none"},
        "text",
    ),
    "/activities/sessions/new": (
        {"unit": "x", "title": "", "day": "x", "starts": "x", "minutes": "x", "amount": "x", "link": "x"},
        "place",
    ),
    "/progress/requirements/new": (
        {"title": "", "unit": "x", "measure": "", "amount": "x", "period": "", "since": "x", "carry": "x"},
        "",
    ),
}
CHOSEN_BEFORE = {"/activities/new": {"kind": "training"}}


def test_every_form_names_all_its_faults_at_once_and_keeps_what_was_typed(
    browser: Callable[..., Browser], make: Make
) -> None:
    administrator = browser(make.member(make.unit(), "administrator"))
    for path, (wrong, right) in FORMS.items():
        typed = {**wrong, **CHOSEN_BEFORE.get(path, {}), **({right: TYPED} if right else {})}
        answer = administrator.post(path, typed)
        assert answer.status_code == 422, path
        told = set(re.findall(r'id="f-([\w-]+)-error"', answer.text))
        assert wrong.keys() <= told, f"{path}: nothing is said of {wrong.keys() - told}"
        assert not right or TYPED in answer.text, path
