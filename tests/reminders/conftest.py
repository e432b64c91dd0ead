"""A community that is asked to read a book a month."""

from datetime import date

import pytest

from lms.members.models import Member, Unit
from lms.progress.models import Requirement
from tests.factories import Make


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区")


@pytest.fixture
def liaison(make: Make, unit: Unit) -> Member:
    return make.member(unit, "liaison", name="刘敏")


@pytest.fixture
def member(make: Make, unit: Unit) -> Member:
    return make.member(unit, name="王淑兰")


@pytest.fixture
def books(unit: Unit) -> Requirement:
    return Requirement.create(
        title="每月读一本好书", unit=unit, measure="book_finished", amount=1, period="month", since=date(2026, 1, 1)
    )
