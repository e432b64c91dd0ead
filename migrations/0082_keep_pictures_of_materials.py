"""Keep the pictures within documents, and have those that are there already read once more for theirs."""

from peewee import CharField, Database, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Material(Model):
    class Meta:
        legacy_table_names = False


class MaterialPicture(Model):
    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    file_key = CharField(max_length=64)

    class Meta:
        legacy_table_names = False
        indexes = ((("material", "number"), True),)


READ_AGAIN = """
INSERT INTO job (task, args, state, attempts, error, created_at, updated_at)
SELECT 'materials.extract', '[' || id || ', ' || version || ']', 'waiting', 0, '', updated_at, updated_at
FROM material WHERE state = 'ready' AND archived_at IS NULL AND file_key <> '' AND (
    media_type IN (
        'application/epub+zip',
        'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
        'application/vnd.openxmlformats-officedocument.presentationml.presentation'
    )
)
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([MaterialPicture], bind_refs=True):
        db.create_tables([MaterialPicture], safe=False)
    db.execute_sql(READ_AGAIN)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([MaterialPicture]):
        db.drop_tables([MaterialPicture])
