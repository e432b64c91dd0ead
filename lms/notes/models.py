"""Tables of notes: the notes, what was typed and when, their images, their way through review, what readers said."""

from peewee import (
    BigIntegerField,
    CharField,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from lms import clock
from lms.catalogue.models import Book
from lms.db import BaseModel
from lms.members.models import Member, Unit

AUDIENCES = ("me", "unit", "everyone")
STATES = ("open", "submitted", "returned", "accepted")


class Note(BaseModel):
    """A member's note in Markdown, about a book, a place elsewhere or nothing. ``chars`` is its 字数.

    ``unit`` is the writer's unit when it was written: the audience "unit" means it and its subtree, and its liaisons
    review it. ``about_kind``, ``about_ref`` and ``about_place`` name the page of a material or the second of a lecture.
    ``times`` counts the acceptances booked so far: each is a fact of its own. ``shown_at`` puts it into the showcase.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, null=True, lazy_load=False, on_delete="RESTRICT")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="SET NULL")
    title = CharField(max_length=120)
    body = TextField()
    chars = IntegerField(default=0)
    audience = CharField(max_length=12, default="me")
    version = IntegerField(default=1)
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now, index=True)
    deleted_at = DateTimeField(null=True)
    kind = CharField(max_length=12, default="free")
    about_kind = CharField(max_length=12, default="")
    about_ref = IntegerField(null=True)
    about_place = IntegerField(null=True)
    state = CharField(max_length=12, default="open")
    times = IntegerField(default=0)
    submitted_at = DateTimeField(null=True)
    decided_at = DateTimeField(null=True)
    decided_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    shown_at = DateTimeField(null=True, index=True)
    shown_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")

    class Meta:
        indexes = (
            (("member", "updated_at"), False),
            (("book", "updated_at"), False),
            (("deleted_at", "updated_at", "id"), False),
            (("state", "submitted_at"), False),
            (("about_kind", "about_ref"), False),
        )


class NoteDraft(BaseModel):
    """What was typed and not saved, one row for each device, so that no device overwrites what another sent.

    ``key`` names what is being written ("note:12", "new:book:5"); ``version`` is the version the typing began from.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    key = CharField(max_length=80)
    device = CharField(max_length=40)
    note = ForeignKeyField(Note, null=True, lazy_load=False, on_delete="CASCADE")
    version = IntegerField(default=0)
    title = CharField(max_length=400, default="")
    body = TextField(default="")
    kind = CharField(max_length=12, default="free")
    audience = CharField(max_length=12, default="me")
    updated_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("member", "key", "device"), True),)


class NoteRevision(BaseModel):
    """A text as it once was: saved, typed in between, refused because another device was first, or discarded."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    key = CharField(max_length=80)
    note = ForeignKeyField(Note, null=True, lazy_load=False, on_delete="CASCADE")
    version = IntegerField(default=0)
    how = CharField(max_length=12)
    title = CharField(max_length=400, default="")
    body = TextField(default="")
    kind = CharField(max_length=12, default="free")
    chars = IntegerField(default=0)
    made_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("note", "made_at"), False),
            (("member", "key"), False),
            (("how", "made_at"), False),
        )


class NoteImage(BaseModel):
    """An image that a member put into notes; ``file_key`` is the sha256 of what is stored after resizing."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    media_type = CharField(max_length=20)
    width = IntegerField()
    height = IntegerField()
    size = IntegerField()
    created_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("member", "file_key"), True),)


class NoteImageUse(BaseModel):
    """A note shows an image: who may see the note may see the image."""

    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    image = ForeignKeyField(NoteImage, lazy_load=False, on_delete="CASCADE")

    class Meta:
        indexes = ((("note", "image"), True),)


class NoteReview(BaseModel):
    """A step on a note's way through review: who did what to which version, with which remark."""

    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    step = CharField(max_length=12)
    remark = TextField(default="")
    version = IntegerField()
    at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("note", "at"), False),
            (("member", "at"), False),
        )


class NoteComment(BaseModel):
    """What a reader said to a note. One that was taken away keeps its row, its words are not shown any more."""

    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    body = TextField()
    created_at = DateTimeField(default=clock.now)
    edited_at = DateTimeField(null=True)
    deleted_at = DateTimeField(null=True)
    deleted_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", on_delete="SET NULL")

    class Meta:
        indexes = ((("note", "created_at"), False),)


class NoteThanks(BaseModel):
    """A reader thanked the writer of a note, once."""

    note = ForeignKeyField(Note, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("note", "member"), True),)


class LikenessText(BaseModel):
    """A text that others are compared with: a note, or a page of a material. Derived: the worker fills it."""

    kind = CharField(max_length=12)
    ref = IntegerField()
    place = IntegerField(default=0)

    class Meta:
        indexes = ((("kind", "ref", "place"), True),)


class LikenessMark(BaseModel):
    """A fingerprint and the ``LikenessText`` that has it, looked up by the fingerprint. Derived as well."""

    mark = BigIntegerField()
    text = IntegerField(index=True)

    class Meta:
        primary_key = CompositeKey("mark", "text")


class NoteArchive(BaseModel):
    """All that a member wrote and read as a ZIP, packed in the background and kept for a day.

    ``words`` is a JSON object of what the files show in the language of who asked (``export.Printed``). ``done`` notes
    of ``total`` are packed. ``state`` is "packing", "ready" or "failed".
    """

    member = ForeignKeyField(Member, unique=True, lazy_load=False, on_delete="CASCADE")
    words = TextField()
    state = CharField(max_length=12, default="packing")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    file_key = CharField(max_length=64, default="")
    file_size = BigIntegerField(default=0)
    asked_at = DateTimeField(default=clock.now)
    ready_at = DateTimeField(null=True)
