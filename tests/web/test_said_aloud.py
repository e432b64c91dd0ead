"""What a page says to who does not see it: controls of the same name say what they are about."""

import re
from collections.abc import Callable

from tests.browser_like import Browser
from tests.factories import Make

TAKE_BACK = re.compile(r'<button class="btn link" type="submit" aria-label="撤销：([^"]+)">撤销</button>')


def test_what_can_be_taken_back_in_a_list_says_which_it_is(browser: Callable[..., Browser], make: Make) -> None:
    page, book = browser(make.member()), make.book("边城")
    for at in (20, 40):
        answer = page.post(f"/books/{book.id}/sessions", {"page": str(at), "minutes": str(at)})
        assert answer.status_code == 303
    assert len(TAKE_BACK.findall(page.get(f"/books/{book.id}").text)) == 2
    said = TAKE_BACK.findall(page.get("/reading/sessions").text)
    assert len(set(said)) == 2
    assert all(text.startswith("边城 · ") for text in said)


def test_a_fault_is_tied_to_its_field_and_an_english_title_is_marked(
    browser: Callable[..., Browser], make: Make
) -> None:
    keeper = browser(make.member(make.unit(), "liaison"))
    refused = keeper.post("/books/new", {"title": "", "authors": "路遥"})
    assert refused.status_code == 422
    field = re.search(r'<input id="f-title"[^>]*>', refused.text)
    assert field and 'aria-invalid="true"' in field[0] and "f-title-error" in field[0]
    assert 'id="f-title-error"' in refused.text and "data-focus" in refused.text
    english = make.book("The Fifth Discipline", language="en")
    assert '<h1 lang="en">The Fifth Discipline</h1>' in keeper.get(f"/books/{english.id}").text
    assert "<h1>边城</h1>" in keeper.get(f"/books/{make.book('边城').id}").text


def test_links_to_the_whole_name_their_section_and_an_english_title_in_a_list_is_marked(
    browser: Callable[..., Browser], make: Make
) -> None:
    make.book("The Fifth Discipline")
    make.book("边城")
    reader = browser(make.member())
    home = reader.get("/").text
    assert '<h2 aria-label="新荐书目">' in home and 'aria-label="全部图书：新荐书目">全部图书</a>' in home
    for path in ("/books?look=list", "/books?look=shelf"):
        listed = reader.get(path).text
        assert ' lang="en">The Fifth Discipline' in listed or ' lang="en"><a href="/books/1">The Fifth' in listed
        assert ' lang="en">边城' not in listed
    reader.post("/preferences", {"locale": "en"})
    english = reader.get("/books?look=list").text
    assert ' lang="zh-CN"><a href="/books/2">边城' in english and ' lang="en"><a' not in english
