"""The ledger of an earlier release comes along whole, with what was done before there were events for it."""

from datetime import date
from pathlib import Path

import pytest

from lms.progress.models import LedgerEntry, Requirement
from tests.migrating import brought_up

BEFORE = "0051_accredit_lecturers"
NOW = "2026-11-20 08:00:00"
FACT = {"member_id": 1, "measure": "book_finished", "day": "2026-11-19", "unit_id": 1, "booked_at": NOW}
FACT |= {"evidence_kind": "reading_entry", "evidence_ref": 7}
ROWS: list[tuple[str, dict[str, object]]] = [
    ("unit", {"id": 1, "kind": "community", "name": "u", "path": "/1/", "created_at": NOW}),
    (
        "member",
        {"id": 1, "name": "m", "password_hash": "", "must_change_password": 0, "session_version": 1}
        | {"access_version": 1, "created_at": NOW},
    ),
    ("membership", {"id": 1, "member_id": 1, "unit_id": 1, "since": "2026-01-01"}),
    ("ledger_entry", {"id": 1, "amount": 1, "fact": "finish:7:1", **FACT}),
    ("ledger_entry", {"id": 2, "amount": -1, "fact": "reverse:finish:7:1", "reverses_id": 1, **FACT}),
    ("ledger_entry", {"id": 5, "amount": 1, "fact": "finish:7:2", **FACT}),
    (
        "requirement",
        {"id": 3, "title": "每月读一本书", "unit_id": 1, "measure": "book_finished", "amount": 1, "period": "month"}
        | {"since": "2026-01-01", "created_at": NOW},
    ),
    (
        "note",
        {"id": 4, "member_id": 1, "unit_id": 1, "title": "心得", "body": "b", "chars": 3200, "audience": "me"}
        | {"version": 1, "created_at": NOW, "updated_at": NOW, "kind": "reflection", "about_kind": "material"}
        | {"about_ref": 9, "state": "accepted", "times": 1, "submitted_at": NOW},
    ),
    (
        "note_review",
        {"id": 1, "note_id": 4, "member_id": 1, "step": "submitted", "remark": "", "version": 1, "at": NOW},
    ),
    (
        "reading_plan",
        {"id": 6, "member_id": 1, "title": "p", "since": "2026-01-01", "until": "2026-12-31", "created_at": NOW}
        | {"updated_at": NOW, "state": "approved", "remark": "", "submitted_at": NOW, "decided_at": NOW},
    ),
]


@pytest.mark.sqlite_only
def test_facts_reversals_and_requirements_come_along_and_past_deeds_are_booked_once(tmp_path: Path) -> None:
    brought_up(tmp_path / "old", BEFORE, ROWS)
    e = LedgerEntry
    rows = e.select(e.id, e.fact, e.amount, e.reverses).where(e.measure == "book_finished").order_by(e.id).tuples()
    assert list(rows) == [
        (1, "finish:7:1", 1, None),
        (2, "reverse:finish:7:1", -1, 1),
        (5, "finish:7:2", 1, None),
    ]
    booked = e.select(e.measure, e.fact, e.day, e.unit, e.category, e.size, e.subject).where(e.id > 5).order_by(e.id)
    assert list(booked.tuples()) == [
        ("plan_approved", "plan:6:0", date(2026, 11, 20), 1, "", 0, ""),
        ("note_submitted", "submit:4:1", date(2026, 11, 20), 1, "reflection", 3200, "material:9"),
    ]
    assert [(row.id, row.series, row.version, row.spec) for row in Requirement.select()] == [(3, 3, 1, "{}")]
