"""A lecturer with a tus client."""

from collections.abc import Callable

import pytest

from lms.members.models import Member, Unit
from tests.browser_like import Browser
from tests.factories import Make
from tests.uploads.sending import Sender


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区")


@pytest.fixture
def lecturer(make: Make, unit: Unit) -> Member:
    return make.member(unit, "lecturer")


@pytest.fixture
def sender(browser: Callable[[Member | None], Browser], lecturer: Member) -> Sender:
    return Sender(browser(lecturer))
