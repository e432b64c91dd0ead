"""What the search page can do: the query language, filters, order, pages, and saying what it did."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playhouse.test_utils import count_queries

from lms.activities.models import Activity
from lms.catalogue.models import Book
from lms.config import Settings
from lms.members.models import Member
from lms.search import drain
from tests.browser_like import Browser
from tests.factories import Make
from tests.search.library import Library

Open = Callable[[Member | None], Browser]


def asked(browser: Browser, query: str, **values: object) -> dict[str, Any]:
    answer = browser.api("GET", "/search", query_string={"q": query, **values})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def titles(browser: Browser, query: str, **values: object) -> list[str]:
    items = asked(browser, query, **values)["items"]
    return [item["title"] for item in items]


def shown(browser: Browser, query: str, **values: object) -> str:
    text: str = browser.get("/search", query_string={"q": query, **values}).get_data(as_text=True)
    return text


def links(page: str, label: str) -> list[dict[str, list[str]]]:
    """Give what the links whose text begins with a label ask the search page."""
    hrefs = re.findall(rf'<a [^>]*?href="([^"]*)"[^>]*>{re.escape(label)}', page)
    return [parse_qs(urlsplit(href.replace("&amp;", "&")).query) for href in hrefs]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("差序格局 类型：笔记", {"note"}),
        ("差序格局 kind:note", {"note"}),
        ("差序格局 -类型:笔记", {"book", "material", "lecture"}),
        ("差序格局 类型：书 或 类型：讲座", {"book", "lecture"}),
        ("差序格局 类型：图书", {"book"}),
        ("作者：费孝通", {"book"}),
        ("作者：陈志远", {"lecture"}),
        ("作者:王淑兰", {"note"}),
        ("标题：社会学", {"material"}),
        ("“水波纹一圈圈”", {"lecture"}),
        ("差序格局 分类：文化", {"material"}),
        ("差序格局 分类：社会科学总论", {"book"}),
        ("差序格局 category:C", {"book"}),
        ("差序格局 单位：桂花社区", {"material", "note"}),
        ("差序格局 年份：1948", {"book"}),
        ("差序格局 1940..1950", {"book"}),
        ("差序格局 -1940..1950", {"lecture", "material", "note"}),
    ],
)  # fmt: skip
def test_a_query_is_taken_at_its_word(browser: Open, library: Library, query: str, kinds: set[str]) -> None:
    items = asked(browser(library.reader), query)["items"]
    assert {item["kind"] for item in items} == kinds


NUMBERS = ["9787506365437", "978-7-5063-6543-7", "ISBN 978-7-5063-6543-7", "７-５０６３-６５４３-Ｘ", "I247.57"]


@pytest.mark.parametrize("query", NUMBERS)
def test_a_book_is_found_by_its_numbers(browser: Open, make: Make, service: Settings, query: str) -> None:
    make.book("活着", authors="余华", isbn="9787506365437", clc="I247.57", summary="福贵的一生。")
    make.book("兄弟", authors="余华", isbn="9787506365680", clc="I247.5")
    drain.ensure_index(service.index_path)
    assert titles(browser(make.member()), query)[0] == "活着"


def test_a_book_is_found_by_the_words_of_its_class(browser: Open, make: Make, service: Settings) -> None:
    make.book("活着", authors="余华", clc="I247.57")
    make.book("乡土中国", authors="费孝通", clc="C91")
    drain.ensure_index(service.index_path)
    reader = browser(make.member())
    assert titles(reader, "文学") == titles(reader, "literature") == ["活着"]


def test_a_hit_of_a_transcript_opens_the_very_second(browser: Open, library: Library) -> None:
    (item,) = asked(browser(library.reader), "“像水波纹一圈圈”")["items"]
    assert item["url"] == f"/lectures/{library.lecture.id}?t=80"
    assert "".join(part["text"] for part in item["snippet"]) == "像水波纹一圈圈推出去。", "and reads as a sentence"


def test_filters_narrow_and_each_counts_as_if_it_were_open(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    every = asked(reader, "差序格局")
    unit, root = str(library.here.id), str(library.root.id)
    assert every["counts"]["unit"] == {unit: 2, root: 1}
    assert every["counts"]["lecturer"] == {"陈志远": 1}
    assert every["names"]["unit"] == {unit: "桂花社区", root: "青禾街道"}
    here = asked(reader, "差序格局", unit=unit)
    assert {item["kind"] for item in here["items"]} == {"material", "note"}
    assert here["counts"]["unit"] == {unit: 2, root: 1}
    assert here["counts"]["kind"] == {"material": 1, "note": 1}
    both = asked(reader, "差序格局", kind=["book", "note"])
    assert both["total"] == 2
    assert asked(reader, "差序格局", kind="planet")["total"] == every["total"], "an unknown kind is passed over"


def test_the_page_names_filters_in_words_and_lets_them_go_with_the_text_kept(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    page = shown(reader, "差序格局")
    assert links(page, "社会科学总论") == [{"q": ["差序格局"], "category": ["C"]}]
    assert {"q": ["差序格局"], "unit": [str(library.here.id)]} in links(page, "桂花社区")
    narrowed = shown(reader, "差序格局", category="C", sort="newest")
    assert "乡土中国" in narrowed and "社会学入门" not in narrowed
    assert {"q": ["差序格局"], "sort": ["newest"]} in links(narrowed, "社会科学总论")


def test_the_page_says_how_a_query_was_understood_and_lets_each_part_go(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    page = shown(reader, "差序格局 －考试 kind:note 2020..2030")
    assert "理解为" in page
    assert links(page, "不含考试") == [{"q": ["差序格局 类型:笔记 2020..2030"]}]
    assert links(page, "类型：笔记")[0] == {"q": ["差序格局 -考试 2020..2030"]}
    assert links(page, "日期：2020..2030") == [{"q": ["差序格局 -考试 类型:笔记"]}]
    assert "理解为" not in shown(reader, "差序格局 水波纹"), "plain words need no explanation"


def test_in_english_the_query_is_written_in_english(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    reader.client.set_cookie("lms_locale", "en")
    page = shown(reader, "差序格局 -考试 类型：笔记")
    assert "Understood as" in page
    assert links(page, "without 考试") == [{"q": ["差序格局 kind:Note"]}]


def test_things_are_sorted_by_date(browser: Open, make: Make, service: Settings) -> None:
    for year in (1999, 2020, 2010):
        make.book(f"年鉴{year}", year=year)
    drain.ensure_index(service.index_path)
    reader = browser(make.member())
    assert titles(reader, "年鉴", sort="newest") == ["年鉴2020", "年鉴2010", "年鉴1999"]
    assert titles(reader, "年鉴", sort="oldest") == ["年鉴1999", "年鉴2010", "年鉴2020"]
    assert reader.api("GET", "/search?q=x&sort=loudest").status_code == 422
    assert reader.get("/search?q=x&sort=loudest").status_code == 200


def test_page_fifty_opens_with_things_that_no_other_page_had(browser: Open, make: Make, service: Settings) -> None:
    book = make.book("第0册")
    rows = [{**book.__data__, "id": None, "title": f"第{number}册"} for number in range(1, 505)]
    for row in rows:
        del row["id"]
    Book.insert_many(rows).execute()
    drain.ensure_index(service.index_path)
    reader = browser(make.member())
    seen = [title for page in (1, 49, 50, 51) for title in titles(reader, "册", page=page)]
    assert len(seen) == len(set(seen)) == 35
    with count_queries() as counted:
        page = shown(reader, "册", page=50)
    assert counted.count <= 12
    assert page.count('class="hit"') == 10
    assert "第 50 页，共 51 页" in page
    assert links(shown(reader, "第 册", page=50, kind="book", sort="loudest"), "下一页") == [
        {"q": ["第 册"], "kind": ["book"], "page": ["51"]}
    ]


def test_what_holds_only_some_of_the_words_is_said_to(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    assert "没有哪一项包含全部词语" in shown(reader, "差序格局 宇宙飞船")
    page = shown(reader, "差序格局 费孝通")
    assert "没有哪一项包含全部词语" not in page
    assert page.index("乡土中国") < page.index("以下各项只含部分词语") < page.index("社会学入门")
    assert asked(reader, "差序格局 费孝通")["complete"] >= 1


def test_nothing_found_comes_with_advice(browser: Open, library: Library) -> None:
    page = shown(browser(library.reader), "“宇宙飞船”", category="C")
    assert "没有找到" in page
    assert links(page, "取消筛选，重新搜索") == [{"q": ["“宇宙飞船”"]}]
    assert "少用几个词" in page


def test_every_example_of_the_help_is_understood(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    page = reader.get("/search").get_data(as_text=True)
    examples = re.findall(r'<dt><a href="([^"]+)">', page)
    assert len(examples) == 9
    for href in examples:
        assert reader.get(href.replace("&amp;", "&")).status_code == 200


def test_like_things_stand_on_the_page_of_a_thing(browser: Open, make: Make, service: Settings) -> None:
    for number in range(12):
        make.book(f"园艺手册{number}", summary="修剪、施肥与浇水的方法。")
    book = make.book("差序格局浅说", summary="费孝通的差序格局与乡土社会。")
    like = make.book("再谈差序格局", summary="乡土社会里的差序格局。")
    reader = make.member(make.unit())
    for week in (1, 8, 15):
        values = {"kind": "activity", "title": "差序格局读书会", "day": date(2026, 11, week), "state": "confirmed"}
        Activity.create(**values, unit=make.unit(), member=reader, entered_by=reader)
    drain.ensure_index(service.index_path)
    page = browser(reader).get(f"/books/{book.id}").get_data(as_text=True)
    panel = page[page.index("相近的内容") :]
    assert panel.count("读书会</a>") == 1, "of a series of sessions one is enough"
    assert f'href="/books/{like.id}"' in panel
    assert f'href="/books/{book.id}"' not in panel.partition("</section>")[0]


def test_without_an_index_a_book_page_stands_without_like_things(browser: Open, make: Make) -> None:
    page = browser(make.member()).get(f"/books/{make.book('孤本').id}")
    assert page.status_code == 200
    assert "相近的内容" not in page.get_data(as_text=True)
