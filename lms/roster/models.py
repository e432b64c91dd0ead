"""Tables of imports of people and units: what a table's rows say, what is to happen with each, what came of it."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member

KINDS = ("people", "units")
STATES = ("checking", "checked", "importing", "done", "failed")
ACTIONS = ("refused", "add", "change", "move", "leave", "same")


class RosterImport(BaseModel):
    """A table of people or units on its way in. ``columns`` is its layout in JSON.

    ``whole``: the table holds all people of its units, so that those missing in it have left. ``leave_out``: rows that
    were refused may be left out; without it such a table is not carried out at all. ``failure`` is as
    ``lms.errors.kept`` gives it.
    """

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=8)
    file_key = CharField(max_length=64)
    file_name = CharField(max_length=200)
    columns = TextField()
    whole = BooleanField(default=False)
    leave_out = BooleanField(default=False)
    state = CharField(max_length=12, default="checking")
    failure = CharField(max_length=300, default="")
    total = IntegerField(default=0)
    done = IntegerField(default=0)
    created_at = DateTimeField(default=clock.now)
    finished_at = DateTimeField(null=True)


class RosterRow(BaseModel):
    """A row: ``number`` in the file (0: somebody who is missing in it), what it says as JSON, what happens with whom.

    ``nonce`` leads, together with the server's key, to the first password of a member whom this row made, until the
    slip was shown; then it is emptied and only the hash remains. ``roles`` counts the roles that it gives or takes.
    ``unit`` is that in which the member is to be, or the one above a unit, ``unit_before`` the one it moves from.
    """

    load = ForeignKeyField(RosterImport, lazy_load=False, on_delete="CASCADE")
    number = IntegerField()
    action = CharField(max_length=8)
    name = CharField(max_length=80)
    subject = IntegerField(null=True)
    values = TextField()
    notes = TextField(default="[]")
    carried_out = BooleanField(default=False)
    nonce = CharField(max_length=32, default="")
    roles = IntegerField(default=0)
    unit = IntegerField(null=True)
    unit_before = IntegerField(null=True)

    class Meta:
        indexes = ((("load", "action", "number"), False), (("load", "carried_out", "number"), False))
