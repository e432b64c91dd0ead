"""Tables of study materials: what they are, their pages and versions, who has read them, and who must."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit


class Material(BaseModel):
    """A study material. ``file_key`` is the sha256 of its file in the store; ``charset`` how its text was read.

    ``state`` is "preparing" until the worker has taken the text out, then "ready", or "failed". ``failure`` is a msgid:
    why it failed, or what a reader of a ready one should know (a PDF of mere pictures). ``source_key`` names the record
    it was loaded from, so that loading again finds it. The columns of the file say what its ``version`` holds; a web
    link has a ``url`` and no file. ``published_at`` is None while its uploader may not publish for the unit. ``plain``
    says that only its text has been taken out so far: the markup of its pages and its pictures are still to come.
    """

    title = CharField(max_length=200)
    summary = CharField(max_length=500, default="")
    category = CharField(max_length=20, default="")
    media_type = CharField(max_length=80)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    charset = CharField(max_length=12, default="")
    page_count = IntegerField(default=0)
    state = CharField(max_length=12, default="preparing")
    failure = CharField(max_length=200, default="")
    plain = BooleanField(default=False)
    version = IntegerField(default=1)
    url = CharField(max_length=500, default="")
    uploader = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    audience = CharField(max_length=12, default="everyone")
    source_key = CharField(max_length=80, null=True, unique=True)
    created_at = DateTimeField(default=clock.now, index=True)
    updated_at = DateTimeField(default=clock.now)
    archived_at = DateTimeField(null=True)
    published_at = DateTimeField(null=True, default=clock.now)


class MaterialPage(BaseModel):
    """A page (PDF), slide, chapter, section or stretch of a material, numbered from 1.

    ``text`` is what is searched: plain, or Markdown for a material in Markdown. ``markup`` is the same with headings,
    lists, tables and emphasis as HTML, for formats that have them; it is cleaned again before it is shown.
    """

    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    heading = CharField(max_length=200, default="")
    text = TextField()
    markup = TextField(default="")

    class Meta:
        indexes = ((("material", "number"), True),)


class MaterialPicture(BaseModel):
    """A picture within a document, numbered as the markup of its pages names it; ``file_key`` is its sha256."""

    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    file_key = CharField(max_length=64)

    class Meta:
        indexes = ((("material", "number"), True),)


class MaterialVersion(BaseModel):
    """A file that a material had or has; ``state`` and ``failure`` as there, ``remark`` says what is new."""

    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    media_type = CharField(max_length=80)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    file_size = BigIntegerField()
    charset = CharField(max_length=12, default="")
    page_count = IntegerField(default=0)
    state = CharField(max_length=12, default="preparing")
    failure = CharField(max_length=200, default="")
    remark = CharField(max_length=200, default="")
    uploader = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("material", "number"), True),)


class MaterialReading(BaseModel):
    """How far a member is with a material.

    ``pages`` are the pages really read, as "1-3,7"; ``read`` is their number. ``credited_at`` is when time was last
    given to a page, so that no second counts twice. ``finished_on`` is the day it was read through, ``on_paper`` that
    the member says so; ``times`` counts these facts, each told once.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    version = IntegerField(default=1)
    pages = TextField(default="")
    read = IntegerField(default=0)
    last_page = IntegerField(default=1)
    credited_at = DateTimeField(null=True)
    finished_on = DateField(null=True)
    on_paper = BooleanField(default=False)
    times = IntegerField(default=0)
    updated_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("member", "material"), True),
            (("member", "updated_at"), False),
            (("material", "finished_on"), False),
        )


class RequiredReading(BaseModel):
    """A unit asks its members, and those of the units below, to read a material between two days.

    ``announced_at`` is when its members were told, ``ended_at`` when it was taken back before its last day.
    """

    material = ForeignKeyField(Material, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    since = DateField()
    until = DateField()
    note = CharField(max_length=300, default="")
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now)
    announced_at = DateTimeField(null=True)
    ended_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("unit", "until"), False),)


class MaterialBulkEdit(BaseModel):
    """A change of many materials at once; ``before`` is what they had, as JSON, so that it can be undone."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    what = CharField(max_length=12)
    before = TextField()
    made_at = DateTimeField(default=clock.now)
    undone_at = DateTimeField(null=True)
