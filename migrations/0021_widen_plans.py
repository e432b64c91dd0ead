"""Widen plans: materials, lectures and numbers, states with remarks, plans of units, traces, calendars."""

from peewee import (
    CharField,
    Database,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
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


class Book(Frozen):
    title = CharField(max_length=200)


class ReadingPlan(Frozen):
    pass


class PlanItem(Frozen):
    book = ForeignKeyField(Book, lazy_load=False)
    title = CharField(max_length=200, default="")


class UnitPlan(Frozen):
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=80)
    since = DateField()
    until = DateField(index=True)
    given_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField()
    withdrawn_at = DateTimeField(null=True)


class UnitPlanItem(Frozen):
    plan = ForeignKeyField(UnitPlan, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12, default="book")
    book = ForeignKeyField(Book, null=True, lazy_load=False, on_delete="RESTRICT")
    ref = IntegerField(null=True)
    title = CharField(max_length=200, default="")
    amount = IntegerField(default=1)
    due_on = DateField()
    position = IntegerField(default=0)


class PlanChange(Frozen):
    plan = ForeignKeyField(ReadingPlan, lazy_load=False, on_delete="CASCADE")
    by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    at = DateTimeField()
    what = CharField(max_length=12)
    detail = TextField(default="{}")


class StudiedThing(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    ref = IntegerField()
    day = DateField()

    class Meta:
        indexes = ((("member", "kind", "ref"), True),)


class CalendarFeed(Frozen):
    member = ForeignKeyField(Member, unique=True, lazy_load=False, on_delete="CASCADE")
    token = CharField(max_length=64, unique=True)
    created_at = DateTimeField()


TABLES = [UnitPlan, UnitPlanItem, PlanChange, StudiedThing, CalendarFeed]
# What was really played to nine tenths before there was an event for it.
SEEN_ALREADY = """
INSERT INTO studied_thing (member_id, kind, ref, day)
SELECT w.member_id, 'lecture', r.lecture_id, DATE(w.heard_at)
FROM watch_progress AS w JOIN recording AS r ON r.id = w.recording_id
WHERE r.duration_ms > 0 AND w.seconds * 1000 >= r.duration_ms * 0.9
"""
PLAN_COLUMNS = ("state", "unit_id", "submitted_at", "decided_at", "decided_by", "remark", "given_id", "source")


def _pointing_at(model: type[Model]) -> ForeignKeyField:
    return ForeignKeyField(model, field=model.id, null=True, on_delete="SET NULL", index=True)


def up(migrator: SchemaMigrator, db: Database) -> None:
    plan, item = "reading_plan", "plan_item"
    with db.bind_ctx([Member, Unit, Book, ReadingPlan, PlanItem, *TABLES]):
        db.create_tables(TABLES, safe=False)
        migrate(
            migrator.add_column(plan, "state", CharField(max_length=12, default="draft")),
            migrator.add_column(plan, "unit_id", _pointing_at(Unit)),
            migrator.add_column(plan, "submitted_at", DateTimeField(null=True)),
            migrator.add_column(plan, "decided_at", DateTimeField(null=True)),
            migrator.add_column(plan, "decided_by", IntegerField(null=True)),
            migrator.add_column(plan, "remark", CharField(max_length=500, default="")),
            migrator.add_column(plan, "given_id", _pointing_at(UnitPlan)),
            migrator.add_column(plan, "source", IntegerField(null=True)),
            migrator.add_index(plan, ("member_id", "until")),
            migrator.add_index(plan, ("unit_id", "state")),
            migrator.add_index(plan, ("member_id", "given_id"), True),
            migrator.drop_not_null(item, "book_id"),
            migrator.add_column(item, "kind", CharField(max_length=12, default="book")),
            migrator.add_column(item, "ref", IntegerField(null=True)),
            migrator.add_column(item, "title", CharField(max_length=200, default="")),
            migrator.add_column(item, "amount", IntegerField(default=1)),
            migrator.add_index(item, ("plan_id", "kind", "ref"), True),
        )
        title = Book.select(Book.title).where(Book.id == PlanItem.book)
        PlanItem.update(title=title).execute()
    db.execute_sql(SEEN_ALREADY)


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(
        migrator.drop_index("plan_item", "plan_item_plan_id_kind_ref"),
        *[migrator.drop_column("plan_item", name) for name in ("kind", "ref", "title", "amount")],
        *[
            migrator.drop_index("reading_plan", f"reading_plan_{name}")
            for name in ("member_id_until", "unit_id_state", "member_id_given_id")
        ],
        *[migrator.drop_column("reading_plan", name) for name in PLAN_COLUMNS],
    )
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
