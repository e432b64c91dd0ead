"""Book what was done before there were events for it: lectures heard, plans approved, notes handed in, plans of units.

The keys are those of ``lms/progress/booking.py``, so that what happens again later meets them. Rows booked earlier get
what requirements narrow down by: the kind and 字数 of a note, the book that was finished.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

BOOKED = "INSERT INTO ledger_entry (member_id, measure, amount, day, unit_id, category, size, subject, fact, "
BOOKED += "evidence_kind, evidence_ref, reverses_id, booked_at) "
UNIT_ON = """(SELECT m.unit_id FROM membership AS m WHERE m.member_id = x.member_id AND m.since <= {day}
    AND (m.until IS NULL OR m.until >= {day}) ORDER BY m.since DESC, m.id DESC LIMIT 1)"""
ABOUT = """CASE WHEN x.book_id IS NOT NULL THEN 'book:' || CAST(x.book_id AS VARCHAR(20))
    WHEN x.about_kind <> '' THEN x.about_kind || ':' || CAST(x.about_ref AS VARCHAR(20)) ELSE '' END"""
NEW = " AND NOT EXISTS (SELECT 1 FROM ledger_entry AS e WHERE e.fact = {fact})"

LECTURE = "'lecture:' || CAST(x.lecture_id AS VARCHAR(20)) || ':' || CAST(x.member_id AS VARCHAR(20))"
PLAN = "'plan:' || CAST(x.id AS VARCHAR(20)) || ':0'"
UNIT_PLAN = "'unit_plan:' || CAST(x.id AS VARCHAR(20))"
TIMES = "(SELECT COUNT(*) FROM note_review AS r WHERE r.note_id = x.id AND r.step = 'submitted')"
NOTE = f"'submit:' || CAST(x.id AS VARCHAR(20)) || ':' || CAST({TIMES} AS VARCHAR(20))"


def _select(values: str, table: str, where: str, fact: str) -> str:
    told = f"SELECT {values}, NULL, CURRENT_TIMESTAMP FROM {table} AS x WHERE {where}"  # noqa: S608 names of ours
    return BOOKED + told + NEW.format(fact=fact)


def _lectures() -> str:
    day = "DATE(x.done_at)"
    subject = "'lecture:' || CAST(x.lecture_id AS VARCHAR(20))"
    values = f"x.member_id, 'lecture_completed', 1, {day}, {UNIT_ON.format(day=day)}, '', 0, {subject}, {LECTURE}, "
    return _select(values + "'lecture', x.lecture_id", "lecture_done", "1 = 1", LECTURE)


def _plans() -> str:
    day = "DATE(COALESCE(x.submitted_at, x.decided_at))"
    values = f"x.member_id, 'plan_approved', 1, {day}, {UNIT_ON.format(day=day)}, '', 0, '', {PLAN}, 'plan', x.id"
    where = "x.state = 'approved' AND x.given_id IS NULL AND x.decided_at IS NOT NULL"
    return _select(values, "reading_plan", where, PLAN)


def _unit_plans() -> str:
    values = f"NULL, 'unit_plan_made', 1, DATE(x.created_at), x.unit_id, '', 0, '', {UNIT_PLAN}, 'unit_plan', x.id"
    return _select(values, "unit_plan", "1 = 1", UNIT_PLAN)


def _notes() -> str:
    day = "DATE(x.submitted_at)"
    values = f"x.member_id, 'note_submitted', 1, {day}, {UNIT_ON.format(day=day)}, x.kind, x.chars, {ABOUT}, {NOTE}, "
    where = "x.state IN ('submitted', 'returned', 'accepted') AND x.submitted_at IS NOT NULL AND x.deleted_at IS NULL"
    return _select(values + "'note', x.id", "note", where, NOTE)


ACCEPTED = """
UPDATE ledger_entry SET
    category = (SELECT x.kind FROM note AS x WHERE x.id = ledger_entry.evidence_ref),
    size = (SELECT x.chars FROM note AS x WHERE x.id = ledger_entry.evidence_ref),
    subject = (SELECT :about FROM note AS x WHERE x.id = ledger_entry.evidence_ref)
WHERE measure = 'note_accepted' AND evidence_kind = 'note'
    AND EXISTS (SELECT 1 FROM note AS x WHERE x.id = ledger_entry.evidence_ref)
""".replace(":about", ABOUT)
FINISHED = """
UPDATE ledger_entry SET subject =
    (SELECT 'book:' || CAST(x.book_id AS VARCHAR(20)) FROM reading_entry AS x WHERE x.id = ledger_entry.evidence_ref)
WHERE measure = 'book_finished' AND evidence_kind = 'reading_entry'
    AND EXISTS (SELECT 1 FROM reading_entry AS x WHERE x.id = ledger_entry.evidence_ref)
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    for statement in (_lectures(), _plans(), _unit_plans(), _notes(), ACCEPTED, FINISHED):
        db.execute_sql(statement)


def down(migrator: SchemaMigrator, db: Database) -> None:
    """What was booked stays: it did happen."""
