"""Recommended lists: made, issued, read, looked over, copied."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from playhouse.test_utils import count_queries

from lms import clock
from lms.catalogue import merging
from lms.catalogue.models import Book
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.lists import documents, queries, rules, service
from lms.lists.models import BookList, ListedBook
from lms.lists.rules import ListDraft, ListRefused, Recommended
from lms.members.models import Member, Unit
from lms.reading import service as reading
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
NOW = datetime(2026, 10, 1, 2)


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区")


@pytest.fixture
def liaison(make: Make, unit: Unit) -> Member:
    return make.member(unit, "liaison", name="刘敏")


def draft(unit: Unit, **changes: object) -> ListDraft:
    values = {"title": "秋季书单", "unit": unit.id, "since": date(2026, 9, 1), "until": date(2026, 12, 31)}
    return ListDraft(**{**values, **changes})  # type: ignore[arg-type]


def issued(make: Make, unit: Unit, liaison: Member, *books: Book, optional: int = 0) -> int:
    actor = make.actor(liaison)
    made = service.make_list(actor, draft(unit))
    wanted = [Recommended(book.id, number >= optional, f"理由{number}") for number, book in enumerate(books)]
    service.set_books(actor, made, wanted)
    service.issue_list(actor, made)
    return made


def test_a_draft_is_seen_by_those_who_keep_it_only(make: Make, unit: Unit, liaison: Member) -> None:
    made = service.make_list(make.actor(liaison), draft(unit))
    reader = make.actor(make.member(unit))
    assert queries.list_lists(reader, "now", 1, 10).items == []
    with pytest.raises(NotFound):
        queries.get_list(reader, made)
    assert [row.issued for row in queries.list_lists(make.actor(liaison), "kept", 1, 10).items] == [False]


def test_an_issued_list_is_for_the_unit_and_those_below(make: Make, unit: Unit, liaison: Member) -> None:
    made = issued(make, unit, liaison, make.book())
    below = make.actor(make.member(make.unit(parent=unit)))
    beside = make.actor(make.member(make.unit()))
    assert [row.id for row in queries.list_lists(below, "now", 1, 10).items] == [made]
    assert queries.list_lists(beside, "now", 1, 10).items == []
    assert documents.SOURCE.visible(below, [made]) == {made}
    assert documents.SOURCE.visible(beside, [made]) == set()


def test_a_member_sees_what_is_new_and_how_far_it_is(make: Make, unit: Unit, liaison: Member) -> None:
    books = [make.book("选读的书"), make.book("必读一"), make.book("必读二")]
    made = issued(make, unit, liaison, *books, optional=1)
    reader = make.actor(make.member(unit))
    assert queries.count_new(reader) == 1
    reading.set_state(reader, books[1].id, "finished")
    (row,) = queries.list_lists(reader, "now", 1, 10).items
    assert (row.books, row.required, row.read, row.required_read, row.new) == (3, 2, 1, 1, True)
    service.note_look(reader, made)
    service.note_look(reader, made)
    assert queries.count_new(reader) == 0


def test_a_book_that_is_read_again_still_counts_as_read(make: Make, unit: Unit, liaison: Member) -> None:
    book = make.book()
    made = issued(make, unit, liaison, book)
    reader = make.actor(make.member(unit))
    reading.set_state(reader, book.id, "finished", date(2026, 9, 20))
    reading.read_again(reader, book.id)
    assert [one.state for one in queries.list_books(reader, made)] == ["finished"]
    assert queries.list_lists(reader, "now", 1, 10).items[0].read == 1


def test_the_liaison_sees_who_has_read_what_page_by_page(make: Make, unit: Unit, liaison: Member) -> None:
    books = [make.book("甲"), make.book("乙")]
    made = issued(make, unit, liaison, *books)
    first = make.member(unit, name="王淑兰")
    reading.set_state(make.actor(first), books[0].id, "finished")
    reading.set_state(make.actor(first), books[1].id, "reading")
    make.member(make.unit("别处"), name="外人")
    found = queries.get_readers(make.actor(liaison), made, 1)
    stood = {name: list(states) for _, name, _, states in found.members.items}
    assert stood["王淑兰"] == ["finished", "reading"]
    assert "外人" not in stood
    assert found.finished[books[0].id] == 1
    with count_queries() as counter:
        queries.get_readers(make.actor(liaison), made, 1)
    for _ in range(10):
        make.member(unit)
    with count_queries() as again:
        queries.get_readers(make.actor(liaison), made, 1)
    assert again.count == counter.count
    with pytest.raises(Forbidden):
        queries.get_readers(make.actor(first), made, 1)


def test_the_table_to_take_away_neutralises_formulas(make: Make, unit: Unit, liaison: Member, browser: Open) -> None:
    made = issued(make, unit, liaison, make.book("=1+1"))
    make.member(unit, name="@某人")
    table = browser(liaison).get(f"/lists/{made}/readers.csv").get_data().decode("utf-8-sig")
    assert "'=1+1" in table
    assert "'@某人" in table
    BookList.update(title="甲/乙：[第1期]?").where(BookList.id == made).execute()
    sheet = load_workbook(BytesIO(browser(liaison).get(f"/lists/{made}/readers.xlsx").get_data())).active
    assert sheet.title == "甲_乙：_第1期__" and sheet["D1"].value == "=1+1" and sheet["D1"].data_type == "s"


def test_last_terms_list_is_copied_for_the_time_after(make: Make, unit: Unit, liaison: Member) -> None:
    books = [make.book("在架"), make.book("下架", withdrawn_at="2026-09-30 00:00:00")]
    actor = make.actor(liaison)
    made = service.make_list(actor, draft(unit))
    for place, book in enumerate(books):
        ListedBook.create(list=made, book=book, position=place, reason="值得读")
    copy = service.copy_list(actor, made)
    found = queries.get_list(actor, copy)
    assert (found.since, found.until) == (date(2027, 1, 1), date(2027, 5, 2))
    assert found.issued_at is None
    assert [(one.title, one.reason) for one in queries.list_books(actor, copy)] == [("在架", "值得读")]


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 700),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_a_copy_is_as_long_and_comes_after(since: date, days: int, today: date) -> None:
    until = since + timedelta(days=days)
    start, end = rules.shifted(since, until, today)
    assert end - start == until - since
    assert start > until
    assert start >= today


def test_a_list_without_books_or_unit_cannot_be_issued(make: Make, unit: Unit, liaison: Member) -> None:
    actor = make.actor(liaison)
    made = service.make_list(actor, draft(unit))
    with pytest.raises(Conflict):
        service.issue_list(actor, made)
    service.set_books(actor, made, [Recommended(make.book().id)])
    BookList.update(unit=None).where(BookList.id == made).execute()
    with pytest.raises(Conflict):
        service.issue_list(actor, made)


def test_a_list_whose_unit_is_gone_is_shown_to_its_maker_only(
    make: Make, unit: Unit, liaison: Member, browser: Open
) -> None:
    made = issued(make, unit, liaison, make.book())
    reader = make.member(unit)
    BookList.update(unit=None).where(BookList.id == made).execute()
    assert list(documents.SOURCE.load(made)) == []
    assert browser(reader).get(f"/lists/{made}").status_code == 404
    page = browser(liaison).get(f"/lists/{made}/edit").get_data(as_text=True)
    assert "书单面向的单位已不存在" in page
    assert browser(liaison).get("/lists?which=kept").status_code == 200


def test_a_liaison_issues_nothing_for_another_unit(make: Make, unit: Unit, liaison: Member) -> None:
    other = make.actor(make.member(role="liaison"))
    with pytest.raises(Forbidden):
        service.make_list(other, draft(unit))
    made = service.make_list(make.actor(liaison), draft(unit))
    for command in (service.issue_list, service.withdraw_list, service.copy_list, service.delete_list):
        with pytest.raises(NotFound):
            command(other, made)


def test_merged_books_are_one_on_a_list(make: Make, unit: Unit, liaison: Member) -> None:
    kept, dropped, third = make.book("甲", authors="某"), make.book("甲", authors="某"), make.book("乙")
    made = issued(make, unit, liaison, kept, dropped, third, optional=1)
    other = issued(make, unit, liaison, dropped)
    merging.merge_books(make.actor(liaison), kept.id, dropped.id)
    rows = [
        (row.book, row.required)
        for row in ListedBook.select().where(ListedBook.list == made).order_by(ListedBook.position)
    ]
    assert rows == [(kept.id, True), (third.id, True)]
    assert [row.book for row in ListedBook.select().where(ListedBook.list == other)] == [kept.id]


def test_everything_wrong_with_a_list_is_said_at_once(unit: Unit) -> None:
    with pytest.raises(ListRefused) as caught:
        rules.check_list(ListDraft(title=" ", since=date(2026, 5, 1), until=date(2026, 4, 1)))
    assert {problem.field for problem in caught.value.problems} == {"title", "until", "unit"}


def test_a_refused_form_keeps_what_was_typed(unit: Unit, liaison: Member, browser: Open) -> None:
    form = {"title": "", "intro": "写了很久的说明", "unit": str(unit.id), "since": "2026-09-01", "until": "昨天"}
    answer = browser(liaison).post("/lists/new", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "写了很久的说明" in page
    assert "请填写" in page


def test_a_list_is_made_page_by_page(make: Make, unit: Unit, liaison: Member, browser: Open) -> None:
    book = make.book("乡土中国", authors="费孝通")
    second = make.book("江村经济", authors="费孝通")
    keeper, reader = browser(liaison), browser(make.member(unit))
    form = {"title": "秋季书单", "unit": str(unit.id), "since": "2026-09-01", "until": "2026-12-31"}
    edit = keeper.post("/lists/new", form).headers["Location"]
    made = edit.removesuffix("/edit")
    assert "乡土中国" in keeper.get(f"{edit}?q=费孝通").get_data(as_text=True)
    for one in (book, second, book):
        assert keeper.post(f"{made}/add", {"book": one.id}).status_code == 303
    rows = {
        "book": [str(book.id), str(second.id)],
        f"place-{book.id}": "2",
        f"place-{second.id}": "1",
        f"kind-{book.id}": "optional",
        f"reason-{second.id}": "看一个村庄",
    }
    assert keeper.post(f"{made}/books", rows).status_code == 303
    assert keeper.post(f"{made}/issue").status_code == 303
    page = reader.get(made).get_data(as_text=True)
    assert page.index("江村经济") < page.index("乡土中国")
    assert "看一个村庄" in page
    assert "选读" in page
    assert "秋季书单" in reader.get(f"/books/{book.id}").get_data(as_text=True)
    assert "1 份新书单" in reader.get("/books").get_data(as_text=True)
    assert reader.post(f"{made}/look").status_code == 303
    assert "份新书单" not in reader.get("/books").get_data(as_text=True)
    assert ("list", int(made.rpartition("/")[2])) in {(row.kind, row.ref) for row in OutboxRow.select()}


def test_the_page_of_lists_asks_as_much_for_many_as_for_one(
    make: Make, unit: Unit, liaison: Member, browser: Open
) -> None:
    reader = browser(make.member(unit))
    for number in range(6):
        issued(make, unit, liaison, *[make.book() for _ in range(number + 1)])
    reader.get("/lists")
    with count_queries() as counter:
        assert reader.get("/lists").status_code == 200
    assert counter.count <= 6


def test_a_search_document_holds_books_and_reasons(make: Make, unit: Unit, liaison: Member) -> None:
    made = issued(make, unit, liaison, make.book("乡土中国", authors="费孝通"))
    (place,) = documents.SOURCE.load(made)
    assert place.title == "秋季书单"
    assert "乡土中国 费孝通 理由0" in place.body
    assert place.audience == (f"u{unit.id}",)
    service.withdraw_list(make.actor(liaison), made)
    assert list(documents.SOURCE.load(made)) == []


def test_the_api_makes_issues_and_shows_a_list(make: Make, unit: Unit, liaison: Member, browser: Open) -> None:
    keeper, reader = browser(liaison), browser(make.member(unit))
    book = make.book("乡土中国")
    facts = {"title": "秋季书单", "unit": unit.id, "since": "2026-09-01", "until": "2026-12-31"}
    made = keeper.api("POST", "/lists", facts).get_json()["id"]
    wrong = keeper.api("POST", "/lists", {**facts, "until": "2026-08-01"})
    assert (wrong.status_code, set(wrong.get_json()["errors"])) == (422, {"until"})
    assert keeper.api("PUT", f"/lists/{made}/books", {"books": [{"book": book.id}]}).status_code == 200
    assert keeper.api("PUT", f"/lists/{made}/books", {"books": [{"book": 999}]}).status_code == 422
    assert reader.api("GET", f"/lists/{made}").status_code == 404
    assert keeper.api("POST", f"/lists/{made}/issue").status_code == 200
    assert reader.api("GET", f"/lists/{made}").get_json()["books"][0]["title"] == "乡土中国"
    assert reader.api("GET", "/lists").get_json()["items"][0]["new"] is True
    assert keeper.api("GET", f"/lists/{made}/readers").get_json()["total"] == 2


def test_too_many_books_or_too_long_a_reason_are_refused() -> None:
    with pytest.raises(InvalidInput):
        rules.check_books([Recommended(number) for number in range(rules.MOST_BOOKS + 1)])
    with pytest.raises(InvalidInput):
        rules.check_books([Recommended(1, reason="长" * (rules.REASON_CHARS + 1))])


def test_of_two_who_edit_one_list_the_later_one_is_told_and_both_texts_are_kept(
    make: Make, unit: Unit, liaison: Member, browser: Open
) -> None:
    first, second, third = make.book("甲"), make.book("乙"), make.book("丙")
    made = issued(make, unit, liaison, first, second)
    one, other = browser(liaison), browser(make.member(unit, "liaison"))
    seen = queries.get_list(make.actor(liaison), made).version
    rows = {"book": [str(first.id), str(second.id)], f"place-{first.id}": "1", f"place-{second.id}": "2"}
    mine = {**rows, f"reason-{first.id}": "先写的理由", f"off-{second.id}": "1", "version": str(seen)}
    assert one.post(f"/lists/{made}/books", mine).status_code == 303
    assert one.post(f"/lists/{made}/add", {"book": third.id}).status_code == 303
    late = {**rows, f"reason-{first.id}": "后写的理由", f"kind-{second.id}": "optional", "version": str(seen)}
    answer = other.post(f"/lists/{made}/books", late)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "有人改过这份书单" in page
    for said in ("后写的理由", "现在的内容：先写的理由", "期间已被别人移出书单", "期间由别人加入", "丙"):
        assert said in page
    stood = [row.reason for row in ListedBook.select().where(ListedBook.list == made).order_by(ListedBook.position)]
    assert stood == ["先写的理由", ""]
    now = queries.get_list(make.actor(liaison), made).version
    assert f'name="version" value="{now}"' in page
    assert other.post(f"/lists/{made}/books", {**late, "version": str(now)}).status_code == 303
    facts = {"title": "别的题目", "intro": "", "unit": str(unit.id), "since": "2026-09-01", "until": "2026-12-30"}
    refused = other.post(f"/lists/{made}/edit", {**facts, "version": str(seen)})
    assert refused.status_code == 409
    assert "现在的内容：秋季书单" in refused.get_data(as_text=True)
    assert "别的题目" in refused.get_data(as_text=True)
    json = {**facts, "unit": unit.id, "version": seen}
    assert other.api("PUT", f"/lists/{made}", json).status_code == 409
    assert other.api("PUT", f"/lists/{made}/books", {"books": [], "version": seen}).status_code == 409
    current = other.api("GET", f"/lists/{made}").get_json()["version"]
    assert other.api("PUT", f"/lists/{made}", {**json, "version": current}).get_json()["title"] == "别的题目"


def test_a_refused_order_keeps_what_was_typed_and_a_merged_book_is_the_one_that_stands(
    make: Make, unit: Unit, liaison: Member, browser: Open
) -> None:
    kept, dropped = make.book("甲", authors="某"), make.book("甲", authors="某")
    made = issued(make, unit, liaison, dropped)
    keeper = browser(liaison)
    long = {"book": [str(dropped.id)], f"place-{dropped.id}": "1", f"reason-{dropped.id}": "长" * 301}
    answer = keeper.post(f"/lists/{made}/books", long)
    assert answer.status_code == 422
    assert "长" * 301 in answer.get_data(as_text=True)
    merging.merge_books(make.actor(liaison), kept.id, dropped.id)
    late = {**long, f"reason-{dropped.id}": "合并之后", "version": "1"}
    assert keeper.post(f"/lists/{made}/books", late).status_code == 409
    version = queries.get_list(make.actor(liaison), made).version
    assert keeper.post(f"/lists/{made}/books", {**late, "version": str(version)}).status_code == 303
    assert [(row.book, row.reason) for row in ListedBook.select()] == [(kept.id, "合并之后")]
