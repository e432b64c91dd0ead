"""Courses of the demo, who reads what they consist of, questions under lectures, how long lecturers are accredited."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from lms import clock
from lms.courses import service
from lms.courses.models import Course, CourseItem
from lms.courses.rules import Details, Item
from lms.demo.content_files import Row, demo, rows
from lms.demo.library import Watchable
from lms.demo.people import People
from lms.demo.timetable import evening
from lms.lectures.models import Recording
from lms.materials.models import Material
from lms.materials.queries import visible_ids
from lms.materials.reading_service import note_read_on_paper
from lms.members import accrediting
from lms.members.accrediting import Wanted
from lms.members.models import Accreditation
from lms.questions import service as questions
from lms.uploads import shares

STEP = timedelta(minutes=40)


def create(now: datetime, people: People, lectures: Mapping[str, Watchable]) -> None:
    """Make the courses as of the past and publish them, so that what members do from then on completes them."""
    for row in rows("courses"):
        with clock.at(now - timedelta(days=row["days"])):
            _make(row, people, lectures)


def _make(row: Row, people: People, lectures: Mapping[str, Watchable]) -> None:
    lecturer = people.by_name.get(row["lecturer"])
    maker = lecturer.actor if lecturer else people.administrator
    details = Details(
        title=row["title"],
        summary=row["summary"],
        lecturer=lecturer.actor.id if lecturer else None,
        lecturer_name=row["lecturer"],
        category=row["category"],
        class_hour_tenths=row["class_hour_tenths"],
        unit=people.units[row["unit"]],
        audience=row["audience"],
        until=clock.today() + timedelta(days=row["days"] + row["until"]) if "until" in row else None,
        rule=row["rule"],
        amount=row["amount"],
    )
    course = service.make_course(maker, details)
    items = [_item(said, lectures) for said in row["items"]]
    found = [item for item in items if item is not None]
    service.set_items(maker, course, found)
    # In a reduced organisation a lecturer may be missing, and nobody accredits somebody of whom only the name is known.
    if found and lecturer and not row.get("draft"):
        service.publish_course(maker, course)


def _item(said: Row, lectures: Mapping[str, Watchable]) -> Item | None:
    kind, _, name = said["thing"].partition(":")
    if kind == "material":
        ref = Material.select(Material.id).where(Material.title == name).scalar()
    elif name in lectures:
        ref = Recording.select(Recording.lecture).where(Recording.id == lectures[name].recording).scalar()
    else:
        ref = None
    return Item(kind, ref, said["required"], said["remark"]) if ref else None


def live(now: datetime, people: People, lectures: Mapping[str, Watchable], random: Random) -> None:
    """Have members read the guides of courses and ask under lectures, as of the days since then."""
    today = clock.local(now).date()
    for row in rows("courses"):
        for material in _guides_of(row["title"]):
            for person in people.by_name.values():
                host = person.name == demo()["host"]["member"]
                chance = random.random()
                at = evening(today - timedelta(days=random.randint(1, row["days"] - 2)), random)
                reads = host or chance < row["readers"] * person.zeal
                if row["readers"] and reads and visible_ids(person.actor, [material]):
                    with clock.at(at):
                        note_read_on_paper(person.actor, material)
    for row in rows("questions", "courses"):
        _ask(row, now, people, lectures)


def _guides_of(title: str) -> list[int]:
    required = (
        CourseItem.select(CourseItem.ref).join(Course).where(Course.title == title, CourseItem.kind == "material")
    )
    return [ref for (ref,) in required.order_by(CourseItem.position).tuples()]


def _ask(row: Row, now: datetime, people: People, lectures: Mapping[str, Watchable]) -> None:
    asker = people.by_name.get(row["member"])
    if asker is None or row["lecture"] not in lectures:
        return
    recording = lectures[row["lecture"]].recording
    lecture = Recording.select(Recording.lecture).where(Recording.id == recording).scalar()
    at = now - timedelta(days=row["days"])
    with clock.at(at):
        question = questions.ask(asker.actor, lecture, row["text"], row["at"], recording)
    for number, said in enumerate(row["answers"], start=1):
        answerer = people.by_name.get(said["member"])
        if answerer is not None:
            with clock.at(at + number * STEP):
                questions.answer(answerer.actor, question, said["text"])


def accredit(now: datetime, people: People) -> None:
    """Set the end of some accreditations, give one with many recordings more room, accredit one from outside."""
    today = clock.local(now).date()
    for row in rows("accreditations", "courses"):
        until = today + timedelta(days=row["days_left"])
        person = people.by_name.get(row.get("member", ""))
        if person is not None:
            Accreditation.update(until=until).where(Accreditation.member == person.actor.id).execute()
            if "share_gib" in row:
                shares.set_share(people.administrator, person.actor.id, None, row["share_gib"])
        elif "outside" in row:
            wanted = Wanted(
                people.units[row["unit"]],
                name=row["outside"],
                inside=False,
                since=today - timedelta(days=160),
                until=until,
                remark=row["remark"],
            )
            accrediting.accredit(people.administrator, wanted)
