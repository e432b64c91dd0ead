"""A board never says anything else than the members' own pages: both judge the same story, in one database."""

import json
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from playhouse.test_utils import count_queries

from lms.board.evaluating import evaluate, wanted_within
from lms.board.judging import PACES
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag
from lms.progress.asked_rows import reaching
from lms.progress.booking import Detail
from lms.progress.bulk import standings_of_many
from lms.progress.models import Exemption, Requirement
from lms.progress.rules import Pace
from tests.board.conftest import TODAY, Town

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
SPECS: tuple[tuple[str, str, int, str, dict[str, Any]], ...] = (
    ("books", "book_finished", 1, "month", {}),
    ("minutes", "study_minutes", 90, "week", {"most_per_day": 60}),
    ("carried", "book_finished", 1, "quarter", {"carry": 2}),
    ("for months", "book_finished", 1, "month", {"carry": 3, "carry_periods": 3}),
    ("all year", "study_minutes", 40, "month", {"carry": 200, "lasting": "year", "where": "inside"}),
    ("for ever", "class_hours", 30, "month", {"carry": 90, "lasting": "always"}),
    ("inside", "class_hours", 60, "half_year", {"where": "inside", "categories": ["on_job"]}),
    ("long notes", "note_accepted", 1, "half_year", {"least": 3000, "categories": ["reflection"]}),
    ("named text", "book_finished", 1, "year", {"subjects": ["book:7"]}),
    ("leaders", "book_finished", 2, "quarter", {"who": {"tags": ["leader"]}, "joining": "exempt", "leave": "exempt"}),
    ("of age", "took_part", 1, "year", {"who": {"age_from": 60}, "joining": "full", "leave": "none"}),
    ("of age today", "took_part", 1, "year", {"who": {"age_from": 60, "age_to": 75, "age_on": "2026-11-26"}}),
    ("communities", "took_part", 3, "year", {"who": {"kinds": ["community"]}}),
    ("sessions", "group_study_attended", 1, "quarter", {"each": "session", "after": "group_study_expected"}),
    ("summary", "note_accepted", 1, "year", {"each": "event", "after": "training_attended", "within": 7}),
    ("campaign", "study_minutes", 300, "dates", {}),
)
FACTS = (
    ("book_finished", "", 1, 1),
    ("study_minutes", "", 5, 90),
    ("class_hours", "on_job", 5, 40),
    ("class_hours", "away", 5, 40),
    ("note_accepted", "reflection", 1, 1),
    ("took_part", "", 1, 1),
    ("group_study_expected", "", 1, 1),
    ("group_study_attended", "", 1, 1),
    ("training_attended", "rotation", 1, 1),
)


def a_day(random: Random, first: date = FIRST, days: int = 364) -> date:
    return first + timedelta(days=random.randint(0, days))


def people_with_a_story(town: Town, random: Random, number: int) -> list[Member]:
    """Members who join, leave, move, come back, are away, exempt, leaders for a while; and what they did."""
    units = [town.root, town.first, town.branch, town.second]
    members = []
    for _ in range(number):
        born = random.choice([None, date(1950, 1, 1), date(1966, 11, 26), date(1966, 11, 27), date(1990, 2, 28)])
        known = {"birth_date": born} if born and random.random() < 0.7 else {}
        year = born.year if born else None
        member = town.make.member(random.choice(units), birth_year=year, **known)
        members.append(member)
        for _ in range(random.randint(0, 2)):
            last = Membership.select().where(Membership.member == member).order_by(Membership.id.desc()).get()
            day = a_day(random)
            if random.random() < 0.7:
                Membership.update(until=day).where(Membership.id == last.id).execute()
            if random.random() < 0.7:
                until = day + timedelta(days=200) if random.random() < 0.3 else None
                start = day + timedelta(days=random.choice([1, 1, 40]))
                Membership.create(member=member, unit=random.choice(units), since=start, until=until)
        for model, extra in ((LeaveOfAbsence, {}), (MemberTag, {"tag": "leader"})):
            if random.random() < 0.4:
                day = a_day(random)
                model.create(member=member, since=day, until=day + timedelta(days=random.randint(0, 150)), **extra)
        for _ in range(random.randint(0, 40)):
            measure, category, low, high = random.choice(FACTS)
            detail = Detail(category, random.choice([0, 2999, 3000]), random.choice(["", "book:7"]))
            town.book(member, a_day(random), measure, random.randint(low, high), detail)
    return members


@pytest.mark.parametrize("seed", range(3))
def test_the_board_judges_as_the_members_pages_do(town: Town, seed: int) -> None:
    random = Random(seed)
    series = []
    for title, measure, amount, period, spec in SPECS:
        unit = random.choice([town.root, town.root, town.first])
        dates = {"since": date(2026, 3, 10), "until": date(2026, 10, 20)} if period == "dates" else {}
        series.append(town.ask(title, measure, amount, period, unit=unit, spec=json.dumps(spec), **dates))
    first = Requirement.get(Requirement.title == "for ever")
    changed = json.dumps({"carry": 60, "carry_periods": 2})
    Requirement.update(until=date(2026, 5, 31)).where(Requirement.id == first.id).execute()
    town.ask("for ever", "class_hours", 40, "month", unit=first.unit, spec=changed, since=date(2026, 6, 1))
    Requirement.update(series=first.series, version=2).where(Requirement.since == date(2026, 6, 1)).execute()
    members = people_with_a_story(town, random, 14)
    for member in members[:4]:
        Exemption.create(member=member, series=random.choice(series), since=a_day(random), reason="病假")
    path = random.choice([town.root, town.first]).path
    wanted = wanted_within(reaching(path, FIRST, TODAY), FIRST, TODAY)
    assert {row.title for row, _ in wanted} == {spec[0] for spec in SPECS}
    found = evaluate(path, wanted, FIRST, TODAY, TODAY)
    ids = found.crowd.ids.tolist()
    pairs = [(row, span) for row, spans in wanted for span in spans]
    one_by_one = standings_of_many(ids, pairs, TODAY)
    judged = [period for rule in found.rules for period in rule.periods]
    assert len(judged) == len(pairs)
    for number, (row, span) in enumerate(pairs):
        for who, member in enumerate(ids):
            standing = one_by_one[member][number]
            said = (row.title, span, member)
            pace = PACES[judged[number].pace[who]]
            if standing is None:
                assert pace in (Pace.NOT_ASKED, Pace.EXEMPT), said
                continue
            assert (said, pace, judged[number].demand_of(who).required) == (said, standing.pace, standing.required)
            assert (said, max(0, int(judged[number].done[who]))) == (said, max(0, standing.done))
            assert (said, int(judged[number].carried[who])) == (said, standing.carried)


def test_a_board_asks_as_many_statements_for_many_members_as_for_few(town: Town) -> None:
    for title, measure, amount, period, spec in SPECS[:3]:
        town.ask(title, measure, amount, period, spec=json.dumps(spec))

    def statements() -> int:
        with count_queries() as counter:
            evaluate(
                town.root.path, wanted_within(reaching(town.root.path, FIRST, TODAY), FIRST, TODAY), FIRST, TODAY, TODAY
            )
        return int(counter.count)

    people_with_a_story(town, Random(1), 2)
    few = statements()
    people_with_a_story(town, Random(2), 20)
    assert statements() == few <= 11, "one of them for the versions of what carries a surplus over"
