"""Widen the ledger (facts of units, what requirements narrow down by) and requirements (versions, who, what, how)."""

from datetime import datetime

from peewee import (
    SQL,
    CharField,
    Database,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class LedgerEntry(Frozen):
    member = ForeignKeyField(Member, null=True, lazy_load=False, index=False, on_delete="CASCADE")
    measure = CharField(max_length=32)
    amount = IntegerField()
    day = DateField()
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, index=False, on_delete="RESTRICT")
    category = CharField(max_length=40, default="")
    size = IntegerField(default=0)
    subject = CharField(max_length=24, default="")
    fact = CharField(max_length=80, unique=True)
    evidence_kind = CharField(max_length=32)
    evidence_ref = IntegerField()
    reverses = ForeignKeyField("self", null=True, unique=True, backref=None, lazy_load=False, on_delete="RESTRICT")
    booked_at = DateTimeField(default=datetime.now)

    class Meta:
        indexes = (
            (("member", "measure", "day"), False),
            (("unit", "measure", "day"), False),
            (("measure", "day", "unit", "member", "amount"), False),
            (("evidence_kind", "evidence_ref"), False),
        )


class Requirement(Frozen):
    series = IntegerField(null=True)


class Exemption(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    series = IntegerField(index=True)
    since = DateField()
    until = DateField(null=True)
    reason = CharField(max_length=200)
    given_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    given_at = DateTimeField()


class MemberTag(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    tag = CharField(max_length=24, index=True)
    since = DateField()
    until = DateField(null=True)


class LeaveOfAbsence(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    since = DateField()
    until = DateField(null=True)
    reason = CharField(max_length=200, default="")
    noted_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    noted_at = DateTimeField()


LEDGER = "ledger_entry"
TABLES = [MemberTag, LeaveOfAbsence, Exemption]
COPY = """
INSERT INTO ledger_entry (id, member_id, measure, amount, day, unit_id, fact, evidence_kind, evidence_ref,
    reverses_id, booked_at, category, size, subject)
SELECT id, member_id, measure, amount, day, unit_id, fact, evidence_kind, evidence_ref,
    reverses_id, booked_at, '', 0, '' FROM ledger_entry_old ORDER BY id
"""
NEW_COLUMNS = ("category", "size", "subject")
REQUIREMENT_COLUMNS = ("series", "version", "subject", "spec", "preset")


def up(migrator: SchemaMigrator, db: Database) -> None:
    if isinstance(db, SqliteDatabase):
        _rebuild(db)
    else:
        _alter(migrator, db)
    requirement = "requirement"
    migrate(
        migrator.add_column(requirement, "series", IntegerField(null=True)),
        migrator.add_column(requirement, "version", IntegerField(default=1)),
        migrator.add_column(requirement, "subject", CharField(max_length=12, default="member")),
        migrator.add_column(requirement, "spec", TextField(default="{}")),
        migrator.add_column(requirement, "preset", CharField(max_length=12, default="")),
        migrator.add_index(requirement, ("series",)),
    )
    with db.bind_ctx([Member, Unit, Requirement, *TABLES]):
        Requirement.update(series=SQL("id")).execute()
        db.create_tables(TABLES, safe=False)


def _rebuild(db: Database) -> None:
    """Make the table anew beside the old one: SQLite cannot drop a NOT NULL, and the ledger points at itself."""
    db.execute_sql(f"ALTER TABLE {LEDGER} RENAME TO ledger_entry_old")
    for (name,) in db.execute_sql(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'ledger_entry_old' AND sql IS NOT NULL"
    ).fetchall():
        db.execute_sql(f'DROP INDEX "{name}"')
    with db.bind_ctx([Member, Unit, LedgerEntry]):
        LedgerEntry._schema.create_table(safe=False)
        db.execute_sql(COPY)
        db.execute_sql("UPDATE ledger_entry_old SET reverses_id = NULL")
        db.execute_sql("DROP TABLE ledger_entry_old")
        LedgerEntry._schema.create_indexes(safe=False)


def _alter(migrator: SchemaMigrator, db: Database) -> None:
    migrate(
        migrator.drop_not_null(LEDGER, "member_id"),
        migrator.add_column(LEDGER, "category", CharField(max_length=40, default="")),
        migrator.add_column(LEDGER, "size", IntegerField(default=0)),
        migrator.add_column(LEDGER, "subject", CharField(max_length=24, default="")),
        migrator.drop_index(LEDGER, "ledger_entry_member_id"),
        migrator.drop_index(LEDGER, "ledger_entry_unit_id"),
        migrator.add_index(LEDGER, ("measure", "day", "unit_id", "member_id", "amount")),
        migrator.add_index(LEDGER, ("evidence_kind", "evidence_ref")),
    )


def down(migrator: SchemaMigrator, db: Database) -> None:
    """Take the new columns away; facts of units have no place in the old table and go."""
    with db.bind_ctx(TABLES):
        db.drop_tables(list(reversed(TABLES)))
    db.execute_sql("DELETE FROM ledger_entry WHERE member_id IS NULL AND reverses_id IS NOT NULL")
    db.execute_sql("DELETE FROM ledger_entry WHERE member_id IS NULL")
    migrate(
        migrator.drop_index(LEDGER, "ledger_entry_measure_day_unit_id_member_id_amount"),
        migrator.drop_index(LEDGER, "ledger_entry_evidence_kind_evidence_ref"),
        *[migrator.drop_column(LEDGER, name) for name in NEW_COLUMNS],
        migrator.drop_index("requirement", "requirement_series"),
        *[migrator.drop_column("requirement", name) for name in REQUIREMENT_COLUMNS],
    )
