"""Tables of the catalogue of books."""

from peewee import BigIntegerField, BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member

ACTIONS = ("add", "change", "same", "doubt", "error")


class Book(BaseModel):
    """A book as the organisation recommends it. ``isbn`` is 13 digits without hyphens; two books may share one.

    ``sort_key`` is the title's place among titles (``rules.sort_key``), ``main_class`` the letter of ``clc``,
    ``year_key`` the year of ``published`` or 0: lists are ordered by them. ``authors`` and ``translators`` are written
    from BookName.
    ``cover_key`` and ``thumb_key`` are the cover in two sizes, empty without one. ``version`` counts the changes.
    ``withdrawn_at`` takes a book off the catalogue while its readers keep their logs and notes; ``merged_into`` is the
    book that stands for it since.
    """

    title = CharField(max_length=200, index=True)
    sort_key = CharField(max_length=200, default="", index=True)
    subtitle = CharField(max_length=200, default="")
    authors = CharField(max_length=200)
    translators = CharField(max_length=200, default="")
    publisher = CharField(max_length=100, default="")
    year = IntegerField(null=True)
    isbn = CharField(max_length=13, null=True, index=True)
    language = CharField(max_length=8, default="zh")
    clc = CharField(max_length=20, default="", index=True)
    subjects = CharField(max_length=200, default="")
    pages = IntegerField(null=True)
    summary = TextField(default="")
    added_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now, index=True)
    updated_at = DateTimeField(default=clock.now)
    withdrawn_at = DateTimeField(null=True)
    original_title = CharField(max_length=200, default="")
    published = CharField(max_length=10, default="")
    edition = CharField(max_length=60, default="")
    unified = CharField(max_length=16, default="", index=True)
    main_class = CharField(max_length=1, default="")
    year_key = IntegerField(default=0)
    cover_key = CharField(max_length=64, default="")
    thumb_key = CharField(max_length=64, default="")
    version = IntegerField(default=1)
    merged_into = ForeignKeyField("self", null=True, lazy_load=False, backref="+", on_delete="SET NULL")

    class Meta:
        indexes = (
            (("withdrawn_at", "created_at", "id", "language"), False),
            (("withdrawn_at", "sort_key", "id", "language"), False),
            (("withdrawn_at", "year_key", "id", "language"), False),
            (("withdrawn_at", "main_class", "created_at", "id", "language"), False),
        )


class CatalogueState(BaseModel):
    """How often the catalogue was changed: one row. What is counted once holds until the number moves."""

    changes = IntegerField(default=0)


class BookName(BaseModel):
    """Somebody who had a part in a book (``names.ROLES``); ``key`` is what the name is looked up by."""

    book = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    position = IntegerField()
    name = CharField(max_length=120)
    role = CharField(max_length=12, default="author")
    key = CharField(max_length=120)

    class Meta:
        indexes = ((("key", "book"), False),)


class BookSubject(BaseModel):
    """A subject of a book; ``key`` is the word as it is looked up (``names.folded``)."""

    book = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=200)
    key = CharField(max_length=200)

    class Meta:
        indexes = ((("key", "book"), False),)


class BookFile(BaseModel):
    """The text of a book as a file to download, an EPUB or a PDF. ``file_key`` is the sha256 of what is stored."""

    book = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=8)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    added_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("book", "file_key"), True),)


class BookMerge(BaseModel):
    """That two books were made one, and, once it was undone, by whom: ``dropped`` went into ``kept``."""

    kept = ForeignKeyField(Book, lazy_load=False, on_delete="CASCADE")
    dropped = ForeignKeyField(Book, lazy_load=False, backref="+", on_delete="CASCADE")
    merged_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    merged_at = DateTimeField(default=clock.now)
    undone_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", on_delete="SET NULL")
    undone_at = DateTimeField(null=True)


class MergeTrace(BaseModel):
    """What a room moved in a merge, as JSON of its own, to put it back from."""

    merge = ForeignKeyField(BookMerge, lazy_load=False, on_delete="CASCADE")
    part = CharField(max_length=24)
    content = TextField()

    class Meta:
        indexes = ((("merge", "part"), True),)


class BookImport(BaseModel):
    """A table of books on its way into the catalogue: checked row by row first, carried out when it was looked at.

    ``source`` is the form it has ("own", "goodreads", "douban"); ``columns`` a JSON object of what each heading was
    taken for; ``state`` is "checking", "checked", "importing", "done" or "failed"; ``done`` the rows gone through in
    it, of ``total``. ``failure`` is as ``lms.errors.kept`` gives it.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    source = CharField(max_length=12, default="")
    columns = TextField(default="{}")
    state = CharField(max_length=12, default="checking")
    failure = CharField(max_length=300, default="")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    created_at = DateTimeField(default=clock.now)
    finished_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "created_at"), False),)


class ImportRow(BaseModel):
    """A row of such a table: its number in the file, what will happen to it (ACTIONS) and why.

    ``book`` is the one it changes or may be the same as. ``values`` is the draft as JSON, ``notes`` a JSON list of
    [column, msgid, values]: what is wrong or worth knowing. ``choice`` answers a doubt: "", "add" or "change".
    """

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
