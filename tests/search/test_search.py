"""What members find: across all rooms, to the page and the second, and only what they may see."""

from collections.abc import Callable

import pytest
from playhouse.test_utils import count_queries

from lms.catalogue.models import Book
from lms.members.models import Member, Membership, Unit
from lms.notes.models import Note
from tests.browser_like import Browser
from tests.factories import Make
from tests.search.library import Library

Open = Callable[[Member | None], Browser]


def kinds(browser: Browser, words: str) -> dict[str, int]:
    answer = browser.api("GET", f"/search?q={words}").get_json()
    return {item["kind"]: item["ref"] for item in answer["items"]}


def test_one_question_finds_book_page_second_and_note(browser: Open, library: Library) -> None:
    items = browser(library.reader).api("GET", "/search?q=差序格局").get_json()["items"]
    found = {item["kind"]: item["url"] for item in items}
    assert found == {
        "book": f"/books/{library.book.id}",
        "material": f"/materials/{library.material.id}/pages/2",
        "lecture": f"/lectures/{library.lecture.id}?t=75",
        "note": f"/notes/{library.note.id}",
    }


def test_the_page_marks_the_words_and_names_the_place(browser: Open, library: Library) -> None:
    page = browser(library.reader).get("/search?q=差序格局").get_data(as_text=True)
    assert "<mark>差序格局</mark>" in page
    assert "第 2 页 · 差与序" in page
    assert "01:15 处" in page
    assert "找到 4 项" in page


def test_what_a_member_may_not_see_is_neither_shown_nor_counted(browser: Open, library: Library) -> None:
    answer = browser(library.stranger).api("GET", "/search?q=差序格局").get_json()
    assert answer["counts"]["kind"] == {"book": 1, "lecture": 1}
    assert answer["total"] == 2


def test_a_change_of_access_holds_before_the_index_knows_it(browser: Open, library: Library) -> None:
    open_note = library.write(library.reader, "everyone", "公开的笔记：差序格局")
    library.drain()
    guest = browser(library.stranger)
    assert kinds(guest, "差序格局")["note"] == open_note.id
    Note.update(audience="me").where(Note.id == open_note.id).execute()
    answer = guest.api("GET", "/search?q=差序格局").get_json()
    assert "note" not in {item["kind"] for item in answer["items"]}
    assert (answer["total"], answer["counts"]["kind"]) == (2, {"book": 1, "lecture": 1}), "nor is it counted"


def test_a_page_of_results_asked_again_follows_access_names_and_the_index(browser: Open, library: Library) -> None:
    note = library.write(library.reader, "everyone", "公开的笔记：差序格局")
    library.drain()
    guest = browser(library.stranger)

    def page() -> str:
        return guest.get("/search?q=差序格局").get_data(as_text=True)

    assert "公开的笔记" in page()
    assert page() == page(), "kept while nothing changes"
    Note.update(audience="me").where(Note.id == note.id).execute()
    assert "公开的笔记" not in page()
    Unit.update(name="改了名的社区").where(Unit.id == library.here.id).execute()
    reader = browser(library.reader)
    assert "改了名的社区" in reader.get("/search?q=差序格局").get_data(as_text=True)
    Unit.update(name="又改了名").where(Unit.id == library.here.id).execute()
    assert "又改了名" in reader.get("/search?q=差序格局").get_data(as_text=True)
    more = library.write(library.reader, "everyone", "差序格局又一篇")
    assert "差序格局又一篇" not in page().replace("<mark>", "").replace("</mark>", "")
    library.drain(("note", more.id))
    assert "差序格局又一篇" in page().replace("<mark>", "").replace("</mark>", "")
    assert "费孝通" in page()
    Book.update(authors="费老", year=1985).where(Book.id == library.book.id).execute()
    library.drain(("book", library.book.id))
    assert "<span>费老</span><span>1985</span>" in page()
    guest.client.set_cookie("lms_locale", "en")
    assert '<span class="kind">Book</span>' in page()


def test_a_page_that_is_filled_in_is_its_readers_own(browser: Open, library: Library) -> None:
    """One frame serves all who read in a language: nothing of one reader or one question may stay in it."""
    pages = {}
    for member in (library.reader, library.stranger):
        Member.update(unread_notices=member.id).where(Member.id == member.id).execute()
        reader = browser(member)
        pages[member.name] = [reader.get(f"/search?q={text}").get_data(as_text=True) for text in ("差序格局", "乡土")]
        assert [page.count(reader.token()) > 0 for page in pages[member.name]] == [True, True]
    for name, asked in pages.items():
        for page, text, other in zip(asked, ("差序格局", "乡土"), ("乡土", "差序格局"), strict=True):
            assert f"<title>{text} · " in page
            assert f'value="{other}"' not in page
            assert [one for one in pages if one in page] == [name]


def test_a_member_who_moves_finds_what_the_new_unit_may_see(browser: Open, library: Library) -> None:
    Membership.create(member=library.stranger, unit=library.here, since="2021-01-01")
    Member.update(access_version=Member.access_version + 1).where(Member.id == library.stranger.id).execute()
    assert kinds(browser(library.stranger), "差序格局")["material"] == library.material.id


def test_the_kind_narrows_what_is_shown_but_every_count_stays(browser: Open, library: Library) -> None:
    answer = browser(library.reader).api("GET", "/search?q=差序格局&kind=book").get_json()
    assert [item["kind"] for item in answer["items"]] == ["book"]
    assert answer["counts"]["kind"] == {"book": 1, "lecture": 1, "material": 1, "note": 1}
    assert answer["total"] == 1


@pytest.mark.parametrize("text", ["", "  ", '"', "((", "a:b:c", "*", "NOT", "𠮷", "\u202e", "%00", "x" * 3000])
def test_no_question_breaks_the_page(browser: Open, library: Library, text: str) -> None:
    assert browser(library.reader).get("/search", query_string={"q": text}).status_code == 200


def test_without_an_index_search_says_so_and_the_rest_goes_on(browser: Open, make: Make) -> None:
    reader = browser(make.member())
    answer = reader.get("/search?q=书")
    assert answer.status_code == 503
    assert "搜索正在准备中" in answer.get_data(as_text=True)
    assert reader.get("/books").status_code == 200


def test_a_withdrawn_book_is_not_found_once_the_index_follows(browser: Open, library: Library) -> None:
    Book.update(withdrawn_at="2026-01-01 00:00:00").where(Book.id == library.book.id).execute()
    library.drain(("book", library.book.id))
    assert "book" not in kinds(browser(library.reader), "乡土中国")


def test_a_search_page_asks_the_database_a_few_times_only(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    reader.get("/search?q=差序格局")
    with count_queries() as counted:
        reader.get("/search?q=差序格局")
    assert counted.count <= 12
    assert Unit.select().count() == 3
