"""The outbox: which documents of the index are out of date."""

from peewee import AutoField, CharField, DateTimeField, IntegerField

from lms import clock
from lms.db import BaseModel


class OutboxRow(BaseModel):
    """A searchable thing that changed; written with the change itself, deleted once the index holds it."""

    id = AutoField()
    kind = CharField(max_length=24)
    ref = IntegerField()
    created_at = DateTimeField(default=clock.now)
