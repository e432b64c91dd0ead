"""Keep what members searched for."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class PastSearch(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    text = CharField(max_length=200)
    key = CharField(max_length=200)
    asked_at = DateTimeField()

    class Meta:
        indexes = (
            (("member", "key"), True),
            (("member", "asked_at"), False),
        )


TABLES = [PastSearch]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
