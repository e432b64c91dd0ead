"""Keep what a member is at work or in the branch."""

from peewee import Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE member ADD COLUMN position VARCHAR(40) NOT NULL DEFAULT ''")


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("member", "position"))
