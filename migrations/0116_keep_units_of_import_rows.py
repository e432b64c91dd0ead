"""Keep with each row of a table of people or units where its member or unit goes, and from where."""

from peewee import Database, IntegerField
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(
        migrator.add_column("roster_row", "unit", IntegerField(null=True)),
        migrator.add_column("roster_row", "unit_before", IntegerField(null=True)),
    )


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("roster_row", "unit_before"), migrator.drop_column("roster_row", "unit"))
