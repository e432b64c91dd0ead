"""Create the tables of imports of one's own shelf and of archives of all that a member wrote and read."""

from peewee import BigIntegerField, CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class ShelfImport(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    state = CharField(max_length=12, default="checked")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    noted = IntegerField(default=0)
    refused = TextField(default="[]")
    created_at = DateTimeField()
    finished_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "created_at"), False),)


class NoteArchive(Frozen):
    member = ForeignKeyField(Member, unique=True, lazy_load=False, on_delete="CASCADE")
    words = TextField()
    state = CharField(max_length=12, default="packing")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    file_key = CharField(max_length=64, default="")
    file_size = BigIntegerField(default=0)
    asked_at = DateTimeField()
    ready_at = DateTimeField(null=True)


TABLES = [ShelfImport, NoteArchive]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
