"""Pages of an organisation in which nobody has done anything yet."""

import re
from collections import Counter
from collections.abc import Callable

from tests.browser_like import Browser
from tests.factories import Make

PAGES = [
    "/books",
    "/lists",
    "/lists?which=kept",
    "/lectures",
    "/courses",
    "/courses?which=kept",
    "/materials",
    "/notes",
    "/notes?whose=others",
    "/plans",
    "/studio",
    "/activities",
    "/activities?kind=training",
    "/progress/requirements",
    "/reading",
    "/board/1",
]
BUTTON = re.compile(r'<a class="btn(?: quiet)?" href="([^"]*)"')


def test_an_empty_page_offers_each_way_to_begin_once_and_nothing_to_choose_from(
    browser: Callable[..., Browser], make: Make
) -> None:
    page = browser(make.member(make.unit(), "administrator"))
    for address in PAGES:
        answer = page.get(address)
        shown = answer.text[answer.text.index("<main") :]
        assert answer.status_code == 200, address
        twice = [href for href, times in Counter(BUTTON.findall(shown)).items() if times > 1]
        assert not twice, f"{address} offers {twice} twice"
        assert shown.count('class="btn"') <= 1, f"{address} has several main buttons"
        if "kind=" not in address:
            assert 'class="filters"' not in shown, f"{address} filters nothing"
