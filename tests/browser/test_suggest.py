"""Suggestions while typing: by keys, by mouse, and the member's own past searches."""

import pytest

from lms import events
from lms.db import database
from tests.browser.garden import Garden, wait_for

pytestmark = pytest.mark.browser

FIELD = "#find"
OPTION = ".find [role=option]"


def test_a_title_begun_in_pinyin_is_chosen_by_keys_or_touch_and_past_searches_come_back(garden: Garden) -> None:
    title = "蜻蜓池畔读书记"
    book = garden.make.book(title)
    with database.atomic():  # a book that no service made: without this only an index built later would hold it
        events.publish(events.SearchableChanged("book", book.id))
    desk = garden.visit(garden.person())
    page = desk.open("/books")
    field = page.locator(FIELD)
    assert field.get_attribute("role") == "combobox"

    def offered() -> bool:
        field.fill("")
        with page.expect_response(lambda answer: answer.url.endswith("/suggestions?q=qtcp")) as answered:
            field.press_sequentially("qtcp")
        return bool(answered.value.json()["items"])

    wait_for(offered, "the worker to take the new title into the lexicon")
    page.wait_for_selector(OPTION)
    assert field.get_attribute("aria-expanded") == "true"
    assert page.locator(OPTION).inner_text().split("\n") == [title, "书"]
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == page.locator(OPTION).get_attribute("id")
    assert page.locator(OPTION).get_attribute("aria-selected") == "true"
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "qtcp"
    field.press("ArrowDown")
    page.locator(OPTION).click()
    page.wait_for_url("**/books/*")
    assert page.inner_text("h1") == title

    desk.open(f"/search?q={title}")
    wait_for(lambda: "hits" in desk.open(f"/search?q={title}").content(), "the book to be found")
    desk.open("/books")
    page.locator(FIELD).focus()
    page.wait_for_selector(f"{OPTION} [data-forget]")
    assert page.locator(OPTION).inner_text().startswith(title)
    page.locator(f"{OPTION} [data-forget]").click()
    page.wait_for_selector(OPTION, state="detached")
    assert desk.at() == "/books"
