"""Study materials of every kind in the demo organisation, what is asked to be read, and who has read what."""

from datetime import datetime, timedelta
from io import BytesIO

from lms import clock
from lms.categories import service as categories
from lms.demo.content_files import Row, study_materials
from lms.demo.library import LARGEST, carry_out
from lms.demo.papers import MAKERS
from lms.demo.people import People
from lms.materials import reading_service, required, uploading
from lms.materials.models import Material
from lms.materials.required_rules import Wish
from lms.materials.uploading import Said, Upload
from lms.members.access import Action, Actor, may
from lms.members.models import Unit

DWELT = timedelta(seconds=40)


def create(now: datetime, people: People) -> None:
    """Upload the materials and take out their text, add own categories, ask for reading, have some pages read."""
    content = study_materials()
    made = {row["key"]: _upload(now, row, people) for row in content["materials"]}
    carry_out()
    for row in content["categories"]:
        maker = _who(row["maker"], people, people.units[row["unit"]])
        categories.add_category(maker, people.units[row["unit"]], row["name"])
    for row in content["requests"]:
        _ask(now, row, made[row["material"]], people)
    for row in content["looks"]:
        _look(now, row, made[row["material"]], people)
    required.announce_due()


def _who(name: str, people: People, unit: int) -> Actor:
    """Give the one who does it, or the administrator where not everybody is there."""
    person = people.by_name.get(name)
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    return person.actor if person and may(person.actor, Action.MATERIAL_UPLOAD, path) else people.administrator


def _upload(now: datetime, row: Row, people: People) -> int:
    unit = people.units[row["unit"]]
    who = _who(row["lecturer"], people, unit)
    said = Said(row["title"], row["summary"], row["category"], "everyone", unit)
    with clock.at(now - timedelta(days=row["days"], hours=3)):
        if row["kind"] == "link":
            return uploading.add_link(who, said, row["url"])
        content = MAKERS[row["kind"]](row["title"], row["sections"])
        name = f"{row['title']}.{row['kind']}"
        facts = (said.title, said.summary, said.category, said.audience, said.unit)
        return uploading.upload_material(who, Upload(*facts, name, BytesIO(content)), LARGEST)


def _ask(now: datetime, row: Row, material: int, people: People) -> None:
    unit = people.units[row["unit"]]
    today = clock.local(now).date()
    days = (today + timedelta(days=row["starts"]), today + timedelta(days=row["ends"]))
    with clock.at(now + timedelta(days=row["starts"])):
        maker = people.by_name.get(row["maker"])
        path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
        allowed = maker is not None and may(maker.actor, Action.READING_REQUIRE, path)
        actor = maker.actor if maker is not None and allowed else people.administrator
        required.ask_to_read(actor, material, Wish(unit, *days, row["note"]))
    for number, name in enumerate(row["paper"]):
        if name in people.by_name:
            with clock.at(now - timedelta(days=number + 1)):
                reading_service.note_read_on_paper(people.by_name[name].actor, material)


def _look(now: datetime, row: Row, material: int, people: People) -> None:
    if row["member"] not in people.by_name:
        return
    count = Material.get_by_id(material).page_count
    for number in row["pages"]:
        opened = now - timedelta(hours=20) + number * DWELT
        if number <= count:
            with clock.at(opened + DWELT):
                reading_service.note_page(people.by_name[row["member"]].actor, material, number, opened)
