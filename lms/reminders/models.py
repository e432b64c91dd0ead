"""When the daily reminders were sent."""

from peewee import DateField, DateTimeField

from lms import clock
from lms.db import BaseModel


class ReminderRun(BaseModel):
    """A day of the organisation whose reminders have been sent."""

    day = DateField(unique=True)
    at = DateTimeField(default=clock.now)
