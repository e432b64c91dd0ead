"""What tests of search share."""

import pytest

from lms.config import Settings
from tests.factories import Make
from tests.search.library import Library


@pytest.fixture
def library(make: Make, service: Settings) -> Library:
    """A small organisation with one thing of each kind, in database and index."""
    return Library(make, service)
