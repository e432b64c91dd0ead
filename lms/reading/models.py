"""Tables of reading: where members stand with their books, what they noted of reading them, and plans."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.catalogue.models import Book
from lms.db import BaseModel
from lms.members.models import Member, Unit

ITEM_KINDS = ("book", "material", "lecture", "count")
STATES = ("want", "reading", "finished", "abandoned")
SHELF_STATES = ("checked", "importing", "done")
# A book taken off the shelf keeps its row: were it deleted, SQLite could give its id to another entry, and that
# one's first finish would look like a fact the ledger has already.
OFF_SHELF = ""


class ReadingEntry(BaseModel):
    """Where a member stands with a book in the present reading of it: one of STATES, or OFF_SHELF.

    ``times`` counts the finishes booked so far: each is a fact of its own; ``fact`` is the number of the one in force,
    0 while there is none. ``number`` counts the readings: the earlier ones stand in PastReading. ``page`` and
    ``percent`` are the place noted last, whichever was noted. ``rating`` is 1 to 5, ``reason`` why it was given up.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    state = CharField(max_length=12)
    page = IntegerField(null=True)
    started_on = DateField(null=True)
    finished_on = DateField(null=True)
    times = IntegerField(default=0)
    fact = IntegerField(default=0)
    number = IntegerField(default=1)
    percent = IntegerField(null=True)
    rating = IntegerField(null=True)
    reason = CharField(max_length=200, default="")
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("member", "book"), True),
            (("member", "state", "updated_at"), False),
            (("member", "finished_on"), False),
        )


class PastReading(BaseModel):
    """An earlier reading of a book that was begun again since: finished or given up, with its own days.

    ``fact`` is the number of its finish among those of the entry, 0 for one that was given up.
    """

    entry = ForeignKeyField(ReadingEntry, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    state = CharField(max_length=12)
    started_on = DateField(null=True)
    finished_on = DateField(null=True)
    fact = IntegerField(default=0)
    rating = IntegerField(null=True)
    reason = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("entry", "number"), True),)


class ReadingSession(BaseModel):
    """What a member noted of reading a book on a day: minutes (0 when not said), the place reached, a remark.

    ``number`` is the reading it belongs to. ``noted_at`` is the instant at which it was noted on the member's device:
    of two notes for one day the later one gives the place, in whatever order they arrive. ``once`` is a key the sender
    chose, so that sending again notes nothing again. One that was taken back keeps its row (``withdrawn_at``), so that
    its id never names another fact.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    day = DateField()
    minutes = IntegerField()
    page = IntegerField(null=True)
    created_at = DateTimeField(default=clock.now)
    withdrawn_at = DateTimeField(null=True)
    percent = IntegerField(null=True)
    remark = CharField(max_length=500, default="")
    number = IntegerField(default=1)
    noted_at = DateTimeField(default=clock.now)
    once = CharField(max_length=40, null=True)

    class Meta:
        indexes = (
            (("member", "day"), False),
            (("member", "book", "day"), False),
            (("member", "once"), True),
        )


class UnitPlan(BaseModel):
    """A plan given to everybody of a unit and below; who joins later gets it, too, until it is withdrawn."""

    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=80)
    since = DateField()
    until = DateField(index=True)
    given_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now)
    withdrawn_at = DateTimeField(null=True)


class UnitPlanItem(BaseModel):
    """An item of a unit's plan, in the form of PlanItem."""

    plan = ForeignKeyField(UnitPlan, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12, default="book")
    book = ForeignKeyField(Book, null=True, lazy_load=False, on_delete="RESTRICT")
    ref = IntegerField(null=True)
    title = CharField(max_length=200, default="")
    amount = IntegerField(default=1)
    due_on = DateField()
    position = IntegerField(default=0)


class ReadingPlan(BaseModel):
    """A member's plan: some books, materials, lectures or a number of books within a span of days.

    ``unit`` is the unit it was submitted in, whose liaisons decide on it. ``given`` is the unit's plan it came from,
    ``source`` the earlier plan of one's own it was copied from.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=80)
    since = DateField()
    until = DateField()
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)
    state = CharField(max_length=12, default="draft")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="SET NULL")
    submitted_at = DateTimeField(null=True)
    decided_at = DateTimeField(null=True)
    decided_by = IntegerField(null=True)
    remark = CharField(max_length=500, default="")
    given = ForeignKeyField(UnitPlan, null=True, lazy_load=False, on_delete="SET NULL")
    source = IntegerField(null=True)

    class Meta:
        indexes = (
            (("member", "until"), False),
            (("unit", "state"), False),
            (("member", "given"), True),
        )


class PlanItem(BaseModel):
    """Something to read or watch and the day it is due; whether it is done is read from the log, never stored here.

    ``kind`` is one of ITEM_KINDS. A book stands in ``book``, a material or lecture in ``ref``; "count" asks for
    ``amount`` books of the reader's choice. ``title`` is what the thing was called when it was planned.
    """

    plan = ForeignKeyField(ReadingPlan, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, null=True, lazy_load=False, on_delete="RESTRICT")
    due_on = DateField()
    position = IntegerField(default=0)
    kind = CharField(max_length=12, default="book")
    ref = IntegerField(null=True)
    title = CharField(max_length=200, default="")
    amount = IntegerField(default=1)

    class Meta:
        indexes = (
            (("plan", "book"), True),
            (("plan", "kind", "ref"), True),
        )


class PlanChange(BaseModel):
    """What happened to a plan: who did it, when, and in ``detail`` as JSON what moved."""

    plan = ForeignKeyField(ReadingPlan, lazy_load=False, on_delete="CASCADE")
    by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    at = DateTimeField(default=clock.now)
    what = CharField(max_length=12)
    detail = TextField(default="{}")


class StudiedThing(BaseModel):
    """A material or lecture that a member has been through, and the day."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    ref = IntegerField()
    day = DateField()

    class Meta:
        indexes = ((("member", "kind", "ref"), True),)


class CalendarFeed(BaseModel):
    """The secret address at which a member's calendar is read without signing in; taking it away closes the address.

    The token is kept as it is, for its owner is to see the address again; it opens nothing but the days of plans.
    """

    member = ForeignKeyField(Member, unique=True, lazy_load=False, on_delete="CASCADE")
    token = CharField(max_length=64, unique=True)
    created_at = DateTimeField(default=clock.now)


class ShelfImport(BaseModel):
    """A table of what a member read elsewhere, on its way onto the own shelf: looked at first, then taken in.

    ``state`` is one of SHELF_STATES; ``total`` are the books to note and ``done`` those gone through, ``noted`` those
    that came onto the shelf. ``refused`` is a JSON list of [row, sheet, title, msgid, values] that could not be noted.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    state = CharField(max_length=12, default="checked")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    noted = IntegerField(default=0)
    refused = TextField(default="[]")
    created_at = DateTimeField(default=clock.now)
    finished_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("member", "created_at"), False),)
