"""The daily reminders: of requirements, of plans, of sessions; part by part, each part in a transaction of its own."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import numpy as np
from peewee import chunked, fn

from lms import clock
from lms.activities import coming
from lms.board.coverage import Around
from lms.board.crowd import Flags
from lms.board.evaluating import evaluate
from lms.board.judging import CODE, PACES, Judged
from lms.errors import N_
from lms.members import lecturer_queries
from lms.members.access import members_in
from lms.members.models import Member
from lms.notices.service import Telling, notify, tell_each
from lms.progress import asked_rows
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import span_on
from lms.progress.rules import Pace, Standing
from lms.reading import plan_queries
from lms.reminders import rules
from lms.reminders.models import ReminderRun

MEMBERS_AT_ONCE = 10_000  # judged together: their ledger of a year is held in memory
TOLD_AT_ONCE = 1_000  # in one transaction, so that nobody else waits long
ORGANISATION = "/"
DUE = N_("“%(title)s” on your plan is due on %(day)s.")
TOMORROW = N_("Tomorrow, %(day)s %(time)s: “%(title)s”.")
ENDS = N_("The accreditation of %(name)s as a lecturer of %(unit)s ends on %(day)s. You can renew it here.")
MINE_ENDS = N_("Your accreditation as a lecturer of %(unit)s ends on %(day)s. Its liaison can renew it.")


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
    """Remind members of what they can still do in time, each once for a requirement and period.

    A few statements for ten thousand members, who are judged together as a board judges them.
    """
    rows = [row for row in asked_rows.in_force_everywhere(today) if rules.reminds(row.asked, profile)]
    last = Member.select(fn.MAX(Member.id)).scalar() or 0
    told = 0
    for first in range(1, last + 1, MEMBERS_AT_ONCE) if rows else ():
        for tellings in _of_some(rows, today, (first, first + MEMBERS_AT_ONCE - 1)):
            for call in rules.Call:
                told += _tell(call.value, rules.SENTENCES[call], (one for kind, one in tellings if kind is call))
    return told


Called = list[tuple[rules.Call, Telling]]


def _of_some(rows: list[RequirementRow], today: date, ids: tuple[int, int]) -> Iterator[Called]:
    wanted = [(row, [span_on(row.asked, today)]) for row in rows]
    found = evaluate(ORGANISATION, wanted, today, today, today, ids)
    members = found.crowd.ids
    for rule in found.rules:
        judged, row = rule.periods[-1], rule.row
        present = Around.of(found.crowd, row.unit_path).presence(judged.span, today).now
        called: Called = []
        for standing, whose in standings_alike(judged, present):
            call = rules.call_for(standing, judged.span, today)
            if call is not None and standing.deadline is not None:
                key = rules.key_of(call, row.series, row.asked, judged.span, standing.deadline)
                said = _said(row, standing, standing.deadline)
                called += [(call, Telling(ident, key, said, "/progress")) for ident in members[whose].tolist()]
        yield called


def standings_alike(judged: Judged, present: Flags) -> Iterator[tuple[Standing, list[int]]]:
    """Give the standings that may call for a reminder, each once, with the places of the members who stand so."""
    may = np.isin(judged.pace, [CODE[Pace.BEHIND], CODE[Pace.ON_TRACK]]) & present & (judged.total < judged.required)
    who = np.flatnonzero(may)
    columns = [column[who].astype(np.int64) for column in (judged.number, judged.done, judged.carried, judged.pace)]
    alike, which = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    order = np.argsort(which.reshape(-1), kind="stable")
    groups = np.split(who[order], np.cumsum(np.bincount(which.reshape(-1), minlength=len(alike)))[:-1])
    for (number, done, carried, pace), whose in zip(alike.tolist(), groups if len(alike) else [], strict=True):
        asked, total = judged.demands[number], max(0, done) + carried
        yield (
            Standing(
                *(max(0, done), asked.required, PACES[pace], asked.expected, total - asked.expected),
                *(asked.elapsed, asked.deadline, asked.started, carried, asked.why),
            ),
            whose.tolist(),
        )


def _said(row: RequirementRow, standing: Standing, deadline: date) -> dict[str, object]:
    measure = row.asked.measure
    return {
        "title": row.title,
        "done": rules.figure(measure, standing.total),
        "required": rules.figure(measure, standing.required),
        "day": deadline.isoformat(),
    }


def _tell(kind: str, message: str, tellings: Iterable[Telling]) -> int:
    return sum(tell_each(kind, message, some) for some in chunked(tellings, TOLD_AT_ONCE))


def remind_of_plans(today: date) -> int:
    """Remind members of what falls due on their plans within three days, each thing once for a day it is due."""
    return _tell(
        "plan_due",
        DUE,
        (
            Telling(
                due.member,
                f"due:{due.plan}:{due.kind}:{due.ref}:{due.due_on}",
                {"title": due.title, "day": due.due_on.isoformat()},
                f"/plans/{due.plan}",
            )
            for due in plan_queries.list_due_between(today, today + rules.PLAN_AHEAD)
        ),
    )


def remind_of_sessions(today: date) -> int:
    """Remind members of the sessions of tomorrow that expect them, but for those who have asked for leave."""
    told = 0
    for soon in coming.list_planned_on(today + timedelta(days=1)):
        said = {"title": soon.title, "day": soon.day.isoformat(), "time": soon.starts}
        expected = sorted(members_in(soon.unit_path, soon.day) - soon.away)
        for some in chunked(expected, TOLD_AT_ONCE):
            key = f"session:{soon.id}:{soon.day}"
            told += notify(some, "activity", key, TOMORROW, said, f"/activities/{soon.id}")
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
