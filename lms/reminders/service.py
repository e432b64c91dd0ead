"""Sending reminders: the daily ones, and those that a liaison sends to members who are behind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import chunked

from lms import clock
from lms.activities import coming
from lms.catalogue.rules import line
from lms.db import transactional
from lms.errors import N_, Conflict, NotFound
from lms.members import lecturer_queries
from lms.members.access import Action, Actor, members_in, require
from lms.members.models import Member, Unit
from lms.notices.service import notify
from lms.periods import Span
from lms.progress import asked_rows
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import span_on
from lms.progress.bulk import standings_of_many
from lms.progress.rules import Pace, Standing
from lms.reading import plan_queries
from lms.reminders import rules
from lms.reminders.models import ReminderRun

AT_ONCE = 1000
NUDGED = N_("%(name)s reminds you of “%(title)s”.")
NUDGED_WITH_WORDS = N_("%(name)s reminds you of “%(title)s”: %(words)s")
DUE = N_("“%(title)s” on your plan is due on %(day)s.")
TOMORROW = N_("Tomorrow, %(day)s %(time)s: “%(title)s”.")
ENDS = N_("The accreditation of %(name)s as a lecturer of %(unit)s ends on %(day)s. You can renew it here.")
MINE_ENDS = N_("Your accreditation as a lecturer of %(unit)s ends on %(day)s. Its liaison can renew it.")
BY_TIMER = N_("In a government body nobody is held to study time, so nobody is reminded of it.")


@dataclass(frozen=True)
class Nudged:
    """A requirement of a unit's members and who of them is behind: ids and names."""

    requirement: RequirementRow
    unit: int
    unit_name: str
    behind: Sequence[tuple[int, str]]


def remind_daily(profile: str) -> int:
    """Send the reminders of today, once, by day and not at night; gives how many members heard of something.

    Each reminder has a key of its own, so a run that broke off is simply repeated.
    """
    hour = clock.local(clock.now()).hour
    today = clock.today()
    if (
        not rules.EARLIEST_HOUR <= hour < rules.LATEST_HOUR
        or ReminderRun.select().where(ReminderRun.day == today).exists()
    ):
        return 0
    told = remind_of_requirements(today, profile) + remind_of_plans(today) + remind_of_sessions(today)
    told += remind_of_accreditations(today)
    ReminderRun.insert(day=today, at=clock.now()).on_conflict(action="nothing").execute()
    return told


def remind_of_requirements(today: date, profile: str) -> int:
    """Remind members of what they can still do in time, each once for a requirement and period."""
    by_path: dict[str, list[tuple[RequirementRow, Span]]] = defaultdict(list)
    for row in asked_rows.in_force_everywhere(today):
        if rules.reminds(row.asked, profile):
            by_path[row.unit_path].append((row, span_on(row.asked, today)))
    told = 0
    for path, wanted in by_path.items():
        for some in chunked(sorted(members_in(path, today)), AT_ONCE):
            told += _remind(list(some), wanted, today)
    return told


def _remind(members: Sequence[int], wanted: Sequence[tuple[RequirementRow, Span]], today: date) -> int:
    alike: dict[tuple[int, rules.Call, Standing], list[int]] = defaultdict(list)
    for member, standings in standings_of_many(members, wanted, today).items():
        for number, standing in enumerate(standings):
            call = rules.call_for(standing, wanted[number][1], today) if standing is not None else None
            if call is not None and standing is not None:
                alike[number, call, standing].append(member)
    return sum(_tell(*wanted[number], call, standing, some) for (number, call, standing), some in alike.items())


def _tell(row: RequirementRow, span: Span, call: rules.Call, standing: Standing, members: Iterable[int]) -> int:
    if standing.deadline is None:
        return 0
    said = {
        "title": row.title,
        "done": rules.figure(row.asked.measure, standing.total),
        "required": rules.figure(row.asked.measure, standing.required),
        "day": standing.deadline.isoformat(),
    }
    key = rules.key_of(call, row.series, row.asked, span, standing.deadline)
    return notify(members, call.value, key, rules.SENTENCES[call], said, "/progress")


