"""How pytest-xdist shares the tests out among its processes."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What is here stays in one process, for it shares something dear: a browser and a service, the whole demo organisation.
TOGETHER = ("tests/browser/", "tests/notes/test_note_in_browser.py", "tests/demo/test_whole_organisation.py")


class SharingOut(LoadScopeScheduling):
    """Give each process the next test as soon as it has room, first those that stay together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingOut:
    """Share out in our way, whichever is asked for."""
    return SharingOut(config, log)
