"""Tables of search: which documents of the index are out of date, and what members searched for."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member


class OutboxRow(BaseModel):
    """A searchable thing that changed; written with the change itself, deleted once the index holds it."""

    id = AutoField()
    kind = CharField(max_length=24)
    ref = IntegerField()
    created_at = DateTimeField(default=clock.now)


class PastSearch(BaseModel):
    """What a member searched for, the newest of each; ``key`` is the text folded, so that each stands there once."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    text = CharField(max_length=200)
    key = CharField(max_length=200)
    asked_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("member", "key"), True),
            (("member", "asked_at"), False),
        )