def remind_of_plans(today: date) -> int:
    """Remind members of what falls due on their plans within three days, each thing once for a day it is due."""
    told = 0
    for due in plan_queries.list_due_between(today, today + rules.PLAN_AHEAD):
        key = f"due:{due.plan}:{due.kind}:{due.ref}:{due.due_on}"
        said = {"title": due.title, "day": due.due_on.isoformat()}
        told += notify([due.member], "plan_due", key, DUE, said, f"/plans/{due.plan}")
    return told


def remind_of_sessions(today: date) -> int:
    """Remind members of the sessions of tomorrow that expect them, but for those who have asked for leave."""
    told = 0
    for soon in coming.list_planned_on(today + timedelta(days=1)):
        said = {"title": soon.title, "day": soon.day.isoformat(), "time": soon.starts}
        expected = members_in(soon.unit_path, soon.day) - soon.away
        told += notify(expected, "activity", f"session:{soon.id}:{soon.day}", TOMORROW, said, f"/activities/{soon.id}")
    return told


def remind_of_accreditations(today: date) -> int:
    """Tell lecturers, and who accredited them, that an accreditation ends within 30 days: once for each last day."""
    told = 0
    for ending in lecturer_queries.list_ending(today):
        key = f"accreditation:{ending.id}:{ending.until}"
        said = {"name": ending.name, "unit": ending.unit_name, "day": ending.until.isoformat()}
        keepers = ending.keepers - {ending.member}
        told += notify(keepers, "accreditation", key, ENDS, said, f"/lecturers/{ending.id}")
        if ending.member is not None:
            told += notify([ending.member], "accreditation", key, MINE_ENDS, said, "/studio")
    return told


def find_behind(actor: Actor, requirement: int, unit: int, profile: str) -> Nudged:
    """Give who of a unit and those below is behind with a requirement today, by name.

    Raises NotFound, Forbidden without the right there, Conflict where the profile lets nobody be held to it.
    """
    found = Unit.select(Unit.name, Unit.path).where(Unit.id == unit).tuples().first()
    row = asked_rows.find_row(requirement)
    if found is None or row is None:
        raise NotFound(N_("There is no such requirement, or it does not concern you."))
    name, path = found
    require(actor, Action.PROGRESS_OF_OTHERS, path)
    if not (path.startswith(row.unit_path) or row.unit_path.startswith(path)):
        raise NotFound(N_("There is no such requirement, or it does not concern you."))
    if not rules.may_be_reminded(row.asked, profile):
        raise Conflict(BY_TIMER)
    today = clock.today()
    deeper = path if path.startswith(row.unit_path) else row.unit_path
    late = _behind(row, sorted(members_in(deeper, today)), today)
    return Nudged(row, unit, name, _named(late))


def _behind(row: RequirementRow, members: Sequence[int], today: date) -> list[int]:
    wanted = [(row, span_on(row.asked, today))]
    late: list[int] = []
    for some in chunked(members, AT_ONCE):
        for member, (standing,) in standings_of_many(list(some), wanted, today).items():
            if standing is not None and standing.pace is Pace.BEHIND:
                late.append(member)
    return late


def _named(members: Sequence[int]) -> list[tuple[int, str]]:
    named: list[tuple[int, str]] = []
    for some in chunked(members, AT_ONCE):
        named.extend(Member.select(Member.id, Member.name).where(Member.id.in_(list(some))).tuples())
    return sorted(named, key=lambda pair: (pair[1], pair[0]))


@transactional
def nudge(actor: Actor, requirement: int, unit: int, words: str, profile: str) -> int:
    """Remind those of a unit who are behind with a requirement, in words of one's own; gives how many heard of it.

    Each member hears of a requirement in this way once a day at most, whoever sends it. Raises as ``find_behind``,
    InvalidInput for words that are too long.
    """
    said = line(words, "words", rules.WORDS_CHARS)
    found = find_behind(actor, requirement, unit, profile)
    row = found.requirement
    values = {"name": actor.name, "title": row.title} | ({"words": said} if said else {})
    key = rules.nudge_key(row.series, clock.today())
    members = [member for member, _ in found.behind if member != actor.id]
    return notify(members, "nudge", key, NUDGED_WITH_WORDS if said else NUDGED, values, "/progress")
