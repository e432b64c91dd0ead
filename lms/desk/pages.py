"""The desk: what waits for those who look after others, on their home page; the first steps of a new organisation."""

from typing import Any

from lms.desk import queries
from lms.desk.queries import FirstStep
from lms.members.access import Action, Actor, may
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import lazy_gettext
from lms.web.profile import PROFILE_NAMES, profile

QUEUES = {
    "notes": ("note_review.queue", lazy_gettext("Notes handed in")),
    "plans": ("reading.review", lazy_gettext("Plans to decide on")),
    "activities": ("activities.queue", lazy_gettext("Activities to confirm")),
    "registers": ("activities.activities", lazy_gettext("Attendance to record")),
    "questions": ("studio.studio", lazy_gettext("Questions to answer")),
    "jobs": ("ops.operation", lazy_gettext("Jobs that failed for good")),
}

FIRST_STEPS = {
    "units": (
        "units.units",
        lazy_gettext("Set up the units"),
        lazy_gettext("Communities, villages, branches: add a few by hand, or bring in a table of many."),
    ),
    "people": (
        "roster.new_import",
        lazy_gettext("Bring in the members"),
        lazy_gettext("From a list in Excel; first passwords come as slips to print. The table can name liaisons, too."),
    ),
    "requirements": (
        "progress.preset_list",
        lazy_gettext("Say what is to be learnt"),
        lazy_gettext("Choose one of 35 ready-made requirements and adjust it to your organisation."),
    ),
    "books": (
        "book_tables.new_import",
        lazy_gettext("Bring in the recommended books"),
        lazy_gettext("From a table, from Douban or Goodreads; single books by hand."),
    ),
}


def address(queue: str) -> str:
    """Give the address of the page on which a queue is worked off."""
    return url_for(QUEUES[queue][0])


def step_address(step: str) -> str:
    """Give the address of the page on which one of the first steps is made."""
    return url_for(FIRST_STEPS[step][0])


def _desk(reader: Actor, ref: int) -> dict[str, Any] | None:
    """Say what waits for the reader, and where it stands how their unit does; nothing for an ordinary member."""
    found = queries.get_desk(reader)
    waiting = [row for row in found.waiting if row.things]
    board = url_for("board.boards") if may(reader, Action.PROGRESS_OF_OTHERS) else ""
    if not waiting and not board:
        return None
    rows = [(address(row.queue), QUEUES[row.queue][1], row.things) for row in waiting]
    first = _first(found.first_steps)
    return {"rows": rows, "board": board, "first": first, "leads": first is not None}


def _first(steps: list[FirstStep]) -> dict[str, Any] | None:
    """Put the first steps into words: the first that is not made yet is the next one."""
    if not steps:
        return None
    following = next(step.step for step in steps if not step.done)
    rows = [(*FIRST_STEPS[name][1:], step_address(name), done, name == following) for name, done in steps]
    left = sum(not step.done for step in steps)
    return {"rows": rows, "left": left, "profile": PROFILE_NAMES[profile()], "operation": url_for("ops.operation")}


panels.add_panel("home.top", "desk/_home.html", _desk, 10)
