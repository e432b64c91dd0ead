"""Create the tables of reading."""

from peewee import CharField, Database, DateField, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Book(Frozen):
    pass


class ReadingEntry(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    state = CharField(max_length=12)
    page = IntegerField(null=True)
    started_on = DateField(null=True)
    finished_on = DateField(null=True)
    times = IntegerField(default=0)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        indexes = (
            (("member", "book"), True),
            (("member", "state", "updated_at"), False),
        )


class ReadingSession(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    day = DateField()
    minutes = IntegerField()
    page = IntegerField(null=True)
    created_at = DateTimeField()
    withdrawn_at = DateTimeField(null=True)

    class Meta:
        indexes = (
            (("member", "day"), False),
            (("member", "book", "day"), False),
        )


class ReadingPlan(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=80)
    since = DateField()
    until = DateField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class PlanItem(Frozen):
    plan = ForeignKeyField(ReadingPlan, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    due_on = DateField()
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("plan", "book"), True),)


TABLES = [ReadingEntry, ReadingSession, ReadingPlan, PlanItem]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Book, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
