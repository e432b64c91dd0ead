"""The table of a unit's own categories; the five of the study contents are data of the service (``rules.PRESETS``)."""

from peewee import CharField, DateTimeField, ForeignKeyField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Unit


class UnitCategory(BaseModel):
    """A category that a unit uses besides the presets, in itself and the units below it.

    ``retired_at`` takes it out of choices; what bears it keeps it.
    """

    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="CASCADE")
    name = CharField(max_length=30)
    created_at = DateTimeField(default=clock.now)
    retired_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("unit", "name"), True),)
