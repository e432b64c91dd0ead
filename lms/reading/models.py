"""Tables of reading: the log of each member's books, the minutes spent on them, and plans."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, IntegerField

from lms import clock
from lms.catalogue.models import Book
from lms.db import BaseModel
from lms.members.models import Member

STATES = ("want", "reading", "finished", "abandoned")
# A book taken off the shelf keeps its row: were it deleted, SQLite could give its id to another entry, and that
# one's first finish would look like a fact the ledger has already.
OFF_SHELF = ""


class ReadingEntry(BaseModel):
    """Where a member stands with a book: one of STATES, or OFF_SHELF.

    ``times`` counts the finishes booked so far: each is a fact of its own. ``page`` is the page noted last.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    state = CharField(max_length=12)
    page = IntegerField(null=True)
    started_on = DateField(null=True)
    finished_on = DateField(null=True)
    times = IntegerField(default=0)
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            (("member", "book"), True),
            (("member", "state", "updated_at"), False),
        )


class ReadingSession(BaseModel):
    """Minutes that a member spent with a book on a day, and the page reached if noted.

    One that was taken back keeps its row (``withdrawn_at``), so that its id never names another fact.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    day = DateField()
    minutes = IntegerField()
    page = IntegerField(null=True)
    created_at = DateTimeField(default=clock.now)
    withdrawn_at = DateTimeField(null=True)

    class Meta:
        indexes = (
            (("member", "day"), False),
            (("member", "book", "day"), False),
        )


class ReadingPlan(BaseModel):
    """A member's own plan: some books within a span of days."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    title = CharField(max_length=80)
    since = DateField()
    until = DateField()
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)


class PlanItem(BaseModel):
    """A book of a plan and the day it is due; whether it is done is read from the log, never stored here."""

    plan = ForeignKeyField(ReadingPlan, lazy_load=False, on_delete="CASCADE")
    book = ForeignKeyField(Book, lazy_load=False, on_delete="RESTRICT")
    due_on = DateField()
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("plan", "book"), True),)
