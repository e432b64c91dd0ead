"""Tables of study materials and their pages."""

from peewee import BigIntegerField, CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit


class Material(BaseModel):
    """A study material. ``file_key`` is the sha256 of its file in the store; ``charset`` how its text was read.

    ``state`` is "preparing" until the worker has taken the text out, then "ready", or "failed". ``failure`` is a msgid:
    why it failed, or what a reader of a ready one should know (a PDF of mere pictures). ``source_key`` names the record
    it was loaded from, so that loading again finds it.
    """

    title = CharField(max_length=200)
    summary = CharField(max_length=500, default="")
    category = CharField(max_length=20, default="")
    media_type = CharField(max_length=40)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    charset = CharField(max_length=12, default="")
    page_count = IntegerField(default=0)
    state = CharField(max_length=12, default="preparing")
    failure = CharField(max_length=200, default="")
    uploader = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    audience = CharField(max_length=12, default="everyone")
    source_key = CharField(max_length=80, null=True, unique=True)
    created_at = DateTimeField(default=clock.now, index=True)
    updated_at = DateTimeField(default=clock.now)
    archived_at = DateTimeField(null=True)


class MaterialPage(BaseModel):
    """A page (PDF), section (Markdown) or stretch (TXT) of a material, numbered from 1."""

    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    heading = CharField(max_length=200, default="")
    text = TextField()

    class Meta:
        indexes = ((("material", "number"), True),)
