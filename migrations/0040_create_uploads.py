"""Create the tables of uploads in pieces and of quotas."""

from peewee import (
    BigIntegerField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
)
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class Upload(Frozen):
    token = CharField(max_length=16, unique=True)
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="SET NULL")
    purpose = CharField(max_length=20)
    name = CharField(max_length=200)
    fingerprint = CharField(max_length=80, default="")
    length = BigIntegerField()
    received = BigIntegerField(default=0)
    state = CharField(max_length=12, default="arriving")
    file_key = CharField(max_length=64, default="")
    created_at = DateTimeField()
    updated_at = DateTimeField()
    expires_at = DateTimeField(index=True)

    class Meta:
        indexes = ((("member", "state"), False),)


class Quota(Frozen):
    member = ForeignKeyField(Member, null=True, unique=True, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, unique=True, lazy_load=False, on_delete="CASCADE")
    mib = IntegerField()

    class Meta:
        table_name = "upload_quota"


TABLES = [Upload, Quota]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
