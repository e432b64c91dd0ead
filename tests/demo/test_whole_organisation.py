"""The whole demo organisation: its people, books and half a year of learning agree with one another."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from peewee import fn

from lms import clock
from lms.activities.models import Activity, ActivityMark
from lms.catalogue.models import Book
from lms.config import Settings
from lms.courses.models import Course, CourseCompletion
from lms.demo import organisation
from lms.demo.organisation import create
from lms.jobs.models import Job
from lms.lectures.models import Cue, Lecture, Recording, Transcript, WatchProgress
from lms.materials.models import Material, MaterialReading, RequiredReading
from lms.materials.rules import KIND_OF, KINDS
from lms.members import sign_in
from lms.members.access import load_actor
from lms.members.models import Member, RoleGrant, Unit
from lms.notes.models import Note
from lms.notices.models import Notice
from lms.progress.models import LedgerEntry, Requirement
from lms.reading.models import ReadingEntry, ReadingPlan, ReadingSession
from lms.search.models import OutboxRow
from lms.search.sources import SOURCES
from tests.browser_like import Browser
from tests.conftest import make_settings, serving, started

pytestmark = pytest.mark.sqlite_only  # the reduced organisation is made on PostgreSQL as well


def silent(said: str) -> None:
    """Hear nothing."""


@pytest.fixture(scope="module")
def whole(migrated: Path, built: APIFlask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The whole organisation, made once and only read."""
    with started(make_settings(tmp_path_factory.mktemp("whole")), migrated) as settings:
        create(settings, silent)
        yield settings


def booked(member: int, measure: str) -> int:
    total = (
        LedgerEntry.select(fn.SUM(LedgerEntry.amount))
        .where(LedgerEntry.member == member, LedgerEntry.measure == measure)
        .scalar()
    )
    return int(total or 0)


def test_the_whole_organisation_has_its_people_books_and_half_a_year_of_learning(whole: Settings) -> None:
    assert Member.select().count() == 60
    assert Unit.select().count() == 15
    assert Book.select().count() == 80
    assert Counter(KIND_OF[kind] for (kind,) in Material.select(Material.media_type).tuples()) == {
        **dict.fromkeys(KINDS, 1),
        "markdown": 6,
    }
    assert {state for (state,) in Material.select(Material.state).tuples()} == {"ready"}
    assert RequiredReading.select().count() == 2
    asked = RequiredReading.select(RequiredReading.material).order_by(RequiredReading.id).limit(1)
    assert MaterialReading.select().where(MaterialReading.material.in_(asked), MaterialReading.on_paper).count() == 2
    assert Counter(role for (role,) in RoleGrant.select(RoleGrant.role).tuples()) == {
        "administrator": 1,
        "liaison": 2,
        "lecturer": 3,
    }
    taken = {preset for (preset,) in Requirement.select(Requirement.preset).tuples()}
    assert taken == {"Q01", "Q04", "Q05", "Q06", "Q17", "Q18", "U05", "U10", "U12", "U13", "U14", "U15"}
    assert Note.select().where(Note.kind == "reading").count() > 20
    assert Note.select().count() == 33
    assert ReadingPlan.select().where(ReadingPlan.given.is_null()).count() == 5
    assert ReadingSession.select().count() > 1000
    states = Counter(state for (state,) in ReadingEntry.select(ReadingEntry.state).tuples())
    assert all(states[state] >= 10 for state in ("want", "reading", "finished", "abandoned"))
    months = {day.month for (day,) in ReadingSession.select(ReadingSession.day).distinct().tuples()}
    assert len(months) >= 6


def test_courses_are_completed_as_the_ledger_says(whole: Settings) -> None:
    assert Course.select().count() == 4
    booked_hours = LedgerEntry.select(fn.SUM(LedgerEntry.amount)).where(LedgerEntry.measure == "class_hours").scalar()
    assert booked_hours == CourseCompletion.select(fn.SUM(CourseCompletion.class_hour_tenths)).scalar() > 200


def test_members_learn_as_differently_as_people_do(whole: Settings) -> None:
    minutes = [booked(member, "study_minutes") for (member,) in Member.select(Member.id).tuples()]
    assert min(minutes) > 0
    assert max(minutes) > 10 * min(minutes)


