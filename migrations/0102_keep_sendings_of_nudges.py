"""Keep the reminders that a liaison sent together, so that they can be taken back for some minutes."""

from peewee import Database, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class NudgeSending(Frozen):
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    given_by = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE", index=False)
    at = DateTimeField()
    told = IntegerField(default=0)
    undone_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("given_by", "at"), False),)


class Nudge(Frozen):
    sending = ForeignKeyField(NudgeSending, field="id", null=True, lazy_load=False, on_delete="SET NULL")


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, NudgeSending]):
        db.create_tables([NudgeSending], safe=False)
    migrate(migrator.add_column("nudge", "sending_id", Nudge.sending))


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_column("nudge", "sending_id"))
    with db.bind_ctx([NudgeSending]):
        db.drop_tables([NudgeSending])
