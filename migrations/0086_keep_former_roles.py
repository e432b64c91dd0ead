"""Keep from when to when a role was held: requirements may be asked of those who hold one."""

from datetime import date

from peewee import CharField, Database, DateField, DateTimeField, ForeignKeyField, Model
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class RoleGrant(Frozen):
    granted_at = DateTimeField()
    since = DateField(default=date(2000, 1, 1))


class FormerRole(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE", index=False)
    role = CharField(max_length=16)
    since = DateField()
    until = DateField()


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.add_column("role_grant", "since", RoleGrant.since))
    with db.bind_ctx([Member, Unit, RoleGrant, FormerRole]):
        for grant, granted_at in RoleGrant.select(RoleGrant.id, RoleGrant.granted_at).tuples():
            RoleGrant.update(since=granted_at.date()).where(RoleGrant.id == grant).execute()
        db.create_tables([FormerRole], safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([FormerRole]):
        db.drop_tables([FormerRole])
    migrate(migrator.drop_column("role_grant", "since"))
