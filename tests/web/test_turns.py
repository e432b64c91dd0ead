"""Pages take turns in a process; what must not wait does not."""

from collections.abc import Iterable
from threading import Event, Thread
from typing import Any

import pytest

from lms.web import turns
from lms.web.turns import Turns

LONG = 150.0


class Slow:
    """An application that answers when it is told to, and notes how many requests are inside at once."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.entered = Event()
        self.go = Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.inside.append(environ["PATH_INFO"])
        self.entered.set()
        if environ["PATH_INFO"] == "/slow":
            assert self.go.wait(LONG)
        self.inside.remove(environ["PATH_INFO"])
        return [environ["PATH_INFO"].encode()]


def ask(application: Turns, path: str, method: str = "GET") -> Thread:
    thread = Thread(target=lambda: application({"PATH_INFO": path, "REQUEST_METHOD": method}, None))
    thread.start()
    return thread


pytestmark = pytest.mark.sqlite_only


def test_a_page_waits_for_the_one_that_computes(service: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", LONG)
    slow = Slow()
    application = Turns(slow)
    first = ask(application, "/slow")
    assert slow.entered.wait(LONG)
    second = ask(application, "/quick")
    second.join(0.05)
    assert second.is_alive()
    slow.go.set()
    first.join(LONG)
    second.join(LONG)
    assert not second.is_alive()


def test_a_page_that_takes_long_holds_nobody_up(service: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.01)
    slow = Slow()
    application = Turns(slow)
    first = ask(application, "/slow")
    assert slow.entered.wait(LONG)
    second = ask(application, "/quick")
    second.join(LONG)
    assert not second.is_alive()
    assert slow.inside == ["/slow"]
    slow.go.set()
    first.join(LONG)


def test_writing_takes_no_turn(service: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", LONG)
    slow = Slow()
    application = Turns(slow)
    first = ask(application, "/slow")
    assert slow.entered.wait(LONG)
    second = ask(application, "/quick", "POST")
    second.join(LONG)
    assert not second.is_alive()
    slow.go.set()
    first.join(LONG)


def test_a_turn_ends_with_a_page_that_fails(service: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", LONG)

    def failing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/bad":
            raise ValueError("bad")
        return [b"good"]

    application = Turns(failing)
    with pytest.raises(ValueError, match="bad"):
        application({"PATH_INFO": "/bad", "REQUEST_METHOD": "GET"}, lambda *_: None)
    assert application({"PATH_INFO": "/good", "REQUEST_METHOD": "GET"}, lambda *_: None) == [b"good"]
