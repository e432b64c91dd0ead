"""The catalogue as members see it and liaisons keep it."""

from collections.abc import Callable, Iterator

import pytest
from playhouse.test_utils import count_queries

from lms import events
from lms.catalogue import documents, queries, service
from lms.catalogue.models import Book
from lms.catalogue.queries import BookFilter
from lms.catalogue.rules import BookDraft, LikelyDuplicate
from lms.errors import Forbidden, NotFound
from lms.members.models import Member
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
FORM = {"title": "乡土中国", "authors": "费孝通", "language": "zh", "clc": "C912.82", "isbn": "978-7-02-000872-8"}


@pytest.fixture
def liaison(make: Make) -> Member:
    return make.member(role="liaison")


def text(response: object) -> str:
    return response.get_data(as_text=True)  # type: ignore[attr-defined]


def outbox() -> list[tuple[str, int]]:
    return [(row.kind, row.ref) for row in OutboxRow.select().order_by(OutboxRow.id)]


def test_a_liaison_adds_a_book_and_everyone_sees_it(make: Make, browser: Open, liaison: Member) -> None:
    answer = browser(liaison).post("/books/new", FORM)
    assert answer.status_code == 303
    book = Book.get()
    assert (book.isbn, book.clc, book.added_by) == ("9787020008728", "C912.82", liaison.id)
    page = text(browser(make.member()).get(answer.headers["Location"]))
    assert "乡土中国" in page
    assert "9787020008728" in page
    assert "社会科学总论" in page
    assert outbox() == [("book", book.id)]


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(browser: Open, liaison: Member) -> None:
    answer = browser(liaison).post(
        "/books/new", {**FORM, "title": "", "published": "很久", "isbn": "978-7-02-000872-9"}
    )
    page = text(answer)
    assert answer.status_code == 422
    assert "请填写书名。" in page
    assert "ISBN 校验码不对，请核对。" in page
    assert 'value="很久"' in page
    assert 'value="费孝通"' in page
    assert Book.select().count() == 0


def test_a_likely_duplicate_is_saved_only_on_demand(make: Make, browser: Open, liaison: Member) -> None:
    make.book("乡土中国", authors="费孝通")
    reader = browser(liaison)
    warned = reader.post("/books/new", FORM)
    assert warned.status_code == 409
    assert "书目里可能已有这本书。" in text(warned)
    assert Book.select().count() == 1
    assert reader.post("/books/new", {**FORM, "anyway": "1"}).status_code == 303
    assert Book.select().count() == 2


def test_the_same_isbn_warns_but_a_missing_one_does_not(make: Make, liaison: Member) -> None:
    actor = make.actor(liaison)
    first = service.add_book(actor, BookDraft(title="甲", authors="某", isbn="9787020008728"))
    service.add_book(actor, BookDraft(title="乙", authors="某"))
    service.add_book(actor, BookDraft(title="丙", authors="某"))
    with pytest.raises(LikelyDuplicate) as caught:
        service.add_book(actor, BookDraft(title="丁", authors="别人", isbn="7-02-000872-0"))
    assert [twin.id for twin in caught.value.twins] == [first]


def test_a_book_is_not_its_own_duplicate(make: Make, browser: Open, liaison: Member) -> None:
    reader = browser(liaison)
    reader.post("/books/new", FORM)
    book = Book.get()
    answer = reader.post(f"/books/{book.id}/edit", {**FORM, "subtitle": "修订本"})
    assert answer.status_code == 303
    assert Book.get().subtitle == "修订本"
    assert Book.get().isbn == "9787020008728"


