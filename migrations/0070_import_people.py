"""Create the tables of imports of people and units."""

from peewee import (
    BooleanField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class RosterImport(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=8)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    columns = TextField()
    whole = BooleanField(default=False)
    leave_out = BooleanField(default=False)
    state = CharField(max_length=12, default="checking")
    failure = CharField(max_length=300, default="")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    created_at = DateTimeField()
    finished_at = DateTimeField(null=True)


class RosterRow(Frozen):
    load = ForeignKeyField(RosterImport, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    action = CharField(max_length=8)
    name = CharField(max_length=80)
    subject = IntegerField(null=True)
    values = TextField()
    notes = TextField(default="[]")
    carried_out = BooleanField(default=False)
    nonce = CharField(max_length=32, default="")

    class Meta:
        indexes = ((("load", "action", "number"), False), (("load", "carried_out", "number"), False))


TABLES = [RosterImport, RosterRow]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
