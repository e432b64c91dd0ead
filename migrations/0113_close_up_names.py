"""Close up Chinese names that lists had set apart: whoever signs in types them without the gap."""

import re

from peewee import CharField, Database, Model
from playhouse.migrate import SchemaMigrator

GAP = re.compile("(?<=[\u3400-\u9fff\U00020000-\U0003ffff])\\s+(?=[\u3400-\u9fff\U00020000-\U0003ffff])")


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    name = CharField(max_length=40)


class Accreditation(Frozen):
    name = CharField(max_length=80)


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, Accreditation]):
        for table in (Member, Accreditation):
            gapped = table.select(table.id, table.name).where(table.name.contains(" "))
            for row, name in list(gapped.tuples()):
                closed = GAP.sub("", name)
                if closed != name:
                    table.update(name=closed).where(table.id == row).execute()


def down(migrator: SchemaMigrator, db: Database) -> None:
    """Leave names closed up: where the gaps were is not kept, and nobody misses them."""
