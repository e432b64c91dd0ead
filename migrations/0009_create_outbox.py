"""Create the tables of the outbox."""

from peewee import AutoField, CharField, Database, DateTimeField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class OutboxRow(Frozen):
    id = AutoField()
    kind = CharField(max_length=24)
    ref = IntegerField()
    created_at = DateTimeField()


TABLES = [OutboxRow]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
