"""Starting the service's parts in a process: web, worker and command line all begin here."""

from lms import clock, db, storage, takeaway, things
from lms.activities import queries as activities
from lms.activities import takeaway as activity_rows
from lms.activities import usage as activity_usage
from lms.board import looking_ahead, year_files
from lms.board import service as boards
from lms.catalogue import usage as book_usage
from lms.config import Settings
from lms.courses import completing
from lms.jobs import queue
from lms.lectures import jobs as lecture_jobs
from lms.lectures import purposes as lecture_purposes
from lms.lectures import recognising
from lms.lectures import things as lectures
from lms.lectures import usage as lecture_usage
from lms.lists import service as lists
from lms.materials import purposes as material_purposes
from lms.materials import things as materials
from lms.materials import usage as material_usage
from lms.members import passwords
from lms.notes import following as notes_following
from lms.notes import least as note_lengths_asked
from lms.notes import usage as note_usage
from lms.progress import booking, evidence, note_lengths
from lms.questions import service as questions
from lms.reading import following
from lms.reading import takeaway as reading_rows
from lms.reminders import jobs as reminders
from lms.search import engine, outbox, suggestions
from lms.search import past as past_searches
from lms.uploads import purposes

# The rooms that keep files, for the shares of members and units.
USAGES = (lecture_usage, material_usage, activity_usage, note_usage, book_usage)


def start(settings: Settings) -> None:
    """Bind database, storage, clock and queue, and connect the rooms' events. Opens nothing: safe before a fork."""
    settings.data.mkdir(parents=True, exist_ok=True)
    clock.use_zone(settings.zone)
    db.bind(settings)
    storage.bind(settings)
    queue.bind(settings)
    passwords.bind(settings)
    reminders.bind(settings)
    year_files.bind(settings)
    engine.bind(settings)
    suggestions.bind(settings)
    purposes.bind(
        settings,
        (*lecture_purposes.PURPOSES, *material_purposes.PURPOSES),
        [purposes.Usage(room.bytes_of, room.by_owner) for room in USAGES],
    )
    lecture_jobs.bind(lecture_jobs.Limits(settings.media_processes, settings.media_threads, settings.keep_originals))
    recognising.bind(settings.recogniser, settings.recogniser_minutes)
    things.bind((materials.THING, lectures.THING))
    takeaway.bind((*reading_rows.TABLES, *activity_rows.TABLES, *past_searches.TABLES))
    note_lengths_asked.bind(note_lengths.asked_of)
    evidence.evidence_from("activity", activities.ask_titles, "/activities/{}")
    booking.connect()
    boards.connect()
    looking_ahead.connect()
    following.connect()
    notes_following.connect()
    lists.connect()
    completing.connect()
    questions.connect()
    outbox.connect()
