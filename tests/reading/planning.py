"""What tests of plans need: days, a plan of books, a material."""

from datetime import date, timedelta

from lms import clock
from lms.materials.models import Material
from lms.members.access import Actor
from lms.members.models import Unit
from lms.reading import plan_service
from lms.reading.plan_rules import planned_book
from tests.factories import Make


def ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def text(response: object) -> str:
    return response.get_data(as_text=True)  # type: ignore[attr-defined]


def plan_of(actor: Actor, make: Make, count: int = 2) -> int:
    items = [planned_book(make.book(f"第{n}本").id) for n in range(count)]
    return plan_service.make_plan(actor, "冬读", ago(10), ago(-10), items)


def material(make: Make, unit: Unit, title: str = "学习资料") -> int:
    values = {"media_type": "text/plain", "file_key": "k", "file_name": "a.txt", "file_size": 1}
    return int(Material.create(title=title, unit=unit, state="ready", **values).id)
