"""What was logged and planned before several readings and wide plans is there afterwards."""

from datetime import date
from pathlib import Path

import pytest

from lms.db import database
from lms.reading.models import PlanItem, ReadingEntry, ReadingPlan, ReadingSession, StudiedThing
from tests.migrating import brought_up

BEFORE = "0009_create_outbox"
NOW = "2026-11-20 08:00:00"
ROWS = {
    "unit": {"id": 1, "kind": "community", "name": "u", "path": "/1/", "created_at": NOW},
    "member": {"id": 1, "name": "m", "password_hash": "", "must_change_password": 0, "session_version": 1}
    | {"access_version": 1, "created_at": NOW},
    "book": {"id": 1, "title": "围城", "authors": "a", "language": "zh", "created_at": NOW, "updated_at": NOW}
    | dict.fromkeys(("sort_key", "subtitle", "translators", "publisher", "clc", "subjects", "summary"), ""),
    "reading_entry": {"id": 7, "member_id": 1, "book_id": 1, "state": "finished", "finished_on": "2026-11-19"}
    | {"times": 3, "created_at": NOW, "updated_at": NOW},
    "reading_session": {"id": 5, "member_id": 1, "book_id": 1, "day": "2026-11-18", "minutes": 30, "created_at": NOW},
    "reading_plan": {"id": 2, "member_id": 1, "title": "p", "since": "2026-11-01", "until": "2026-12-01"}
    | {"created_at": NOW, "updated_at": NOW},
    "plan_item": {"id": 3, "plan_id": 2, "book_id": 1, "due_on": "2026-11-30", "position": 0},
    "lecture": {"id": 1, "title": "l", "summary": "", "speaker": "s", "unit_id": 1, "audience": "everyone"}
    | {"created_at": NOW, "updated_at": NOW},
    "recording": {
        "id": 4,
        "lecture_id": 1,
        "media_type": "video/mp4",
        "file_key": "k",
        "file_name": "f",
        "file_size": 1,
    }
    | {
        "duration_ms": 100_000,
        "poster_key": "",
        "state": "ready",
        "failure": "",
        "failure_detail": "",
        "created_at": NOW,
    },
    "watch_progress": {"member_id": 1, "recording_id": 4, "position_s": 95, "moved_at": NOW, "played": "[]"}
    | {"seconds": 95, "heard_at": NOW},
}


@pytest.mark.sqlite_only
def test_logs_notes_plans_and_lectures_watched_come_along(tmp_path: Path) -> None:
    brought_up(tmp_path / "old", BEFORE, ROWS.items())
    entry = ReadingEntry.get_by_id(7)
    assert (entry.times, entry.fact, entry.number, entry.finished_on) == (3, 3, 1, date(2026, 11, 19))
    session = ReadingSession.get_by_id(5)
    assert (session.noted_at, session.remark, session.number) == (session.created_at, "", 1)
    assert ReadingPlan.get_by_id(2).state == "draft"
    item = PlanItem.get_by_id(3)
    assert (item.kind, item.book, item.title, item.amount) == ("book", 1, "围城", 1)
    studied = StudiedThing.get()
    assert (studied.kind, studied.ref, studied.day) == ("lecture", 1, date(2026, 11, 20))
    database.close()
