"""Tables of progress: the ledger of learning, and requirements as data."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, IntegerField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit

MEASURES = ("book_finished", "study_minutes")
EVIDENCE_KINDS = ("reading_entry", "reading_session", "recording")


class LedgerEntry(BaseModel):
    """One immutable piece of learning. A correction is a further row that points at the one it ``reverses``.

    ``fact`` is the key of what happened ("finish:12:1"): unique, so replaying a fact cannot book it twice.
    ``unit`` is the unit the member was in on ``day``, kept because people move.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    measure = CharField(max_length=32)
    amount = IntegerField()
    day = DateField()
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="RESTRICT")
    fact = CharField(max_length=80, unique=True)
    evidence_kind = CharField(max_length=32)
    evidence_ref = IntegerField()
    reverses = ForeignKeyField("self", null=True, unique=True, backref=None, lazy_load=False, on_delete="RESTRICT")
    booked_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("member", "measure", "day"), False),
            (("unit", "measure", "day"), False),
        )


class Requirement(BaseModel):
    """What a unit asks of its members: so much of a measure in each period, from a day on."""

    title = CharField(max_length=120)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    measure = CharField(max_length=32)
    amount = IntegerField()
    period = CharField(max_length=12)
    since = DateField()
    until = DateField(null=True)
    created_at = DateTimeField(default=clock.now)
