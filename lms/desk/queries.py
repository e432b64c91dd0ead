"""What waits for someone who looks after others, and what an organisation still lacks: counted in one statement."""

from typing import Any, NamedTuple

from peewee import Select, fn

from lms.activities import queries as activities
from lms.catalogue.models import Book
from lms.db import database
from lms.jobs.models import Job
from lms.members.access import Action, Actor, may
from lms.members.models import Member, Unit
from lms.notes import review_queries as notes
from lms.progress.models import Requirement
from lms.reading import review_queries as plans
from lms.studio import queries as studio


def _failed_for_good(_: Actor) -> Any:
    """Make the count of background jobs that will not be tried again by themselves."""
    return Job.select(fn.COUNT(Job.id)).where(Job.state == "dead")


QUEUES = (
    ("notes", Action.NOTE_REVIEW, notes.waiting_for),
    ("plans", Action.PLAN_REVIEW, plans.waiting_for),
    ("activities", Action.ACTIVITY_CARE, activities.waiting_for),
    ("registers", Action.ACTIVITY_CARE, activities.registers_due_of),
    ("questions", Action.LECTURE_UPLOAD, studio.waiting_for),
    ("jobs", Action.OPERATE, _failed_for_good),
)


class Waiting(NamedTuple):
    """How much waits in one of the queues: notes, plans, activities, registers, questions or failed jobs."""

    queue: str
    things: int


class FirstStep(NamedTuple):
    """One of the first steps of a new organisation (units, people, requirements, books), and whether it is made."""

    step: str
    done: bool


class Desk(NamedTuple):
    """What one person's desk holds: the queues they work off, and the first steps while one of them is to be made."""

    waiting: list[Waiting]
    first_steps: list[FirstStep]


def get_desk(actor: Actor) -> Desk:
    """Give each queue the actor works off and how much waits there, and what a new organisation lacks.

    Nothing for whoever looks after nobody. One statement: it stands on home, which asks for much already. The first
    steps are ticked by what is there, never by hand, and are gone for good once each of them has been made.
    """
    mine: list[tuple[str, Any]] = [(name, counted(actor)) for name, action, counted in QUEUES if may(actor, action)]
    if not mine:
        return Desk([], [])
    facts = _facts() if _begins_it(actor) else []
    columns = [query.alias(name) for name, query in (*mine, *facts)]
    row = database.execute(Select(columns=columns)).fetchone()
    waiting = [Waiting(name, int(count)) for (name, _), count in zip(mine, row, strict=False)]
    return Desk(waiting, _steps({name: bool(met) for (name, _), met in zip(facts, row[len(mine) :], strict=True)}))


def _begins_it(actor: Actor) -> bool:
    """Say whether the actor administers the whole organisation: a role held on a unit that has none above it."""
    return any(grant.path.count("/") == 2 and may(actor, Action.OPERATE, grant.path) for grant in actor.grants)


def _facts() -> list[tuple[str, Any]]:
    def there(query: Any) -> Any:
        return fn.EXISTS(query)

    return [
        ("units", there(Unit.select(Unit.id).where(Unit.parent.is_null(False)))),
        ("people", there(Member.select(Member.id).order_by(Member.id).offset(1).limit(1))),
        ("requirements", there(Requirement.select(Requirement.id))),
        ("books", there(Book.select(Book.id))),
    ]


def _steps(facts: dict[str, bool]) -> list[FirstStep]:
    """Make the steps; none when nothing is lacking. Who has taken people in without units below needs none."""
    if all(facts.values()):
        return []
    if facts["people"]:
        facts["units"] = True
    steps = [FirstStep(name, met) for name, met in facts.items()]
    return [] if all(step.done for step in steps) else steps
