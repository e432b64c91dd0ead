"""What members are offered while typing, what they may have meant, and what they searched for before."""

from collections.abc import Callable

import pytest
from playhouse.test_utils import count_queries

from lms.catalogue.models import Book, BookName
from lms.clock import now
from lms.config import Settings
from lms.events import SearchableChanged, publish
from lms.lectures.models import Lecture
from lms.materials.models import Material
from lms.members.models import Member
from lms.notes.models import Note
from lms.search import drain, past, suggestions
from lms.search.lexicon import Keeper
from lms.search.models import PastSearch
from search_index.lexicon import Lexicon
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


class Library:
    """Two units; a book for all, a note of one member, a material of one unit."""

    def __init__(self, make: Make, settings: Settings) -> None:
        self.settings = settings
        self.make = make
        root = make.unit("青禾街道")
        self.here, self.there = make.unit("桂花社区", root), make.unit("松涛社区", root)
        self.reader, self.stranger = make.member(self.here, name="王淑兰"), make.member(self.there, name="赵雨桐")
        self.book = make.book("学习型组织", authors="费孝通")
        BookName.create(book=self.book, position=1, name="费孝通", role="author", key="费孝通")
        self.lecture = Lecture.create(title="重庆的社区", speaker="陈志远", unit=root, audience="everyone")
        self.material = Material.create(
            title="楼道议事手册", media_type="text/plain", file_key="0" * 64, file_name="x.txt", file_size=1,
            state="ready", unit=self.here, audience="unit", uploader=None, page_count=0,
        )  # fmt: skip
        self.note = Note.create(
            member=self.reader,
            unit=self.here,
            title="锦鲤池边的想法",
            body="清晨走过芦苇荡，读 Thoreau 的书。",
            chars=4,
            audience="me",
        )
        self.index()

    def index(self) -> None:
        things = (("book", self.book), ("lecture", self.lecture), ("material", self.material), ("note", self.note))
        for kind, thing in things:
            publish(SearchableChanged(kind, thing.id))
        drain.ensure_index(self.settings.index_path)
        while drain.drain_once(self.settings.index_path):
            pass
        Keeper(self.settings.lexicon_path).look()

    def offered(self, member: Member, text: str) -> list[str]:
        return [one.text for one in suggestions.suggest(self.make.actor(member), text)]

    def meant(self, member: Member, text: str) -> str:
        return suggestions.did_you_mean(self.make.actor(member), text, 0)


@pytest.fixture
def library(make: Make, service: Settings) -> Library:
    return Library(make, service)


@pytest.mark.parametrize("typed", ["学习", "xuexi", "xuex", "xxxzz", "学xi", "xue xi xing", "组织", "zuzhi"])
def test_a_title_is_offered_as_written_in_pinyin_by_initials_and_mixed(library: Library, typed: str) -> None:
    assert library.offered(library.reader, typed) == ["学习型组织"]


def test_authors_and_speakers_are_offered_under_their_names(library: Library) -> None:
    assert library.offered(library.reader, "feix") == ["费孝通"]
    assert library.offered(library.reader, "czy") == ["陈志远"]


def test_a_character_of_two_readings_is_found_by_the_one_that_its_word_has(library: Library) -> None:
    assert library.offered(library.reader, "chongqing") == ["重庆的社区"]
    assert library.offered(library.reader, "zhongqing") == []


def test_what_a_member_may_not_see_is_neither_offered_nor_spelled(library: Library) -> None:
    for text, typed, slipped in (
        ("楼道议事手册", "loudao", "楼到议事手册"),
        ("锦鲤池边的想法", "jlcb", "锦里池边的想法"),
    ):
        assert library.offered(library.reader, typed) == [text]
        assert library.meant(library.reader, slipped) == text
        assert library.offered(library.stranger, typed) == []
        assert library.meant(library.stranger, slipped) == ""


def test_words_that_stand_only_in_a_text_are_spelled_for_who_may_read_it(library: Library) -> None:
    for slipped, meant in (
        ("清晨走过芦围荡", "清晨走过芦苇荡"),
        ("晨走过芦大荡", "晨走过芦苇荡"),
        ("芦围荡", "芦苇荡"),
        ("thoraeu", "thoreau"),
    ):
        assert library.meant(library.reader, slipped) == meant
        assert library.meant(library.stranger, slipped) == ""
    Note.update(audience="everyone").where(Note.id == library.note).execute()
    library.index()
    assert library.meant(library.stranger, "芦围荡") == "芦苇荡"
    Note.update(deleted_at=now()).where(Note.id == library.note).execute()
    assert library.meant(library.reader, "芦围荡") == ""


