"""Mark the materials of which only the text has been taken out so far; none of those that are there."""

from peewee import BooleanField, Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("material", "plain", BooleanField(default=False)))


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("material", "plain"))
