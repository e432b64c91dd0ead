"""What can be read of frozen periods: the list of a unit, one snapshot with its names, whether a period is frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from lms import clock
from lms.board import snapshot
from lms.board.models import FrozenPeriod, FrozenStanding
from lms.board.queries import UnitHead, board_of
from lms.board.rules import Chosen
from lms.board.service import NO_SNAPSHOT
from lms.board.snapshot import Difference, Snapshot
from lms.errors import NotFound
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Unit
from lms.paging import Page
from lms.periods import Span

PER_PAGE = 30
NAMES_PER_PAGE = 50


@dataclass(frozen=True)
class FrozenRow:
    """A frozen period: which, by whom and when; opened again by whom, when and why."""

    id: int
    unit: int
    unit_name: str
    chosen: Chosen
    note: str
    frozen_by: str
    frozen_at: datetime
    lifted_by: str
    lifted_at: datetime | None
    lifted_why: str

    @property
    def is_open(self) -> bool:
        """Say whether it was opened again."""
        return self.lifted_at is not None


@dataclass(frozen=True)
class FrozenName:
    """How a member stood in a frozen period."""

    member: int | None
    name: str
    unit_name: str
    asked: int
    met: int
    late: int
    done: int
    required: int


@dataclass(frozen=True)
class FrozenView:
    """A snapshot as it was, and where today's ledger says otherwise."""

    row: FrozenRow
    head: UnitHead
    snapshot: Snapshot
    differences: Sequence[Difference]
    requirement: int | None
    names: Page[FrozenName] | None


def list_frozen(head: UnitHead, page: int) -> Page[FrozenRow]:
    """Give a unit's frozen periods, the latest first, those opened again with them; for those who may see it."""
    query = _rows().where(FrozenPeriod.unit == head.id)
    rows = query.order_by(FrozenPeriod.since.desc(), FrozenPeriod.id.desc()).paginate(page, PER_PAGE)
    return Page([_row(values) for values in rows.tuples()], page, PER_PAGE, query.count())


def find_frozen_row(unit: int, chosen: Chosen) -> FrozenRow | None:
    """Give the snapshot in force of exactly these days of a unit."""
    p = FrozenPeriod
    values = (
        _rows()
        .where(p.unit == unit, p.since == chosen.span.since, p.until == chosen.span.until, p.lifted_at.is_null())
        .tuples()
        .first()
    )
    return _row(values) if values else None


def get_frozen(actor: Actor, frozen: int, profile: str, requirement: int | None = None, page: int = 1) -> FrozenView:
    """Give a snapshot, compared with today's ledger; with the names of one of its requirements. Raises NotFound."""
    found = _rows(Unit.kind, Unit.path, FrozenPeriod.figures).where(FrozenPeriod.id == frozen).tuples().first()
    if found is None:
        raise NotFound(NO_SNAPSHOT)
    *values, kind, path, figures = found
    if not access.may(actor, Action.PROGRESS_OF_OTHERS, path):
        raise NotFound(NO_SNAPSHOT)
    row = _row(values)
    head = UnitHead(row.unit, row.unit_name, kind, path)
    held = snapshot.read(figures)
    board, _ = board_of(head, row.chosen, clock.today(), profile)
    names = _names(frozen, requirement, page) if requirement is not None else None
    return FrozenView(row, head, held, snapshot.differences(held, board), requirement, names)


def _rows(*more: Any) -> Any:
    p, by, lifter = FrozenPeriod, Member.alias(), Member.alias()
    return (
        p.select(
            *(p.id, p.unit, Unit.name, p.kind, p.since, p.until, p.note, by.name, p.frozen_at),
            *(lifter.name, p.lifted_at, p.lifted_why, *more),
        )
        .join(Unit, on=(p.unit == Unit.id))
        .switch(p)
        .join(by, JOIN.LEFT_OUTER, on=(p.frozen_by == by.id))
        .switch(p)
        .join(lifter, JOIN.LEFT_OUTER, on=(p.lifted_by == lifter.id))
    )


def _row(values: Sequence[Any]) -> FrozenRow:
    ident, unit, unit_name, kind, since, until, note, by, at, lifter, lifted_at, why = values
    chosen = Chosen(kind, Span(since, until))
    return FrozenRow(ident, unit, unit_name, chosen, note, by or "", at, lifter or "", lifted_at, why)


def _names(frozen: int, requirement: int, page: int) -> Page[FrozenName]:
    s = FrozenStanding
    query = s.select(s.member, s.name, s.unit_name, s.asked, s.met, s.late, s.done, s.required)
    query = query.where(s.frozen == frozen, s.requirement == requirement)
    total = query.count()
    place = fn.COALESCE(Member.name_key, "")  # who is gone for good has none
    rows = query.join(Member, JOIN.LEFT_OUTER).order_by(place, s.name, s.id).paginate(page, NAMES_PER_PAGE).tuples()
    return Page([FrozenName(*values) for values in rows], page, NAMES_PER_PAGE, total)
