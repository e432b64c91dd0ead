"""Create a unit's own categories, and name the presets after the five study contents."""

from datetime import UTC, datetime

from peewee import AutoField, CharField, Database, DateTimeField, ForeignKeyField, IntegerField, Model
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Unit(Frozen):
    pass


class Material(Frozen):
    category = CharField(max_length=20, default="")


class OutboxRow(Frozen):
    id = AutoField()
    kind = CharField(max_length=24)
    ref = IntegerField()
    created_at = DateTimeField()


class UnitCategory(Frozen):
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=30)
    created_at = DateTimeField()
    retired_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("unit", "name"), True),)


TABLES = [UnitCategory]
RENAMED = {"skills": "business", "health": "culture", "": "other"}


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Unit, Material, OutboxRow, *TABLES]):
        db.create_tables(TABLES, safe=False)
        _rename(RENAMED)


def _rename(names: dict[str, str]) -> None:
    """Change the codes, and have the index learn of it."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for before, after in names.items():
        for (ident,) in list(Material.select(Material.id).where(Material.category == before).tuples()):
            OutboxRow.create(kind="material", ref=ident, created_at=now)
        Material.update(category=after).where(Material.category == before).execute()


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Unit, Material, OutboxRow, *TABLES]):
        _rename({"business": "skills", "local": "other"})
        db.drop_tables(TABLES)
