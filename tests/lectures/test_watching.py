"""Going on where one stopped, on any device, and counting only what was really played."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lms import clock, events, freezing
from lms.errors import InvalidInput
from lms.freezing import Frozen
from lms.lectures import queries, recordings, service, watching
from lms.lectures.models import Lecture, LectureDone, WatchProgress
from lms.lectures.watching import Report, Standing
from lms.progress.models import LedgerEntry
from tests.browser_like import Browser
from tests.lectures.conftest import GENEROUS, House, Sent, run_jobs

pytestmark = pytest.mark.usefixtures("as_prepared_before")

Open = Callable[..., Browser]
NOON = datetime(2026, 11, 23, 4, 0)


@pytest.fixture
def sent(house: House) -> Sent:
    """A recording of one minute."""
    return house.send()


def report(
    house: House,
    sent: Sent,
    after: float,
    position: float,
    played: tuple[tuple[float, ...], ...] = (),
    at: datetime | None = None,
    sent_at: datetime | None = None,
) -> Standing:
    """Report as the member's player does, ``after`` seconds past noon."""
    now = NOON + timedelta(seconds=after)
    with clock.at(now):
        return watching.record_progress(
            house.actor(house.member), sent.recording, Report(position, at or now, sent_at, played)
        )


@pytest.fixture
def told() -> Iterator[list[events.LectureCompleted]]:
    """What is published of lectures that are done."""
    heard: list[events.LectureCompleted] = []
    events.subscribe(events.LectureCompleted, heard.append)
    yield heard
    events._subscribers[events.LectureCompleted].remove(heard.append)


def recordings_of(house: House, sent: Sent) -> Sent:
    """Add another recording of one minute to a lecture."""
    with house.media.m4a.open("rb") as file:
        actor = house.actor(house.lecturer)
        added = recordings.add(actor, sent.lecture, "", service.Upload("第二段.m4a", file), GENEROUS)
    run_jobs()
    return Sent(sent.lecture, added)


def _minutes() -> Any:
    return LedgerEntry.select(LedgerEntry.amount).where(LedgerEntry.measure == "study_minutes")


def booked() -> list[int]:
    return [amount for (amount,) in _minutes().order_by(LedgerEntry.id).tuples()]


def test_a_minute_really_played_is_booked_once_with_its_evidence(house: House, sent: Sent) -> None:
    report(house, sent, 0, 0)
    for second in range(10, 70, 10):
        report(house, sent, second, second, ((second - 10.0, float(second)),))
    entry = LedgerEntry.select().order_by(LedgerEntry.id).first()
    assert (entry.measure, entry.amount, entry.member) == ("study_minutes", 1, house.member.id)
    assert (entry.evidence_kind, entry.evidence_ref) == ("recording", sent.recording)
    report(house, sent, 200, 60, ((0, 60),))
    assert booked() == [1]


def test_a_player_that_claims_more_than_the_time_that_passed_gets_only_that(house: House, sent: Sent) -> None:
    assert report(house, sent, 0, 0, ((0, 60),)).seconds <= 33
    assert report(house, sent, 1, 60, ((0, 60),)).seconds <= 38
    assert booked() == []


def test_two_devices_playing_at_once_do_not_double_the_minutes(house: House, sent: Sent) -> None:
    report(house, sent, 0, 0)
    report(house, sent, 10, 10, ((0, 10),))
    both = report(house, sent, 10, 40, ((30, 40),))
    assert both.seconds == pytest.approx(10)


