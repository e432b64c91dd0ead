"""Notes of all kinds in the demo: handed in, returned, accepted, in the showcase, with what readers said."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lms import clock
from lms.demo.content_files import Row, rows
from lms.demo.library import Watchable
from lms.demo.people import People, Person
from lms.lectures.models import Recording
from lms.materials.models import Material
from lms.members.access import Action, Actor, may
from lms.members.models import Unit
from lms.notes import fingerprints, reviewing, talking
from lms.notes.about import NOTHING, Subject
from lms.notes.models import Note
from lms.notes.rules import join_parts
from lms.notes.service import NoteForm, write_note

EVENING = timedelta(hours=20, minutes=10)
STEP = timedelta(minutes=7)


def create(now: datetime, people: People, lectures: Mapping[str, Watchable]) -> None:
    """Write the notes, hand them in, decide about them, and make all fingerprints so that likeness shows at once."""
    for number, row in enumerate(sorted(rows("writings"), key=lambda row: -row["days"])):
        if row["member"] in people.by_name:
            day = clock.local(now).date() - timedelta(days=row["days"])
            _live(row, people, _subject(row, lectures), clock.start_of(day) + EVENING + number * STEP)
    for (note,) in list(Note.select(Note.id).tuples()):
        fingerprints.note_down_note(note)
    for (material,) in list(Material.select(Material.id).tuples()):
        fingerprints.note_down_thing("material", material)


def _subject(row: Row, lectures: Mapping[str, Watchable]) -> Subject:
    kind, _, name = row.get("about", "").partition(":")
    if kind == "material":
        found = Material.select(Material.id).where(Material.title == name).scalar()
        return Subject("material", found, 1) if found else NOTHING
    key, _, second = name.partition("@")
    if kind == "lecture" and key in lectures:
        lecture = Recording.select(Recording.lecture).where(Recording.id == lectures[key].recording).scalar()
        return Subject("lecture", lecture, int(second))
    return NOTHING


def _live(row: Row, people: People, subject: Subject, at: datetime) -> None:
    writer = people.by_name[row["member"]]
    body = join_parts(row["parts"]) if "parts" in row else row["body"].strip()
    with clock.at(at):
        note = write_note(writer.actor, NoteForm(row["title"], body, row["audience"], row["kind"]), about=subject)
        if row["state"] != "open":
            reviewing.submit(writer.actor, note, 1)
    with clock.at(at + timedelta(hours=13)):
        _decide(row, people, writer, note)
    for later, said in enumerate(row.get("comments", ()), 1):
        if said["member"] in people.by_name:
            with clock.at(at + timedelta(hours=14 + 3 * later)):
                talking.comment(people.by_name[said["member"]].actor, note, said["body"])
    with clock.at(at + timedelta(hours=21)):
        for name in row.get("thanks", ()):
            if name in people.by_name:
                talking.thank(people.by_name[name].actor, note)


def _decide(row: Row, people: People, writer: Person, note: int) -> None:
    reviewer = _reviewer(people, writer)
    if row["state"] not in reviewing.VERDICTS or reviewer is None:
        return
    reviewing.decide(reviewer, note, 1, row["state"], row["remark"])
    if row.get("shown"):
        talking.show(reviewer, note)


def _reviewer(people: People, writer: Person) -> Actor | None:
    """Give the liaison nearest to the writer, the administrator when there is none."""
    path = Unit.select(Unit.path).where(Unit.id == writer.actor.home).scalar() or ""
    able = [person.actor for person in people.by_name.values() if may(person.actor, Action.NOTE_REVIEW, path)]
    nearest = sorted(able, key=lambda actor: -max(len(grant.path) for grant in actor.grants))
    return next((actor for actor in nearest if actor.id != writer.actor.id), None)
