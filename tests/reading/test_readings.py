"""Several readings of one book, places and remarks, ratings, what was read earlier, the timeline, a year in books."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.catalogue.models import Book
from lms.errors import Conflict, InvalidInput, NotFound
from lms.members.access import Actor, load_actor
from lms.members.models import Member
from lms.progress.models import LedgerEntry
from lms.reading import log_queries as queries
from lms.reading import service, story_queries
from lms.reading.models import PastReading, ReadingEntry, ReadingSession
from lms.reading.rules import Progress
from lms.reading.year_chart import bars
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


@pytest.fixture
def reader(make: Make) -> Member:
    return make.member()


@pytest.fixture
def actor(make: Make, reader: Member) -> Actor:
    return make.actor(reader)


@pytest.fixture
def book(make: Make) -> Book:
    return make.book("活着", authors="余华", pages=200)


def ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def text(response: object) -> str:
    return response.get_data(as_text=True)  # type: ignore[attr-defined]


def booked() -> dict[date, int]:
    sums: dict[date, int] = {}
    for row in LedgerEntry.select().where(LedgerEntry.measure == "book_finished"):
        sums[row.day] = sums.get(row.day, 0) + row.amount
    return {day: amount for day, amount in sums.items() if amount}


def test_a_book_read_twice_counts_once_for_each_reading(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "finished", ago(100), rating=3)
    assert service.read_again(actor, book.id, ago(20)) == 2
    entry = queries.find_entry(actor, book.id)
    assert entry is not None
    assert (entry.state, entry.number, entry.started_on, entry.rating, entry.page) == (
        "reading",
        2,
        ago(20),
        None,
        None,
    )
    for _ in range(2):
        service.set_state(actor, book.id, "finished", ago(3), rating=5)
    assert booked() == {ago(100): 1, ago(3): 1}
    assert [(past.number, past.finished_on, past.rating) for past in queries.past_readings(actor, book.id)] == [
        (1, ago(100), 3)
    ]


def test_taking_the_second_finish_back_leaves_the_first(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "finished", ago(100))
    service.read_again(actor, book.id, ago(20))
    service.set_state(actor, book.id, "finished", ago(3))
    service.set_state(actor, book.id, "reading")
    assert booked() == {ago(100): 1}
    service.set_state(actor, book.id, "finished", ago(2))
    service.remove_reading(actor, book.id, 1)
    assert booked() == {ago(2): 1}
    with pytest.raises(NotFound):
        service.remove_reading(actor, book.id, 1)


def test_a_day_corrected_after_a_second_reading_moves_only_its_own_finish(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "finished", ago(100))
    service.read_again(actor, book.id, ago(20))
    service.set_state(actor, book.id, "finished", ago(3))
    service.set_state(actor, book.id, "finished", ago(5))
    assert booked() == {ago(100): 1, ago(5): 1}


def test_taking_a_book_off_the_shelf_takes_every_reading_back(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "finished", ago(100))
    service.read_again(actor, book.id, ago(20))
    service.set_state(actor, book.id, "finished", ago(3))
    service.remove_entry(actor, book.id)
    assert booked() == {}
    assert PastReading.select().count() == 0


def test_only_what_was_finished_or_given_up_is_begun_again(actor: Actor, book: Book) -> None:
    with pytest.raises(NotFound):
        service.read_again(actor, book.id)
    service.set_state(actor, book.id, "reading")
    with pytest.raises(Conflict):
        service.read_again(actor, book.id)
    service.set_state(actor, book.id, "finished", ago(10))
    for day in (ago(11), ago(-1)):
        with pytest.raises(InvalidInput):
            service.read_again(actor, book.id, day)
    assert ReadingEntry.get().number == 1


def test_undoing_a_finish_twice_takes_it_back_once(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "reading", ago(9))
    service.set_state(actor, book.id, "finished")
    fact = ReadingEntry.get().fact
    assert service.undo_finish(actor, book.id, fact, "reading")
    assert not service.undo_finish(actor, book.id, fact, "reading")
    assert (booked(), ReadingEntry.get().state, ReadingEntry.get().started_on) == ({}, "reading", ago(9))
    service.set_state(actor, book.id, "finished")
    assert not service.undo_finish(actor, book.id, fact, "reading")
    assert booked() == {clock.today(): 1}


def test_a_late_note_of_another_device_does_not_turn_the_page_back(actor: Actor, book: Book) -> None:
    now = clock.now()
    service.note_progress(actor, book.id, Progress(page=120, at=now - timedelta(minutes=5)))
    service.note_progress(actor, book.id, Progress(page=80, at=now - timedelta(minutes=9)))
    assert ReadingEntry.get().page == 120
    assert ReadingSession.select().count() == 2
    with pytest.raises(InvalidInput):
        service.note_progress(actor, book.id, Progress(page=130, at=now + timedelta(hours=1)))


def test_who_did_not_see_the_newer_page_is_told_before_it_is_turned_back(
    reader: Member, actor: Actor, book: Book, browser: Open
) -> None:
    service.note_progress(actor, book.id, Progress(page=120))
    sent = {"page": "80", "seen": "p60"}
    window = browser(reader)
    refused = window.post(f"/books/{book.id}/sessions", sent)
    assert refused.status_code == 422
    assert "您已在别处记到第 120 页" in text(refused)
    assert 'name="seen" value="p120"' in text(refused)
    assert window.post(f"/books/{book.id}/sessions", {**sent, "seen": "p120"}).status_code == 303
    assert ReadingEntry.get().page == 80


def test_a_note_sent_twice_is_noted_once(actor: Actor, book: Book) -> None:
    first = service.note_progress(actor, book.id, Progress(30, 10, once="abc"))
    assert service.note_progress(actor, book.id, Progress(30, 10, once="abc")) == first
    assert ReadingSession.select().count() == 1
    assert sum(row.amount for row in LedgerEntry.select()) == 30


def test_a_place_can_be_noted_in_percent_with_a_remark_and_no_minutes(
    reader: Member, book: Book, browser: Open
) -> None:
    window = browser(reader)
    window.post(f"/books/{book.id}/sessions", {"percent": "40", "remark": "第二章最好"})
    page = text(window.get(f"/books/{book.id}"))
    assert "已读 40%" in page
    assert "第二章最好" in page
    assert LedgerEntry.select().count() == 0
    assert "+5%" in page
    refused = window.post(f"/books/{book.id}/sessions", {"percent": "101"})
    assert (refused.status_code, "请填写 1 到 100 之间的整数。" in text(refused)) == (422, True)


def test_one_tap_goes_on_from_the_page_noted_last(reader: Member, actor: Actor, book: Book, browser: Open) -> None:
    service.note_progress(actor, book.id, Progress(page=183))
    page = text(browser(reader).get(f"/books/{book.id}"))
    assert 'name="page" value="193"' in page
    assert 'name="page" value="203"' not in page


def test_the_note_of_a_finish_leads_to_its_undo(reader: Member, book: Book, browser: Open) -> None:
    window = browser(reader)
    window.post(f"/books/{book.id}/reading", {"state": "want"})
    window.post(f"/books/{book.id}/reading", {"state": "finished"})
    page = text(window.get(f"/books/{book.id}"))
    assert 'id="undo-finish"' in page
    assert 'form="undo-finish" name="back_to" value="want">撤销</button>' in page
    assert 'name="back_to" value="want"' in text(window.get(f"/books/{book.id}/reading?undo=want"))
    for _ in range(2):
        window.post(f"/books/{book.id}/reading/undo", {"fact": "1", "back_to": "want"})
    assert (booked(), ReadingEntry.get().state) == ({}, "want")


def test_a_tap_that_loses_a_finish_leads_to_its_day_again(
    reader: Member, actor: Actor, book: Book, browser: Open
) -> None:
    began, ended = clock.today() - timedelta(days=20), clock.today() - timedelta(days=9)
    service.set_state(actor, book.id, "reading", began)
    service.set_state(actor, book.id, "finished", ended)
    window = browser(reader)
    window.post(f"/books/{book.id}/reading", {"state": "reading"})
    lost = f"/books/{book.id}/reading?finished={ended}"
    assert f'<a href="{lost}">撤销</a>' in text(window.get(f"/books/{book.id}"))
    shown = text(window.get(lost))
    assert "先恢复，再点“重读”" in shown
    assert f'name="day" value="{ended}"' in shown
    assert "先恢复" not in text(window.get(f"/books/{book.id}/reading?finished=x"))
    window.post(f"/books/{book.id}/reading", {"state": "finished", "day": str(ended)})
    entry = ReadingEntry.get()
    assert (entry.state, entry.started_on, entry.finished_on) == ("finished", began, ended)
    assert booked() == {ended: 1}
    assert "先恢复" not in text(window.get(lost))


def test_a_finished_book_is_rated_with_one_tap_and_unrated_with_another(
    reader: Member, book: Book, browser: Open
) -> None:
    window = browser(reader)
    assert window.post(f"/books/{book.id}/rating", {"rating": "4"}).status_code == 404
    window.post(f"/books/{book.id}/reading", {"state": "finished"})
    window.post(f"/books/{book.id}/rating", {"rating": "4"})
    assert "★★★★☆" in text(window.get("/reading?state=finished"))
    window.post(f"/books/{book.id}/rating", {"rating": ""})
    assert ReadingEntry.get().rating is None
    assert window.post(f"/books/{book.id}/rating", {"rating": "6"}).status_code == 422


def test_why_a_book_was_given_up_is_kept_until_it_goes_on(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "abandoned", reason="太长")
    service.set_state(actor, book.id, "abandoned")
    assert ReadingEntry.get().reason == "太长"
    service.set_state(actor, book.id, "reading")
    assert ReadingEntry.get().reason == ""
    with pytest.raises(InvalidInput):
        service.set_state(actor, book.id, "abandoned", reason="长" * 201)


def test_many_books_read_earlier_are_saved_at_once(make: Make, reader: Member, actor: Actor, browser: Open) -> None:
    books = [make.book(f"旧书{n}").id for n in range(3)]
    service.set_state(actor, books[2], "finished", ago(1))
    window = browser(reader)
    sent = {"book": [str(n) for n in books], "year": "2019", f"year-{books[1]}": "2021"}
    assert window.post("/reading/earlier", {**sent, "do": "save"}).status_code == 303
    assert booked() == {date(2019, 12, 31): 1, date(2021, 12, 31): 1, ago(1): 1}
    page = text(window.get("/reading?state=finished"))
    assert "已补记 2 本读过的书。" in page
    assert "有 1 本之前已记为读完" in page
    window.post("/reading/earlier", {**sent, "do": "save"})
    assert sum(booked().values()) == 3


@pytest.mark.parametrize("year", ["", "1899", "3000", "x"])
def test_a_year_that_cannot_be_keeps_the_ticks(make: Make, reader: Member, browser: Open, year: str) -> None:
    book = make.book("旧书").id
    answer = browser(reader).post("/reading/earlier", {"book": str(book), "year": year, "do": "save"})
    assert answer.status_code == 422
    assert f'name="book" value="{book}" checked' in text(answer)
    assert ReadingEntry.select().count() == 0


def test_looking_on_keeps_what_is_ticked(make: Make, reader: Member, browser: Open) -> None:
    first, _ = make.book("甲").id, make.book("乙").id
    page = text(browser(reader).post("/reading/earlier", {"book": str(first), "q": "乙", "do": "find"}))
    assert f'type="hidden" name="book" value="{first}"' in page
    assert "乙" in page


def test_the_timeline_tells_a_month_with_its_remarks(make: Make, reader: Member, browser: Open) -> None:
    with clock.at(datetime(2026, 11, 20, 4)):
        actor, book = make.actor(reader), make.book("围城")
        service.set_state(actor, book.id, "reading", date(2026, 11, 2))
        service.note_progress(actor, book.id, Progress(25, 40, date(2026, 11, 5), remark="好笑"))
        service.set_state(actor, book.id, "finished", date(2026, 11, 18), rating=5)
        service.set_state(actor, make.book("边城").id, "finished", date(2026, 9, 3))
        window = browser(reader)
        page = text(window.get("/reading/timeline"))
        places = [page.index(part) for part in ("11 月 18 日", "11 月 5 日", "好笑", "11 月 2 日")]
        assert places == sorted(places)
        assert "边城" not in page
        assert "/reading/timeline?month=2026-09" in page
        assert "边城" in text(window.get("/reading/timeline?month=2026-09"))
        assert "这个月没有记录" in text(window.get("/reading/timeline?month=2026-01"))
        with count_queries() as counter:
            window.get("/reading/timeline")
        assert counter.count <= 8


def test_a_year_in_books_counts_each_reading_and_draws_it(make: Make, reader: Member, browser: Open) -> None:
    with clock.at(datetime(2026, 11, 20, 4)):
        actor, book = make.actor(reader), make.book("围城", pages=300)
        service.set_state(actor, book.id, "finished", date(2026, 2, 3), rating=4)
        service.read_again(actor, book.id, date(2026, 6, 1))
        service.set_state(actor, book.id, "finished", date(2026, 6, 30))
        service.set_state(actor, make.book("边城", pages=100).id, "finished", date(2025, 6, 3))
        found = story_queries.get_year(actor, 2026)
        assert ([f.number for f in found.finishes], found.pages, found.ratings) == ([1, 2], 600, [0, 0, 0, 1, 0])
        assert list(found.years) == [2026, 2025]
        window = browser(reader)
        page = text(window.get("/reading/year"))
        assert "2026 年度书单" in page
        assert page.count('<rect class="bar"') == 5
        assert "边城" in text(window.get("/reading/year?year=2025"))
        with count_queries() as counter:
            window.get("/reading/year")
        assert counter.count <= 7
        assert "这一年还没有读完的书" in text(browser(make.member()).get("/reading/year"))


def test_the_shelf_is_narrowed_and_sorted(make: Make, reader: Member, actor: Actor, browser: Open) -> None:
    for title, clc, rating in (("围城", "I24", 2), ("论语", "B22", 5), ("边城", "I24", 4)):
        service.set_state(actor, make.book(title, clc=clc).id, "finished", rating=rating)
    window = browser(reader)
    page = text(window.get("/reading?state=finished&sort=rating"))
    assert page.index("论语") < page.index("边城") < page.index("围城")
    page = text(window.get("/reading?state=finished&class=I&q=边"))
    assert ("边城" in page, "围城" in page, "论语" in page) == (True, False, False)
    assert "换个词或类别试试。" in text(window.get("/reading?state=finished&q=无此书"))


def test_bars_stay_within_the_drawing() -> None:
    drawn = bars([0, 3, 6], ["a", "b", "c"])
    assert [bar.height for bar in drawn] == [0, 50, 100]
    assert all(bar.y + bar.height == 118 and bar.x >= 0 and bar.x + bar.width <= 600 for bar in drawn)
    assert [bar.height for bar in bars([0, 0], ["a", "b"])] == [0, 0]


def test_the_api_notes_readings_and_years(reader: Member, book: Book, browser: Open) -> None:
    window = browser(reader)
    window.api("PUT", f"/books/{book.id}/reading", {"state": "finished", "day": "2025-03-01", "rating": 4})
    again = window.api("POST", f"/books/{book.id}/reading/again", {"day": "2025-09-01"})
    assert (again.status_code, again.get_json()["number"]) == (201, 2)
    note = {"percent": 30, "remark": "慢读", "at": "2025-09-02T20:00:00+08:00", "once": "k1"}
    made = [window.api("POST", f"/books/{book.id}/sessions", note) for _ in range(2)]
    assert made[0].get_json() == made[1].get_json()
    assert made[0].get_json()["day"] == "2025-09-02"
    log = window.api("GET", f"/books/{book.id}/reading").get_json()
    assert (log["percent"], [row["finished_on"] for row in log["readings"]]) == (30, ["2025-03-01"])
    assert window.api("PUT", f"/books/{book.id}/rating", {"rating": 5}).status_code == 409
    assert [f["title"] for f in window.api("GET", "/reading/years/2025").get_json()["books"]] == ["活着"]
    month = window.api("GET", "/reading/timeline?month=2025-09").get_json()
    assert [row["kind"] for row in month["items"]] == ["noted", "begun"]
    assert window.api("GET", "/reading/timeline?month=2025-13").status_code == 422
    finished = window.api("PUT", f"/books/{book.id}/reading", {"state": "finished", "day": "2025-10-01"}).get_json()
    assert window.api("POST", f"/books/{book.id}/reading/undo", {"fact": finished["fact"]}).status_code == 204
    assert window.api("DELETE", f"/books/{book.id}/readings/1").status_code == 204
    assert booked() == {}
    earlier = window.api("POST", "/reading/earlier", {"books": [{"book": book.id, "year": 2020}]})
    assert earlier.get_json() == {"noted": 1, "known": []}
    service.remove_entry(load_actor(reader.id), book.id)
    future = {"books": [{"book": book.id, "day": "2999-01-01"}]}
    assert window.api("POST", "/reading/earlier", future).status_code == 422
