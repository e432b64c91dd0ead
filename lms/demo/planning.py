"""Plans of the demo organisation: made, submitted, decided on, and one that a liaison gives to a whole unit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from lms import clock
from lms.demo.content_files import Row, reading, rows
from lms.demo.library import BookInCatalogue
from lms.demo.people import People, Person
from lms.members.models import Unit
from lms.reading import plan_service, unit_plans
from lms.reading.models import ReadingPlan
from lms.reading.plan_rules import COUNT, PlannedItem, planned_book

MORNING = timedelta(hours=8)
HOUR = timedelta(hours=1)
Done = tuple[datetime, Callable[[], object]]
Books = Mapping[str, BookInCatalogue]


def plans_of(person: Person) -> list[Row]:
    """Give the plans that a member makes."""
    return [plan for plan in rows("plans") if plan["member"] == person.name]


def own_plans(person: Person, people: People, books: Books, today: date) -> Iterator[Done]:
    """Make a member's plans, hand some of them in, and have the liaison decide."""
    for plan in plans_of(person):
        first, until = (today + timedelta(days=plan[name]) for name in ("starts", "ends"))
        items = [planned_book(books[item["title"]].id, today + timedelta(days=item["due"])) for item in plan["books"]]
        at = clock.start_of(first) + MORNING
        yield at, _making(person, plan["title"], first, until, items)
        if plan.get("submitted") or plan.get("decision"):
            yield at + HOUR, _handing_in(person, plan["title"])
        if plan.get("decision"):
            liaison = people.by_name[plan["decided_by"]]
            yield at + 26 * HOUR, _deciding(liaison, person, plan)


def waiting_plans(people: People, books: Books, now: datetime) -> Iterator[Done]:
    """Hand in plans for the time to come, on which nobody has decided yet."""
    today = clock.local(now).date()
    for plan in reading()["waiting_plans"]:
        if plan["member"] in people.by_name:
            person = people.by_name[plan["member"]]
            first, until = (today + timedelta(days=plan[name]) for name in ("starts", "ends"))
            items = [planned_book(books[title].id) for title in plan["books"]]
            items.append(PlannedItem(COUNT, 0, None, plan["count"]))
            yield now - 26 * HOUR, _making(person, plan["title"], first, until, items)
            yield now - 25 * HOUR, _handing_in(person, plan["title"])


def given_plans(people: People, books: Books, today: date) -> Iterator[Done]:
    """Have liaisons give plans to their units."""
    for plan in reading()["unit_plans"]:
        if plan["by"] in people.by_name:
            first, until = (today + timedelta(days=plan[name]) for name in ("starts", "ends"))
            items = [planned_book(books[title].id) for title in plan["books"]]
            items.append(PlannedItem(COUNT, 0, None, plan["count"]))
            yield clock.start_of(first) + MORNING, _giving(people.by_name[plan["by"]], plan, first, until, items)


def _making(person: Person, title: str, since: date, until: date, items: list[PlannedItem]) -> Callable[[], object]:
    return lambda: plan_service.make_plan(person.actor, title, since, until, items)


def _handing_in(person: Person, title: str) -> Callable[[], object]:
    return lambda: plan_service.submit_plan(person.actor, _plan_of(person, title))


def _deciding(liaison: Person, person: Person, plan: Row) -> Callable[[], object]:
    return lambda: plan_service.decide_plan(
        liaison.actor, _plan_of(person, plan["title"]), plan["decision"], plan["remark"]
    )


def _plan_of(person: Person, title: str) -> int:
    found = ReadingPlan.get(ReadingPlan.member == person.actor.id, ReadingPlan.title == title)
    return int(found.id)


def _giving(liaison: Person, plan: Row, since: date, until: date, items: Iterable[PlannedItem]) -> Callable[[], object]:
    def give() -> None:
        unit = liaison.actor.grants[0].unit
        unit_plans.give_plan(liaison.actor, Unit.get_by_id(unit).id, plan["title"], since, until, list(items))

    return give
