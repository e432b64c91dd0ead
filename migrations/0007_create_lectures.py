"""Create the tables of lectures."""

from peewee import (
    BigIntegerField,
    CharField,
    Database,
    DateField,
    DateTimeField,
    FloatField,
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


class Lecture(Frozen):
    title = CharField(max_length=200)
    summary = CharField(max_length=1000, default="")
    speaker = CharField(max_length=80)
    held_on = DateField(null=True)
    uploader = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    audience = CharField(max_length=12, default="everyone")
    created_at = DateTimeField(index=True)
    updated_at = DateTimeField()
    archived_at = DateTimeField(null=True)


class Recording(Frozen):
    lecture = ForeignKeyField(Lecture, unique=True, lazy_load=False, on_delete="CASCADE")
    media_type = CharField(max_length=40)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    duration_ms = IntegerField(default=0)
    poster_key = CharField(max_length=64, default="")
    state = CharField(max_length=12, default="preparing")
    failure = CharField(max_length=200, default="")
    failure_detail = CharField(max_length=60, default="")
    created_at = DateTimeField()


class Cue(Frozen):
    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    start_ms = IntegerField()
    end_ms = IntegerField()
    text = TextField()

    class Meta:
        indexes = ((("recording", "number"), True),)


class WatchProgress(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    recording = ForeignKeyField(Recording, lazy_load=False, on_delete="CASCADE")
    position_s = FloatField(default=0)
    moved_at = DateTimeField()
    played = TextField(default="[]")
    seconds = FloatField(default=0)
    heard_at = DateTimeField()

    class Meta:
        indexes = ((("member", "recording"), True),)


TABLES = [Lecture, Recording, Cue, WatchProgress]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
