"""Tables of notices. How many are unread stands on the member's own row, which every request reads."""

from peewee import CharField, DateTimeField, ForeignKeyField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member


class Notice(BaseModel):
    """Something a member was told. ``message`` is a msgid, ``said`` its values as JSON: translated when it is read.

    ``key`` names the thing: unique for each member, so that nobody is told twice.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=20)
    key = CharField(max_length=100)
    message = CharField(max_length=300)
    said = TextField(default="{}")
    href = CharField(max_length=300)
    at = DateTimeField(default=clock.now)
    read_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "key"), True), (("member", "at"), False), (("at",), False))


class NoticeOff(BaseModel):
    """A kind of notice that a member has turned off."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=20)

    class Meta:
        indexes = ((("member", "kind"), True),)
