"""Have the index take in all activity records again: who may find one is no longer written by the tree of then."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    db.execute_sql(
        "INSERT INTO outbox_row (kind, ref, created_at) SELECT 'activity', id, updated_at FROM activity ORDER BY id"
    )


def down(migrator: SchemaMigrator, db: Database) -> None:
    """Leave the outbox as it is: taking a record in once more changes nothing."""
