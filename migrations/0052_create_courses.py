"""Create the tables of courses. Lectures that members have seen before count in courses that are made from now on."""

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


class Course(Frozen):
    title = CharField(max_length=120)
    summary = TextField(default="")
    lecturer = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    lecturer_name = CharField(max_length=80)
    category = CharField(max_length=20, default="other", index=True)
    class_hour_tenths = IntegerField(default=0)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    audience = CharField(max_length=12, default="everyone")
    since = DateField(null=True)
    until = DateField(null=True)
    rule = CharField(max_length=12, default="all")
    amount = IntegerField(default=0)
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(index=True)
    updated_at = DateTimeField()
    published_at = DateTimeField(null=True)
    archived_at = DateTimeField(null=True)


class CourseItem(Frozen):
    course = ForeignKeyField(Course, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    ref = IntegerField()
    position = IntegerField()
    required = BooleanField(default=True)
    remark = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("course", "kind", "ref"), True), (("kind", "ref"), False))


class ItemDone(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    ref = IntegerField()
    day = DateField()

    class Meta:
        indexes = ((("member", "kind", "ref"), True), (("kind", "ref"), False))


class CourseCompletion(Frozen):
    course = ForeignKeyField(Course, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    day = DateField()
    class_hour_tenths = IntegerField()
    times = IntegerField(default=1)
    withdrawn_at = DateTimeField(null=True)
    withdrawn_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField()

    class Meta:
        indexes = ((("course", "member"), True),)


TABLES = [Course, CourseItem, ItemDone, CourseCompletion]
SEEN_BEFORE = """
INSERT INTO item_done (member_id, kind, ref, day)
SELECT member_id, kind, ref, day FROM studied_thing WHERE kind = 'lecture'
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)
    db.execute_sql(SEEN_BEFORE)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
