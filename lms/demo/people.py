"""The people of the demo organisation: units, members, roles, what is asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from lms import clock
from lms.demo.content_files import Row, demo, rows
from lms.members import passwords
from lms.members.access import Actor, load_actor
from lms.members.accrediting import Wanted, accredit
from lms.members.commands import create_first_administrator
from lms.members.models import Member, Membership
from lms.members.service import grant_role
from lms.members.tags import put_tag
from lms.members.units import create_root, create_unit
from lms.periods import Period, period_of
from lms.progress.asking import DATES, spec_of
from lms.progress.presets import find_preset
from lms.progress.service import RequirementForm, add_requirement

FOUNDED = timedelta(days=1200)
ACTIVITY_DAYS = timedelta(days=182)
SETTLED = timedelta(days=500)
NEWCOMERS = 0.07


@dataclass(frozen=True)
class Person:
    """A member with what the activity of the demo depends on."""

    name: str
    zeal: float
    born: int
    since: date
    actor: Actor


@dataclass(frozen=True)
class People:
    """All members by name, the first of them being the administrator, and the ids of the units by their keys."""

    by_name: Mapping[str, Person]
    units: Mapping[str, int]

    @property
    def administrator(self) -> Actor:
        """Give the one who sets everything up."""
        return next(iter(self.by_name.values())).actor


def create_people(now: datetime, members: list[Row], random: Random) -> People:
    """Make all units, the members given and the requirements of the topmost unit, as of the past.

    The first member becomes the first administrator. All have the same password, hashed once: hashing is meant to be
    slow.
    """
    today = clock.local(now).date()
    with clock.at(now - FOUNDED):
        units, chief = _units_and_administrator(members[0])
    administrator = load_actor(chief)
    ids = {members[0]["name"]: (chief, today - FOUNDED)}
    password = passwords.make_hash(demo()["password"])
    for row in members[1:]:
        since = _joined(row, today, random)
        with clock.at(clock.start_of(since) + timedelta(hours=9)):
            ids[row["name"]] = (_member(row, units, since, password), since)
    for row in members:
        _grant(administrator, ids[row["name"]][0], row, units, today - FOUNDED)
    asked_since = period_of(today - ACTIVITY_DAYS, Period.MONTH).until + timedelta(days=1)
    _ask(administrator, units[rows("units")[0]["key"]], asked_since)
    for name, held in demo()["tags"].items():
        for tag in held:
            if name in ids:
                put_tag(ids[name][0], tag, today - FOUNDED, None)
    people = {
        row["name"]: Person(row["name"], row["zeal"], row["birth_year"], since, load_actor(member))
        for row, (member, since) in ((row, ids[row["name"]]) for row in members)
    }
    return People(people, units)


def _ask(administrator: Actor, unit: int, since: date) -> None:
    """Take the presets over that the demo asks, each from the first day of a period on."""
    taken: dict[str, int] = {}
    for row in demo()["requirements"]:
        preset = find_preset(row["preset"])
        if preset is None:
            raise ValueError(f"there is no preset {row['preset']}")
        spec = spec_of(preset.asked(since, taken))
        spec |= {name: row[name] for name in ("coverage", "least") if name in row}
        begins, until = _days(preset.period, since)
        title, amount = row.get("title", preset.title("zh")), row.get("amount", preset.amount)
        form = RequirementForm(title, preset.measure, amount, preset.period, begins, until, spec, preset.id)
        taken[preset.id] = add_requirement(administrator, unit, form)


def _days(period: str, since: date) -> tuple[date, date | None]:
    """Give from when to when it is asked: on from the period in which the story begins; a campaign lasts this year."""
    if period == DATES:
        this_year = period_of(clock.today(), Period.YEAR)
        return this_year.since, this_year.until
    return period_of(since, Period(period)).since, None


def _units_and_administrator(first: Row) -> tuple[dict[str, int], int]:
    root, *others = rows("units")
    units = {root["key"]: create_root(root["name"], root["kind"])}
    made = create_first_administrator(first["name"], first["phone"], demo()["password"])
    Member.update(birth_year=first["birth_year"]).where(Member.id == made.member).execute()
    administrator = load_actor(made.member)
    for unit in others:
        units[unit["key"]] = create_unit(administrator, units[unit["parent"]], unit["kind"], unit["name"])
    return units, made.member


def _joined(row: Row, today: date, random: Random) -> date:
    is_plain = len(row["roles"]) == 1 and row["zeal"] < 0.6
    if is_plain and random.random() < NEWCOMERS:
        return today - timedelta(days=random.randint(40, 120))
    return today - SETTLED - timedelta(days=random.randint(0, 600))


def _member(row: Row, units: Mapping[str, int], since: date, password: str) -> int:
    member = Member.create(
        name=row["name"],
        phone=row["phone"],
        birth_year=row["birth_year"],
        birth_date=row.get("birth_date"),
        password_hash=password,
        must_change_password=False,
    )
    Membership.create(member=member, unit=units[row["unit"]], since=since)
    made: int = member.id
    return made


def _grant(administrator: Actor, member: int, row: Row, units: Mapping[str, int], since: date) -> None:
    for held in row["roles"]:
        if held["role"] not in ("member", "administrator"):
            grant_role(administrator, member, units[held["unit"]], held["role"])
        if held["role"] == "lecturer":
            accredit(administrator, Wanted(units[held["unit"]], member, since=since))
