"""Where recordings that are sent will be kept, asked before their bytes are taken in."""

from dataclasses import replace

from lms.lectures import queries, recording_queries
from lms.lectures.models import Recording
from lms.lectures.recordings import going, not_failed
from lms.members.access import Action, Actor
from lms.members.queries import unit_choices
from lms.uploads.rules import Destination


def of_new(actor: Actor) -> list[Destination]:
    """Give the units that a new lecture of the actor's may be for."""
    return [Destination(unit.id) for unit in unit_choices(actor, Action.LECTURE_UPLOAD)]


def of_addition(actor: Actor, lecture_id: int) -> Destination:
    """Say where one more recording of a lecture is kept. Raises NotFound, Forbidden."""
    return Destination(queries.get_manageable(actor, lecture_id).unit, page=f"/lectures/{lecture_id}/recordings")


def of_replacement(actor: Actor, recording_id: int) -> Destination:
    """Say where another file for a failed recording is kept: the failed one goes then.

    Raises NotFound, Forbidden, Conflict when it did not fail.
    """
    lecture = recording_queries.get_manageable(actor, recording_id)
    columns = (Recording.file_size, Recording.state, Recording.sent_by)
    size, state, sender = Recording.select(*columns).where(Recording.id == recording_id).tuples().get()
    if state != "failed":
        raise not_failed()
    return replace(going(actor, lecture.unit, size, sender), page=f"/lectures/{lecture.id}?part={recording_id}")
