"""Tables of recommended lists: a unit says what its members are to read, and why."""

from peewee import BooleanField, CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.catalogue.models import Book
from lms.db import BaseModel
from lms.members.models import Member, Unit


class BookList(BaseModel):
    """Books for the members of a unit and of those below it, to be read within some days.

    ``unit`` is None once the unit was removed: nobody sees the list then but who made it. ``issued_at`` is when members
    began to see it, None for a draft; ``withdrawn_at`` takes it out of their sight again. ``version`` counts the
    changes.
    """

    title = CharField(max_length=80)
    intro = TextField(default="")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="SET NULL")
    since = DateField()
    until = DateField()
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    issued_at = DateTimeField(null=True)
    withdrawn_at = DateTimeField(null=True)
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("unit", "until"), False),)


class ListedBook(BaseModel):
    """A book of a list: its place, whether it must be read or may be, and why it is recommended."""

    list = ForeignKeyField(BookList, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    position = IntegerField()
    required = BooleanField(default=True)
    reason = CharField(max_length=300, default="")

    class Meta:
        indexes = ((("list", "book"), True),)


class ListLook(BaseModel):
    """When a member last looked at a list: one that was never looked at is new."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    list = ForeignKeyField(BookList, lazy_load=False, on_delete="CASCADE")
    at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("member", "list"), True),)
