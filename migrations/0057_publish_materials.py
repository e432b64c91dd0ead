"""Note when a material was published: who may not publish yet uploads it for later."""

from peewee import Database, DateTimeField
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("material", "published_at", DateTimeField(null=True)))
    db.execute_sql("UPDATE material SET published_at = created_at")


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("material", "published_at"))