def test_a_change_of_access_holds_before_the_lexicon_knows_of_it(library: Library) -> None:
    Material.update(audience="unit", unit=library.there).where(Material.id == library.material).execute()
    Book.update(withdrawn_at=now()).where(Book.id == library.book).execute()
    assert library.offered(library.reader, "loudao") == []
    assert library.meant(library.reader, "楼到议事手册") == ""
    assert library.offered(library.reader, "feixiaotong") == []
    assert library.meant(library.reader, "学西型组织") == ""


def test_the_lexicon_is_built_anew_only_when_titles_or_access_changed(library: Library) -> None:
    keeper = Keeper(library.settings.lexicon_path, least=0)
    keeper.look()
    before = Lexicon(library.settings.lexicon_path).identity
    Note.update(body="别的").execute()
    assert not keeper.look()
    assert Lexicon(library.settings.lexicon_path).identity == before
    library.make.book("乡土中国")
    assert library.offered(library.reader, "xiangtu") == []
    assert keeper.look()
    assert library.offered(library.reader, "xiangtu") == ["乡土中国"]
    Note.update(audience="everyone").execute()
    assert keeper.look()


def test_without_a_lexicon_typing_goes_on_and_the_next_look_builds_it(library: Library) -> None:
    past.remember(library.make.actor(library.reader), "学习型组织")
    library.settings.lexicon_path.write_bytes(b"spoiled")
    assert library.offered(library.reader, "学习") == ["学习型组织"]
    assert library.offered(library.reader, "feix") == []
    assert Keeper(library.settings.lexicon_path).look()
    assert library.offered(library.reader, "feix") == ["费孝通"]


def test_the_page_offers_what_was_meant_as_a_link(browser: Open, library: Library) -> None:
    page = browser(library.reader).get("/search?q=学西型组织").get_data(as_text=True)
    assert "您要找的是不是：" in page
    assert ">学习型组织</a>" in page
    assert "您要找的是不是：" not in browser(library.reader).get("/search?q=学习型组织").get_data(as_text=True)


def test_a_suggestion_opens_the_thing_and_a_name_is_searched_for(browser: Open, library: Library) -> None:
    reader = browser(library.reader)
    (book,) = reader.api("GET", "/search/suggestions?q=xuexi").get_json()["items"]
    assert (book["text"], book["kind"], book["url"]) == ("学习型组织", "book", f"/books/{library.book.id}")
    (author,) = reader.api("GET", "/search/suggestions?q=feixiao").get_json()["items"]
    assert author["label"] == "作者或主讲人"
    assert author["url"].startswith("/search?q=")


def test_past_searches_are_the_members_own_and_can_be_forgotten(browser: Open, library: Library) -> None:
    reader, stranger = browser(library.reader), browser(library.stranger)
    for words in ("邻里互助", "议事会", "邻里 互助"):
        assert reader.api("POST", "/search/past", {"q": words}).status_code == 204
    assert [one["text"] for one in reader.api("GET", "/search/past").get_json()["items"]] == ["邻里 互助", "议事会"]
    offered = reader.api("GET", "/search/suggestions?q=linli").get_json()["items"]
    assert [(one["text"], one["label"]) for one in offered] == [("邻里 互助", "搜过")]
    assert stranger.api("GET", "/search/suggestions?q=linli").get_json()["items"] == []
    number = offered[0]["past"]
    assert stranger.api("DELETE", f"/search/past/{number}").status_code == 404
    assert reader.api("DELETE", f"/search/past/{number}").status_code == 204
    page = reader.get("/search").get_data(as_text=True)
    assert "您搜过的" in page and "议事会" in page and "邻里 互助" not in page
    reader.post("/search/past/forgetting", {})
    assert "您搜过的" not in reader.get("/search").get_data(as_text=True)


def test_only_the_newest_fifty_searches_are_kept(library: Library) -> None:
    actor = library.make.actor(library.reader)
    for number in range(53):
        past.remember(actor, f"第{number}次")
    kept = [one.text for one in past.list_past(actor)]
    assert kept == [f"第{number}次" for number in range(52, 2, -1)]
    assert PastSearch.select().count() == 50


@pytest.mark.parametrize("words", ["", " 。 ", "字" * 201])
def test_a_search_that_cannot_be_kept_is_refused(browser: Open, library: Library, words: str) -> None:
    assert browser(library.reader).api("POST", "/search/past", {"q": words}).status_code == 422


def test_suggestions_cost_few_statements(browser: Open, library: Library) -> None:
    actor = library.make.actor(library.reader)
    suggestions.suggest(actor, "x")
    with count_queries() as counted:
        suggestions.suggest(actor, "x")
    assert counted.count <= 5
