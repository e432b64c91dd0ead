"""What a plan looks like to those who read it: its items with their ticks, its pace, what to do this week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lms.periods import Period, period_of
from lms.reading import plan_rules as rules
from lms.reading.plan_rules import COUNT, Load, Pace, PlannedItem, Tick


@dataclass(frozen=True)
class ItemView:
    """An item of a plan and how it stands; ``days`` counts from today to the due day, below zero when it is past.

    ``reached`` counts the books of a number; ``gone`` says that the thing cannot be opened any more; ``was`` is what it
    was called when it was planned, where that is something else now (a book merged with another).
    """

    kind: str
    ref: int
    title: str
    authors: str
    clc: str
    due_on: date
    state: str
    finished_on: date | None
    tick: Tick
    days: int
    amount: int = 1
    reached: int = 0
    gone: bool = False
    was: str = ""

    @property
    def key(self) -> str:
        """Name the item within its plan."""
        return f"{self.kind}-{self.ref}"

    @property
    def book(self) -> int | None:
        """Give the book, None where the item is none."""
        return self.ref if self.kind == rules.BOOK else None

    @property
    def done(self) -> bool:
        """Say whether the log ticks the item off."""
        return self.tick in rules.DONE

    @property
    def load(self) -> Load:
        """Give what the pace is reckoned from."""
        if self.kind == COUNT:
            return Load(self.due_on, self.amount, self.reached, spread=True)
        return Load(self.due_on, 1, int(self.done))


@dataclass(frozen=True)
class ChangeView:
    """Something that happened to a plan; ``detail`` says what moved."""

    what: str
    by: str
    at: datetime
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class PlanView:
    """A plan with its items, as its owner or the liaison of its unit sees it."""

    id: int
    title: str
    since: date
    until: date
    member: int
    member_name: str
    state: str
    remark: str
    submitted_at: datetime | None
    decided_at: datetime | None
    unit_name: str
    given: int | None
    source: int | None
    mine: bool
    items: Sequence[ItemView]
    changes: Sequence[ChangeView] = ()

    @property
    def done(self) -> int:
        """Count the items ticked off."""
        return sum(item.done for item in self.items)

    @property
    def next(self) -> ItemView | None:
        """Give the named item that is due next among those not done, else the number of books."""
        still = [item for item in self.items if not item.done]
        return next((item for item in still if item.kind != COUNT), still[0] if still else None)

    def elapsed(self, today: date) -> float:
        """Give the share of the plan's days that have gone, 0 to 1."""
        days = (self.until - self.since).days + 1
        return min(1.0, max(0.0, ((today - self.since).days + 1) / days))

    def pace(self, today: date) -> Pace:
        """Say how the plan stands."""
        return rules.pace(self.since, self.until, [item.load for item in self.items], today)

    def this_week(self, today: date) -> list[tuple[ItemView, int]]:
        """Give what is to be done by the end of this week, each with the number of pieces, late ones first."""
        end = period_of(today, Period.WEEK).until
        wanted = [(item, rules.wanted_by(item.load, self.since, self.until, end)) for item in self.items]
        return [(item, pieces) for item, pieces in wanted if pieces and not item.done]

    @property
    def planned(self) -> list[PlannedItem]:
        """Give the items as they are planned."""
        return [PlannedItem(item.kind, item.ref, item.due_on, item.amount) for item in self.items]
