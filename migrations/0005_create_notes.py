"""Create the tables of notes."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Book(Frozen):
    pass


class Unit(Frozen):
    pass


class Note(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, null=True, lazy_load=False, on_delete="RESTRICT")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="SET NULL")
    title = CharField(max_length=120)
    body = TextField()
    chars = IntegerField(default=0)
    audience = CharField(max_length=12, default="me")
    version = IntegerField(default=1)
    created_at = DateTimeField()
    updated_at = DateTimeField(index=True)
    deleted_at = DateTimeField(null=True)

    class Meta:
        indexes = (
            (("member", "updated_at"), False),
            (("book", "updated_at"), False),
        )


TABLES = [Note]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Book, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
