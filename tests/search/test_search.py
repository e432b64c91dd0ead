"""What members find: across all rooms, to the page and the second, and only what they may see."""

from collections.abc import Callable

import pytest
from playhouse.test_utils import count_queries

from lms.catalogue.models import Book
from lms.config import Settings
from lms.events import SearchableChanged, publish
from lms.lectures.models import Cue, Lecture, Recording
from lms.materials.models import Material, MaterialPage
from lms.members.models import Member, Membership, Unit
from lms.notes.models import Note
from lms.search import drain
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


class Library:
    """A small organisation with one thing of each kind, all about the same word."""

    def __init__(self, make: Make, settings: Settings) -> None:
        self.path = settings.index_path
        self.root = make.unit("青禾街道")
        self.here = make.unit("桂花社区", self.root)
        self.there = make.unit("松涛社区", self.root)
        self.reader = make.member(self.here, name="王淑兰")
        self.stranger = make.member(self.there, name="赵雨桐")
        self.book = make.book("乡土中国", authors="费孝通", summary="讲差序格局的书。")
        self.material = Material.create(
            title="社会学入门", media_type="text/plain", file_key="0" * 64, file_name="x.txt", file_size=1,
            state="ready", unit=self.here, audience="unit", uploader=None, page_count=2,
        )  # fmt: skip
        MaterialPage.create(material=self.material, number=1, heading="", text="第一页没有那个词。")
        MaterialPage.create(material=self.material, number=2, heading="", text="差序格局说的是人与人的远近。")
        self.lecture = Lecture.create(title="读费孝通", speaker="陈志远", unit=self.root, audience="everyone")
        recording = Recording.create(
            lecture=self.lecture, media_type="audio/mpeg", file_key="1" * 64, file_name="x.mp3", file_size=1,
            duration_ms=120_000, state="ready",
        )  # fmt: skip
        Cue.create(recording=recording, number=1, start_ms=0, end_ms=30_000, text="大家好，今天读一本书。")
        Cue.create(recording=recording, number=2, start_ms=75_000, end_ms=80_000, text="这就是差序格局。")
        self.note = self.write(self.reader, "me", "我懂了差序格局")
        self.drain(("book", self.book.id), ("material", self.material.id), ("lecture", self.lecture.id))

    def write(self, member: Member, audience: str, title: str) -> Note:
        note = Note.create(member=member, unit=self.here, title=title, body="像水波纹。", chars=5, audience=audience)
        publish(SearchableChanged("note", note.id))
        return note

    def drain(self, *changed: tuple[str, int]) -> None:
        for kind, ref in changed:
            publish(SearchableChanged(kind, ref))
        drain.ensure_index(self.path)
        while drain.drain_once(self.path):
            pass


@pytest.fixture
def library(make: Make, service: Settings) -> Library:
    return Library(make, service)


def kinds(browser: Browser, words: str) -> dict[str, int]:
    answer = browser.api("GET", f"/search?q={words}").get_json()
    return {item["kind"]: item["ref"] for item in answer["items"]}


def test_one_question_finds_book_page_second_and_note(browser: Open, library: Library) -> None:
    items = browser(library.reader).api("GET", "/search?q=差序格局").get_json()["items"]
    found = {item["kind"]: item["url"] for item in items}
    assert found == {
        "book": f"/books/{library.book.id}",
        "material": f"/materials/{library.material.id}/pages/2",
        "lecture": f"/lectures/{library.lecture.id}?t={_second(items)}",
        "note": f"/notes/{library.note.id}",
    }
    assert 0 <= float(_second(items)) <= 75


def _second(items: list[dict[str, str]]) -> str:
    return next(item["place"] for item in items if item["kind"] == "lecture")


def test_the_page_marks_the_words_and_names_the_place(browser: Open, library: Library) -> None:
    page = browser(library.reader).get("/search?q=差序格局").get_data(as_text=True)
    assert "<mark>差序格局</mark>" in page
    assert "第 2 页" in page
    assert "找到 4 处" in page


def test_what_a_member_may_not_see_is_neither_shown_nor_counted(browser: Open, library: Library) -> None:
    answer = browser(library.stranger).api("GET", "/search?q=差序格局").get_json()
    assert sorted(answer["counts"]) == ["book", "lecture"]
    assert answer["total"] == 2


def test_a_change_of_access_holds_before_the_index_knows_it(browser: Open, library: Library) -> None:
    open_note = library.write(library.reader, "everyone", "公开的笔记：差序格局")
    library.drain()
    guest = browser(library.stranger)
    assert kinds(guest, "差序格局")["note"] == open_note.id
    Note.update(audience="me").where(Note.id == open_note.id).execute()
    assert "note" not in kinds(guest, "差序格局")


def test_a_member_who_moves_finds_what_the_new_unit_may_see(browser: Open, library: Library) -> None:
    Membership.create(member=library.stranger, unit=library.here, since="2021-01-01")
    Member.update(access_version=Member.access_version + 1).where(Member.id == library.stranger.id).execute()
    assert kinds(browser(library.stranger), "差序格局")["material"] == library.material.id


def test_the_kind_narrows_what_is_shown_but_every_count_stays(browser: Open, library: Library) -> None:
    answer = browser(library.reader).api("GET", "/search?q=差序格局&kind=book").get_json()
    assert [item["kind"] for item in answer["items"]] == ["book"]
    assert answer["counts"] == {"book": 1, "lecture": 1, "material": 1, "note": 1}


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
    assert counted.count <= 6
    assert Unit.select().count() == 3
