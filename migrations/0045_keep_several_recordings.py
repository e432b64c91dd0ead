"""Let a lecture have several recordings in an order, and note how far each is prepared and what was made of it."""

from peewee import Database, DateTimeField, SqliteDatabase
from playhouse.migrate import SchemaMigrator, migrate

COLUMNS = (
    "title VARCHAR(200) NOT NULL DEFAULT ''",
    "position INTEGER NOT NULL DEFAULT 1",
    "percent INTEGER NOT NULL DEFAULT 0",
    "silent {boolean} NOT NULL DEFAULT FALSE",
    "sound_key VARCHAR(64) NOT NULL DEFAULT ''",
    "sound_size {bigint} NOT NULL DEFAULT 0",
    "original_key VARCHAR(64) NOT NULL DEFAULT ''",
    "original_size {bigint} NOT NULL DEFAULT 0",
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    lite = isinstance(db, SqliteDatabase)
    types = {"boolean": "INTEGER" if lite else "BOOLEAN", "bigint": "INTEGER" if lite else "BIGINT"}
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE recording ADD COLUMN {column.format(**types)}")
    migrate(
        migrator.drop_index("recording", "recording_lecture_id"),
        migrator.add_index("recording", ("lecture_id",), False),
        migrator.add_column("recording", "archived_at", DateTimeField(null=True)),
        migrator.add_column("recording", "begun_at", DateTimeField(null=True)),
    )


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(
        migrator.drop_column("recording", "archived_at"),
        migrator.drop_column("recording", "begun_at"),
        *(migrator.drop_column("recording", column.split()[0]) for column in COLUMNS),
        migrator.drop_index("recording", "recording_lecture_id"),
        migrator.add_index("recording", ("lecture_id",), True),
    )
