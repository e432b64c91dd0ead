"""A reader of a unit and its liaison, as most tests of reading need them."""

import pytest

from lms.members.access import Actor
from lms.members.models import Member, Unit
from tests.factories import Make


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区", make.unit("街道"))


@pytest.fixture
def reader(make: Make, unit: Unit) -> Member:
    return make.member(unit, name="王淑兰")


@pytest.fixture
def actor(make: Make, reader: Member) -> Actor:
    return make.actor(reader)


@pytest.fixture
def liaison(make: Make, unit: Unit) -> Member:
    return make.member(unit, "liaison", name="刘敏")
