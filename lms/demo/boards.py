"""Frozen periods of the demo organisation: the half-year before this one, reported by its liaison."""

from datetime import date, timedelta

from lms import clock
from lms.board.rules import beside, choose
from lms.board.service import freeze_period
from lms.demo.content_files import demo
from lms.demo.people import People
from lms.periods import Period

REPORTED_AFTER = timedelta(days=3)


def create(today: date, people: People) -> None:
    """Freeze the half-year before this one for the liaison's unit, a few days after its end."""
    before = beside(choose(Period.HALF_YEAR.value, today), -1)
    said = demo()["report"]
    liaison = people.by_name.get(said["liaison"])
    if before is None or liaison is None or liaison.actor.home is None:
        return
    with clock.at(clock.start_of(min(before.span.until + REPORTED_AFTER, today)) + timedelta(hours=10)):
        freeze_period(liaison.actor, liaison.actor.home, before, said["note"], "community")
