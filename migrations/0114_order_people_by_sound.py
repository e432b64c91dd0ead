"""Keep for each member the place of their name among names: by sound, not by the number of the character."""

from peewee import CharField, Database, Model
from playhouse.migrate import SchemaMigrator, migrate


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    name = CharField(max_length=40)
    name_key = CharField(max_length=192, default="", index=True)


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member]):
        migrate(
            migrator.add_column("member", "name_key", CharField(max_length=192, default="")),
            migrator.add_index("member", ("name_key",)),
        )
        names = [name for (name,) in Member.select(Member.name).distinct().tuples()]
        for name in names:
            key = name.casefold()[:24].encode("gb18030", errors="replace").hex()
            Member.update(name_key=key).where(Member.name == name).execute()


def down(migrator: SchemaMigrator, db: Database) -> None:
    migrate(migrator.drop_index("member", "member_name_key"), migrator.drop_column("member", "name_key"))
