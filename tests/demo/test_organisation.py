"""The demo organisation is whole, consistent, and plausible on any day of the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from peewee import fn

from lms import clock
from lms.catalogue.models import Book
from lms.config import Settings
from lms.db import database
from lms.demo import activity, organisation
from lms.demo.organisation import Extent, create, is_empty
from lms.errors import Conflict
from lms.members.access import load_actor
from lms.members.models import Member, Unit
from lms.progress import queries as progress
from lms.progress.rules import Pace
from lms.reading import going_on as reading
from lms.reading.models import ReadingEntry, ReadingSession
from tests.factories import Make

HOST = "王淑兰"
# Enough for the host's book, week and lecture.
SMALL = Extent(days=60, members=4, recordings=False)
MIDDAY = timedelta(hours=12)
ON_SQLITE = pytest.mark.sqlite_only  # the calendar is the same on both: three of its days show what PostgreSQL does


def silent(said: str) -> None:
    """Hear nothing."""


def noon(year: int, month: int, day: int) -> datetime:
    return clock.start_of(date(year, month, day)) + MIDDAY


def host_member() -> Member:
    found: Member = Member.get(Member.name == HOST)
    return found


def test_an_empty_database_is_told_from_one_in_use(service: Settings, make: Make) -> None:
    assert is_empty()
    make.member()
    assert not is_empty()


def test_a_database_in_use_is_refused_and_left_as_it_is(service: Settings, make: Make) -> None:
    make.member()
    with pytest.raises(Conflict):
        create(service, silent, SMALL)
    assert Member.select().count() == 1
    assert not Book.select().exists()
    assert not (service.data / organisation.ACCOUNTS).exists()


def test_an_interruption_leaves_nothing_behind(service: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> int:
        assert Member.select().exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(activity, "live", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create(service, silent, SMALL)
    assert is_empty()
    assert not Unit.select().exists()
    assert not (service.data / organisation.ACCOUNTS).exists()


def test_the_same_day_gives_the_same_organisation(service: Settings, make: Make) -> None:
    def made() -> list[tuple[object, ...]]:
        with clock.at(noon(2026, 9, 16)):
            create(service, silent, SMALL)
        # Names, not ids: a sequence of PostgreSQL goes on counting after what it counted was taken back.
        query = ReadingSession.select(Member.name, Book.title, ReadingSession.day)
        query = query.join(Member, on=ReadingSession.member == Member.id)
        query = query.join(Book, on=ReadingSession.book == Book.id)
        return list(query.order_by(ReadingSession.id).tuples())

    with database.atomic() as transaction:
        first = made()
        transaction.rollback()
    assert len(first) > 50
    assert made() == first


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(noon(2027, 1, 1), id="new-year-a-friday"),
        pytest.param(noon(2026, 11, 23), id="a-monday", marks=ON_SQLITE),
        pytest.param(clock.start_of(date(2026, 11, 30)), id="midnight-of-a-monday", marks=ON_SQLITE),
        pytest.param(noon(2028, 2, 29), id="leap-day-a-tuesday"),
        pytest.param(noon(2026, 12, 31), id="last-day-of-a-year", marks=ON_SQLITE),
        pytest.param(noon(2026, 11, 1), id="a-sunday-and-first-of-a-month", marks=ON_SQLITE),
        pytest.param(noon(2027, 2, 27), id="a-saturday", marks=ON_SQLITE),
        pytest.param(datetime(2026, 6, 3, 15, 59, tzinfo=UTC).replace(tzinfo=None), id="a-minute-before-midnight"),
    ],
)
def test_the_first_page_says_something_plausible_on_any_day(service: Settings, now: datetime) -> None:
    with clock.at(now):
        create(service, silent, SMALL)
        actor = load_actor(host_member().id)
        today = clock.today()
        step = reading.next_step(actor)
        assert step.current is not None and step.due is not None
        assert (step.current.title, step.current.page) == ("平凡的世界", 446)
        assert step.due.title == "平凡的世界" and step.due.days == 0
        plans = reading.plan_overview(actor)
        assert (plans[0].done, plans[0].total) == (2, 6)
        week = next(figure for figure in progress.list_my_figures(actor) if figure.standing.required == 180)
        if today.weekday() >= 2:
            assert week.standing.pace is Pace.BEHIND
            assert -45 <= week.standing.difference <= -35
        else:
            assert week.standing.done == 15 * today.weekday()
        finished = ReadingEntry.get(
            ReadingEntry.member == actor.id, ReadingEntry.book == Book.get(Book.title == "乡土中国").id
        )
        assert finished.state == "finished"
        sunday = today - timedelta(days=today.weekday() + 1)
        assert (finished.finished_on.month == today.month) == (sunday.month == today.month)
        assert ReadingSession.select(fn.MAX(ReadingSession.created_at)).scalar() <= now