@pytest.mark.parametrize("frozen", [False, True])
def test_what_was_played_before_midnight_counts_for_that_day_however_late_it_is_sent_unless_it_is_frozen(
    house: House, sent: Sent, monkeypatch: pytest.MonkeyPatch, frozen: bool
) -> None:
    year_end = datetime(2026, 12, 31, 15, 59)  # one minute before midnight in the organisation's zone
    closed = Frozen("2026", date(2026, 1, 1), date(2026, 12, 31))
    monkeypatch.setattr(freezing, "_checks", [lambda unit, day: closed if frozen and day <= closed.until else None])
    longer = house.send(house.media.video)
    began = watching.epoch(year_end)
    with clock.at(year_end):
        for one in (sent, longer):
            watching.record_progress(house.actor(house.member), one.recording, Report(0, year_end))
    with clock.at(year_end + timedelta(days=3)):
        for one, start in ((sent, began - 5), (longer, began + 62)):
            played = ((0.0, 30.0, start, start + 30), (30.0, 60.0, start + 30, start + 60))
            watching.record_progress(house.actor(house.member), one.recording, Report(60, year_end, None, played))
    rows = LedgerEntry.select().where(LedgerEntry.measure == "study_minutes").order_by(LedgerEntry.id)
    days = ["2027-01-03", "2027-01-01"] if frozen else ["2026-12-31", "2027-01-01"]
    assert [row.day.isoformat() for row in rows] == days


def test_ten_tabs_share_the_one_time_that_passed(house: House) -> None:
    tabs = [house.send(title=f"第{number}讲") for number in range(4)]
    for tab in tabs:
        report(house, tab, 0, 0)
    played = [report(house, tab, 40, 40, ((0, 40),)).seconds for tab in tabs]
    assert sum(played) <= 40 + 15
    assert played[1:] == [0, 0, 0] or sum(played) <= 2 * 40


def test_what_was_kept_while_the_line_was_gone_counts_later_and_only_once(house: House, sent: Sent) -> None:
    began = watching.epoch(NOON)
    report(house, sent, 0, 0)
    late = ((0.0, 30.0, began, began + 20), (30.0, 40.0, began + 20, began + 30))
    evening = report(house, sent, 8 * 3600, 40, late, at=NOON + timedelta(seconds=30))
    assert evening.seconds == pytest.approx(40)
    again = report(house, sent, 8 * 3600 + 5, 40, late, at=NOON + timedelta(seconds=30))
    assert (again.seconds, booked()) == (evening.seconds, [])


def test_instants_of_a_forged_clock_get_nothing(house: House, sent: Sent) -> None:
    report(house, sent, 0, 0)
    noon = watching.epoch(NOON)
    ahead = report(house, sent, 10, 40, ((0, 40, noon + 3600, noon + 3640),))
    before = report(house, sent, 10, 40, ((0, 40, noon - 3600, noon - 3560),))
    assert (ahead.seconds, before.seconds) == (0, 0)


def test_a_lecture_is_done_once_at_its_share_of_all_its_recordings(
    house: House, sent: Sent, told: list[events.LectureCompleted]
) -> None:
    second = recordings_of(house, sent)
    Lecture.update(done_percent=75).where(Lecture.id == sent.lecture).execute()
    report(house, sent, 0, 0)
    assert report(house, sent, 60, 60, ((0, 60),)).done is False
    report(house, second, 60, 0)
    assert report(house, second, 85, 25, ((0, 25),)).done is False
    assert report(house, second, 95, 35, ((25, 35),)).done is True
    assert report(house, second, 120, 60, ((35, 60),)).done is True
    assert [(event.member, event.lecture) for event in told] == [(house.member.id, sent.lecture)]
    recordings_of(house, sent)
    assert report(house, second, 130, 60).done is True
    assert LectureDone.select().count() == len(told) == 1


def test_skipping_to_the_end_is_not_watching(house: House, sent: Sent) -> None:
    report(house, sent, 0, 0)
    standing = report(house, sent, 600, 59, ((57, 59),))
    assert standing.seconds == pytest.approx(2)
    assert booked() == []


