"""Create the tables of people."""

from peewee import BooleanField, CharField, Database, DateField, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Unit(Frozen):
    parent = ForeignKeyField("self", null=True, backref=None, lazy_load=False, on_delete="RESTRICT")
    kind = CharField(max_length=16)
    name = CharField(max_length=80)
    path = CharField(max_length=255, index=True)
    created_at = DateTimeField()


class Member(Frozen):
    name = CharField(max_length=40, index=True)
    phone = CharField(max_length=20, null=True, unique=True)
    password_hash = CharField(max_length=255)
    must_change_password = BooleanField(default=True)
    session_version = IntegerField(default=1)
    access_version = IntegerField(default=1)
    birth_year = IntegerField(null=True)
    locale = CharField(max_length=8, null=True)
    created_at = DateTimeField()
    deactivated_at = DateTimeField(null=True)


class Membership(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)


class RoleGrant(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    role = CharField(max_length=16)
    granted_at = DateTimeField()

    class Meta:
        indexes = ((("member", "unit", "role"), True),)


class SignInFailure(Frozen):
    key = CharField(max_length=80)
    at = DateTimeField()

    class Meta:
        indexes = ((("key", "at"), False),)


TABLES = [Unit, Member, Membership, RoleGrant, SignInFailure]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
