"""Keep the date of birth where it is known: ages are then exact; the year alone stays possible."""

from peewee import Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql("ALTER TABLE member ADD COLUMN birth_date DATE")


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("member", "birth_date"))
