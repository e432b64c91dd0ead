"""Keep who changed whose share of the store, from what to what: so that a change can be taken back."""

from peewee import Database, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class QuotaChange(Frozen):
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="CASCADE")
    before = IntegerField(null=True)
    after = IntegerField(null=True)
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", on_delete="SET NULL")
    at = DateTimeField()

    class Meta:
        table_name = "upload_quota_change"


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, QuotaChange]):
        db.create_tables([QuotaChange], safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([QuotaChange]):
        db.drop_tables([QuotaChange])
