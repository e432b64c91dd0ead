"""Give materials versions, pages with markup, web links, progress of readers, and reading that is required."""

from peewee import (
    BigIntegerField,
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
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class Material(Frozen):
    pass


class MaterialVersion(Frozen):
    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    media_type = CharField(max_length=80)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    charset = CharField(max_length=12, default="")
    page_count = IntegerField(default=0)
    state = CharField(max_length=12, default="preparing")
    failure = CharField(max_length=200, default="")
    remark = CharField(max_length=200, default="")
    uploader = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField()

    class Meta:
        indexes = ((("material", "number"), True),)


class MaterialReading(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    version = IntegerField(default=1)
    pages = TextField(default="")
    read = IntegerField(default=0)
    last_page = IntegerField(default=1)
    credited_at = DateTimeField(null=True)
    finished_on = DateField(null=True)
    on_paper = BooleanField(default=False)
    times = IntegerField(default=0)
    updated_at = DateTimeField()

    class Meta:
        indexes = (
            (("member", "material"), True),
            (("member", "updated_at"), False),
            (("material", "finished_on"), False),
        )


class RequiredReading(Frozen):
    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    since = DateField()
    until = DateField()
    note = CharField(max_length=300, default="")
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField()
    announced_at = DateTimeField(null=True)
    ended_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("unit", "until"), False),)


class MaterialBulkEdit(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    what = CharField(max_length=12)
    before = TextField()
    made_at = DateTimeField()
    undone_at = DateTimeField(null=True)


TABLES = [MaterialVersion, MaterialReading, RequiredReading, MaterialBulkEdit]
COLUMNS = (
    ("material", "version INTEGER NOT NULL DEFAULT 1"),
    ("material", "url VARCHAR(500) NOT NULL DEFAULT ''"),
    ("material_page", "markup TEXT NOT NULL DEFAULT ''"),
)
WIDER_MEDIA_TYPE = (
    "ALTER TABLE material ADD COLUMN wide_type VARCHAR(80) NOT NULL DEFAULT ''",
    "UPDATE material SET wide_type = media_type",
    "ALTER TABLE material DROP COLUMN media_type",
    "ALTER TABLE material RENAME COLUMN wide_type TO media_type",
)
FIRST_VERSIONS = """
    INSERT INTO material_version (material_id, number, media_type, file_key, file_name, file_size, charset,
        page_count, state, failure, remark, uploader_id, created_at)
    SELECT id, 1, media_type, file_key, file_name, file_size, charset, page_count, state, failure, '', uploader_id,
        created_at
    FROM material
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    for table, column in COLUMNS:
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
    # Beside the old column, not by building the table anew: on SQLite that would empty those that refer to it.
    for step in WIDER_MEDIA_TYPE:
        db.execute_sql(step)
    with db.bind_ctx([Member, Unit, Material, *TABLES]):
        db.create_tables(TABLES, safe=False)
    db.execute_sql(FIRST_VERSIONS)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
    migrate(*(migrator.drop_column(table, column.split()[0]) for table, column in COLUMNS))
