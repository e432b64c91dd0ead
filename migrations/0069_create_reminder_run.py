"""Create the table of days whose reminders were sent."""

from peewee import Database, DateField, DateTimeField, Model
from playhouse.migrate import SchemaMigrator


class ReminderRun(Model):
    day = DateField(unique=True)
    at = DateTimeField()

    class Meta:
        legacy_table_names = False


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([ReminderRun]):
        db.create_tables([ReminderRun], safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([ReminderRun]):
        db.drop_tables([ReminderRun])
