"""Pack the ledger: a member's year as one text, so that a board of thousands reads a town at once."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from peewee import CharField, Database, DateField, ForeignKeyField, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class LedgerEntry(Frozen):
    member = ForeignKeyField(Member, null=True, lazy_load=False)
    measure = CharField(max_length=32)
    category = CharField(max_length=40, default="")
    day = DateField()
    amount = IntegerField()
    size = IntegerField(default=0)


class LedgerKind(Frozen):
    measure = CharField(max_length=32)
    category = CharField(max_length=40, default="")

    class Meta:
        indexes = ((("measure", "category"), True),)


class LedgerPack(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, index=False, on_delete="CASCADE")
    year = IntegerField()
    entries = TextField()

    class Meta:
        indexes = ((("member", "year"), True),)


TABLES = [LedgerKind, LedgerPack]
AT_ONCE = 2000


def up(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Member, LedgerEntry, *TABLES]):
        db.create_tables(TABLES, safe=False)
        _fill()


def _fill() -> None:
    e = LedgerEntry
    kinds = {}
    pairs = e.select(e.measure, e.category).where(e.member.is_null(False)).distinct().order_by(e.measure, e.category)
    for measure, category in pairs.tuples():
        kinds[measure, category] = LedgerKind.insert(measure=measure, category=category).execute()
    rows = []
    for (member, year), texts in groupby(_entries(kinds), key=lambda one: one[:2]):
        rows.append((member, year, "".join(text for _, _, text in texts)))
        if len(rows) == AT_ONCE:
            LedgerPack.insert_many(rows, fields=[LedgerPack.member, LedgerPack.year, LedgerPack.entries]).execute()
            rows = []
    if rows:
        LedgerPack.insert_many(rows, fields=[LedgerPack.member, LedgerPack.year, LedgerPack.entries]).execute()


def _entries(kinds: dict[tuple[str, str], int]) -> Iterator[tuple[int, int, str]]:
    e = LedgerEntry
    query = e.select(e.member, e.day, e.measure, e.category, e.amount, e.size).where(e.member.is_null(False))
    for member, day, measure, category, amount, size in query.order_by(e.member, e.day, e.id).tuples().iterator():
        yield member, day.year, _pack(day, kinds[measure, category], amount, min(size, (1 << 24) - 1))


def _pack(day: date, kind: int, amount: int, size: int) -> str:
    head = _digits(day.timetuple().tm_yday, 2) + _digits(kind, 2)
    most, texts = (1 << 23) - 1, []
    while True:
        part = max(-most, min(most, amount))
        texts.append(head + _digits(part + (1 << 23), 4) + _digits(size, 4))
        amount -= part
        if not amount:
            return "".join(texts)


def _digits(value: int, places: int) -> str:
    return "".join(chr(48 + (value >> 6 * place & 63)) for place in reversed(range(places)))


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