def test_a_withdrawn_book_leaves_list_and_search_and_comes_back(make: Make, browser: Open, liaison: Member) -> None:
    book = make.book("围城")
    reader, keeper = browser(make.member()), browser(liaison)
    assert [place.key for place in documents.SOURCE.load(book.id)] == [f"book:{book.id}"]
    for _ in range(2):
        assert keeper.post(f"/books/{book.id}/withdraw").status_code == 303
    assert "围城" not in text(reader.get("/books"))
    assert "已于" in text(reader.get(f"/books/{book.id}"))
    assert list(documents.SOURCE.load(book.id)) == []
    assert documents.SOURCE.visible(make.actor(liaison), [book.id]) == set()
    assert "围城" in text(keeper.get("/books?withdrawn=1"))
    keeper.post(f"/books/{book.id}/restore")
    assert "围城" in text(reader.get("/books"))
    assert outbox() == [("book", book.id)] * 2


def test_a_member_may_neither_add_nor_withdraw(make: Make) -> None:
    actor = make.actor(make.member(role="lecturer"))
    book = make.book()
    with pytest.raises(Forbidden):
        service.add_book(actor, BookDraft(title="书", authors="人"))
    with pytest.raises(Forbidden):
        service.withdraw_book(actor, book.id)
    with pytest.raises(Forbidden):
        queries.list_books(actor, BookFilter(withdrawn=True), 1, 24)


def test_changing_a_book_that_is_not_there_is_said(make: Make, liaison: Member) -> None:
    for command in (service.withdraw_book, service.restore_book):
        with pytest.raises(NotFound):
            command(make.actor(liaison), 999)


def found(make: Make, **wanted: object) -> list[str]:
    shelf = queries.list_books(make.actor(make.member()), BookFilter(**wanted), 1, 24)  # type: ignore[arg-type]
    return [row.title for row in shelf.page.items]


def test_the_list_filters_by_class_language_and_words(make: Make) -> None:
    make.book("活着", authors="余华", clc="I247.5", year=2012)
    make.book("Sapiens", authors="Yuval Noah Harari", clc="K02", language="en", year=2015)
    make.book("史记", authors="司马迁", clc="K204.2", isbn="9787101003048")
    make.book("无分类")
    assert found(make, clc="K", sort="title") == ["Sapiens", "史记"]
    assert found(make, language="en") == ["Sapiens"]
    assert found(make, q="harari sap") == ["Sapiens"]
    assert found(make, q="司马") == ["史记"]
    assert found(make, q="978-7-101-00304-8") == ["史记"]
    assert found(make, q="100%") == []
    assert found(make, q="活\0着") == ["活着"]
    assert found(make, sort="year")[:2] == ["Sapiens", "活着"]
    assert found(make)[0] == "无分类"


def test_class_counts_follow_the_other_filters_and_not_the_class(make: Make) -> None:
    for number, clc in enumerate(("I247.5", "I210", "K02", "")):
        make.book(f"书{number}", clc=clc)
    make.book("withdrawn", clc="K1", withdrawn_at="2026-01-01 00:00:00")
    shelf = queries.list_books(make.actor(make.member()), BookFilter(clc="I"), 1, 24)
    assert shelf.classes == {"I": 2, "K": 1}
    assert (shelf.page.total, shelf.all) == (2, 4)


def test_an_address_with_odd_words_in_it_still_opens(make: Make, browser: Open) -> None:
    make.book()
    odd = "/books?endpoint=x&_external=1&page=-3&class=%00&sort=?&look=<b>&q=%27%22%25_%5C%00"
    assert browser(make.member()).get(odd).status_code == 200
    assert browser(make.member()).get("/books/99999999999").status_code == 404


def test_the_list_pages_and_keeps_its_filters(make: Make, browser: Open) -> None:
    for number in range(30):
        make.book(f"编号{number:02d}", clc="I247.5")
    page = text(browser(make.member()).get("/books?class=I&look=list&page=2"))
    assert page.count('class="book-row"') == 6
    assert "look=list" in page
    assert "class=I" in page


@pytest.fixture
def many(make: Make) -> Iterator[Member]:
    for number in range(40):
        make.book(f"书{number}", clc="I247.5")
    yield make.member()


def test_the_list_takes_at_most_six_statements(many: Member, browser: Open) -> None:
    reader = browser(many)
    reader.get("/books")
    with count_queries() as counter:
        assert reader.get("/books").status_code == 200
    assert counter.count <= 6


