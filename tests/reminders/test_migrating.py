"""What members were told before one notice named several things is not told again."""

from datetime import date
from pathlib import Path

import pytest

from lms.db import database
from lms.reminders.models import Nudge, Reminded
from tests.migrating import brought_up

BEFORE = "0099_keep_birth_dates"
NOW = "2026-11-20 08:00:00"
ROWS = [
    ("unit", {"id": 1, "kind": "community", "name": "u", "path": "/1/", "created_at": NOW}),
    (
        "member",
        {"id": 1, "name": "m", "password_hash": "", "must_change_password": 0, "session_version": 1}
        | {"access_version": 1, "unread_notices": 2, "created_at": NOW, "position": ""},
    ),
    *(
        ("notice", {"member_id": 1, "kind": kind, "key": key, "message": "", "said": "{}", "href": "/", "at": NOW})
        for kind, key in (("behind", "behind:1:2026-11-01"), ("plan_due", "due:1:book:2:2026-11-30"), ("note", "n:1"))
    ),
    *(
        ("notice", {"member_id": 1, "kind": kind, "key": key, "message": "", "said": "{}", "href": "/", "at": NOW})
        for kind, key in (
            ("activity", "session:3"),
            ("activity", "session:3:2026-11-29"),
            ("accreditation", "accreditation:4:2026-12-01"),
        )
    ),
    ("nudge", {"member_id": 1, "series": 1, "since": "2026-11-01", "at": NOW}),
]


@pytest.mark.sqlite_only
def test_what_was_told_is_known_and_old_nudges_stay(tmp_path: Path) -> None:
    brought_up(tmp_path / "old", BEFORE, ROWS)
    keys = [key for (key,) in Reminded.select(Reminded.key).order_by(Reminded.key).tuples()]
    assert keys == [
        "accreditation:4:2026-12-01",
        "behind:1:2026-11-01",
        "due:1:book:2:2026-11-30",
        "session:3:2026-11-29",
    ]
    (nudge,) = Nudge.select()
    assert (nudge.since, nudge.sending) == (date(2026, 11, 1), None)
    database.close()
