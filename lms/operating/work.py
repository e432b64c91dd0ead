"""What a piece of background work was, for people: what kind, of which thing, what went wrong, what to do."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from lms.catalogue.models import BookImport
from lms.courses.models import Course
from lms.errors import N_, read_kept
from lms.jobs.models import Job
from lms.lectures.models import Lecture, Recording
from lms.materials.models import Material
from lms.members.models import Member
from lms.notes.models import Note, NoteArchive
from lms.reading.models import ShelfImport
from lms.roster.models import RosterImport
from lms.uploads.models import Upload

Owned = Note | NoteArchive | ShelfImport | Upload | RosterImport | BookImport

AGAIN = N_("Try again: the cause may have passed. If it fails again, tell whoever runs the server what stands below.")
BY_ITSELF = N_("It is done again by itself at the latest tomorrow. If it keeps failing, tell whoever runs the server.")
OTHER_FILE = N_("Try again. If it fails again, the file itself may be damaged: another one can be sent on its page.")
GOES_ON = N_("Try again: it goes on where it stopped. Whoever sent the table can also send it anew.")
ASK_ANEW = N_("Try again, or tell the member to ask for it anew.")
UNKNOWN = N_("Work in the background")


class Kind(NamedTuple):
    """A kind of work: msgids of what it is and of what to do when it failed, and what its first id is of."""

    what: str
    about: str
    advice: str


KINDS = {
    "board.keep_years": Kind(N_("Summing up past years for the boards"), "", BY_ITSELF),
    "board.mend_packs": Kind(N_("Making anew what boards read"), "", BY_ITSELF),
    "catalogue.carry_out_import": Kind(N_("Taking in a table of books"), "books", GOES_ON),
    "catalogue.check_import": Kind(N_("Looking through a table of books"), "books", GOES_ON),
    "courses.catch_up": Kind(N_("Counting who is through with a course"), "course", AGAIN),
    "lectures.mend": Kind(N_("Mending recordings"), "", BY_ITSELF),
    "lectures.prepare": Kind(N_("Preparing a recording for playing"), "recording", OTHER_FILE),
    "lectures.recognise": Kind(N_("Making a transcript by machine"), "recording", AGAIN),
    "materials.extract": Kind(N_("Taking the text out of a material"), "material", OTHER_FILE),
    "materials.unread": Kind(N_("Noting that a material cannot be read"), "material", AGAIN),
    "materials.unseen": Kind(N_("Noting that a material has no pictures of its pages"), "material", AGAIN),
    "materials.view": Kind(N_("Making the pictures of a material's pages"), "material", OTHER_FILE),
    "notes.fingerprint": Kind(N_("Comparing a note with others"), "note", AGAIN),
    "notes.fingerprint_material": Kind(N_("Comparing notes with a material"), "material", AGAIN),
    "notes.pack_archive": Kind(N_("Packing what a member takes along"), "archive", ASK_ANEW),
    "reading.take_shelf": Kind(N_("Taking in a member's bookshelf"), "shelf", ASK_ANEW),
    "reminders.daily": Kind(N_("The reminders of the day"), "", BY_ITSELF),
    "roster.carry_out": Kind(N_("Taking in a table of people or units"), "people", GOES_ON),
    "roster.check": Kind(N_("Looking through a table of people or units"), "people", GOES_ON),
    "storage.sweep": Kind(N_("Removing files that nobody uses"), "", BY_ITSELF),
    "upkeep.sweep": Kind(N_("Removing what is old and finished"), "", BY_ITSELF),
    "uploads.finish": Kind(N_("Checking a file that has arrived"), "upload", ASK_ANEW),
}


class Subject(NamedTuple):
    """What work was about: ``kind`` ("lecture", "material", "course", "member"), its id for a link, its name.

    Notes and files on their way are private: of these it is the member whom they belong to.
    """

    kind: str
    id: int
    name: str


class DeadJob(NamedTuple):
    """A job whose tries are used up: in words, and as the operator knows it. ``error`` is as it was kept."""

    id: int
    task: str
    args: str
    attempts: int
    error: str
    created_at: datetime
    updated_at: datetime
    what: str
    advice: str
    subject: Subject | None

    def __str__(self) -> str:
        """Say it in a line for ``lms doctor``."""
        about = f" ({self.subject.name})" if self.subject else ""
        why = str(read_kept(self.error)).partition("\n")[0]
        return f"{self.what}{about}, {self.task} {self.args}, {self.attempts} tries, {self.updated_at:%F %R} UTC: {why}"


Named = Iterable[tuple[int, int, str]]  # of each row its id, that of the thing it is about, that one's name


def _recordings(ids: Sequence[int]) -> Named:
    found = Recording.select(Recording.id, Lecture.id, Lecture.title).join(Lecture, on=Recording.lecture == Lecture.id)
    return list(found.where(Recording.id.in_(ids)).tuples())


def _titled(model: type[Material | Course]) -> Callable[[Sequence[int]], Named]:
    return lambda ids: list(model.select(model.id, model.id, model.title).where(model.id.in_(ids)).tuples())


def _of_member(model: type[Owned]) -> Callable[[Sequence[int]], Named]:
    found = model.select(model.id, Member.id, Member.name).join(Member, on=model.member == Member.id)
    return lambda ids: list(found.where(model.id.in_(ids)).tuples())


LOADERS: dict[str, tuple[str, Callable[[Sequence[int]], Named]]] = {
    "recording": ("lecture", _recordings),
    "material": ("material", _titled(Material)),
    "course": ("course", _titled(Course)),
    "note": ("member", _of_member(Note)),
    "archive": ("member", _of_member(NoteArchive)),
    "shelf": ("member", _of_member(ShelfImport)),
    "upload": ("member", _of_member(Upload)),
    "people": ("member", _of_member(RosterImport)),
    "books": ("member", _of_member(BookImport)),
}


def dead_jobs(most: int) -> list[DeadJob]:
    """Give the dead jobs, the latest first, with what each was about as far as that is still there."""
    rows = list(Job.select().where(Job.state == "dead").order_by(Job.updated_at.desc(), Job.id.desc()).limit(most))
    wanted: dict[str, set[int]] = defaultdict(set)
    for job in rows:
        kind, first = _about(job)
        if kind and first is not None:
            wanted[kind].add(first)
    found: dict[str, dict[int, Subject]] = {}
    for kind, ids in wanted.items():
        name, load = LOADERS[kind]
        found[kind] = {row: Subject(name, thing, title) for row, thing, title in load(sorted(ids))}
    return [_in_words(job, found) for job in rows]


def _about(job: Job) -> tuple[str, int | None]:
    kind = KINDS[job.task].about if job.task in KINDS else ""
    ids = json.loads(job.args)
    return kind, ids[0] if kind and ids else None


def _in_words(job: Job, found: Mapping[str, Mapping[int, Subject]]) -> DeadJob:
    kind = KINDS.get(job.task, Kind(UNKNOWN, "", AGAIN))
    about, first = _about(job)
    subject = found.get(about, {}).get(first) if first is not None else None
    told = (job.id, job.task, job.args, job.attempts, job.error, job.created_at, job.updated_at)
    return DeadJob(*told, kind.what, kind.advice, subject)


CAUSES = (
    ("No space left on device", N_("The disk of the server was full.")),
    ("MemoryError", N_("The memory of the server was used up.")),
    ("FileNotFoundError", N_("A file that it needs is missing on the server.")),
    ("PermissionError", N_("The server may not read or write a file that it needs.")),
    ("OperationalError", N_("The database did not answer.")),
    ("InterfaceError", N_("The database did not answer.")),
)
A_FAULT = N_("It met a fault of the service that nobody had thought of.")


def plain_cause(error: str) -> str:
    """Give the msgid that says plainly what the system's own words mean; "" when they are for readers already."""
    if not re.match(r"[A-Za-z_.]*[A-Z]\w*: ", error) and not error.endswith("Error: "):
        return ""
    return next((said for words, said in CAUSES if words in error), A_FAULT)
