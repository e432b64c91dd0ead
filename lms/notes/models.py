"""Tables of notes."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.catalogue.models import Book
from lms.db import BaseModel
from lms.members.models import Member, Unit

AUDIENCES = ("me", "unit", "everyone")


class Note(BaseModel):
    """A member's note in Markdown, about a book or about nothing. ``chars`` is its 字数.

    ``unit`` is the writer's unit when it was written: the audience "unit" means it and its subtree.
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

    class Meta:
        indexes = (
            (("member", "updated_at"), False),
            (("book", "updated_at"), False),
        )
