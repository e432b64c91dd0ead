"""A served instance, and people at browsers of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from lms.members.models import Member, Unit
from lms.members.passwords import make_hash
from tests.factories import Make

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 150.0  # of a machine that has much else to do; nothing is waited for without need
PASSWORD = "the reading room"
PHONE = {"width": 390, "height": 844}
# An answer of 4xx is often what a test asks for; the browser notes each in its console.
EXPECTED_NOISE = "Failed to load resource: the server responded with a status of 4"


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds. Raises AssertionError with its name when it does not for long."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)


def kept_in_this_browser(words: str) -> str:
    """Give the expression that says whether the storage of the browser holds some words."""
    return f"Object.values(localStorage).some((text) => text.includes({json.dumps(words)}))"


class Service:
    """The service as ``make run`` starts it, without the demo: gunicorn and the worker beside it."""

    def __init__(self, data: Path, port: int) -> None:
        """Take a port that is held for it; nothing runs yet."""
        self.address = f"http://127.0.0.1:{port}"
        self.data = data
        self._log = data.with_suffix(".log")
        settings = {
            "LMS_DATA": str(data),
            "LMS_PORT": str(port),
            "LMS_WEB_WORKERS": "1",
            "LMS_MIN_FREE_MIB": "1",
            "LMS_PASSWORD_TIME_COST": "1",
            "LMS_PASSWORD_MEMORY_KIB": "64",
        }
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")} | settings

    def start(self) -> None:
        """Start it and wait for its first answer and the first search index."""
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", "lms", "serve"]
            self._process = subprocess.Popen(command, env=self._environment, cwd=ROOT, stdout=log, stderr=log)
        wait_for(self._answers, "the first answer of the service")
        wait_for((self.data / "index" / "current").exists, "the search index, which the worker makes first")

    def stop(self) -> None:
        """Stop it, by force if need be."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            with urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@dataclass
class Desk:
    """Somebody at a browser: ``page`` is the open tab, ``complaints`` what the browser found wrong with the pages."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        """Give the browser: its tabs, cookies and storage."""
        return self.page.context

    def open(self, path: str) -> Page:
        """Open a page of the service."""
        self.page.goto(self.address + path)
        return self.page

    def new_tab(self) -> Page:
        """Close the tab as a crash would, without asking, and open another."""
        context = self.context
        self.page.close(run_before_unload=False)
        self.page = context.new_page()
        return self.page

    def at(self) -> str:
        """Give the path of the open page."""
        return self.page.url.removeprefix(self.address)

    def until(self, expression: str) -> None:
        """Wait until an expression holds in the page (playwright's own way is eval, which the policy forbids)."""

        def holds() -> bool:
            try:
                return bool(self.page.evaluate(expression))
            except Error as error:
                if "context was destroyed" in error.message:  # it is just going to another page
                    return False
                raise

        wait_for(holds, f"{expression} on {self.at()}")

    def shown(self, selector: str) -> None:
        """Wait until the page that comes shows something and its scripts have begun: a click does more with them."""
        self.page.wait_for_selector(selector)
        self.page.wait_for_load_state()

    def reload_until(self, selector: str) -> None:
        """Open the page again until it shows something: the worker needs a moment."""

        def there() -> bool:
            self.page.reload()
            return self.page.locator(selector).count() > 0

        wait_for(there, f"{selector} on {self.at()}")


@dataclass
class Garden:
    """The served organisation: makes people and opens browsers for them."""

    address: str
    make: Make
    chromium: Browser
    desks: list[Desk] = field(default_factory=list)

    def person(self, name: str = "王淑兰", role: str = "member", unit: Unit | None = None, **values: Any) -> Member:
        """Make a member with a password, by default of a unit of their own."""
        # Names repeat between tests on one database, phone numbers do not.
        phone = f"13{time.time_ns() % 10**9:09d}"
        return self.make.member(unit, role, name=name, phone=phone, password_hash=make_hash(PASSWORD), **values)

    def visit(self, member: Member | None = None, **options: Any) -> Desk:
        """Open a browser with storage of its own, signed in as a member or not at all."""
        context = self.chromium.new_context(**options)
        desk = Desk(context.new_page(), self.address)
        context.set_default_timeout(PATIENCE_S * 1000)
        context.on("console", lambda message: _note(desk, message))
        context.on("weberror", lambda error: desk.complaints.append(str(error.error)))
        if member is not None:
            given = {"login": member.phone, "password": PASSWORD}
            answer = context.request.post(f"{self.address}/api/v1/session", data=given)
            assert answer.status == 201, answer.text()
        self.desks.append(desk)
        return desk

    def close(self) -> list[str]:
        """Close every browser and give what they found wrong."""
        for desk in self.desks:
            desk.context.close()
        return [text for desk in self.desks for text in desk.complaints]


def _note(desk: Desk, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning") and not message.text.startswith(EXPECTED_NOISE):
        desk.complaints.append(f"{desk.at()}: {message.text}")
