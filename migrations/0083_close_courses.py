"""Let a course end: whether what is finished after its last day still counts; where it did, it goes on so."""

from peewee import BooleanField, Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("course", "late_counts", BooleanField(default=True)))


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("course", "late_counts"))
