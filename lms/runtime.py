"""Starting the service's parts in a process: web, worker and command line all begin here."""

from lms import clock, db, storage
from lms.config import Settings
from lms.jobs import queue
from lms.members import passwords
from lms.progress import booking
from lms.search import engine, outbox


def start(settings: Settings) -> None:
    """Bind database, storage, clock and queue, and connect the rooms' events. Opens nothing: safe before a fork."""
    settings.data.mkdir(parents=True, exist_ok=True)
    clock.use_zone(settings.zone)
    db.bind(settings)
    storage.bind(settings)
    queue.bind(settings)
    passwords.bind(settings)
    engine.bind(settings)
    booking.connect()
    outbox.connect()
