"""Group study with its registers, and what members did outside the service, in the demo organisation."""

from datetime import date, datetime, timedelta
from random import Random

from lms import clock
from lms.activities import deciding, registering, service
from lms.activities.models import Activity, ActivityMark
from lms.activities.rules import Draft, Mark
from lms.demo.content_files import Row, gatherings
from lms.demo.people import People
from lms.demo.timetable import evening
from lms.members.access import Action, Actor, may
from lms.members.models import Unit

PRESENT, SPOKE, LEAVE, MADE_UP = 0.86, 0.25, 0.95, 0.75
DAY = timedelta(days=1)


def create(now: datetime, since: date, people: People, random: Random) -> None:
    """Hold the sessions since a day with their registers, schedule those to come, enter what members did."""
    today = clock.local(now).date()
    for row in gatherings()["gatherings"]:
        _hold(now, row, _days(row, since, today), people, random)
    for row in gatherings()["records"]:
        day = today - timedelta(days=row["ago"])
        if row["member"] in people.by_name and day >= since:
            _record(now, row, day, people, random)
    for row in gatherings()["funds"]:
        day = today - timedelta(days=row["ago"])
        if day >= since:
            with clock.at(evening(day, random)):
                draft = Draft("funds", row["title"], day, amount=row["amount"])
                service.hold(people.administrator, people.units[row["unit"]], draft)


def _days(row: Row, since: date, today: date) -> list[date]:
    """Give the days of a row of sessions, the last of them still to come."""
    last = today + timedelta(days=1 + (row["weekday"] - today.weekday() - 1) % 7)
    last += timedelta(days=row["every"] * (row["ahead"] - 1))
    days = [last]
    while days[-1] - timedelta(days=row["every"]) > since:
        days.append(days[-1] - timedelta(days=row["every"]))
    return days[::-1]


def _hold(now: datetime, row: Row, days: list[date], people: People, random: Random) -> None:
    unit = people.units[row["unit"]]
    carer = _carer(unit, people)
    for number, day in enumerate(days):
        topic = row["topics"][number % len(row["topics"])]
        draft = Draft(row["kind"], topic, day, None, row["starts"], row["place"], row["minutes"], text=row["text"])
        at = evening(day, random)
        if at < now:
            with clock.at(at):
                made = service.hold(carer, unit, draft)
                _register(made, day, now, carer, random)
        else:
            with clock.at(now - 2 * DAY):
                service.plan(carer, unit, draft)


def _register(made: int, day: date, now: datetime, carer: Actor, random: Random) -> None:
    row = Activity.get_by_id(made)
    marks = []
    for one in registering.list_expected(row):
        chance = random.random()
        made_up = day + timedelta(days=random.randint(2, 9)) if random.random() < MADE_UP else None
        if chance < PRESENT:
            marks.append(Mark(one.member, spoke=random.random() < SPOKE))
        elif chance < LEAVE:
            in_time = made_up is not None and made_up <= clock.local(now).date()
            marks.append(Mark(one.member, "leave", made_up_on=made_up if in_time else None))
        else:
            marks.append(Mark(one.member, "absent"))
    registering.set_register(carer, made, row.version, marks)
    away = ActivityMark.update(leave_at=clock.start_of(day) - DAY, leave_reason=gatherings()["reason"])
    away.where(ActivityMark.activity == made, ActivityMark.state == "leave").execute()


def _record(now: datetime, row: Row, day: date, people: People, random: Random) -> None:
    person = people.by_name[row["member"]]
    until = day + timedelta(days=row["days"] - 1) if "days" in row else None
    draft = Draft(
        row["kind"],
        row["title"],
        day,
        until,
        "",
        row.get("place", ""),
        row.get("minutes"),
        row.get("amount"),
        row.get("category", ""),
        row["text"],
    )
    at = evening(until or day, random)
    with clock.at(at):
        made = service.enter(person.actor, draft)
    if row["state"] != "waiting":
        unit = Activity.select(Activity.unit).where(Activity.id == made).scalar()
        carer = _carer(unit, people, person.actor)
        with clock.at(min(at + DAY, now)):
            if carer is not None and carer.id != person.actor.id:
                deciding.decide(carer, made, 1, row["state"], row.get("remark", ""))


def _carer(unit: int, people: People, but: Actor | None = None) -> Actor:
    path = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    actors = [person.actor for person in people.by_name.values() if person.actor != but]
    carers = [actor for actor in actors if may(actor, Action.ACTIVITY_CARE, path)]
    return max(carers, key=lambda actor: len(actor.grants[0].path), default=people.administrator)
