"""The JSON API of the desk."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, Nested, String

from lms.desk import pages, queries
from lms.web.signin import actor

api = APIBlueprint("desk_api", __name__, url_prefix="/api/v1", tag="Progress")


class QueueOut(Schema):
    """How much waits for me in a queue (notes, plans, activities, registers, questions); ``url`` is its page."""

    queue = String()
    count = Integer()
    url = String()


class DeskOut(Schema):
    """The queues that I work off; none for an ordinary member."""

    items = List(Nested(QueueOut))


@api.get("/desk")
@api.output(DeskOut)
@api.doc(summary="How much waits for me in each queue that I work off")
def show_desk() -> dict[str, Any]:
    """Answer the counts of the actor's queues."""
    return {
        "items": [
            {"queue": queue, "count": things, "url": pages.address(queue)}
            for queue, things in queries.list_waiting(actor())
        ]
    }
