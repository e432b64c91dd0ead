"""Create the tables of recommended lists."""

from peewee import (
    BooleanField,
    CharField,
    Database,
    DateField,
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


class Unit(Frozen):
    pass


class Book(Frozen):
    pass


class BookList(Frozen):
    title = CharField(max_length=80)
    intro = TextField(default="")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="SET NULL")
    since = DateField()
    until = DateField()
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    issued_at = DateTimeField(null=True)
    withdrawn_at = DateTimeField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        indexes = ((("unit", "until"), False),)


class ListedBook(Frozen):
    list = ForeignKeyField(BookList, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    position = IntegerField()
    required = BooleanField(default=True)
    reason = CharField(max_length=300, default="")

    class Meta:
        indexes = ((("list", "book"), True),)


class ListLook(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    list = ForeignKeyField(BookList, lazy_load=False, on_delete="CASCADE")
    at = DateTimeField()

    class Meta:
        indexes = ((("member", "list"), True),)


TABLES = [BookList, ListedBook, ListLook]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, Book, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
