"""Give notes a kind, a place they are about, a way through review, and room for what hangs on them."""

from peewee import (
    BigIntegerField,
    CharField,
    CompositeKey,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)
from playhouse.migrate import SchemaMigrator, migrate

NOTE_COLUMNS = (
    "kind VARCHAR(12) NOT NULL DEFAULT 'free'",
    "about_kind VARCHAR(12) NOT NULL DEFAULT ''",
    "state VARCHAR(12) NOT NULL DEFAULT 'open'",
    "times INTEGER NOT NULL DEFAULT 0",
    "decided_by_id INTEGER NULL REFERENCES member (id) ON DELETE SET NULL",
    "shown_by_id INTEGER NULL REFERENCES member (id) ON DELETE SET NULL",
)
NOTE_INDEXES = (("state", "submitted_at"), ("about_kind", "about_ref"), ("shown_at",), ("deleted_at",))


class Frozen(Model):
    class Meta:
        legacy_table_names = False


class Member(Frozen):
    pass


class Note(Frozen):
    pass


class NoteDraft(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    key = CharField(max_length=80)
    device = CharField(max_length=40)
    note = ForeignKeyField(Note, null=True, lazy_load=False, on_delete="CASCADE")
    version = IntegerField(default=0)
    title = CharField(max_length=400, default="")
    body = TextField(default="")
    kind = CharField(max_length=12, default="free")
    audience = CharField(max_length=12, default="me")
    updated_at = DateTimeField()

    class Meta:
        indexes = ((("member", "key", "device"), True),)


class NoteRevision(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    key = CharField(max_length=80)
    note = ForeignKeyField(Note, null=True, lazy_load=False, on_delete="CASCADE")
    version = IntegerField(default=0)
    how = CharField(max_length=12)
    title = CharField(max_length=400, default="")
    body = TextField(default="")
    kind = CharField(max_length=12, default="free")
    chars = IntegerField(default=0)
    made_at = DateTimeField()

    class Meta:
        indexes = (
            (("note", "made_at"), False),
            (("member", "key"), False),
            (("how", "made_at"), False),
        )


class NoteImage(Frozen):
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    media_type = CharField(max_length=20)
    width = IntegerField()
    height = IntegerField()
    size = IntegerField()
    created_at = DateTimeField()

    class Meta:
        indexes = ((("member", "file_key"), True),)


class NoteImageUse(Frozen):
    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    image = ForeignKeyField(NoteImage, lazy_load=False, on_delete="CASCADE")

    class Meta:
        indexes = ((("note", "image"), True),)


class NoteReview(Frozen):
    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    step = CharField(max_length=12)
    remark = TextField(default="")
    version = IntegerField()
    at = DateTimeField()

    class Meta:
        indexes = (
            (("note", "at"), False),
            (("member", "at"), False),
        )


class NoteComment(Frozen):
    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    body = TextField()
    created_at = DateTimeField()
    edited_at = DateTimeField(null=True)
    deleted_at = DateTimeField(null=True)
    deleted_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", on_delete="SET NULL")

    class Meta:
        indexes = ((("note", "created_at"), False),)


class NoteThanks(Frozen):
    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    at = DateTimeField()

    class Meta:
        indexes = ((("note", "member"), True),)


class LikenessText(Frozen):
    kind = CharField(max_length=12)
    ref = IntegerField()
    place = IntegerField(default=0)

    class Meta:
        indexes = ((("kind", "ref", "place"), True),)


class LikenessMark(Frozen):
    mark = BigIntegerField()
    text = IntegerField(index=True)

    class Meta:
        primary_key = CompositeKey("mark", "text")


TABLES = [
    NoteDraft,
    NoteRevision,
    NoteImage,
    NoteImageUse,
    NoteReview,
    NoteComment,
    NoteThanks,
    LikenessText,
    LikenessMark,
]


def up(migrator: SchemaMigrator, db: Database) -> None:
    for column in NOTE_COLUMNS:
        db.execute_sql(f"ALTER TABLE note ADD COLUMN {column}")
    migrate(
        migrator.add_column("note", "about_ref", IntegerField(null=True)),
        migrator.add_column("note", "about_place", IntegerField(null=True)),
        migrator.add_column("note", "submitted_at", DateTimeField(null=True)),
        migrator.add_column("note", "decided_at", DateTimeField(null=True)),
        migrator.add_column("note", "shown_at", DateTimeField(null=True)),
        *(migrator.add_index("note", columns) for columns in NOTE_INDEXES),
    )
    db.execute_sql("UPDATE note SET kind = 'reading' WHERE book_id IS NOT NULL")
    # In SQLite the rows live in the key itself: half the size, and one descent to find them.
    LikenessMark._meta.without_rowid = isinstance(db, SqliteDatabase)
    with db.bind_ctx([Member, Note, *TABLES]):
        db.create_tables(TABLES, safe=False)


def down(migrator: SchemaMigrator, db: Database) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
    added = ("about_ref", "about_place", "submitted_at", "decided_at", "shown_at")
    migrate(
        *(migrator.drop_index("note", f"note_{'_'.join(columns)}") for columns in NOTE_INDEXES),
        *(migrator.drop_column("note", name) for name in added),
        *(migrator.drop_column("note", column.split()[0]) for column in NOTE_COLUMNS),
    )
