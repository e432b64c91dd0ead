"""The register of background work: the row is the promise, the queue only carries it out."""

from peewee import CharField, DateTimeField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel

STATES = ("waiting", "queued", "running", "done", "dead")


class Job(BaseModel):
    """A piece of background work, written in the transaction that asks for it, so that no crash can lose it.

    ``args`` is a JSON list of ids. ``state`` ends as "done" or "dead"; a dead job keeps its ``error`` until someone
    tries it again or dismisses it, or the same work, asked for anew and begun after it died, is done.
    ``lease_until`` is when a queued or running job is taken to be lost.
    """

    task = CharField(max_length=60)
    args = TextField(default="[]")
    state = CharField(max_length=8, default="waiting", index=True)
    attempts = IntegerField(default=0)
    error = TextField(default="")
    lease_until = DateTimeField(null=True)
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)


class WorkerBeat(BaseModel):
    """The last sign of life of a worker process, by its name (host and process id)."""

    name = CharField(max_length=120, unique=True)
    beat_at = DateTimeField(default=clock.now)
