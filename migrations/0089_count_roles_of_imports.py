"""Count the roles that each row of a table of people gives or takes."""

from peewee import Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE roster_row ADD COLUMN roles INTEGER NOT NULL DEFAULT 0")


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("roster_row", "roles"))
