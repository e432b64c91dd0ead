"""Create the tables of merges of books, with what each of them moved, so that a merge can be undone."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Book(Frozen):
    pass


class BookMerge(Frozen):
    kept = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    dropped = ForeignKeyField(Book, lazy_load=False, backref="+", on_delete="CASCADE")
    merged_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    merged_at = DateTimeField()
    undone_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", on_delete="SET NULL")
    undone_at = DateTimeField(null=True)


class MergeTrace(Frozen):
    merge = ForeignKeyField(BookMerge, lazy_load=False, on_delete="CASCADE")
    part = CharField(max_length=24)
    content = TextField()

    class Meta:
        indexes = ((("merge", "part"), True),)


TABLES = [BookMerge, MergeTrace]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Book, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(list(reversed(TABLES)))
