"""Keep several readings of one book, places in percent, remarks, ratings; number the finish in force."""

from peewee import SQL, CharField, Database, DateField, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class ReadingEntry(Frozen):
    state = CharField(max_length=12)
    times = IntegerField(default=0)
    fact = IntegerField(default=0)


class ReadingSession(Frozen):
    created_at = DateTimeField()
    noted_at = DateTimeField(null=True)


class PastReading(Frozen):
    entry = ForeignKeyField(ReadingEntry, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    state = CharField(max_length=12)
    started_on = DateField(null=True)
    finished_on = DateField(null=True)
    fact = IntegerField(default=0)
    rating = IntegerField(null=True)
    reason = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("entry", "number"), True),)


SESSION_COLUMNS = ("percent", "remark", "number", "noted_at", "once")
ENTRY_COLUMNS = ("fact", "number", "percent", "rating", "reason")


def up(migrator: SchemaMigrator, db: Database) -> None:
    entry, session = "reading_entry", "reading_session"
    migrate(
        migrator.add_column(entry, "fact", IntegerField(default=0)),
        migrator.add_column(entry, "number", IntegerField(default=1)),
        migrator.add_column(entry, "percent", IntegerField(null=True)),
        migrator.add_column(entry, "rating", IntegerField(null=True)),
        migrator.add_column(entry, "reason", CharField(max_length=200, default="")),
        migrator.add_index(entry, ("member_id", "finished_on")),
        migrator.add_column(session, "percent", IntegerField(null=True)),
        migrator.add_column(session, "remark", CharField(max_length=500, default="")),
        migrator.add_column(session, "number", IntegerField(default=1)),
        migrator.add_column(session, "noted_at", DateTimeField(null=True)),
        migrator.add_column(session, "once", CharField(max_length=40, null=True)),
        migrator.add_index(session, ("member_id", "once"), True),
    )
    with db.bind_ctx([ReadingEntry, ReadingSession, PastReading]):
        ReadingEntry.update(fact=ReadingEntry.times).where(ReadingEntry.state == "finished").execute()
        ReadingSession.update(noted_at=SQL("created_at")).execute()
        db.create_tables([PastReading], safe=False)
    migrate(migrator.add_not_null(session, "noted_at"))


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([PastReading]):
        db.drop_tables([PastReading])
    migrate(
        migrator.drop_index("reading_session", "reading_session_member_id_once"),
        migrator.drop_index("reading_entry", "reading_entry_member_id_finished_on"),
        *[
            migrator.drop_column("reading_session", name)
            for name in ("percent", "remark", "number", "noted_at", "once")
        ],
        *[migrator.drop_column("reading_entry", name) for name in ENTRY_COLUMNS],
    )
