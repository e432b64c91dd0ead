"""The desk: what waits for those who look after others, on their home page."""

from typing import Any

from flask_babel import lazy_gettext

from lms.desk import queries
from lms.members.access import Action, Actor, may
from lms.web import panels
from lms.web.addresses import url_for

QUEUES = {
    "notes": ("note_review.queue", lazy_gettext("Notes handed in")),
    "plans": ("reading.review", lazy_gettext("Plans to decide on")),
    "activities": ("activities.queue", lazy_gettext("Activities to confirm")),
    "registers": ("activities.activities", lazy_gettext("Attendance to record")),
    "questions": ("studio.studio", lazy_gettext("Questions to answer")),
}


def address(queue: str) -> str:
    """Give the address of the page on which a queue is worked off."""
    return url_for(QUEUES[queue][0])


def _desk(reader: Actor, ref: int) -> dict[str, Any] | None:
    """Say what waits for the reader, and where it stands how their unit does; nothing for an ordinary member."""
    waiting = [row for row in queries.list_waiting(reader) if row.things]
    board = url_for("board.boards") if may(reader, Action.PROGRESS_OF_OTHERS) else ""
    if not waiting and not board:
        return None
    rows = [(address(row.queue), QUEUES[row.queue][1], row.things) for row in waiting]
    return {"rows": rows, "board": board}


panels.add_panel("home.top", "desk/_home.html", _desk, 10)
