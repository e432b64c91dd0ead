"""Tables of activity records: what was held or done, who took part, the evidence, what of it counts."""

from peewee import BooleanField, CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit


class Activity(BaseModel):
    """Something that was held or done, on ``day`` or from ``day`` to ``until``.

    ``member`` is who did it; None for what a unit holds, whose people stand in the register. ``amount`` is in the
    smallest unit of its kind: tenths of days or of class hours, fen. ``version`` moves with every change.
    """

    kind = CharField(max_length=24)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=200)
    day = DateField()
    until = DateField(null=True)
    starts = CharField(max_length=5, default="")
    place = CharField(max_length=120, default="")
    minutes = IntegerField(null=True)
    amount = IntegerField(null=True)
    category = CharField(max_length=24, default="")
    text = TextField(default="")
    link = CharField(max_length=500, default="")
    state = CharField(max_length=12)
    version = IntegerField(default=1)
    entered_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    submitted_at = DateTimeField(null=True)
    decided_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    decided_at = DateTimeField(null=True)
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("member", "day"), False), (("unit", "day"), False), (("state", "submitted_at"), False))


class ActivityMark(BaseModel):
    """A line of a register: ``state`` present, leave (asked beforehand) or absent; "" while nobody has said.

    ``leave_late`` says that leave was asked after the beginning; ``made_up_on`` is when it was made up.
    """

    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    state = CharField(max_length=8, default="")
    spoke = BooleanField(default=False)
    leave_at = DateTimeField(null=True)
    leave_late = BooleanField(default=False)
    leave_reason = CharField(max_length=200, default="")
    made_up_on = DateField(null=True)

    class Meta:
        indexes = ((("activity", "member"), True),)


class ActivityPart(BaseModel):
    """A part of a confirmed record that counts, or did: once published, once withdrawn, never changed otherwise."""

    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=60)
    number = IntegerField()
    measure = CharField(max_length=32)
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    amount = IntegerField()
    day = DateField()
    category = CharField(max_length=24, default="")
    size = IntegerField(default=0)
    withdrawn = BooleanField(default=False)

    class Meta:
        indexes = ((("activity", "name", "number"), True),)


class ActivityFile(BaseModel):
    """A file that proves a record: a picture or a PDF."""

    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    name = CharField(max_length=200)
    media_type = CharField(max_length=40)
    size = IntegerField()
    added_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    added_at = DateTimeField(default=clock.now)


class ActivityStep(BaseModel):
    """Something that happened to a record on its way: entered, confirmed, returned, corrected, withdrawn."""

    activity = ForeignKeyField(Activity, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    step = CharField(max_length=12)
    remark = TextField(default="")
    at = DateTimeField(default=clock.now)
