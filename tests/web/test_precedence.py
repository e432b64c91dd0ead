"""Who sends files lets pages go first, and has its time all the same."""

import os

import pytest

from lms.web import precedence
from lms.web.precedence import HELD_S, LOOK_S, Courtesy, Precedence


class Time:
    """A clock that goes on while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def monotonic_ns(self) -> int:
        return round(self.now * 1e9)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    held = Time()
    monkeypatch.setattr(precedence, "time", held)
    return held


def waited(courtesy: Courtesy, time: Time) -> float:
    """Give how long a sender waited before its turn."""
    began = time.now
    courtesy.let_pages_pass()
    return time.now - began


def test_a_sender_waits_only_while_a_page_is_being_made(time: Time) -> None:
    pages = Precedence()
    courtesy = Courtesy(pages)
    assert waited(courtesy, time) == 0
    pages.begin()
    assert waited(courtesy, time) > 0
    time.sleep(1)
    pages.begin()
    pages.end()
    assert pages.pages_wait(), "the first one is still being made"
    pages.end()
    assert waited(courtesy, time) == 0


def test_a_page_that_takes_long_holds_nobody_and_pages_without_end_hold_half_the_time(time: Time) -> None:
    pages = Precedence()
    pages.begin()
    courtesy = Courtesy(pages)
    assert waited(courtesy, time) <= HELD_S + LOOK_S
    assert waited(courtesy, time) == 0, "that page was begun too long ago"
    sent = held = 0.0
    for _ in range(500):
        pages.begin()
        held += waited(courtesy, time)
        time.sleep(LOOK_S)
        sent += LOOK_S
    assert 0 < held <= sent + HELD_S + LOOK_S


def test_pages_of_all_processes_count_and_none_of_a_dead_one_once_it_is_replaced() -> None:
    pages = Precedence()
    pages.join(1)
    child = os.fork()
    if child == 0:
        pages.join(2)
        pages.begin()
        os._exit(0)
    os.waitpid(child, 0)  # not any child: this process may have others
    assert Precedence().pages_wait() is False
    assert any(pages._began[1:])
    pages.join(2)
    assert not any(pages._began[:])
