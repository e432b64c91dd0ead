"""Keep whom a liaison reminded of which requirement in which period: one notice may now name several."""

from datetime import date, datetime

from peewee import CharField, Database, DateField, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Notice(Frozen):
    member = ForeignKeyField(Member, lazy_load=False)
    key = CharField(max_length=100)
    at = DateTimeField()


class Nudge(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE", index=False)
    series = IntegerField()
    since = DateField()
    at = DateTimeField()
    given_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")

    class Meta:
        indexes = ((("member", "series", "since"), True), (("at",), False))


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Notice, Nudge]):
        db.create_tables([Nudge], safe=False)
        sent = Notice.select(Notice.member, Notice.key, Notice.at).where(Notice.key.startswith("nudge:"))
        rows = [_row(*one) for one in sent.tuples()]
        for first in range(0, len(rows), 500):
            Nudge.insert_many(rows[first : first + 500]).execute()


def _row(member: int, key: str, at: datetime) -> dict[str, object]:
    _, series, since = key.split(":")
    return {"member": member, "series": int(series), "since": date.fromisoformat(since), "at": at, "given_by": None}


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Nudge]):
        db.drop_tables([Nudge])
