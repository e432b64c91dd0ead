"""Accredit lecturers, and give lectures the instant at which they were published.

What is there stays as it is for its readers: every lecture counts as published since it was uploaded, and whoever holds
the role of lecturer is accredited for that unit, without end, by nobody in particular: a liaison can set the end.
"""

from peewee import (
    BooleanField,
    CharField,
    Database,
    DateField,
    DateTimeField,
    ForeignKeyField,
    Model,
)
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class RoleGrant(Frozen):
    member = ForeignKeyField(Member, lazy_load=False)
    unit = ForeignKeyField(Unit, lazy_load=False)
    role = CharField(max_length=16)
    granted_at = DateTimeField()


class Accreditation(Frozen):
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=80, default="")
    inside = BooleanField(default=True)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)
    accredited_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    remark = CharField(max_length=300, default="")
    created_at = DateTimeField()
    revoked_at = DateTimeField(null=True)


TABLES = [Accreditation]


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("lecture", "published_at", DateTimeField(null=True)))
    db.execute_sql("UPDATE lecture SET published_at = created_at")
    with db.bind_ctx([Member, Unit, RoleGrant, *TABLES]):
        db.create_tables(TABLES, safe=False)
        held = RoleGrant.select(RoleGrant.member, RoleGrant.unit, RoleGrant.granted_at)
        for member, unit, granted_at in held.where(RoleGrant.role == "lecturer").tuples():
            Accreditation.create(member=member, unit=unit, since=granted_at.date(), created_at=granted_at)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
    migrate(migrator.drop_column("lecture", "published_at"))