def test_the_phone_goes_on_where_the_computer_stopped(house: House, sent: Sent, browser: Open) -> None:
    computer, phone = browser(house.member), browser(house.member)
    body = {"position": 31.5, "at": "2026-11-23T04:00:00.000Z", "played": [[20, 31.5]]}
    assert computer.api("PUT", f"/recordings/{sent.recording}/progress", body).json["kept"] is True
    assert phone.api("GET", f"/recordings/{sent.recording}/progress").json["position"] == 31.5
    page = phone.get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert 'data-start="31.5"' in page
    assert f"/recordings/{sent.recording}/media#t=31.5" in page
    assert "上次停在 00:31" in page


def test_a_late_report_of_an_older_place_does_not_win_but_what_it_played_counts(house: House, sent: Sent) -> None:
    report(house, sent, 0, 0)
    report(house, sent, 60, 40, ((30, 40),))
    late = report(house, sent, 61, 5, ((0, 5),), at=NOON + timedelta(seconds=20))
    assert (late.kept, late.position) == (False, 40)
    assert late.seconds == pytest.approx(15)


def test_a_forged_future_clock_does_not_lock_the_place(house: House, sent: Sent) -> None:
    report(house, sent, 0, 50, at=NOON + timedelta(days=3650))
    assert report(house, sent, 5, 10).position == 10


def test_a_device_whose_clock_is_a_day_slow_still_keeps_its_place(house: House, sent: Sent) -> None:
    report(house, sent, 0, 50)
    slow = NOON + timedelta(seconds=30) - timedelta(days=1)
    assert report(house, sent, 30, 20, at=slow - timedelta(seconds=2), sent_at=slow).position == 20


def test_each_member_has_a_place_of_their_own(house: House, sent: Sent) -> None:
    report(house, sent, 0, 20)
    assert queries.get_watched(house.actor(house.liaison), sent.recording).position == 0


def test_places_outside_the_recording_are_refused_and_nothing_is_kept(house: House, sent: Sent) -> None:
    for position in (-1.0, 62.0, float("nan")):
        with pytest.raises(InvalidInput):
            report(house, sent, 0, position)
    assert WatchProgress.select().count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"position": "x", "at": "2026-11-23T04:00:00Z"},
        {"position": 1, "at": "yesterday"},
        {"position": 1, "at": "0001-01-01T00:00:00+14:00"},
        {"position": 1, "at": "2026-11-23T04:00:00Z", "played": [[1]]},
        {"position": 1, "at": "2026-11-23T04:00:00Z", "played": [[1, 2, 3]]},
        {"position": 1, "at": "2026-11-23T04:00:00Z", "played": [["a", "b"]]},
        {"position": 1, "at": "2026-11-23T04:00:00Z", "played": [[0, 1]] * 501},
    ],
)
def test_reports_that_make_no_sense_are_422(house: House, sent: Sent, browser: Open, body: dict[str, object]) -> None:
    assert browser(house.member).api("PUT", f"/recordings/{sent.recording}/progress", body).status_code == 422
    assert WatchProgress.select().count() == 0


def test_a_report_without_the_token_is_refused(house: House, sent: Sent, browser: Open) -> None:
    body = {"position": 1, "at": "2026-11-23T04:00:00Z"}
    answer = browser(house.member).client.put(f"/api/v1/recordings/{sent.recording}/progress", json=body)
    assert answer.status_code == 400
    assert WatchProgress.select().count() == 0


def test_what_is_begun_is_offered_to_go_on_with_and_what_is_finished_is_not(house: House, sent: Sent) -> None:
    other = house.send(house.media.m4a, title="找到瓶颈")
    actor = house.actor(house.member)
    report(house, sent, 0, 20)
    report(house, other, 5, 30)
    assert [row.title for row in queries.continue_watching(actor, 5)] == ["找到瓶颈", "带着问题读书"]
    report(house, other, 50, 58)
    assert [row.id for row in queries.continue_watching(actor, 5)] == [sent.lecture]
    service.archive(house.actor(house.lecturer), sent.lecture)
    assert queries.continue_watching(actor, 5) == []
