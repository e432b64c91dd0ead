"""Let changes of a transcript be taken back one by one, and keep how far the making of a transcript is."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Recording(Frozen):
    pass


class Recognition(Frozen):
    recording = ForeignKeyField(Recording, unique=True, lazy_load=False, on_delete="CASCADE")
    language = CharField(max_length=35, default="")
    asked_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    asked_at = DateTimeField()
    begun_at = DateTimeField(null=True)
    state = CharField(max_length=12, default="waiting")
    percent = IntegerField(default=0)
    failure = CharField(max_length=200, default="")
    failure_detail = CharField(max_length=200, default="")


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("transcript_change", "undone_at", DateTimeField(null=True)))
    with db.bind_ctx([Member, Recording, Recognition]):
        db.create_tables([Recognition], safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Recognition]):
        db.drop_tables([Recognition])
    migrate(migrator.drop_column("transcript_change", "undone_at"))
