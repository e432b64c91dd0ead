"""Logging books and minutes: what is stored, what is booked, what the reader sees."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.catalogue.models import Book
from lms.db import database
from lms.errors import Conflict, InvalidInput, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.progress.models import LedgerEntry
from lms.reading import log_queries as queries
from lms.reading import service
from lms.reading.models import OFF_SHELF, ReadingEntry, ReadingSession
from lms.reading.rules import Progress
from tests.browser_like import Browser
from tests.factories import Make

TAPS = 6
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


def booked(measure: str = "book_finished") -> int:
    return sum(row.amount for row in LedgerEntry.select().where(LedgerEntry.measure == measure))


def test_a_finished_book_is_booked_once(actor: Actor, book: Book) -> None:
    for _ in range(3):
        service.set_state(actor, book.id, "finished")
    assert booked() == 1
    assert LedgerEntry.select().count() == 1


def test_a_finish_taken_back_and_given_again_counts_once_in_all(actor: Actor, book: Book) -> None:
    for state in ("reading", "finished", "reading", "finished", "abandoned", "finished"):
        service.set_state(actor, book.id, state)
    assert booked() == 1
    assert ReadingEntry.get().times == 3


def test_a_corrected_day_moves_the_booking_to_that_day(actor: Actor, book: Book) -> None:
    day = clock.today() - timedelta(days=40)
    service.set_state(actor, book.id, "finished")
    service.set_state(actor, book.id, "finished", day)
    sums: dict[date, int] = {}
    for row in LedgerEntry.select():
        sums[row.day] = sums.get(row.day, 0) + row.amount
    assert sums == {clock.today(): 0, day: 1}


def test_a_book_taken_off_the_shelf_and_finished_again_is_a_fact_of_its_own(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "finished")
    service.remove_entry(actor, book.id)
    assert booked() == 0
    assert queries.find_entry(actor, book.id) is None
    with pytest.raises(NotFound):
        service.remove_entry(actor, book.id)
    service.set_state(actor, book.id, "finished")
    assert booked() == 1


def test_two_taps_at_the_same_moment_are_one_fact(actor: Actor, book: Book) -> None:
    barrier = Barrier(TAPS)

    def tap(_: int) -> str:
        database.connect(reuse_if_open=True)
        try:
            barrier.wait()
            return str(service.set_state(actor, book.id, "finished").change)
        finally:
            database.close()

    with ThreadPoolExecutor(TAPS) as pool:
        changes = sorted(pool.map(tap, range(TAPS)))
    assert changes == ["finished"] + ["none"] * (TAPS - 1)
    assert booked() == 1
    assert ReadingEntry.select().count() == 1


def test_minutes_noted_at_the_same_moment_never_make_a_day_longer_than_it_is(actor: Actor, make: Make) -> None:
    books = [make.book().id for _ in range(4)]
    barrier = Barrier(len(books))

    def note(book_id: int) -> int:
        database.connect(reuse_if_open=True)
        try:
            barrier.wait()
            service.note_progress(actor, book_id, Progress(600))
        except InvalidInput:
            return 0
        else:
            return 600
        finally:
            database.close()

    with ThreadPoolExecutor(len(books)) as pool:
        assert sum(pool.map(note, books)) == 1200
    assert booked("study_minutes") == 1200


def test_minutes_are_booked_and_can_be_taken_back_twice_without_harm(actor: Actor, book: Book) -> None:
    first = service.note_progress(actor, book.id, Progress(40, 20))
    service.note_progress(actor, book.id, Progress(30, 35))
    assert booked("study_minutes") == 70
    for _ in range(2):
        assert service.withdraw_session(actor, first) == book.id
    assert booked("study_minutes") == 30
    assert [row.minutes for row in queries.recent_sessions(actor, book.id, 10)] == [30]


def test_minutes_noted_after_the_last_ones_were_taken_back_count_again(actor: Actor, book: Book) -> None:
    for _ in range(3):
        service.withdraw_session(actor, service.note_progress(actor, book.id, Progress(25)))
    service.note_progress(actor, book.id, Progress(25))
    assert booked("study_minutes") == 25


def test_noting_minutes_puts_a_wanted_book_among_those_being_read(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "want")
    service.note_progress(actor, book.id, Progress(10, day=clock.today() - timedelta(days=2)))
    entry = queries.find_entry(actor, book.id)
    assert entry is not None
    assert (entry.state, entry.started_on) == ("reading", clock.today() - timedelta(days=2))


def test_minutes_with_a_finished_book_leave_it_finished(actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "finished")
    service.note_progress(actor, book.id, Progress(10))
    entry = queries.find_entry(actor, book.id)
    assert entry is not None
    assert entry.state == "finished"
    assert booked() == 1


def test_an_older_day_noted_later_does_not_turn_the_page_back(actor: Actor, book: Book) -> None:
    latest = service.note_progress(actor, book.id, Progress(10, 120))
    service.note_progress(actor, book.id, Progress(10, 60, clock.today() - timedelta(days=1)))
    assert ReadingEntry.get().page == 120
    service.withdraw_session(actor, latest)
    assert ReadingEntry.get().page == 60


def test_what_another_member_logged_cannot_be_touched(make: Make, actor: Actor, book: Book) -> None:
    session = service.note_progress(actor, book.id, Progress(10))
    other = make.actor(make.member())
    with pytest.raises(NotFound):
        service.withdraw_session(other, session)
    with pytest.raises(NotFound):
        service.remove_entry(other, book.id)
    assert ReadingSession.get().withdrawn_at is None


def test_a_withdrawn_book_stays_with_its_readers_and_takes_no_new_ones(make: Make, actor: Actor, book: Book) -> None:
    service.set_state(actor, book.id, "reading")
    Book.update(withdrawn_at=clock.now()).execute()
    service.set_state(actor, book.id, "finished")
    assert booked() == 1
    newcomer = make.actor(make.member())
    with pytest.raises(Conflict):
        service.set_state(newcomer, book.id, "want")
    with pytest.raises(Conflict):
        service.note_progress(newcomer, book.id, Progress(10))
    with pytest.raises(NotFound):
        service.set_state(newcomer, 999, "want")


def test_nothing_stays_of_a_refused_session(actor: Actor, book: Book) -> None:
    with pytest.raises(InvalidInput):
        service.note_progress(actor, book.id, Progress(10, 201))
    assert ReadingSession.select().count() == 0
    assert ReadingEntry.select().where(ReadingEntry.state != OFF_SHELF).count() == 0
    assert booked("study_minutes") == 0


def text(response: object) -> str:
    return response.get_data(as_text=True)  # type: ignore[attr-defined]


def test_one_tap_on_a_books_page_puts_it_on_the_shelf(reader: Member, book: Book, browser: Open) -> None:
    window = browser(reader)
    page = text(window.get(f"/books/{book.id}"))
    assert page.count('aria-pressed="false"') >= 4
    answer = window.post(f"/books/{book.id}/reading", {"state": "want"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/books/{book.id}")
    assert 'value="want" aria-pressed="true"' in text(window.get(f"/books/{book.id}"))
    assert "活着" in text(window.get("/reading?state=want"))
    assert "<small>想读</small>" in text(window.get("/books"))


def test_the_page_tells_what_was_noted(reader: Member, book: Book, browser: Open) -> None:
    window = browser(reader)
    window.post(f"/books/{book.id}/sessions", {"minutes": "80", "page": "50"})
    page = text(window.get(f"/books/{book.id}"))
    assert "已记下：1 小时 20 分 · 读到第 50 页。" in page
    assert "读到第 50 页，共 200 页" in page
    session = ReadingSession.get().id
    window.post(f"/reading/sessions/{session}/withdraw")
    assert "读到第 50 页" not in text(window.get(f"/books/{book.id}"))


@pytest.mark.parametrize(
    ("minutes", "page", "said"),
    [
        ("", "", "页码、百分比、分钟或附言，请至少填一项。"),
        ("0", "", "请填写 1 到 1440 之间的整数。"),
        ("九十", "", "请填写 1 到 1440 之间的整数。"),
        ("30", "201", "请填写 1 到 200 之间的整数。"),
    ],
)
def test_a_refused_note_keeps_what_was_typed(
    reader: Member, book: Book, browser: Open, minutes: str, page: str, said: str
) -> None:
    answer = browser(reader).post(f"/books/{book.id}/sessions", {"minutes": minutes, "page": page})
    shown = text(answer)
    assert answer.status_code == 422
    assert said in shown
    for typed in filter(None, (minutes, page)):
        assert f'value="{typed}"' in shown
    assert ReadingSession.select().count() == 0


def test_a_finish_day_in_the_future_is_refused_beside_its_field(reader: Member, book: Book, browser: Open) -> None:
    window = browser(reader)
    window.post(f"/books/{book.id}/reading", {"state": "finished"})
    future = (clock.today() + timedelta(days=3)).isoformat()
    answer = window.post(f"/books/{book.id}/reading", {"state": "finished", "day": future})
    assert answer.status_code == 422
    assert "日期不能晚于今天。" in text(answer)
    assert f'value="{future}"' in text(answer)
    assert ReadingEntry.get().finished_on == clock.today()
    assert window.post(f"/books/{book.id}/reading", {"state": "burnt"}).status_code == 422


def test_the_shelf_and_the_list_of_minutes_page_and_stay_below_five_statements(
    make: Make, reader: Member, actor: Actor, browser: Open
) -> None:
    for number in range(25):
        service.note_progress(actor, make.book(f"第{number}本").id, Progress(10, 5))
    window = browser(reader)
    for address in ("/reading", "/reading/sessions"):
        window.get(address)
        with count_queries() as counter:
            page = text(window.get(address))
        assert counter.count <= 5
        assert "第24本" in page
    assert "第0本" in text(window.get("/reading?page=2"))


def test_an_empty_shelf_says_what_to_do(reader: Member, browser: Open) -> None:
    assert "去选书" in text(browser(reader).get("/reading"))
    assert "还没有记录" in text(browser(reader).get("/reading/sessions"))


def test_the_api_logs_a_book_and_minutes(reader: Member, book: Book, browser: Open) -> None:
    window = browser(reader)
    assert window.api("GET", f"/books/{book.id}/reading").status_code == 404
    put = window.api("PUT", f"/books/{book.id}/reading", {"state": "finished", "day": "2026-01-05"})
    assert put.get_json()["finished_on"] == "2026-01-05"
    made = window.api("POST", f"/books/{book.id}/sessions", {"minutes": 30, "page": 10, "day": "2026-01-04"})
    assert made.status_code == 201
    session = made.get_json()
    assert (session["minutes"], session["day"], session["title"]) == (30, "2026-01-04", "活着")
    log = window.api("GET", f"/books/{book.id}/reading").get_json()
    assert [row["id"] for row in log["sessions"]] == [session["id"]]
    assert window.api("GET", "/reading?state=finished").get_json()["total"] == 1
    assert window.api("GET", "/reading/sessions").get_json()["total"] == 1
    assert window.api("DELETE", f"/sessions/{session['id']}").status_code == 204
    assert booked("study_minutes") == 0
    assert window.api("DELETE", f"/books/{book.id}/reading").status_code == 204
    assert booked() == 0


def test_the_api_refuses_what_cannot_be(reader: Member, book: Book, browser: Open) -> None:
    window = browser(reader)
    for sent in ({"state": "burnt"}, {"state": "finished", "day": "2126-01-01"}, {"state": "finished", "day": "x"}, {}):
        assert window.api("PUT", f"/books/{book.id}/reading", sent).status_code == 422
    for sent in ({"minutes": "viel"}, {"minutes": 0}, {"minutes": 10, "page": 999}):
        assert window.api("POST", f"/books/{book.id}/sessions", sent).status_code == 422
    assert window.api("PUT", "/books/999/reading", {"state": "want"}).status_code == 404
    assert ReadingSession.select().count() == 0
