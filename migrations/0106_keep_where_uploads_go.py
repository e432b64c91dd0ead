"""Keep for an upload the page of what it belongs to, so that one goes on there with it."""

from peewee import CharField, Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("upload", "page", CharField(max_length=100, default="")))


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("upload", "page"))
