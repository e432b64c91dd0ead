"""The JSON API of the desk."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer, List, Nested, String

from lms.desk import pages, queries
from lms.web.signin import actor

api = APIBlueprint("desk_api", __name__, url_prefix="/api/v1", tag="Progress")


class QueueOut(Schema):
    """How much waits for me in a queue (notes, plans, activities, registers, questions, jobs); ``url`` is its page."""

    queue = String()
    count = Integer()
    url = String()


class FirstStepOut(Schema):
    """One of the first steps of a new organisation (units, people, requirements, books); ``url`` is its page."""

    step = String()
    done = Boolean()
    url = String()


class DeskOut(Schema):
    """The queues that I work off; none for an ordinary member.

    ``first_steps`` are for who administers the whole organisation, and gone when each of them has been made.
    """

    items = List(Nested(QueueOut))
    first_steps = List(Nested(FirstStepOut))


@api.get("/desk")
@api.output(DeskOut)
@api.doc(summary="How much waits for me in each queue that I work off, and what a new organisation still lacks")
def show_desk() -> dict[str, Any]:
    """Answer the counts of the actor's queues, and the first steps while one of them is to be made."""
    desk = queries.get_desk(actor())
    return {
        "items": [{"queue": name, "count": count, "url": pages.address(name)} for name, count in desk.waiting],
        "first_steps": [
            {"step": step, "done": done, "url": pages.step_address(step)} for step, done in desk.first_steps
        ],
    }
