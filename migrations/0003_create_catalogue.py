"""Create the tables of the catalogue."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Book(Frozen):
    title = CharField(max_length=200, index=True)
    sort_key = CharField(max_length=200, default="", index=True)
    subtitle = CharField(max_length=200, default="")
    authors = CharField(max_length=200)
    translators = CharField(max_length=200, default="")
    publisher = CharField(max_length=100, default="")
    year = IntegerField(null=True)
    isbn = CharField(max_length=13, null=True, index=True)
    language = CharField(max_length=8, default="zh")
    clc = CharField(max_length=20, default="", index=True)
    subjects = CharField(max_length=200, default="")
    pages = IntegerField(null=True)
    summary = TextField(default="")
    added_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(index=True)
    updated_at = DateTimeField()
    withdrawn_at = DateTimeField(null=True)


TABLES = [Book]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
