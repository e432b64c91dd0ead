"""Going on where one stopped, on any device, and counting only what was really played."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from lms import clock
from lms.errors import InvalidInput
from lms.lectures import queries, service
from lms.lectures.models import WatchProgress
from lms.lectures.service import Report, Standing
from lms.progress.models import LedgerEntry
from tests.browser_like import Browser
from tests.lectures.conftest import House, Sent

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
    played: tuple[tuple[float, float], ...] = (),
    at: datetime | None = None,
    sent_at: datetime | None = None,
) -> Standing:
    """Report as the member's player does, ``after`` seconds past noon."""
    now = NOON + timedelta(seconds=after)
    with clock.at(now):
        return service.record_progress(
            house.actor(house.member), sent.recording, Report(position, at or now, sent_at, played)
        )


def booked() -> list[int]:
    return [amount for (amount,) in LedgerEntry.select(LedgerEntry.amount).order_by(LedgerEntry.id).tuples()]


def test_a_minute_really_played_is_booked_once_with_its_evidence(house: House, sent: Sent) -> None:
    report(house, sent, 0, 0)
    for second in range(10, 70, 10):
        report(house, sent, second, second, ((second - 10.0, float(second)),))
    entry = LedgerEntry.get()
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
    both = report(house, sent, 10, 40, ((30, 60),))
    assert both.seconds == pytest.approx(10 + 3)


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
