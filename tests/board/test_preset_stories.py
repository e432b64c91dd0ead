"""The presets that ask for a share of people, an index or funds, told on the board with figures worked out by hand.

Ten people have belonged to the unit for years. Somebody who joined on 3 July is asked for nothing of the year (less
than half of it is left), somebody who moved away on 31 March neither; both are named with why, and stand in no
denominator.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from lms import clock
from lms.board.coverage import Counts, Group
from lms.board.queries import get_board
from lms.board.rules import Chosen, campaign, choose
from lms.board.unit_lines import UnitFigure
from lms.board.unit_rules import Verdict, missing, verdict
from lms.members.models import Member, Membership, Unit
from lms.progress import booking
from lms.progress.asking import spec_of
from lms.progress.models import Requirement
from lms.progress.presets import find_preset
from tests.factories import Make

NOV, AFTER = datetime(2026, 11, 26, 2), datetime(2027, 1, 5, 2)
YEAR, UNTIL = choose("year", date(2026, 11, 26)), date(2026, 12, 20)


@dataclass
class Place:
    """A sub-district with a unit of ten people and one beside it, and who looks after all of it."""

    make: Make
    root: Unit
    unit: Unit
    beside: Unit
    chief: Member
    people: list[Member]
    facts: int = field(default=0)

    def ask(self, ident: str, unit: Unit, parts: dict[str, int] | None = None, until: date | None = None) -> int:
        """Take over a preset from New Year on and give its series."""
        preset = find_preset(ident)
        assert preset is not None
        asked = preset.asked(date(2026, 1, 1), parts, until)
        row = Requirement.create(
            title=ident, unit=unit, measure=asked.measure, amount=asked.amount, period=preset.period,
            since=date(2026, 1, 1), until=until, subject=asked.subject, spec=json.dumps(spec_of(asked)), preset=ident,
        )  # fmt: skip
        Requirement.update(series=row.id).where(Requirement.id == row.id).execute()
        made: int = row.id
        return made

    def did(self, member: Member, measure: str, day: date) -> str:
        """Book a fact and give its key."""
        self.facts += 1
        assert booking.book(member.id, measure, 1, day, f"made:{self.facts}", ("made", self.facts))
        return f"made:{self.facts}"

    def counts(self, unit: Unit, series: int, chosen: Chosen = YEAR) -> Counts:
        """Give how the people of a unit stand with a requirement."""
        board = get_board(self.make.actor(self.chief), unit.id, chosen, "enterprise")
        return next(line for line in board.lines if line.series == series).total

    def figure(self, unit: Unit, series: int, chosen: Chosen = YEAR) -> UnitFigure:
        """Give how a unit itself stands."""
        board = get_board(self.make.actor(self.chief), self.root.id, chosen, "enterprise")
        return next(line for line in board.unit_lines if line.row.series == series).of(unit.id)[-1]


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with clock.at(NOV):
        yield


def place(make: Make, kind: str = "community", birth_year: int | None = 1960) -> Place:
    root = make.unit("青禾街道", kind="agency")
    unit, beside = make.unit("桂花", root, kind), make.unit("临江", root, kind)
    people = [make.member(unit, birth_year=birth_year) for _ in range(10)]
    return Place(make, root, unit, beside, make.member(root, "administrator"), people)


SHARES = [
    # id, kind of unit, measure, percent, how many of ten are enough
    ("U09", "community", "training_attended", 100, 10),
    ("U10", "community", "lecture_attended", 90, 9),
    ("U11", "enterprise", "training_attended", 50, 5),
    ("U12", "community", "took_part", 40, 4),
    ("U13", "community", "took_part", 50, 5),
]


@pytest.mark.parametrize("row", SHARES, ids=lambda row: row[0])
def test_a_share_of_the_members(make: Make, service: object, row: tuple[str, str, str, int, int]) -> None:
    ident, kind, measure, percent, enough = row
    here = place(make, kind)
    last = UNTIL if ident == "U09" else date(2026, 12, 31)
    chosen = campaign(date(2026, 1, 1), UNTIL) if ident == "U09" else YEAR
    series = here.ask(ident, here.unit, until=UNTIL if ident == "U09" else None)
    for member in here.people[: enough - 1]:
        here.did(member, measure, date(2026, 3, 2))
    just_missed = here.counts(here.unit, series, chosen)
    assert (just_missed[Group.MET], just_missed.asked) == (enough - 1, 10)
    assert missing(enough - 1, 10, percent) == 1
    fact = here.did(here.people[9], measure, date(2026, 11, 20))
    met = here.counts(here.unit, series, chosen)
    assert (met[Group.MET], met.asked) == (enough, 10)
    assert verdict(enough, 10, percent, over=False) is Verdict.REACHED

    booking.reverse(fact)
    assert here.counts(here.unit, series, chosen)[Group.MET] == enough - 1

    newcomer, mover = make.member(here.unit, birth_year=1960), make.member(here.unit, birth_year=1960)
    Membership.update(since=date(2026, 7, 3)).where(Membership.member == newcomer).execute()
    Membership.update(until=date(2026, 3, 31)).where(Membership.member == mover).execute()
    Membership.create(member=mover, unit=here.beside, since=date(2026, 4, 1))
    found = here.counts(here.unit, series, chosen)
    assert (found.asked, found[Group.MET], found[Group.TOO_LATE]) == (10, enough - 1, 1)
    if ident == "U13":
        make.member(here.unit, birth_year=1967)
        found = here.counts(here.unit, series, chosen)
        assert (found.asked, found[Group.NOT_CONCERNED]) == (10, 1)

    with clock.at(AFTER):
        here.did(here.people[9], measure, date(2027, 1, 2))
        closed = here.counts(here.unit, series, chosen)
        assert (closed[Group.MET], closed[Group.LATE]) == (enough - 1, 11 - enough)
        assert verdict(enough - 1, 10, percent, over=True) is Verdict.MISSED
        here.did(here.people[9], measure, last)  # entered late, for its own day
        assert here.counts(here.unit, series, chosen)[Group.MET] == enough


def test_u15_and_u14_an_index_of_eighty_and_half_of_the_units(make: Make, service: object) -> None:
    here = place(make)
    parts = {ident: here.ask(ident, here.root) for ident in ("U10", "U12", "Q04")}
    index = here.ask("U15", here.root, parts)
    share = here.ask("U14", here.root, {"U15": index}, date(2026, 12, 31))
    for member in here.people[:9]:
        here.did(member, "lecture_attended", date(2026, 3, 2))
    for member in here.people[:8]:
        here.did(member, "took_part", date(2026, 3, 2))
    with clock.at(datetime(2026, 12, 31, 2)):
        for month in range(1, 13):
            for member in here.people[:6]:
                here.did(member, "book_finished", date(2026, month, 3))
        # 40 * 9/10 + 30 * 8/10 + 30 * 72/120 = 36 + 24 + 18
        found = here.figure(here.unit, index)
        assert found.index is not None
        assert (found.index.value, found.verdict) == (78.0, Verdict.NOT_YET)
        assert here.figure(here.root, share).verdict is Verdict.NOT_YET
        facts = [here.did(here.people[7], "book_finished", date(2026, month, 4)) for month in range(1, 9)]
        # 80 of 120 books: 36 + 24 + 20
        found = here.figure(here.unit, index)
        assert found.index is not None
        assert (found.index.value, found.verdict) == (80.0, Verdict.REACHED)
        # Nobody belongs to the unit beside it, so it has no index and stands among none.
        assert (here.figure(here.root, share).verdict, here.figure(here.root, share).reached) == (
            Verdict.REACHED,
            (here.unit.id,),
        )
        make.member(here.beside)
        whole = here.figure(here.root, share)
        assert (whole.reached, sorted(whole.among)) == ((here.unit.id,), sorted((here.unit.id, here.beside.id)))
        assert whole.verdict is Verdict.REACHED

        newcomer, mover = make.member(here.unit), make.member(here.unit)
        Membership.update(since=date(2026, 7, 3)).where(Membership.member == newcomer).execute()
        Membership.update(until=date(2026, 1, 1)).where(Membership.member == mover).execute()
        # The newcomer is asked for books from July on: 80 of 126, 36 + 24 + 19.05; of the year's rates for nothing.
        found = here.figure(here.unit, index)
        assert found.index is not None
        assert (found.index.value, found.verdict) == (79.0, Verdict.NOT_YET)
        Membership.delete().where(Membership.member == newcomer).execute()

        booking.reverse(facts[0])  # 79 of 120: 79.75, which is shown as 79.8 and is not 80
        found = here.figure(here.unit, index)
        assert found.index is not None
        assert (found.index.value, found.verdict) == (79.8, Verdict.NOT_YET)
        assert here.figure(here.root, share).verdict is Verdict.NOT_YET
    with clock.at(AFTER):
        assert here.figure(here.unit, index).verdict is Verdict.MISSED
        assert here.figure(here.root, share).verdict is Verdict.MISSED


def test_u16_two_yuan_for_each_resident_who_is_there(make: Make, service: object) -> None:
    here = place(make)
    series = here.ask("U16", here.root)
    standing = here.figure(here.root, series).standing
    assert standing is not None
    # Ten people and who looks after them.
    assert (standing.required, standing.done) == (2200, 0)
    booking.book_for_unit(here.root.id, "funds_set_aside", 2199, date(2026, 3, 1), "funds:1", ("made", 1))
    booking.book_for_unit(here.root.id, "funds_set_aside", 1, date(2026, 3, 2), "funds:2", ("made", 2))
    assert here.figure(here.root, series).verdict is Verdict.REACHED
    booking.reverse("funds:2")
    standing = here.figure(here.root, series).standing
    assert standing is not None
    assert (standing.remaining, here.figure(here.root, series).verdict) == (1, Verdict.NOT_YET)
    newcomer, mover = make.member(here.unit), here.people[0]
    Membership.update(since=date(2026, 11, 20)).where(Membership.member == newcomer).execute()
    standing = here.figure(here.root, series).standing
    assert standing is not None
    assert standing.required == 2400
    Membership.update(until=date(2026, 11, 25)).where(Membership.member == mover).execute()
    standing = here.figure(here.root, series).standing
    assert standing is not None
    assert standing.required == 2200
    with clock.at(AFTER):
        assert here.figure(here.root, series).verdict is Verdict.MISSED
