"""Starting the service's parts in a process: web, worker and command line all begin here."""

from lms import clock, db, storage, takeaway, things
from lms.config import Settings
from lms.jobs import queue
from lms.lectures import things as lectures
from lms.lists import service as lists
from lms.materials import things as materials
from lms.members import passwords
from lms.notes import following as notes_following
from lms.progress import booking
from lms.reading import following
from lms.reading import takeaway as reading_rows
from lms.search import engine, outbox, suggestions
from lms.search import past as past_searches


def start(settings: Settings) -> None:
    """Bind database, storage, clock and queue, and connect the rooms' events. Opens nothing: safe before a fork."""
    settings.data.mkdir(parents=True, exist_ok=True)
    clock.use_zone(settings.zone)
    db.bind(settings)
    storage.bind(settings)
    queue.bind(settings)
    passwords.bind(settings)
    engine.bind(settings)
    suggestions.bind(settings)
    things.bind((materials.THING, lectures.THING))
    takeaway.bind((*reading_rows.TABLES, *past_searches.TABLES))
    booking.connect()
    following.connect()
    notes_following.connect()
    lists.connect()
    outbox.connect()
