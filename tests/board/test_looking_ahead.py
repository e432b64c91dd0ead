"""The look ahead of the form judges a whole town at once, and says what each member's own page would say."""

from datetime import date

import pytest

from lms.board import looking_ahead
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag
from lms.periods import Period
from lms.progress import previewing
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Asked, Each, Where, Who, span_on
from lms.progress.booking import Detail
from lms.progress.models import Exemption
from tests.board.conftest import TODAY, Town

SINCE = date(2026, 1, 1)
ASKED = {
    "a book a month": Asked("book_finished", 1, Period.MONTH, SINCE, None),
    "three hours a week, carried over": Asked("study_minutes", 180, Period.WEEK, SINCE, None, carry=60),
    "leaders only": Asked("book_finished", 2, Period.YEAR, SINCE, None, who=Who(tags=("leader",))),
    "of sixty and over": Asked("book_finished", 1, Period.YEAR, SINCE, None, who=Who(age_from=60)),
    "communities only": Asked("book_finished", 1, Period.YEAR, SINCE, None, who=Who(kinds=("community",))),
    "within seven days of a training": Asked(
        "note_submitted", 1, Period.YEAR, SINCE, None, each=Each.EVENT, after="training_attended", within=7
    ),
    "every session": Asked(
        "group_study_attended", 1, Period.QUARTER, SINCE, None, each=Each.SESSION, after="group_study_expected"
    ),
    "what was done here": Asked("book_finished", 3, Period.YEAR, SINCE, None, where=Where.INSIDE),
    "by a date": Asked("book_finished", 4, None, SINCE, date(2026, 12, 20)),
    "from next month on": Asked("book_finished", 1, Period.MONTH, date(2026, 12, 1), None),
}


@pytest.fixture
def people(town: Town) -> list[Member]:
    """Members of every fate: leaders, an old one, late, moved, gone, away, exempt, closed."""
    units = (town.first, town.branch, town.second)
    made = [town.make.member(units[number % 3], birth_year=1950 + 5 * number) for number in range(12)]
    m = Membership
    m.update(since=date(2026, 11, 20)).where(m.member == made[0]).execute()
    m.update(until=date(2026, 11, 10)).where(m.member == made[1]).execute()
    m.create(member=made[1], unit=town.second, since=date(2026, 11, 11))
    m.update(until=date(2026, 10, 31)).where(m.member == made[2]).execute()
    LeaveOfAbsence.create(member=made[3], since=date(2026, 1, 1))
    Exemption.create(member=made[4], series=7, since=date(2026, 1, 1), reason="病")
    MemberTag.create(member=made[5], tag="leader", since=date(2026, 2, 1))
    MemberTag.create(member=made[6], tag="leader", since=date(2026, 2, 1), until=date(2026, 11, 1))
    Member.update(deactivated_at="2026-11-01 00:00:00").where(Member.id == made[7]).execute()
    for number, member in enumerate(made):
        for month in range(1, number):
            town.book(member, date(2026, month, 3))
        town.book(member, TODAY, "study_minutes", 40 * number)
        town.book(member, date(2026, 11, 2 + number), "training_attended")
        town.book(member, date(2026, 10, 9), "group_study_expected")
        if number % 2:
            town.book(member, date(2026, 11, 12), "note_submitted", detail=Detail("training"))
            town.book(member, date(2026, 10, 9), "group_study_attended")
    return made


@pytest.mark.parametrize("name", ASKED)
def test_a_town_judged_at_once_stands_as_its_members_one_by_one(town: Town, people: list[Member], name: str) -> None:
    asked = ASKED[name]
    for unit in (town.root, town.first):
        row = RequirementRow(0, name, unit.id, unit.name, unit.path, asked, 7, 1, "")
        span = span_on(asked, max(TODAY, asked.since))
        assert looking_ahead.ahead_of(row, span, TODAY) == previewing.one_by_one(row, span, TODAY)
