"""Keep of what each member was reminded by the service: one notice now names all of it, so its key no longer says."""

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
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE", index=False)
    key = CharField(max_length=100)
    at = DateTimeField()

    class Meta:
        indexes = ((("member", "key"), True), (("at",), False))


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Notice, Reminded]):
        db.create_tables([Reminded], safe=False)
        kinds = ("behind", "last_call", "plan_due")
        sent = Notice.select(Notice.member, Notice.key, Notice.at).where(Notice.kind.in_(kinds))
        Reminded.insert_from(sent, [Reminded.member, Reminded.key, Reminded.at]).execute()


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Reminded]):
        db.drop_tables([Reminded])
