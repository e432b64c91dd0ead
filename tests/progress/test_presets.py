"""Every row of the presets plays a story: met, just missed, joined late, moved away, corrected, closed period.

The figures are worked out by hand. 2026: the week of 23 November has 7 days, November 30, the fourth quarter 92, the
second half-year 184, the year 365. What is asked of part of a period is the amount times its share of the days, a half
rounded up: three hours a week from Thursday on are 180 * 4/7 = 102.86, so 103 minutes.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from lms.members.models import Member, Membership, MemberTag, Unit
from lms.progress import booking
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Asked, Subject, Where, span_on
from lms.progress.booking import Detail
from lms.progress.bulk import standings_of_many
from lms.progress.checking import check_asked, check_requirement
from lms.progress.figures import figures_of
from lms.progress.people import circumstances_of
from lms.progress.presets import all_presets, find_preset
from lms.progress.rules import Pace, Standing, Why, demand, judge
from lms.progress.sums import Window, sum_of_unit
from lms.progress.who import ALWAYS
from tests.factories import Make

DAY = timedelta(days=1)
NOV = date(2026, 11, 20)
THURSDAY = date(2026, 11, 26)
PLAIN = Detail()
# By period: the last day, a day on which a newcomer is still asked for one, one on which not any more, the first day
# of the period, and the share of days left to who moves away after ``leaving``.
ENDS = {"week": date(2026, 11, 29), "month": date(2026, 11, 30), "quarter": date(2026, 12, 31)}
ENDS |= {"half_year": date(2026, 12, 31), "year": date(2026, 12, 31)}
ASKED_IF = {"week": date(2026, 11, 26), "month": date(2026, 11, 16), "quarter": date(2026, 11, 16)}
ASKED_IF |= {"half_year": date(2026, 10, 1), "year": date(2026, 7, 2)}


@dataclass(frozen=True)
class Story:
    """What fulfils a row of one thing in a period, and what looks like it but does not."""

    id: str
    measure: str
    right: Detail = PLAIN
    wrong: Detail | None = None
    tags: tuple[str, ...] = ()
    kind: str = "community"
    birth_year: int | None = None
    other_measure: str = ""


NOTE, LONG = Detail("reflection", 3000, "book:7"), Detail("reflection", 2999, "book:7")
# One thing in each period: whoever joins after the middle is not asked.
ONES = [
    Story("Q01", "book_finished", tags=("leader",)),
    Story("Q02", "lecture_attended", tags=("leader",), other_measure="lecture_completed"),
    Story("Q03", "course_completed", tags=("leader",)),
    Story("Q04", "book_finished"),
    Story("Q06", "note_submitted", Detail("reflection", 10), Detail("free", 9000)),
    Story("Q07", "note_submitted", NOTE, LONG),
    Story("Q08", "business_study_attended"),
    Story("Q09", "lecture_attended", other_measure="lecture_completed"),
    Story("Q13", "note_submitted", Detail("research", 800), Detail("reflection", 800), tags=("leader",)),
    Story("Q14", "research_topic_opened", tags=("leader",)),
    Story("Q15", "lecture_given", tags=("main_leader",)),
    Story("Q17", "plan_approved"),
    Story("Q19", "group_study_spoke", kind="branch"),
    Story("U10", "lecture_attended", other_measure="training_attended"),
    Story("U11", "training_attended", kind="enterprise"),
    Story("U12", "took_part", other_measure="material_read"),
    Story("U13", "took_part", birth_year=1966),
]


class Stage:
    """A sub-district with the unit that asks and one beside it, and people whose standing is looked at."""

    def __init__(self, make: Make, kind: str = "community") -> None:
        self.make = make
        self.root = make.unit("青禾街道", kind="agency")
        self.unit = make.unit("桂花", self.root, kind)
        self.beside = make.unit("临江", self.root, kind)
        self.facts = 0

    def person(self, story: Story, since: date = date(2020, 1, 1), until: date | None = None) -> Member:
        """Make a member of the asking unit for some days, then of the one beside it."""
        member = self.make.member(self.unit, birth_year=story.birth_year)
        Membership.update(since=since, until=until).where(Membership.member == member).execute()
        if until:
            Membership.create(member=member, unit=self.beside, since=until + DAY)
        for tag in story.tags:
            MemberTag.create(member=member, tag=tag, since=date(2020, 1, 1))
        return member

    def did(self, member: Member, measure: str, day: date, amount: int = 1, detail: Detail = PLAIN) -> str:
        """Book a fact and give its key."""
        self.facts += 1
        fact = f"story:{self.facts}"
        assert booking.book(member.id, measure, amount, day, fact, ("story", self.facts), detail)
        return fact

    def held(self, unit: Unit, measure: str, day: date, amount: int = 1, size: int = 0) -> str:
        """Book a fact of a unit and give its key."""
        self.facts += 1
        fact = f"story:{self.facts}"
        assert booking.book_for_unit(unit.id, measure, amount, day, fact, ("story", self.facts), Detail(size=size))
        return fact

    def row(self, asked: Asked) -> RequirementRow:
        """Have the unit ask something."""
        return RequirementRow(1, "要求", self.unit.id, self.unit.name, self.unit.path, asked, 1, 1, "")

    def standing(self, member: Member, asked: Asked, today: date, of: date = NOV) -> Standing:
        """Say how a member stands on a day with the period that another day lies in; the bulk way says the same."""
        row, span = self.row(asked), span_on(asked, of)
        (figure,) = figures_of(member.id, circumstances_of(member.id), [(row, span)], today)
        together = standings_of_many([member.id], [(row, span)], today)[member.id][0]
        assert together in (None, figure.standing)
        return figure.standing


def asked_of(ident: str, today: date = NOV, until: date | None = None, **changes: object) -> Asked:
    """Give what a preset asks, as if it had been taken over long ago."""
    preset = find_preset(ident)
    assert preset is not None
    asked = preset.asked(today, until=until)
    since = asked.since if asked.period is None else date(2025, 1, 1)
    return Asked(**{**asked.__dict__, "since": since, **changes})


@pytest.fixture
def stage(make: Make, service: object) -> Stage:
    """A unit that asks."""
    return Stage(make)


def test_all_rows_of_the_document_are_there_and_can_stand() -> None:
    ids = [preset.id for preset in all_presets()]
    assert ids == [f"Q{n:02d}" for n in range(1, 20)] + [f"U{n:02d}" for n in range(1, 17)]
    for preset in all_presets():
        until = date(2026, 12, 31) if "until" in preset.needs else None
        series = {one: number for number, (one, _) in enumerate(preset.parts, 1)}
        asked = preset.asked(NOV, series, until)
        period = asked.period.value if asked.period else "dates"
        assert preset.titles.keys() == {"zh", "en"}
        found = check_requirement(preset.titles["zh"], asked.measure, asked.amount, period, asked.since, until)
        assert {**found, **check_asked(asked, "enterprise")} == {}, preset.id


@pytest.mark.parametrize("story", ONES, ids=lambda story: story.id)
def test_one_thing_in_each_period(make: Make, service: object, story: Story) -> None:
    stage = Stage(make, story.kind)
    asked = asked_of(story.id, **({"subjects": ("book:7",)} if story.id == "Q07" else {}))
    assert asked.period is not None
    end, first = ENDS[asked.period.value], span_on(asked, THURSDAY).since

    met = stage.person(story)
    fact = stage.did(met, story.measure, end, detail=story.right)
    found = stage.standing(met, asked, end, THURSDAY)
    assert (found.done, found.required, found.pace) == (1, 1, Pace.DONE)
    booking.reverse(fact)
    found = stage.standing(met, asked, end, THURSDAY)
    assert (found.done, found.pace) == (0, Pace.BEHIND)
    if story.other_measure:
        stage.did(met, story.other_measure, first)
        assert stage.standing(met, asked, end, THURSDAY).pace is Pace.DONE

    late = stage.person(story)
    stage.did(late, story.measure, end + DAY, detail=story.right)
    stage.did(late, story.measure, first - DAY, detail=story.right)
    if story.wrong is not None:
        stage.did(late, story.measure, end, detail=story.wrong)
    closed = stage.standing(late, asked, end + DAY, THURSDAY)
    assert (closed.done, closed.remaining, closed.pace) == (0, 1, Pace.MISSED)

    joined = ASKED_IF[asked.period.value]
    assert stage.standing(stage.person(story, joined), asked, end, THURSDAY).required == 1
    newcomer = stage.standing(stage.person(story, joined + DAY), asked, end, THURSDAY)
    assert (newcomer.required, newcomer.pace, newcomer.why) == (0, Pace.NOT_ASKED, (Why.JOINED,))
    mover = stage.standing(stage.person(story, until=first), asked, end, THURSDAY)
    assert (mover.required, mover.pace, mover.why) == (0, Pace.NOT_ASKED, (Why.MOVED_OUT,))
    if story.tags:
        assert stage.standing(stage.person(Story(story.id, "")), asked, end, THURSDAY).pace is Pace.NOT_ASKED


FLOWS = [
    # id, tag, category, measure, whole, joined on, asked then, last day, asked then
    ("Q05", "", "", "study_minutes", 180, date(2026, 11, 26), 103, date(2026, 11, 24), 51),
    ("Q10", "county_leader", "away", "class_hours", 1100, date(2026, 7, 1), 555, date(2026, 6, 30), 545),
    ("Q11", "officer", "", "class_hours", 750, date(2026, 7, 1), 378, date(2026, 6, 30), 372),
    ("Q12", "leader", "", "field_research_days", 600, date(2026, 7, 1), 302, date(2026, 6, 30), 298),
]


@pytest.mark.parametrize("row", FLOWS, ids=lambda row: row[0])
def test_what_flows_is_asked_by_the_day(stage: Stage, row: tuple[object, ...]) -> None:
    ident, tag, category, measure, whole, joined, then, leaving, till = row
    story = Story(str(ident), str(measure), Detail(str(category)), tags=(str(tag),) if tag else ())
    asked = asked_of(story.id)
    end = span_on(asked, THURSDAY).until
    met = stage.person(story)
    first = stage.did(met, story.measure, end - 2 * DAY, int(whole) - 40, story.right)
    stage.did(met, story.measure, end - DAY, 39, story.right)
    just_missed = stage.standing(met, asked, end + DAY, THURSDAY)
    assert (just_missed.done, just_missed.remaining, just_missed.pace) == (int(whole) - 1, 1, Pace.MISSED)
    stage.did(met, story.measure, end, 1, story.right)
    assert stage.standing(met, asked, end + DAY, THURSDAY).pace is Pace.DONE
    booking.reverse(first)
    assert stage.standing(met, asked, end + DAY, THURSDAY).done == 40
    assert stage.standing(stage.person(story, since=joined), asked, end, THURSDAY).required == then
    assert stage.standing(stage.person(story, until=leaving), asked, end, THURSDAY).required == till


def test_q10_counts_what_was_learned_off_the_job_alone(stage: Stage) -> None:
    asked = asked_of("Q10")
    member = stage.person(Story("Q10", "", tags=("county_leader",)))
    for category in ("", "on_job", "half_time", "rotation"):
        stage.did(member, "class_hours", date(2026, 5, 6), 1100, Detail(category))
    assert stage.standing(member, asked, NOV).done == 0
    stage.did(member, "class_hours", date(2026, 5, 6), 1100, Detail("away"))
    assert stage.standing(member, asked, NOV).pace is Pace.DONE


def test_q11_leaves_out_who_is_asked_by_q10(stage: Stage) -> None:
    member = stage.person(Story("Q11", "", tags=("officer", "county_leader")))
    assert stage.standing(member, asked_of("Q11"), NOV).pace is Pace.NOT_ASKED
    assert stage.standing(member, asked_of("Q10"), NOV).required == 1100


def test_q16_each_training_asks_for_a_summary_within_seven_days(stage: Stage) -> None:
    asked, story = asked_of("Q16"), Story("Q16", "")
    member = stage.person(story)
    assert stage.standing(member, asked, NOV).pace is Pace.NOT_ASKED
    stage.did(member, "training_attended", date(2026, 3, 2))
    stage.did(member, "training_attended", date(2026, 11, 2))
    open_ones = stage.standing(member, asked, date(2026, 3, 9))
    assert (open_ones.done, open_ones.required, open_ones.pace) == (0, 2, Pace.ON_TRACK)
    summary = stage.did(member, "note_submitted", date(2026, 3, 9), detail=Detail("training", 900))
    stage.did(member, "note_submitted", date(2026, 11, 10), detail=Detail("training", 900))
    stage.did(member, "note_submitted", date(2026, 11, 5), detail=Detail("free", 900))
    found = stage.standing(member, asked, date(2026, 11, 10))
    assert (found.done, found.required, found.pace, found.remaining) == (1, 2, Pace.MISSED, 1)
    booking.reverse(summary)
    assert stage.standing(member, asked, date(2026, 11, 10)).done == 0
    newcomer = stage.person(story, since=date(2026, 6, 1))
    stage.did(newcomer, "training_attended", date(2026, 5, 31))
    assert stage.standing(newcomer, asked, NOV).pace is Pace.NOT_ASKED
    mover = stage.person(story, until=date(2026, 3, 5))
    stage.did(mover, "training_attended", date(2026, 3, 2))
    stage.did(mover, "training_attended", date(2026, 3, 6))  # in the unit beside: nothing that this one asks about
    moved = stage.standing(mover, asked, date(2026, 3, 9))
    assert (moved.done, moved.required, moved.pace) == (0, 1, Pace.ON_TRACK)
    stage.did(mover, "note_submitted", date(2026, 3, 9), detail=Detail("training", 900))
    assert stage.standing(mover, asked, date(2026, 3, 20)).pace is Pace.DONE


def test_q16_a_training_at_the_end_of_the_year_has_its_seven_days(stage: Stage) -> None:
    asked = asked_of("Q16")
    member = stage.person(Story("Q16", ""))
    stage.did(member, "training_attended", date(2026, 12, 30))
    assert stage.standing(member, asked, date(2027, 1, 6)).pace is Pace.ON_TRACK
    assert stage.standing(member, asked, date(2027, 1, 7)).pace is Pace.MISSED
    stage.did(member, "note_submitted", date(2027, 1, 6), detail=Detail("training", 900))
    assert stage.standing(member, asked, date(2027, 1, 7)).pace is Pace.DONE


def test_q18_every_session_that_expected_the_member_is_attended_or_made_up(stage: Stage) -> None:
    asked, story = asked_of("Q18"), Story("Q18", "")
    member = stage.person(story)
    sessions = [date(2026, 10, 9), date(2026, 10, 23), date(2026, 11, 6)]
    for day in sessions:
        stage.did(member, "group_study_expected", day)
    for day in sessions[:2]:
        stage.did(member, "group_study_attended", day)
    absent = stage.standing(member, asked, NOV)
    assert (absent.done, absent.required, absent.pace, absent.difference) == (2, 3, Pace.BEHIND, -1)
    made_up = stage.did(member, "group_study_attended", sessions[2])
    assert stage.standing(member, asked, NOV).pace is Pace.DONE
    booking.reverse(made_up)
    assert stage.standing(member, asked, date(2027, 1, 1)).pace is Pace.MISSED
    newcomer = stage.person(story, since=date(2026, 11, 1))
    stage.did(newcomer, "group_study_expected", sessions[1])
    assert stage.standing(newcomer, asked, NOV).pace is Pace.NOT_ASKED
    mover = stage.person(story, until=date(2026, 10, 31))
    for day in sessions:
        stage.did(mover, "group_study_expected", day)
    stage.did(mover, "group_study_attended", sessions[0])
    moved = stage.standing(mover, asked, NOV)
    assert (moved.done, moved.required) == (1, 2)  # the third session was that of the unit beside


def of_unit(stage: Stage, asked: Asked, today: date, heads: int = 1) -> Standing:
    """Say how the asking unit itself stands."""
    span = span_on(asked, NOV)
    below = asked.where is Where.ANYWHERE
    (done,) = sum_of_unit(stage.unit.id, stage.unit.path, [Window(asked.counted, span)], below=below)
    return judge(demand(asked, span, ALWAYS, today, heads=heads), done)


UNITS = [
    # id, measure, a right size, one too short, how many in the period
    ("U01", "group_study_held", 0, None, 1),
    ("U02", "group_study_days", 0, None, 120),
    ("U03", "group_study_days", 0, None, 80),
    ("U04", "group_study_held", 120, 119, 1),
    ("U05", "group_study_held", 90, None, 2),
    ("U06", "public_lecture_held", 0, None, 1),
    ("U08", "unit_plan_made", 0, None, 1),
]


@pytest.mark.parametrize("row", UNITS, ids=lambda row: row[0])
def test_what_a_unit_holds(stage: Stage, row: tuple[str, str, int, int | None, int]) -> None:
    ident, measure, size, too_short, amount = row
    asked = asked_of(ident)
    assert asked.subject is Subject.UNIT
    end = span_on(asked, NOV).until
    if amount > 1:
        stage.held(stage.unit, measure, NOV, amount - 1, size)
    if too_short is not None:
        stage.held(stage.unit, measure, NOV, size=too_short)
    stage.held(stage.beside, measure, NOV, amount, size)
    stage.held(stage.make.unit("小组", stage.unit), measure, NOV, amount, size)
    missed = of_unit(stage, asked, end + DAY)
    assert (missed.done, missed.remaining, missed.pace) == (amount - 1, 1, Pace.MISSED)
    last = stage.held(stage.unit, measure, end, size=size)
    assert of_unit(stage, asked, end + DAY).pace is Pace.DONE
    # Who joins or moves away changes nothing of what a unit holds, nor does its own place in the tree.
    stage.person(Story(ident, ""), since=end)
    stage.person(Story(ident, ""), until=NOV)
    stage.unit.parent, stage.unit.path = stage.beside.id, f"{stage.beside.path}{stage.unit.id}/"
    stage.unit.save()
    assert of_unit(stage, asked, end + DAY).pace is Pace.DONE
    booking.reverse(last)
    assert of_unit(stage, asked, end + DAY).done == amount - 1


def test_u07_the_reports_of_a_branchs_people_are_the_branchs(stage: Stage) -> None:
    asked, story = asked_of("U07"), Story("U07", "")
    member, guest = stage.person(story), stage.make.member(stage.beside)
    stage.did(guest, "note_submitted", NOV, detail=Detail("research"))
    stage.did(member, "note_submitted", NOV, detail=Detail("free"))
    assert of_unit(stage, asked, date(2027, 1, 1)).pace is Pace.MISSED
    report = stage.did(member, "note_submitted", NOV, detail=Detail("research"))
    Membership.update(until=NOV).where(Membership.member == member).execute()
    assert of_unit(stage, asked, date(2027, 1, 1)).pace is Pace.DONE
    booking.reverse(report)
    # Whoever joins late brings no report along that was written elsewhere; one written here counts.
    Membership.create(member=guest, unit=stage.unit, since=date(2026, 12, 1))
    assert of_unit(stage, asked, date(2026, 12, 1)).done == 0
    stage.did(guest, "note_submitted", date(2026, 12, 1), detail=Detail("research"))
    stage.did(guest, "note_submitted", date(2027, 1, 1), detail=Detail("research"))
    assert of_unit(stage, asked, date(2027, 1, 2)).done == 1


def test_u09_everybody_is_trained_once_by_a_date(stage: Stage) -> None:
    asked = asked_of("U09", date(2026, 1, 1), date(2026, 12, 20))
    people = [stage.person(Story("U09", "")) for _ in range(4)]
    for member in people[:3]:
        stage.did(member, "training_attended", date(2026, 12, 20))
    stage.did(people[3], "training_attended", date(2026, 12, 21))
    wanted = [(stage.row(asked), span_on(asked, NOV))]
    paces = [row[0].pace for row in standings_of_many([m.id for m in people], wanted, date(2026, 12, 22)).values()]
    assert (asked.coverage, paces.count(Pace.DONE), paces.count(Pace.MISSED)) == (100, 3, 1)


def test_u13_only_those_who_reach_sixty_this_year_are_asked(stage: Stage) -> None:
    asked = asked_of("U13")
    for birth_year, required in ((1966, 1), (1967, 0), (None, 0)):
        member = stage.person(Story("U13", "", birth_year=birth_year))
        assert stage.standing(member, asked, NOV).required == required


def test_u16_funds_are_asked_for_each_resident(stage: Stage) -> None:
    asked = asked_of("U16")
    stage.held(stage.unit, "funds_set_aside", date(2026, 3, 1), 9_999_900)
    found = of_unit(stage, asked, NOV, heads=50_000)
    assert (found.required, found.remaining) == (10_000_000, 100)
    stage.held(stage.unit, "funds_set_aside", date(2026, 12, 31), 100)
    assert of_unit(stage, asked, NOV, heads=50_000).pace is Pace.DONE


def test_u14_and_u15_are_made_of_other_requirements_of_the_unit() -> None:
    index, share = find_preset("U15"), find_preset("U14")
    assert index is not None
    assert share is not None
    found = index.asked(NOV, {"U10": 5, "Q04": 9})
    assert [(part.series, part.weight) for part in found.parts] == [(5, 40), (9, 30)]
    assert (found.subject, found.amount) == (Subject.INDEX, 80)
    found = share.asked(NOV, {"U15": 3}, date(2027, 12, 31))
    assert (found.subject, found.amount, [part.series for part in found.parts]) == (Subject.SHARE, 50, [3])
