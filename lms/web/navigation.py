"""The way through the house: the main navigation."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import request

from lms.members.access import Action, Actor, may
from lms.web.addresses import url_for
from lms.web.i18n import lazy_gettext

MOST_PLACES = 1000


@dataclass(frozen=True)
class Door:
    """An entry of the main navigation. ``endpoint`` is its page; ``on_phone`` puts it among the five tabs."""

    key: str
    endpoint: str
    label: Any
    on_phone: bool


DOORS = (
    Door("today", "progress.home", lazy_gettext("Today"), True),
    Door("catalogue", "catalogue.books", lazy_gettext("Books"), True),
    Door("lectures", "lectures.lectures", lazy_gettext("Lectures"), True),
    Door("materials", "materials.materials", lazy_gettext("Materials"), False),
    Door("notes", "notes.notes", lazy_gettext("Notes"), True),
    Door("progress", "progress.mine", lazy_gettext("Progress"), True),
)

# Doors of the account menu, each for those who may do something there.
DESK = (
    (Action.LECTURE_UPLOAD, "studio.studio", lazy_gettext("Studio")),
    (Action.PROGRESS_OF_OTHERS, "board.boards", lazy_gettext("How units stand")),
    (Action.PROGRESS_OF_OTHERS, "progress.requirements", lazy_gettext("Requirements")),
    (Action.NOTE_REVIEW, "note_review.queue", lazy_gettext("Notes handed in")),
    (Action.PLAN_REVIEW, "reading.review", lazy_gettext("Plans to decide on")),
    (Action.ACTIVITY_CARE, "activities.queue", lazy_gettext("Activities to confirm")),
    (Action.CATEGORY_EDIT, "categories.categories", lazy_gettext("Categories")),
    (Action.MATERIAL_UPLOAD, "uploads.uploads", lazy_gettext("Unfinished uploads")),
    (Action.LECTURER_ACCREDIT, "lecturers.lecturers", lazy_gettext("Lecturers")),
    (Action.MEMBER_LIST, "people.members", lazy_gettext("People")),
    (Action.MEMBER_LIST, "units.units", lazy_gettext("Units")),
    (Action.OPERATE, "ops.operation", lazy_gettext("Operation")),
)

# A room without a door of its own, and the one through which it is reached.
BEHIND = {
    "activities": "progress",
    "board": "progress",
    "categories": "materials",
    "courses": "lectures",
    "questions": "lectures",
    "course_keeping": "lectures",
    "material_care": "materials",
    "material_reading": "materials",
    "material_upload": "materials",
    "reading": "catalogue",
    "book_browsing": "catalogue",
    "book_files": "catalogue",
    "book_tables": "catalogue",
    "lists": "catalogue",
    "shelf_import": "catalogue",
    "note_files": "notes",
    "note_history": "notes",
    "note_review": "notes",
    "note_talk": "notes",
}


@dataclass(frozen=True)
class NavItem:
    """A navigation entry made ready for a page."""

    key: str
    label: str
    href: str
    current: bool
    on_phone: bool


def current_door() -> str:
    """Give the key of the door behind which the current page lies, "" for none."""
    return _door_of(request.endpoint or "", request.blueprint or "")


@lru_cache(MOST_PLACES)
def _door_of(endpoint: str, behind: str) -> str:
    blueprint = BEHIND.get(behind, behind)
    for door in DOORS:
        room = door.endpoint.partition(".")[0]
        if endpoint == door.endpoint or (room == blueprint and room != "progress"):
            return door.key
    return ""


def desk(actor: Actor) -> list[tuple[str, str]]:
    """Make the entries of the account menu for those who look after others: endpoint and label."""
    return [(endpoint, str(label)) for action, endpoint, label in DESK if may(actor, action)]


def navigation() -> list[NavItem]:
    """Make the main navigation for the current request; the room of the current page is marked."""
    here = current_door()
    return [
        NavItem(door.key, str(door.label), url_for(door.endpoint), door.key == here, door.on_phone) for door in DOORS
    ]
