"""Keep frozen periods of a unit: the figures as they were, and how each member stood."""

from peewee import CharField, Database, DateField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Unit(Frozen):
    pass


class FrozenPeriod(Frozen):
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    since = DateField()
    until = DateField()
    figures = TextField()
    note = CharField(max_length=200, default="")
    frozen_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    frozen_at = DateTimeField()
    lifted_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    lifted_at = DateTimeField(null=True)
    lifted_why = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("unit", "since"), False),)


class FrozenStanding(Frozen):
    frozen = ForeignKeyField(FrozenPeriod, lazy_load=False, on_delete="CASCADE")
    requirement = IntegerField()
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    name = CharField(max_length=40)
    unit_name = CharField(max_length=80)
    asked = IntegerField()
    met = IntegerField()
    late = IntegerField()
    done = IntegerField()
    required = IntegerField()

    class Meta:
        indexes = ((("frozen", "requirement"), False),)


TABLES = [FrozenPeriod, FrozenStanding]


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Unit, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(list(reversed(TABLES)))
