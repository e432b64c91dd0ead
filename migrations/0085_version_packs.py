"""Give each packed year a version, by which a web process sees whether what it has read is still so."""

from peewee import Database, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class LedgerPack(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, index=False, on_delete="CASCADE")
    year = IntegerField()
    entries = TextField()
    version = IntegerField(default=0)


def up(migrator: SchemaMigrator, db: Database) -> None:
    migrate(
        migrator.add_column("ledger_pack", "version", LedgerPack.version),
        migrator.add_index("ledger_pack", ("year", "member_id", "version")),
    )


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(
        migrator.drop_index("ledger_pack", "ledger_pack_year_member_id_version"),
        migrator.drop_column("ledger_pack", "version"),
    )
