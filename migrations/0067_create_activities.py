"""Create the tables of activity records."""

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


class Activity(Frozen):
    kind = CharField(max_length=24)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=200)
    day = DateField()
    until = DateField(null=True)
    starts = CharField(max_length=5, default="")
    place = CharField(max_length=120, default="")
    minutes = IntegerField(null=True)
    amount = IntegerField(null=True)
    category = CharField(max_length=24, default="")
    text = TextField(default="")
    link = CharField(max_length=500, default="")
    state = CharField(max_length=12)
    version = IntegerField(default=1)
    entered_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    submitted_at = DateTimeField(null=True)
    decided_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    decided_at = DateTimeField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        indexes = ((("member", "day"), False), (("unit", "day"), False), (("state", "submitted_at"), False))


class ActivityMark(Frozen):
    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    state = CharField(max_length=8, default="")
    spoke = BooleanField(default=False)
    leave_at = DateTimeField(null=True)
    leave_late = BooleanField(default=False)
    leave_reason = CharField(max_length=200, default="")
    made_up_on = DateField(null=True)

    class Meta:
        indexes = ((("activity", "member"), True),)


class ActivityPart(Frozen):
    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=60)
    number = IntegerField()
    measure = CharField(max_length=32)
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    amount = IntegerField()
    day = DateField()
    category = CharField(max_length=24, default="")
    size = IntegerField(default=0)
    withdrawn = BooleanField(default=False)

    class Meta:
        indexes = ((("activity", "name", "number"), True),)


class ActivityFile(Frozen):
    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    name = CharField(max_length=200)
    media_type = CharField(max_length=40)
    size = IntegerField()
    added_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    added_at = DateTimeField()


class ActivityStep(Frozen):
    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    step = CharField(max_length=12)
    remark = TextField(default="")
    at = DateTimeField()


TABLES = [Activity, ActivityMark, ActivityPart, ActivityFile, ActivityStep]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(list(reversed(TABLES)))
