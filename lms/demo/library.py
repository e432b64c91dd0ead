"""What the demo organisation can read and watch: books, study guides, lectures."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import lms.courses.jobs
import lms.lectures.jobs
import lms.materials.jobs
import lms.notes.jobs  # noqa: F401 they all register the work that is carried out here
from lms import clock
from lms.catalogue import service as catalogue
from lms.catalogue.rules import BookDraft
from lms.config import MIB
from lms.db import transactional
from lms.demo.content_files import Row, guides, rows, transcript, translation
from lms.demo.media import make_audio, make_video
from lms.demo.people import People
from lms.errors import N_, Unavailable
from lms.jobs import queue
from lms.jobs.models import Job
from lms.lectures import chapter_rules, chapters, recordings, transcript_files, transcript_service
from lms.lectures import service as lectures
from lms.lectures.models import Recording
from lms.lectures.rules import Details
from lms.materials import uploading as materials
from lms.members.access import Actor

FIRST_BOOKS = timedelta(days=195)
# The newest of the catalogue, in this many lots; the books that notes and plans speak of are among the first.
NEW_LOTS = (timedelta(days=24), timedelta(days=11), timedelta(days=3))
LOT = 4
FIRST_GUIDE, GUIDE_EVERY = timedelta(days=150), timedelta(days=23)
FIRST_LECTURE, LECTURE_EVERY = timedelta(days=45), timedelta(days=19)
MORNING = timedelta(hours=9, minutes=40)
LARGEST = 64 * MIB
SUFFIXES = {"video": ".mp4", "audio": ".m4a"}


class BookInCatalogue(NamedTuple):
    """A book with the instant from which it stands in the catalogue."""

    id: int
    pages: int | None
    since: datetime


@dataclass(frozen=True)
class Film:
    """A lecture of the demo on its way: its file is being made, and that of its second recording where it has one."""

    row: Row
    file: Future[Path]
    after: Future[Path] | None = None


@dataclass(frozen=True)
class Watchable:
    """A lecture that can be watched from an instant on."""

    recording: int
    seconds: float
    since: datetime


def create_books(now: datetime, librarian: Actor) -> Mapping[str, BookInCatalogue]:
    """Add all books, by title: most of them half a year ago, the newest in lots of late."""
    books = {}
    named = {note["book"] for note in rows("notes")}
    named |= {item["title"] for plan in rows("plans") for item in plan["books"]}
    named |= {title for lecture in rows("lectures") for title in lecture["books"]}
    late = [row["title"] for row in rows("books") if row["title"] not in named][-LOT * len(NEW_LOTS) :]
    since = dict.fromkeys((row["title"] for row in rows("books")), _morning(now, FIRST_BOOKS))
    since.update({title: _morning(now, NEW_LOTS[place // LOT]) for place, title in enumerate(late)})
    for row in sorted(rows("books"), key=lambda row: since[row["title"]]):
        title = row["title"]
        with clock.at(since[title]):
            books[title] = BookInCatalogue(catalogue.add_book(librarian, _draft(row)), row.get("pages"), since[title])
    return books


def _morning(now: datetime, before: timedelta) -> datetime:
    """Give an instant of office hours, some days before now."""
    return clock.start_of(clock.local(now - before).date()) + MORNING


def _draft(row: Row) -> BookDraft:
    comma = "\N{IDEOGRAPHIC COMMA}" if row["language"] == "zh" else ", "
    return BookDraft(
        title=row["title"],
        subtitle=row.get("subtitle", ""),
        original_title=row.get("original_title", ""),
        authors=comma.join(row["authors"]),
        translators=comma.join(row.get("translators", ())),
        publisher=row["publisher"],
        year=row.get("year"),
        isbn=row.get("isbn"),
        language=row["language"],
        clc=row["clc"],
        subjects=comma.join(row["subjects"]),
        pages=row.get("pages"),
        summary=row["summary"],
    )


def create_guides(now: datetime, people: People) -> None:
    """Upload the study guides in the name of their lecturers and take out their text."""
    for number, (front, path, body) in enumerate(guides()):
        lecturer = people.by_name.get(front["lecturer"])
        with clock.at(_morning(now, FIRST_GUIDE - number * GUIDE_EVERY)):
            materials.upload_material(
                lecturer.actor if lecturer else people.administrator,
                materials.Upload(
                    title=front["title"],
                    summary=front["summary"],
                    category=front["category"],
                    audience="everyone",
                    unit=people.units[front["unit"]],
                    file_name=path.name,
                    stream=BytesIO(body.encode()),
                ),
                LARGEST,
            )
            carry_out()


def start_filming(pool: Executor, folder: Path) -> Sequence[Film]:
    """Begin to make the recordings; they take longer than all the rest."""
    paths = [(row, folder / (row["key"] + SUFFIXES[row["media"]])) for row in rows("lectures")]
    return [Film(row, pool.submit(_film, row, path), _after(pool, row, path)) for row, path in paths]


def _after(pool: Executor, row: Row, path: Path) -> Future[Path] | None:
    """Begin to make the sound recording that follows on a lecture, if it has one."""
    if "after" not in row:
        return None
    return pool.submit(_film, {"media": "audio", **row["after"]}, path.with_name(f"{row['key']}-2.m4a"))


def _film(row: Row, path: Path) -> Path:
    if row["media"] == "video":
        make_video(path, row["seconds"], (row["title"], row["lecturer"]))
    else:
        make_audio(path, row["seconds"])
    return path


def create_lectures(now: datetime, people: People, films: Sequence[Film]) -> Mapping[str, Watchable]:
    """Upload the lectures with their transcripts and make them ready, by key; waits until the recordings are made.

    Raises Unavailable when a recording could not be made ready.
    """
    watchable = {}
    for number, film in enumerate(films):
        row, path = film.row, film.file.result()
        lecturer = people.by_name.get(row["lecturer"])
        since = _morning(now, FIRST_LECTURE - number * LECTURE_EVERY)
        with clock.at(since), path.open("rb") as file, transcript(row).open("rb") as words:
            lecture = lectures.upload(
                lecturer.actor if lecturer else people.administrator,
                Details(
                    title=row["title"],
                    speaker=row["lecturer"],
                    unit=people.units[row["unit"]],
                    summary=row["summary"],
                    held_on=clock.today() - timedelta(days=2),
                ),
                lectures.Upload(path.name, file),
                lectures.Upload(row["transcript"], words),
                LARGEST,
            )
            if film.after is not None:
                _add_after(lecturer.actor if lecturer else people.administrator, lecture, film)
            carry_out()
        recording = Recording.get(Recording.lecture == lecture, Recording.position == 1)
        _words_around(row, recording)
        if recording.state != "ready":
            raise Unavailable(N_("The demo's recordings could not be made ready."))
        watchable[row["key"]] = Watchable(recording.id, recording.duration_ms / 1000, since)
    return watchable


def _add_after(lecturer: Actor, lecture: int, film: Film) -> None:
    path = film.after.result() if film.after else Path()
    with path.open("rb") as file:
        recordings.add(lecturer, lecture, film.row["after"]["title"], lectures.Upload(path.name, file), LARGEST)


@transactional
def _words_around(row: Row, recording: Recording) -> None:
    """Give a recording its chapters and its transcripts in other languages."""
    chapters.write(recording.id, chapter_rules.read(row["chapters"], recording.duration_ms))
    for language, name in row.get("translations", {}).items():
        lines = transcript_files.read(translation(name)).lines
        transcript_service.put(recording.id, lines, language, "uploaded", None)


def carry_out() -> None:
    """Do the background work that was asked for at once, so that the demo is whole before any worker runs.

    Work asks for more: that of a book's text for that of its looks.
    """
    last = 0
    while waiting := [job for (job,) in Job.select(Job.id).where(Job.state == "waiting", Job.id > last).tuples()]:
        for job in waiting:
            queue.run(job)
        last = max(waiting)
