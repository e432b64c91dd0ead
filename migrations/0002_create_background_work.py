"""Create the tables of background work."""

from peewee import CharField, Database, DateTimeField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Job(Frozen):
    task = CharField(max_length=60)
    args = TextField(default="[]")
    state = CharField(max_length=8, default="waiting", index=True)
    attempts = IntegerField(default=0)
    error = TextField(default="")
    lease_until = DateTimeField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()


class WorkerBeat(Frozen):
    name = CharField(max_length=120, unique=True)
    beat_at = DateTimeField()


TABLES = [Job, WorkerBeat]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
