"""Tables of the board: periods of a unit that were frozen, with the figures as they were."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit


class FrozenPeriod(BaseModel):
    """A unit's period whose figures were reported. ``kind`` is a period or "dates", with what the dates belong to.

    ``figures`` is JSON (``lms.board.snapshot``): the board as it was. Lifted, the row stays, with who, when and why.
    """

    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    since = DateField()
    until = DateField()
    figures = TextField()
    note = CharField(max_length=200, default="")
    frozen_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    frozen_at = DateTimeField(default=clock.now)
    lifted_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    lifted_at = DateTimeField(null=True)
    lifted_why = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("unit", "since"), False),)


class FrozenStanding(BaseModel):
    """How a member stood with a requirement in a frozen period: in how many of its periods asked, met and late.

    Name and unit are kept as they were: the list is a document of its day.
    """

    frozen = ForeignKeyField(FrozenPeriod, lazy_load=False, on_delete="CASCADE")
    requirement = IntegerField()
    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    name = CharField(max_length=40)
    unit_name = CharField(max_length=80)
    asked = IntegerField()
    met = IntegerField()
    late = IntegerField()
    done = IntegerField()
    required = IntegerField()

    class Meta:
        indexes = ((("frozen", "requirement"), False),)
