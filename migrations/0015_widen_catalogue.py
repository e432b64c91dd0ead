"""Give books all that a catalogue says of them; names and subjects in rows, files, imports from tables."""

import re
import unicodedata

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
    chunked,
)
from playhouse.migrate import SchemaMigrator, migrate

BETWEEN = re.compile("[,;/&\u3001\uff0c\uff1b]")
BRACKETED = re.compile(r"[\[(\u3010\u3014].*?[\])\u3011\u3015]")


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Book(Frozen):
    authors = CharField(max_length=200)
    translators = CharField(max_length=200, default="")
    subjects = CharField(max_length=200, default="")
    clc = CharField(max_length=20, default="")
    year = IntegerField(null=True)
    published = CharField(max_length=10, default="")
    main_class = CharField(max_length=1, default="")
    year_key = IntegerField(default=0)


class CatalogueState(Frozen):
    changes = IntegerField(default=0)


class BookName(Frozen):
    book = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    position = IntegerField()
    name = CharField(max_length=120)
    role = CharField(max_length=12, default="author")
    key = CharField(max_length=120)

    class Meta:
        indexes = ((("key", "book"), False),)


class BookSubject(Frozen):
    book = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=200)
    key = CharField(max_length=200)

    class Meta:
        indexes = ((("key", "book"), False),)


class BookFile(Frozen):
    book = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=8)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    added_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField()

    class Meta:
        indexes = ((("book", "file_key"), True),)


class BookImport(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    source = CharField(max_length=12, default="")
    columns = TextField(default="{}")
    state = CharField(max_length=12, default="checking")
    failure = CharField(max_length=300, default="")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    created_at = DateTimeField()
    finished_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "created_at"), False),)


class ImportRow(Frozen):
    load = ForeignKeyField(BookImport, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    action = CharField(max_length=8)
    title = CharField(max_length=200, default="")
    book = ForeignKeyField(Book, null=True, lazy_load=False, on_delete="SET NULL")
    values = TextField(default="{}")
    notes = TextField(default="[]")
    choice = CharField(max_length=8, default="")
    carried_out = BooleanField(default=False)

    class Meta:
        indexes = (
            (("load", "action", "number"), False),
            (("load", "carried_out", "number"), False),
        )


TABLES = [CatalogueState, BookName, BookSubject, BookFile, BookImport, ImportRow]
COLUMNS = {
    "original_title": CharField(max_length=200, default=""),
    "published": CharField(max_length=10, default=""),
    "edition": CharField(max_length=60, default=""),
    "unified": CharField(max_length=16, default=""),
    "main_class": CharField(max_length=1, default=""),
    "year_key": IntegerField(default=0),
    "cover_key": CharField(max_length=64, default=""),
    "thumb_key": CharField(max_length=64, default=""),
    "version": IntegerField(default=1),
}
INDEXES = (
    ("unified",),
    ("withdrawn_at", "created_at", "id", "language"),
    ("withdrawn_at", "sort_key", "id", "language"),
    ("withdrawn_at", "year_key", "id", "language"),
    ("withdrawn_at", "main_class", "created_at", "id", "language"),
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    merged = ForeignKeyField(Book, field=Book.id, null=True, backref="+", on_delete="SET NULL")
    with db.bind_ctx([Member, Book, *TABLES]):
        migrate(
            *[migrator.add_column("book", name, column) for name, column in COLUMNS.items()],
            migrator.add_column("book", "merged_into_id", merged),
            *[migrator.add_index("book", names) for names in INDEXES],
        )
        db.create_tables(TABLES, safe=False)
        _fill()


def _fill() -> None:
    for books in chunked(list(Book.select()), 500):
        for book in books:
            year = book.year or 0
            Book.update(main_class=book.clc[:1], year_key=year, published=f"{year:04d}" if year else "").where(
                Book.id == book.id
            ).execute()
        names = [row for book in books for row in _names(book)]
        subjects = [row for book in books for row in _subjects(book)]
        for part in chunked(names, 100):
            BookName.insert_many(part).execute()
        for part in chunked(subjects, 100):
            BookSubject.insert_many(part).execute()


def _names(book: Book) -> list[dict[str, object]]:
    given = [(name, "author") for name in _pieces(book.authors)]
    given += [(name, "translator") for name in _pieces(book.translators)]
    return [
        {"book": book.id, "position": place, "name": name[:120], "role": role, "key": _name_key(name)}
        for place, (name, role) in enumerate(given)
    ]


def _subjects(book: Book) -> list[dict[str, object]]:
    words = {_folded(word): word for word in _pieces(book.subjects)}
    return [{"book": book.id, "name": word, "key": key} for key, word in words.items() if key]


def _pieces(line: str) -> list[str]:
    return [" ".join(piece.split()) for piece in BETWEEN.split(line) if piece.strip()]


def _folded(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in kept if unicodedata.category(c)[0] in "LN")


def _name_key(name: str) -> str:
    whole = unicodedata.normalize("NFKC", name)
    return (_folded(BRACKETED.sub("", whole)) or _folded(whole))[:120]


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx([Book, *TABLES]):
        db.drop_tables(TABLES)
    migrate(
        *[migrator.drop_index("book", f"book_{'_'.join(names)}") for names in INDEXES],
        migrator.drop_column("book", "merged_into_id"),
        *[migrator.drop_column("book", name) for name in COLUMNS],
    )
