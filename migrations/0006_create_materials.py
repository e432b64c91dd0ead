"""Create the tables of materials."""

from peewee import BigIntegerField, CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class Material(Frozen):
    title = CharField(max_length=200)
    summary = CharField(max_length=500, default="")
    category = CharField(max_length=20, default="")
    media_type = CharField(max_length=40)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    charset = CharField(max_length=12, default="")
    page_count = IntegerField(default=0)
    state = CharField(max_length=12, default="preparing")
    failure = CharField(max_length=200, default="")
    uploader = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    audience = CharField(max_length=12, default="everyone")
    source_key = CharField(max_length=80, null=True, unique=True)
    created_at = DateTimeField(index=True)
    updated_at = DateTimeField()
    archived_at = DateTimeField(null=True)


class MaterialPage(Frozen):
    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    heading = CharField(max_length=200, default="")
    text = TextField()

    class Meta:
        indexes = ((("material", "number"), True),)


TABLES = [Material, MaterialPage]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
