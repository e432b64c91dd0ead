"""Tables of progress: the ledger of learning, requirements as data with versions, exemptions from them."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit
from lms.progress.measures import MEASURES as REGISTRY

MEASURES = tuple(REGISTRY)


class LedgerEntry(BaseModel):
    """One immutable piece of learning. A correction is a further row that points at the one it ``reverses``.

    ``fact`` is the key of what happened ("finish:12:1"): unique, so replaying a fact cannot book it twice.
    ``unit`` is the unit the member was in on ``day``, kept because people move. Without a member it is the unit's own
    fact: a group study held, funds set aside. What requirements narrow down by stands on the row itself: ``category``
    (kind of note, of training), ``size`` (字数, minutes of one session), ``subject`` ("book:12").
    """

    member = ForeignKeyField(Member, null=True, lazy_load=False, index=False, on_delete="CASCADE")
    measure = CharField(max_length=32)
    amount = IntegerField()
    day = DateField()
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, index=False, on_delete="RESTRICT")
    category = CharField(max_length=40, default="")
    size = IntegerField(default=0)
    subject = CharField(max_length=24, default="")
    fact = CharField(max_length=80, unique=True)
    evidence_kind = CharField(max_length=32)
    evidence_ref = IntegerField()
    reverses = ForeignKeyField("self", null=True, unique=True, backref=None, lazy_load=False, on_delete="RESTRICT")
    booked_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("member", "measure", "day"), False),
            (("unit", "measure", "day"), False),
            (("measure", "day", "unit", "member", "amount"), False),
            (("evidence_kind", "evidence_ref"), False),
        )


class Requirement(BaseModel):
    """What a unit asks: one version of it, in force from ``since`` to ``until``.

    The versions of one requirement share a ``series``, the id of the first, and follow each other without a gap, so
    that a closed period stays as it was judged. ``spec`` is JSON: all that differs from "every member, so much of a
    measure in each period" (``lms.progress.asking``). ``subject`` repeats the spec's for queries. ``preset`` is the
    preset it was taken from.
    """

    title = CharField(max_length=120)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    measure = CharField(max_length=32)
    amount = IntegerField()
    period = CharField(max_length=12)
    since = DateField()
    until = DateField(null=True)
    created_at = DateTimeField(default=clock.now)
    series = IntegerField(null=True, index=True)
    version = IntegerField(default=1)
    subject = CharField(max_length=12, default="member")
    spec = TextField(default="{}")
    preset = CharField(max_length=12, default="")


class Exemption(BaseModel):
    """A member is not asked for one requirement (by its series) for some days, with the reason, by whom."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    series = IntegerField(index=True)
    since = DateField()
    until = DateField(null=True)
    reason = CharField(max_length=200)
    given_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", index=False, on_delete="SET NULL")
    given_at = DateTimeField(default=clock.now)


class LedgerKind(BaseModel):
    """What a packed row of the ledger counts: a measure with a category, known by a small number."""

    measure = CharField(max_length=32)
    category = CharField(max_length=40, default="")

    class Meta:
        indexes = ((("measure", "category"), True),)


class LedgerPack(BaseModel):
    """A member's ledger of a calendar year as one text (``lms.progress.packing``): derived, for boards of thousands.

    Appended to in the transaction of each ledger row, so that it never says anything else than the ledger. ``version``
    is another one after each change, never one more: what was read of a year is good as long as it is the same, also
    when the database was put back to an earlier day.
    """

    member = ForeignKeyField(Member, lazy_load=False, index=False, on_delete="CASCADE")
    year = IntegerField()
    entries = TextField()
    version = IntegerField(default=0)

    class Meta:
        indexes = ((("member", "year"), True), (("year", "member", "version"), False))
