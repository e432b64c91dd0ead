"""Keep of which sessions and ending accreditations each member was reminded: one notice now names all of a day."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Notice(Frozen):
    member = ForeignKeyField(Member, lazy_load=False)
    kind = CharField(max_length=20)
    key = CharField(max_length=100)
    at = DateTimeField()


class Reminded(Frozen):
    member = ForeignKeyField(Member, lazy_load=False)
    key = CharField(max_length=100)
    at = DateTimeField()


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Notice, Reminded]):
        # "session:12:2026-11-29" was a reminder, "session:12" the news that it was scheduled.
        of_session = (Notice.kind == "activity") & (Notice.key ** "session:%:%")
        of_lecturer = (Notice.kind == "accreditation") & (Notice.key ** "accreditation:%:%")
        sent = Notice.select(Notice.member, Notice.key, Notice.at).where(of_session | of_lecturer)
        columns = [Reminded.member, Reminded.key, Reminded.at]
        Reminded.insert_from(sent, columns).on_conflict_ignore().execute()


def down(migrator: SchemaMigrator, db: Database) -> None:
    """What was reminded of is known a little longer: nothing to undo."""