def test_a_book_page_takes_at_most_eight_statements(many: Member, browser: Open) -> None:
    reader = browser(many)
    book = Book.select().first()
    reader.post(f"/books/{book.id}/sessions", {"minutes": "30", "page": "3"})
    reader.get(f"/books/{book.id}")
    with count_queries() as counter:
        assert reader.get(f"/books/{book.id}").status_code == 200
    assert counter.count <= 8


def test_the_api_lists_adds_changes_and_withdraws(make: Make, browser: Open, liaison: Member) -> None:
    keeper = browser(liaison)
    draft = {"title": "活着", "authors": "余华", "clc": "I247.5", "year": 2012}
    made = keeper.api("POST", "/books", draft)
    assert made.status_code == 201
    book_id = made.get_json()["id"]
    again = keeper.api("POST", "/books", draft)
    assert again.status_code == 409
    assert again.get_json()["errors"] == {"twins": [book_id]}
    assert keeper.api("POST", "/books", {**draft, "save_anyway": True}).status_code == 201
    changed = keeper.api("PATCH", f"/books/{book_id}", {"year": 2017, "save_anyway": True})
    assert (changed.get_json()["year"], changed.get_json()["clc"]) == (2017, "I247.5")
    listed = keeper.api("GET", "/books?q=活着&class=I").get_json()
    assert (listed["total"], listed["page"], listed["pages"], listed["classes"]) == (2, 1, 1, {"I": 2})
    gone = keeper.api("PATCH", f"/books/{book_id}", {"withdrawn": True})
    assert gone.get_json()["withdrawn_on"]
    assert keeper.api("GET", "/books").get_json()["total"] == 1


def test_the_api_says_all_that_is_wrong(make: Make, browser: Open, liaison: Member) -> None:
    keeper = browser(liaison)
    answer = keeper.api("POST", "/books", {"title": "a\0b", "authors": "余华", "isbn": "123", "year": 3000})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert set(answer.get_json()["errors"]) == {"title", "isbn", "year"}
    assert keeper.api("POST", "/books", {"title": 5}).status_code == 422
    assert browser(make.member()).api("POST", "/books", {"title": "书", "authors": "人"}).status_code == 403
    assert Book.select().count() == 0


def test_a_search_document_holds_all_that_a_book_is_looked_up_by(make: Make) -> None:
    book = make.book(
        "活着", subtitle="典藏版", authors="余华", isbn="9787506365437", subjects="长篇小说", summary="福贵"
    )
    (place,) = documents.SOURCE.load(book.id)
    assert (place.title, place.body, place.audience) == ("活着 典藏版", "福贵", ("all",))
    assert place.authors == "余华"
    assert {"ISBN", "9787506365437", "750636543X", "长篇小说"} <= set(place.keywords.split())
    assert list(documents.SOURCE.all_refs()) == [book.id]


def test_a_book_is_found_by_the_words_of_its_class_and_counted_by_it_and_its_year(make: Make) -> None:
    (place,) = documents.SOURCE.load(make.book("活着", clc="I247.57", year=2012).id)
    assert {"I247.57", "文学", "Literature"} <= set(place.keywords.split())
    assert place.facets == {"category": "I"}
    assert str(place.day) == "2012-01-01"
    (bare,) = documents.SOURCE.load(make.book("无类", clc="").id)
    assert (bare.facets, bare.day) == ({}, None)


def test_a_change_that_is_refused_by_what_follows_is_not_kept(make: Make, liaison: Member) -> None:
    def refuse(event: events.SearchableChanged) -> None:
        raise RuntimeError("the outbox is gone")

    events.subscribe(events.SearchableChanged, refuse)
    try:
        with pytest.raises(RuntimeError):
            service.add_book(make.actor(liaison), BookDraft(title="书", authors="人"))
    finally:
        events._subscribers[events.SearchableChanged].remove(refuse)
    assert Book.select().count() == 0
    assert outbox() == []
