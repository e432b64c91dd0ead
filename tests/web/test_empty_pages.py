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


def test_a_list_that_does_not_find_what_was_typed_leads_to_the_search_that_may(
    browser: Callable[..., Browser], make: Make
) -> None:
    page = browser(make.member(make.unit()))
    make.book("乡土中国")
    for address in ("/books", "/lectures", "/courses", "/materials"):
        shown = page.get(f"{address}?q=鄉土<b>").text
        href, words = re.findall(r'<a class="btn" href="(/search[^"]*)">([^<]*)</a>', shown)[0]
        assert (href, words) == ("/search?q=%E9%84%89%E5%9C%9F%3Cb%3E", "全站搜索“鄉土&lt;b&gt;”"), address
        assert page.get(href).status_code in (200, 503), address
