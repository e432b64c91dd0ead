"""The daily reminders: of requirements, of plans, of sessions; part by part, each part in a transaction of its own."""

from collections import defaultdict
from datetime import date, timedelta

from peewee import fn

from lms import clock
from lms.activities import coming
from lms.board.coverage import Around
from lms.board.evaluating import evaluate
from lms.errors import N_
from lms.members import lecturer_queries
from lms.members.access import members_in
from lms.members.models import Member
from lms.notices.rules import ENDS, HELD
from lms.notices.service import Item
from lms.progress import asked_rows
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import span_on
from lms.reading import plan_queries
from lms.reminders import rules
from lms.reminders.models import ReminderRun
from lms.reminders.rules import Call
from lms.reminders.standings import item_of, standings_alike
from lms.reminders.telling import Owed, Owing, Wording, tell_together

MEMBERS_AT_ONCE = 10_000  # judged together: their ledger of a year is held in memory
ORGANISATION = "/"
TOMORROW = N_("Tomorrow you are expected at:")
ENDING = N_("The time of these lecturers ends soon. You can renew it there:")
OWN_ENDING = N_("Your time as a lecturer ends soon. The liaison can renew it for:")
DUE = N_("Due within the next days on your plan:")

OF_REQUIREMENTS = Wording(
    {calls: rules.sentence_of(calls) for calls in map(frozenset, ([Call.BEHIND], [Call.LAST_CALL], list(Call)))},
    "/progress",
)
OF_PLANS = Wording({frozenset(["plan_due"]): ("plan_due", DUE)}, "/plans")
OF_SESSIONS = Wording({frozenset(["activity"]): ("activity", TOMORROW)}, "/activities")
OF_LECTURERS = Wording({frozenset(["accreditation"]): ("accreditation", ENDING)}, "/lecturers")
OF_ONESELF = Wording({frozenset(["accreditation"]): ("accreditation", OWN_ENDING)}, "/studio")


def remind_daily(profile: str) -> int:
    """Send the reminders of today, once, by day and not at night; gives how many members heard of something.

    Each reminder has a key of its own, so a run that broke off is simply repeated: what was told stays told.
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
    """Remind members of what they can still do in time, by one notice of all of it, each once for its period.

    A few statements for ten thousand members, who are judged together as a board judges them.
    """
    rows = [row for row in asked_rows.in_force_everywhere(today) if rules.reminds(row.asked, profile)]
    last = Member.select(fn.MAX(Member.id)).scalar() or 0
    told = 0
    for first in range(1, last + 1, MEMBERS_AT_ONCE) if rows else ():
        told += tell_together(_owed_by_some(rows, today, (first, first + MEMBERS_AT_ONCE - 1)), OF_REQUIREMENTS)
    return told


def _owed_by_some(rows: list[RequirementRow], today: date, ids: tuple[int, int]) -> Owing:
    wanted = [(row, [span_on(row.asked, today)]) for row in rows]
    found = evaluate(ORGANISATION, wanted, today, today, today, ids)
    members = found.crowd.ids
    owing: dict[int, list[Owed]] = defaultdict(list)
    for rule in found.rules:
        judged, row = rule.periods[-1], rule.row
        present = Around.of(found.crowd, row.unit_path).presence(judged.span, today).now
        for standing, whose in standings_alike(judged, present):
            call = rules.call_for(standing, judged.span, today)
            if call is not None and standing.deadline is not None:
                key = rules.key_of(call, row.series, row.asked, judged.span, standing.deadline)
                owed = Owed(call, key, item_of(row, standing, judged))
                for member in members[whose].tolist():
                    owing[member].append(owed)
    return owing


def remind_of_plans(today: date) -> int:
    """Remind members of what falls due on their plans within three days, each thing once for a day it is due."""
    owing: dict[int, list[Owed]] = defaultdict(list)
    for due in plan_queries.list_due_between(today, today + rules.PLAN_AHEAD):
        place = f"/books/{due.ref}/reading" if due.kind == "book" else f"/{due.kind}s/{due.ref}"
        item = Item(due.title, place, due.due_on)
        owing[due.member].append(Owed("plan_due", f"due:{due.plan}:{due.kind}:{due.ref}:{due.due_on}", item))
    return tell_together(owing, OF_PLANS)


def remind_of_sessions(today: date) -> int:
    """Remind members of the sessions of tomorrow that expect them, but for those who have asked for leave."""
    owing: dict[int, list[Owed]] = defaultdict(list)
    for soon in coming.list_planned_on(today + timedelta(days=1)):
        item = Item(soon.title, f"/activities/{soon.id}", soon.day, when=HELD, time=soon.starts)
        owed = Owed("activity", f"session:{soon.id}:{soon.day}", item)
        for member in members_in(soon.unit_path, soon.day) - soon.away:
            owing[member].append(owed)
    return tell_together(owing, OF_SESSIONS)


def remind_of_accreditations(today: date) -> int:
    """Tell lecturers, and who accredited them, what accreditations end within 30 days: each once for its last day."""
    keeping: dict[int, list[Owed]] = defaultdict(list)
    own: dict[int, list[Owed]] = defaultdict(list)
    for ending in lecturer_queries.list_ending(today):
        key = f"accreditation:{ending.id}:{ending.until}"
        item = Item(f"{ending.name} · {ending.unit_name}", f"/lecturers/{ending.id}", ending.until, when=ENDS)
        for keeper in ending.keepers - {ending.member}:
            keeping[keeper].append(Owed("accreditation", key, item))
        if ending.member is not None:
            item = Item(ending.unit_name, "/studio", ending.until, when=ENDS)
            own[ending.member].append(Owed("accreditation", key, item))
    return tell_together(keeping, OF_LECTURERS) + tell_together(own, OF_ONESELF)
