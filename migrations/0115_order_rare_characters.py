"""Put rare characters in names and titles where their sound is: they stood after Z."""

import re

from peewee import CharField, Database, Model
from playhouse.migrate import SchemaMigrator

from lms.name_order import name_key, order_key

BESIDE = re.compile("[0-9a-f]{4}z")


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    name = CharField(max_length=40)
    name_key = CharField(max_length=192, default="", index=True)


class Book(Frozen):
    sort_key = CharField(max_length=200, default="", index=True)


def up(migrator: SchemaMigrator, db: Database) -> None:
    # A key says the characters it was made of. How keys are made is asked of the service, for a frozen copy would be
    # its whole table of sounds: whoever changes that makes all keys anew once more.
    with db.bind_ctx([Member, Book]):
        for name, key in list(Member.select(Member.name, Member.name_key).distinct().tuples()):
            if name_key(name) != key:
                Member.update(name_key=name_key(name)).where(Member.name == name).execute()
        for (key,) in list(Book.select(Book.sort_key).distinct().tuples()):
            moved = order_key(bytes.fromhex(key).decode("gb18030", errors="replace"))
            if moved != key:
                Book.update(sort_key=moved).where(Book.sort_key == key).execute()


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Book]):
        for column in (Member.name_key, Book.sort_key):
            for (key,) in list(column.model.select(column).where(column.contains("z")).distinct().tuples()):
                before = BESIDE.sub("", key)
                column.model.update({column: before}).where(column == key).execute()
