"""Count the changes of a recommended list, so that of two people who edit it the later one is told."""

from peewee import Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE book_list ADD COLUMN version INTEGER NOT NULL DEFAULT 1")


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("book_list", "version"))
