"""What stands behind a unit's own figure: the rows of the ledger that were booked for it, or below it."""

from dataclasses import dataclass

from peewee import fn

from lms.board import rules
from lms.board.people import NO_RULE
from lms.board.queries import UnitHead, get_unit
from lms.board.rules import Chosen
from lms.errors import NotFound
from lms.members.access import Actor
from lms.members.models import Unit
from lms.paging import Page
from lms.progress.asked_rows import RequirementRow, find_row
from lms.progress.asking import Subject, Where
from lms.progress.evidence import EvidenceRow, list_evidence
from lms.progress.models import LedgerEntry
from lms.progress.sums import counting


@dataclass(frozen=True)
class UnitFacts:
    """The rows behind a unit's figure, and their sum."""

    unit: UnitHead
    row: RequirementRow
    chosen: Chosen
    facts: Page[EvidenceRow]
    sum: int


def list_facts(actor: Actor, unit: int, requirement: int, chosen: Chosen, page: int, profile: str) -> UnitFacts:
    """Give what was booked for a unit (with those below where these count) in some days, the newest first.

    Raises NotFound for a requirement that asks nothing of the unit itself, Forbidden.
    """
    head = get_unit(actor, unit)
    row = find_row(requirement)
    if row is None or row.asked.subject is not Subject.UNIT or not head.path.startswith(row.unit_path):
        raise NotFound(NO_RULE)
    if not rules.measures_shown(row.asked, profile):
        raise NotFound(NO_RULE)
    e = LedgerEntry
    below = e.unit.in_(Unit.select(Unit.id).where(Unit.path.startswith(head.path)))
    booked_for = below if row.asked.where is Where.ANYWHERE else (e.unit == head.id) & e.member.is_null()
    condition = counting(row.asked.counted, chosen.span) & booked_for
    total = e.select(fn.SUM(e.amount)).where(condition).scalar()
    return UnitFacts(head, row, chosen, list_evidence(condition, page), int(total or 0))
