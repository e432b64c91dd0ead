"""Create the tables of notices, and keep on each member's row how many are unread."""

from peewee import CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Notice(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=20)
    key = CharField(max_length=100)
    message = CharField(max_length=300)
    said = TextField(default="{}")
    href = CharField(max_length=300)
    at = DateTimeField()
    read_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "key"), True), (("member", "at"), False), (("at",), False))


class NoticeOff(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=20)

    class Meta:
        indexes = ((("member", "kind"), True),)


TABLES = [Notice, NoticeOff]


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("member", "unread_notices", IntegerField(default=0)))
    with db.bind_ctx([Member, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(list(reversed(TABLES)))
    migrate(migrator.drop_column("member", "unread_notices"))
