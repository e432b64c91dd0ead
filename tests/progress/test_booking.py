"""The ledger books every fact exactly once, and takes it back by a row of its own."""

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import IntegrityError

from lms import events
from lms.db import database
from lms.members.models import Member, Membership
from lms.progress import booking
from lms.progress.models import LedgerEntry
from tests.factories import Make

DAY = date(2026, 11, 9)
LATER = date(2026, 11, 20)


def rows() -> list[tuple[str, int, date, int | None, int | None]]:
    e = LedgerEntry
    return list(e.select(e.fact, e.amount, e.day, e.unit, e.reverses).order_by(e.id).tuples())


def total(member: Member, measure: str = "study_minutes") -> int:
    e = LedgerEntry
    return sum(n for (n,) in e.select(e.amount).where(e.member == member, e.measure == measure).tuples())


def finished(member: Member, times: int = 1, day: date = DAY) -> None:
    events.publish(events.BookFinished(member.id, 1, 7, times, day))


def watched(member: Member, minutes: int, recording: int = 3) -> None:
    with database.atomic():
        events.publish(events.RecordingWatched(member.id, recording, minutes, DAY))


def at_once(*tasks: Callable[[], None]) -> None:
    """Run tasks at the same moment, each on a connection of its own, and raise what any of them raised."""
    barrier, failures = Barrier(len(tasks)), []

    def run(task: Callable[[], None]) -> None:
        database.connect(reuse_if_open=True)
        try:
            barrier.wait()
            task()
        except Exception as error:  # noqa: BLE001 raised again in the test's own thread
            failures.append(error)
        finally:
            database.close()

    threads = [Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_a_finished_book_is_booked_once_however_often_the_fact_is_told(make: Make) -> None:
    member = make.member()
    for _ in range(3):
        finished(member)
    assert [(fact, amount) for fact, amount, *_ in rows()] == [("finish:7:1", 1)]


def test_booking_says_whether_a_row_was_added(make: Make) -> None:
    member = make.member()
    assert booking.book(member.id, "book_finished", 1, DAY, "finish:1:1", ("reading_entry", 1)) is True
    assert booking.book(member.id, "book_finished", 1, DAY, "finish:1:1", ("reading_entry", 1)) is False
    assert booking.reverse("finish:1:1") is True
    assert booking.reverse("finish:1:1") is False
    assert booking.reverse("finish:2:1") is False


def test_only_a_known_key_is_passed_over_any_other_fault_is_raised(make: Make) -> None:
    with pytest.raises(IntegrityError), database.atomic():
        booking.book(make.member().id, "book_finished", None, DAY, "finish:1:1", ("reading_entry", 1))  # type: ignore[arg-type]
    assert rows() == []


def test_an_unfinished_book_is_taken_back_by_a_row_on_the_same_day_and_unit(make: Make) -> None:
    unit = make.unit()
    member = make.member(unit)
    finished(member)
    for _ in range(2):
        events.publish(events.BookUnfinished(member.id, 7, 1))
    first = LedgerEntry.get(LedgerEntry.fact == "finish:7:1")
    assert rows() == [
        ("finish:7:1", 1, DAY, unit.id, None),
        ("reverse:finish:7:1", -1, DAY, unit.id, first.id),
    ]


def test_a_reversal_keeps_the_unit_of_the_day_when_the_member_has_moved(make: Make) -> None:
    before, after = make.unit(), make.unit()
    member = make.member(before)
    finished(member)
    Membership.update(until=date(2026, 11, 10)).where(Membership.member == member).execute()
    Membership.create(member=member, unit=after, since=date(2026, 11, 11))
    events.publish(events.BookUnfinished(member.id, 7, 1))
    finished(member, times=2, day=LATER)
    assert [unit for _, _, _, unit, _ in rows()] == [before.id, before.id, after.id]


def test_a_member_of_no_unit_on_the_day_is_booked_without_one(make: Make) -> None:
    member = make.member()
    finished(member, day=date(2019, 12, 31))
    assert [unit for _, _, _, unit, _ in rows()] == [None]


def test_moving_the_day_reverses_the_old_fact_and_books_the_new_once(make: Make) -> None:
    member = make.member()
    finished(member)
    for _ in range(2):
        events.publish(events.BookFinishMoved(member.id, 1, 7, 2, LATER, 1))
    assert [(fact, amount, day) for fact, amount, day, _, _ in rows()] == [
        ("finish:7:1", 1, DAY),
        ("reverse:finish:7:1", -1, DAY),
        ("finish:7:2", 1, LATER),
    ]
    assert total(member, "book_finished") == 1


def test_minutes_of_study_are_booked_and_withdrawn(make: Make) -> None:
    member = make.member()
    events.publish(events.StudyTimeLogged(member.id, 5, 40, DAY))
    events.publish(events.StudyTimeLogged(member.id, 5, 40, DAY))
    assert total(member) == 40
    events.publish(events.StudyTimeWithdrawn(member.id, 5))
    assert total(member) == 0


def test_each_minute_of_a_recording_counts_once_per_member(make: Make) -> None:
    one, other = make.member(), make.member()
    for minutes in (3, 3, 10, 7, 10):
        watched(one, minutes)
    watched(one, 4, recording=8)
    watched(other, 2)
    assert total(one) == 14
    assert total(other) == 2


def test_watching_on_after_a_correction_adds_only_the_new_minutes(make: Make) -> None:
    member = make.member()
    watched(member, 10)
    booking.reverse(f"watch:3:{member.id}:0")
    watched(member, 10)
    assert total(member) == 0
    watched(member, 12)
    watched(member, 15)
    assert total(member) == 5


@given(st.lists(st.integers(0, 90), max_size=12), st.integers(1000, 10**6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_of_reports_the_farthest_minute_is_the_sum(
    make: Make, reports: list[int], recording: int
) -> None:
    LedgerEntry.delete().execute()
    member = make.member()
    for minutes in reports:
        watched(member, minutes, recording)
    assert total(member) == max(reports, default=0)


def test_two_devices_that_report_at_once_do_not_count_a_minute_twice(make: Make) -> None:
    member = make.member()
    for start in range(0, 40, 8):
        at_once(*[lambda m=minutes: watched(member, m) for minutes in range(start + 1, start + 9)])
        assert total(member) == start + 8


def test_a_report_that_comes_second_many_times_still_counts(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    member, others = make.member(), iter(range(1, 10))
    book_now = booking.book

    def behind_another(*fact: Any) -> bool:
        if minute := next(others, 0):
            with monkeypatch.context() as unhindered:
                unhindered.setattr(booking, "book", book_now)
                watched(member, minute)
        return book_now(*fact)

    monkeypatch.setattr(booking, "book", behind_another)
    watched(member, 12)
    assert [amount for _, amount, *_ in rows()] == [1] * 9 + [3]


def test_a_fact_told_at_once_by_several_is_booked_and_taken_back_once(make: Make) -> None:
    member = make.member()
    at_once(*[lambda: finished(member)] * 6)
    assert total(member, "book_finished") == 1
    at_once(*[lambda: events.publish(events.BookUnfinished(member.id, 7, 1))] * 6)
    assert [amount for _, amount, *_ in rows()] == [1, -1]


def test_what_is_undone_with_its_transaction_leaves_no_row(make: Make) -> None:
    member = make.member()
    with pytest.raises(ZeroDivisionError), database.atomic():
        finished(member)
        raise ZeroDivisionError
    assert rows() == []
