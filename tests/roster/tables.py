"""Writing tables and taking them in, for tests."""

from io import BytesIO
from typing import Any

from openpyxl import Workbook

from lms.jobs import queue
from lms.jobs.models import Job
from lms.members.access import Actor
from lms.members.models import Member, Membership
from lms.roster import jobs, queries, service
from lms.roster.models import RosterRow

__all__ = ["jobs"]


def csv_of(*rows: str, encoding: str = "utf-8") -> bytes:
    """Write rows as CSV."""
    return "\r\n".join(rows).encode(encoding)


def xlsx_of(*rows: list[Any]) -> bytes:
    """Write rows as XLSX, as Excel would: numbers and days are numbers and days."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def look(actor: Actor, content: bytes, kind: str = "people", whole: bool = False) -> int:
    """Take a table and look through it, in the background too."""
    load = service.take_table(actor, kind, BytesIO(content), "名单.csv", whole)
    work()
    return load


def work() -> None:
    """Do what waits in the background."""
    for job in Job.select().where(Job.state == "waiting", Job.task.startswith("roster.")):
        queue.run(job.id)
        assert Job.get_by_id(job.id).state == "done", Job.get_by_id(job.id).error


def carry_out(actor: Actor, load: int, leave_out: bool = False) -> dict[str, int]:
    """Carry an import out and give what came of its rows."""
    service.start_import(actor, load, leave_out)
    work()
    done = queries.get_import(actor, load)
    assert done.state == "done"
    return dict(done.counts)


def take(actor: Actor, content: bytes, kind: str = "people", whole: bool = False) -> dict[str, int]:
    """Look through a table and carry it out."""
    return carry_out(actor, look(actor, content, kind, whole))


def actions(load: int) -> list[tuple[int, str, str]]:
    """Give the rows of an import: number, action, first note."""
    rows = RosterRow.select().where(RosterRow.load == load).order_by(RosterRow.number, RosterRow.id)
    return [(row.number, row.action, row.notes) for row in rows]


def units_of(member: Member) -> list[tuple[int, str, str]]:
    """Give a member's memberships: unit, first day, last day."""
    rows = Membership.select().where(Membership.member == member.id).order_by(Membership.since, Membership.id)
    return [(row.unit, row.since.isoformat(), row.until.isoformat() if row.until else "") for row in rows]
