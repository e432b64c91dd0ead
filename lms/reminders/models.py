"""When the daily reminders were sent and of what, and whom a liaison reminded of what."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, IntegerField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit


class ReminderRun(BaseModel):
    """A day of the organisation whose reminders have been sent."""

    day = DateField(unique=True)
    at = DateTimeField(default=clock.now)


class Reminded(BaseModel):
    """A member was reminded by the service of the thing that ``key`` names: once at most."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE", index=False)
    key = CharField(max_length=100)
    at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("member", "key"), True), (("at",), False))


class NudgeSending(BaseModel):
    """What a liaison sent at once to those of a unit who were behind; for some minutes it can be taken back."""

    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    given_by = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE", index=False)
    at = DateTimeField(default=clock.now)
    told = IntegerField(default=0)
    undone_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("given_by", "at"), False),)


class Nudge(BaseModel):
    """A member was reminded by a liaison of a requirement (its series) in the period from ``since``: once at most."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE", index=False)
    series = IntegerField()
    since = DateField()
    at = DateTimeField(default=clock.now)
    given_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    sending = ForeignKeyField(NudgeSending, null=True, lazy_load=False, on_delete="SET NULL")

    class Meta:
        indexes = ((("member", "series", "since"), True), (("at",), False))
