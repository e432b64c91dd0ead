"""The real service with its worker, and a real Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from lms import runtime
from lms.config import Settings
from lms.db import database
from tests.browser.chromium import CHROMIUM, launch
from tests.browser.garden import Garden, Service
from tests.conftest import make_settings
from tests.factories import Make
from tests.ports import held_port


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve one instance for all tests in a browser; each test makes people of its own in it."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    data: Path = tmp_path_factory.mktemp("served") / "var"
    data.mkdir()
    with held_port() as port:
        service = Service(data, port)
        try:
            service.start()
            yield service
        finally:
            service.stop()


@pytest.fixture(scope="package")
def served(running: Service) -> tuple[Settings, str]:
    """Give the settings and the address of the instance."""
    return make_settings(running.data, database_url=""), running.address


# Not for the whole session: only one playwright may run in a process, and other rooms have browsers, too.
@pytest.fixture(scope="package")
def chromium(served: tuple[Settings, str]) -> Iterator[Browser]:
    """Start Chromium once for this folder."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="package")
def maker() -> Make:
    """Make the people of all tests: no two have the same number, nor one of the world of the table of access."""
    return Make(first=1000)


@pytest.fixture
def garden(served: tuple[Settings, str], chromium: Browser, maker: Make) -> Iterator[Garden]:
    """The served organisation; what the browsers complained of in their consoles fails the test."""
    settings, address = served
    runtime.start(settings)
    database.connect(reuse_if_open=True)
    made = Garden(address, maker, chromium)
    yield made
    complaints = made.close()
    database.close()
    assert complaints == []
