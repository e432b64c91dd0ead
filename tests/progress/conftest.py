"""A unit with the two requirements of every beginning, and a held clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape

import pytest

from lms import clock
from lms.members.models import Member, Unit
from lms.progress import booking, queries
from lms.progress.models import Requirement
from lms.progress.rules import Standing
from tests.browser_like import Browser
from tests.factories import Make

# A Thursday: the week runs 23-29 November.
TODAY = date(2026, 11, 26)


@dataclass
class Garden:
    """A sub-district with two communities; ``member`` and ``liaison`` belong to the first."""

    make: Make
    root: Unit
    unit: Unit
    other: Unit
    member: Member
    liaison: Member
    books: Requirement
    study: Requirement
    facts: int = 0

    def study_on(self, member: Member, day: date, minutes: int) -> str:
        """Book minutes of a session and give the fact's key."""
        self.facts += 1
        fact = f"session:{self.facts}"
        booking.book(member.id, "study_minutes", minutes, day, fact, ("reading_session", self.facts))
        return fact

    def finish_on(self, member: Member, day: date) -> str:
        """Book a finished book and give the fact's key."""
        self.facts += 1
        fact = f"finish:{self.facts}:1"
        booking.book(member.id, "book_finished", 1, day, fact, ("reading_entry", self.facts))
        return fact


@pytest.fixture
def thursday() -> Iterator[date]:
    """Hold the clock at ten in the morning of a Thursday in Shanghai."""
    with clock.at(datetime(2026, 11, 26, 2, 0)):
        yield TODAY


@pytest.fixture
def garden(make: Make, thursday: date) -> Garden:
    """The organisation, on that Thursday."""
    root = make.unit("青禾街道办事处", kind="agency")
    unit = make.unit("桂花社区", root)
    other = make.unit("临江社区", root)
    since = date(2026, 1, 1)
    return Garden(
        make,
        root,
        unit,
        other,
        make.member(unit, name="王淑兰"),
        make.member(unit, "liaison", name="刘敏"),
        Requirement.create(
            title="每月读一本好书", unit=root, measure="book_finished", amount=1, period="month", since=since
        ),
        Requirement.create(
            title="每周自学", unit=root, measure="study_minutes", amount=180, period="week", since=since
        ),
    )


def page(browser: Browser, path: str) -> str:
    """Open a page and give what it says."""
    response = browser.get(path)
    assert response.status_code == 200
    return unescape(response.get_data(as_text=True))


def standing_of(garden: Garden, title: str) -> Standing:
    """Say how the member stands today with a requirement."""
    figures = queries.list_my_figures(garden.make.actor(garden.member))
    return next(figure.standing for figure in figures if figure.requirement.title == title)
