"""A sub-district with two communities and a branch, its members, and what is asked of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from lms import clock
from lms.members.access import Actor
from lms.members.models import Member, Unit
from lms.progress import booking
from lms.progress.booking import PLAIN, Detail
from lms.progress.models import Requirement
from tests.factories import Make

# A Thursday: the week runs 23-29 November.
TODAY = date(2026, 11, 26)
SINCE = date(2026, 1, 1)


@dataclass
class Town:
    """The root with two communities; the first has a branch. The liaison looks after the first."""

    make: Make
    root: Unit
    first: Unit
    branch: Unit
    second: Unit
    liaison: Member
    chief: Member
    facts: int = field(default=0)

    @property
    def actor(self) -> Actor:
        """Give the liaison as services take them."""
        return self.make.actor(self.liaison)

    @property
    def administrator(self) -> Actor:
        """Give who looks after the whole."""
        return self.make.actor(self.chief)

    def ask(
        self, title: str, measure: str = "book_finished", amount: int = 1, period: str = "month", **more: object
    ) -> int:
        """Ask something of a unit, the root by default, and give the requirement's id."""
        values = {"unit": self.root, "since": SINCE, **more}
        row = Requirement.create(title=title, measure=measure, amount=amount, period=period, **values)
        Requirement.update(series=row.id).where(Requirement.id == row.id).execute()
        made: int = row.id
        return made

    def book(
        self, member: Member, day: date, measure: str = "book_finished", amount: int = 1, detail: Detail = PLAIN
    ) -> str:
        """Book a fact of a member and give its key."""
        self.facts += 1
        fact = f"made:{self.facts}"
        booking.book(member.id, measure, amount, day, fact, ("made", self.facts), detail)
        return fact


@pytest.fixture
def thursday() -> Iterator[date]:
    """Hold the clock at ten in the morning of a Thursday in Shanghai."""
    with clock.at(datetime(2026, 11, 26, 2, 0)):
        yield TODAY


@pytest.fixture
def town(make: Make, thursday: date) -> Town:
    """The sub-district, on that Thursday."""
    root = make.unit("青禾街道办事处", kind="agency")
    first = make.unit("桂花社区", root)
    branch = make.unit("第一支部", first, kind="branch")
    second = make.unit("临江社区", root)
    chief = make.member(root, "administrator", name="周正")
    return Town(make, root, first, branch, second, make.member(first, "liaison", name="刘敏"), chief)
