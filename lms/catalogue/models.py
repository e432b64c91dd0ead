"""Tables of the catalogue of books."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member


class Book(BaseModel):
    """A book as the organisation recommends it. ``isbn`` is 13 digits without hyphens; two books may share one.

    ``sort_key`` is the title's place among titles (``rules.sort_key``).
    ``withdrawn_at`` takes a book off the catalogue while its readers keep their logs and notes.
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
