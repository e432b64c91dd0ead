"""Let the latest notes that stand be found in their order: home and the list of notes sorted all of them each time."""

from peewee import Database
from playhouse.migrate import SchemaMigrator, migrate

LATEST = ("deleted_at", "updated_at", "id")


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_index("note", LATEST), migrator.drop_index("note", "note_deleted_at"))


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_index("note", ("deleted_at",)), migrator.drop_index("note", "note_deleted_at_updated_at_id"))
