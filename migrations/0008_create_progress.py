"""Create the tables of progress."""

from peewee import CharField, Database, DateField, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class LedgerEntry(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    measure = CharField(max_length=32)
    amount = IntegerField()
    day = DateField()
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="RESTRICT")
    fact = CharField(max_length=80, unique=True)
    evidence_kind = CharField(max_length=32)
    evidence_ref = IntegerField()
    reverses = ForeignKeyField("self", null=True, unique=True, backref=None, lazy_load=False, on_delete="RESTRICT")
    booked_at = DateTimeField()

    class Meta:
        indexes = (
            (("member", "measure", "day"), False),
            (("unit", "measure", "day"), False),
        )


class Requirement(Frozen):
    title = CharField(max_length=120)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    measure = CharField(max_length=32)
    amount = IntegerField()
    period = CharField(max_length=12)
    since = DateField()
    until = DateField(null=True)
    created_at = DateTimeField()


TABLES = [LedgerEntry, Requirement]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
