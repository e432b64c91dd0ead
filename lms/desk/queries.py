"""What waits for someone who looks after others: counted in one statement."""

from typing import Any, NamedTuple

from peewee import Select

from lms.activities import queries as activities
from lms.db import database
from lms.members.access import Action, Actor, may
from lms.notes import review_queries as notes
from lms.reading import review_queries as plans
from lms.studio import queries as studio

QUEUES = (
    ("notes", Action.NOTE_REVIEW, notes.waiting_for),
    ("plans", Action.PLAN_REVIEW, plans.waiting_for),
    ("activities", Action.ACTIVITY_CARE, activities.waiting_for),
    ("registers", Action.ACTIVITY_CARE, activities.registers_due_of),
    ("questions", Action.LECTURE_UPLOAD, studio.waiting_for),
)


class Waiting(NamedTuple):
    """How much waits in one of the queues: notes, plans, activities, registers or questions."""

    queue: str
    things: int


def list_waiting(actor: Actor) -> list[Waiting]:
    """Give each queue the actor works off and how much waits there; [] for whoever looks after nobody.

    One statement: the counts stand on home, which asks for much already.
    """
    mine: list[tuple[str, Any]] = [(name, counted(actor)) for name, action, counted in QUEUES if may(actor, action)]
    if not mine:
        return []
    columns = [query.alias(name) for name, query in mine]
    row = database.execute(Select(columns=columns)).fetchone()
    return [Waiting(name, int(count)) for (name, _), count in zip(mine, row, strict=True)]