def test_branches_have_half_a_year_of_registers_that_the_ledger_agrees_with(whole: Settings) -> None:
    held = Activity.select().where(Activity.kind == "group_study", Activity.state == "confirmed").count()
    assert held > 25
    booked_held = LedgerEntry.select().where(LedgerEntry.measure == "group_study_held").count()
    assert booked_held == held
    named = ActivityMark.select().join(Activity).where(Activity.kind == "group_study", ActivityMark.state != "").count()
    assert LedgerEntry.select().where(LedgerEntry.measure == "group_study_expected").count() == named
    assert Activity.select().where(Activity.state == "waiting").count() == 3
    assert Activity.select().where(Activity.state == "planned").count() >= 3
    assert Notice.select().where(Notice.read_at.is_null()).count() < 200


def test_the_ledger_holds_what_the_log_says_and_nothing_else(whole: Settings) -> None:
    for (member,) in Member.select(Member.id).tuples():
        minutes = ReadingSession.select(fn.SUM(ReadingSession.minutes)).where(ReadingSession.member == member).scalar()
        finished = ReadingEntry.select().where(ReadingEntry.member == member, ReadingEntry.state == "finished").count()
        watched = WatchProgress.select(WatchProgress.seconds).where(WatchProgress.member == member).tuples()
        assert booked(member, "study_minutes") == int(minutes or 0) + sum(int(seconds // 60) for (seconds,) in watched)
        assert booked(member, "book_finished") == finished
    assert not LedgerEntry.select().where(LedgerEntry.unit.is_null()).exists()


def test_nothing_lies_in_the_future_and_no_page_beyond_the_book(whole: Settings) -> None:
    now = clock.now()
    assert ReadingSession.select(fn.MAX(ReadingSession.created_at)).scalar() <= now
    assert ReadingSession.select(fn.MAX(ReadingSession.day)).scalar() <= clock.today()
    assert Note.select(fn.MAX(Note.created_at)).scalar() <= now
    beyond = ReadingEntry.select().join(Book).where(ReadingEntry.page > Book.pages)
    assert beyond.count() == 0


def test_who_wrote_about_a_book_has_read_in_it(whole: Settings) -> None:
    for note in Note.select().where(Note.book.is_null(False)):
        entry = ReadingEntry.get_or_none(ReadingEntry.member == note.member, ReadingEntry.book == note.book)
        assert entry is not None and entry.state in ("reading", "finished"), note.title


def test_everything_that_can_be_found_loads_and_waits_in_the_outbox(whole: Settings) -> None:
    waiting = set(OutboxRow.select(OutboxRow.kind, OutboxRow.ref).tuples())
    for kind, source in SOURCES.items():
        for ref in source.all_refs():
            assert list(source.load(ref)), (kind, ref)
            assert (kind, ref) in waiting


def test_no_background_work_is_left_over(whole: Settings) -> None:
    assert {state for (state,) in Job.select(Job.state).distinct().tuples()} == {"done"}


def test_the_accounts_file_names_four_accounts_that_can_sign_in(whole: Settings) -> None:
    lines = (whole.data / organisation.ACCOUNTS).read_text(encoding="utf-8").splitlines()[1:5]
    roles = []
    for line in lines:
        *_, name, phone, password = line.split()
        member = sign_in.authenticate(phone, password, "192.0.2.1")
        assert member.name == name and not member.must_change_password
        actor = load_actor(member.id)
        roles.append({grant.role for grant in actor.grants})
    assert roles == [{"administrator"}, {"liaison"}, {"lecturer"}, set()]


def test_the_first_pages_of_the_four_accounts_open(whole: Settings, built: APIFlask) -> None:
    with serving(built, whole) as app:
        for member in Member.select().order_by(Member.id).limit(4):
            page = Browser(app, member).get("/")
            assert page.status_code == 200
            assert member.name in page.get_data(as_text=True)


def test_the_recordings_are_ready_with_their_transcripts_and_partly_watched(whole: Settings) -> None:
    assert Lecture.select().count() == 2
    ready = sorted((row.state, row.duration_ms // 1000, row.position) for row in Recording.select())
    assert [(state, seconds) for state, seconds, _ in ready] == [("ready", 18), ("ready", 316), ("ready", 316)]
    chinese = list(Transcript.select().where(Transcript.language == "zh"))
    assert len(chinese) == 2
    assert min(Cue.select().where(Cue.transcript == row.id).count() for row in chinese) >= 40
    halfway = WatchProgress.get(WatchProgress.member == Member.get(Member.name == "王淑兰").id)
    assert json.loads(halfway.played) == [[0.0, halfway.position_s]]
    assert 150 <= halfway.position_s <= 165
    assert WatchProgress.select().count() > 30
