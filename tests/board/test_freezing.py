"""A frozen period keeps its figures, refuses what people enter for its days, and is opened with a trace."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial

import pytest
from apiflask import APIFlask
from peewee import fn

from lms import clock, freezing
from lms.board import frozen_queries, service
from lms.board.coverage import Group
from lms.board.models import FrozenPeriod, FrozenStanding
from lms.board.queries import get_unit
from lms.board.rules import choose
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.members.models import Member
from lms.web.i18n import words
from tests.board.conftest import Town
from tests.browser_like import Browser
from tests.side_by_side import side_by_side

Open = Callable[[Member | None], Browser]
OCTOBER = choose("month", date(2026, 10, 5))
PROFILE = "community"


@pytest.fixture
def read_one(town: Town) -> Iterator[Member]:
    """Two members asked for a book a month; one read it in October."""
    town.ask("每月读一本好书")
    member = town.make.member(town.branch, name="王淑兰")
    town.book(member, date(2026, 10, 7))
    yield member


def test_the_snapshot_stays_and_says_where_todays_ledger_differs(town: Town, read_one: Member, browser: Open) -> None:
    made = service.freeze_period(town.actor, town.first.id, OCTOBER, "报街道", PROFILE)
    (line,) = frozen_queries.get_frozen(town.actor, made, PROFILE).snapshot.lines
    town.book(town.liaison, date(2026, 10, 9))
    view = frozen_queries.get_frozen(town.actor, made, PROFILE, line.requirement)
    (then,) = view.snapshot.lines
    assert then == line
    (changed,) = view.differences
    assert (changed.met, changed.asked, changed.met_today, changed.asked_today) == (1, 2, 2, 2)
    assert view.names is not None
    assert [(one.name, one.unit_name, one.met, one.asked) for one in view.names.items] == [
        ("刘敏", "桂花社区", 0, 1),
        ("王淑兰", "第一支部", 1, 1),
    ]
    text = browser(town.liaison).get(f"/board/frozen/{made}").get_data(as_text=True)
    assert "封存时 1/2，按今天的台账 2/2" in text
    assert "报街道" in text
    board = browser(town.liaison).get(f"/board/{town.first.id}?period=month&day=2026-10-01").get_data(as_text=True)
    assert "查看封存时的数据" in board


def test_names_of_a_frozen_period_stand_by_their_sound_and_who_is_gone_for_good_stays(
    town: Town, read_one: Member
) -> None:
    for name in ("陈志远", "安然"):
        town.make.member(town.branch, name=name)
    made = service.freeze_period(town.actor, town.first.id, OCTOBER, "", PROFILE)
    (line,) = frozen_queries.get_frozen(town.actor, made, PROFILE).snapshot.lines

    def names() -> list[str]:
        found = frozen_queries.get_frozen(town.actor, made, PROFILE, line.requirement).names
        return [one.name for one in found.items] if found else []

    assert names() == ["安然", "陈志远", "刘敏", "王淑兰"]
    FrozenStanding.update(member=None).where(FrozenStanding.name == "王淑兰").execute()
    assert names() == ["王淑兰", "安然", "陈志远", "刘敏"]


def test_days_of_a_frozen_period_are_closed_for_the_unit_and_those_below_until_it_is_opened(
    town: Town, read_one: Member
) -> None:
    made = service.freeze_period(town.actor, town.first.id, OCTOBER, "", PROFILE)
    for unit in (town.first, town.branch):
        with pytest.raises(Conflict, match="桂花社区"):
            freezing.require_open(unit.id, date(2026, 10, 31))
    for unit, day in (
        (town.first, date(2026, 11, 1)),
        (town.second, date(2026, 10, 9)),
        (town.root, OCTOBER.span.since),
    ):
        freezing.require_open(unit.id, day)
    with pytest.raises(InvalidInput):
        service.lift_freeze(town.actor, made, "  ")
    service.lift_freeze(town.actor, made, "漏报一次集中学习")
    freezing.require_open(town.branch.id, date(2026, 10, 31))
    _, (row,) = town_rows(town)
    assert (row.lifted_by, row.lifted_why, row.is_open) == ("刘敏", "漏报一次集中学习", True)
    with pytest.raises(Conflict):
        service.lift_freeze(town.actor, made, "再一次")
    again = service.freeze_period(town.actor, town.first.id, OCTOBER, "", PROFILE)
    assert len(town_rows(town)[1]) == 2 and again != made


def town_rows(town: Town) -> tuple[object, list[frozen_queries.FrozenRow]]:
    head = get_unit(town.actor, town.first.id)
    page = frozen_queries.list_frozen(head, 1)
    return head, list(page.items)


def test_only_a_period_that_is_over_is_frozen_and_only_once(town: Town, read_one: Member) -> None:
    with pytest.raises(Conflict, match="runs until"):
        service.freeze_period(town.actor, town.first.id, choose("month", date(2026, 11, 1)), "", PROFILE)
    service.freeze_period(town.actor, town.first.id, OCTOBER, "", PROFILE)
    with pytest.raises(Conflict):
        service.freeze_period(town.actor, town.first.id, OCTOBER, "", PROFILE)


def test_nobody_freezes_or_opens_what_is_not_theirs(town: Town, read_one: Member) -> None:
    stranger = town.make.actor(town.make.member(town.second, "liaison"))
    with pytest.raises(Forbidden):
        service.freeze_period(stranger, town.first.id, OCTOBER, "", PROFILE)
    made = service.freeze_period(town.administrator, town.first.id, OCTOBER, "", PROFILE)
    with pytest.raises(NotFound):
        service.lift_freeze(stranger, made, "因为")
    with pytest.raises(NotFound):
        frozen_queries.get_frozen(stranger, made, PROFILE)


def test_a_liaison_freezes_and_opens_on_the_pages(town: Town, read_one: Member, browser: Open) -> None:
    liaison = browser(town.liaison)
    with clock.at(datetime(2026, 11, 27, 2, 0)):
        answer = liaison.post(
            f"/board/{town.first.id}/frozen", {"period": "month", "day": "2026-10-01", "note": "十月报表"}
        )
        assert answer.status_code == 303
        page = answer.headers["Location"]
        refused = liaison.post(f"{page}/lift", {"why": ""})
        assert refused.status_code == 422 and "请简单说明原因" in refused.get_data(as_text=True)
        liaison.post(f"{page}/lift", {"why": "漏报"})
    listed = liaison.get(f"/board/{town.first.id}/frozen").get_data(as_text=True)
    assert "十月报表" in listed and "已解封" in listed and "漏报" in listed


def test_a_refusal_says_a_day_as_the_pages_of_its_reader_do(
    town: Town, read_one: Member, browser: Open, app: APIFlask
) -> None:
    liaison, form = browser(town.liaison), {"period": "month", "day": "2026-11-01"}
    with clock.at(datetime(2026, 11, 27, 2, 0)):
        page = liaison.post(f"/board/{town.first.id}/frozen", form)
        assert page.status_code == 409 and "本期到十一月三十日才结束" in page.get_data(as_text=True)
        told = liaison.api("POST", f"/board/{town.first.id}/frozen", form, headers={"Accept-Language": "en"})
        assert told.status_code == 409 and told.json["detail"].startswith("This period runs until 30 November and")
    with clock.at(datetime(2027, 1, 27, 2, 0)), app.app_context():
        service.freeze_period(town.actor, town.first.id, OCTOBER, "", PROFILE)
        with pytest.raises(Conflict) as refused:
            freezing.require_open(town.first.id, date(2026, 10, 31))
        assert words(refused.value).startswith("2026 年 10 月 31 日属于")


@pytest.mark.postgres_only
def test_what_is_entered_while_a_period_is_being_frozen_is_refused_or_stands_in_its_figures(
    town: Town, read_one: Member
) -> None:
    freeze = partial(service.freeze_period, town.actor, town.first.id, OCTOBER, "", PROFILE)
    enter = partial(freezing.require_open, town.branch.id, date(2026, 10, 31))
    assert [type(error) for error in side_by_side(freeze, enter)] == [Conflict]
    service.lift_freeze(town.actor, FrozenPeriod.get().id, "补登")
    assert side_by_side(enter, freeze, partial(town.book, town.liaison, date(2026, 10, 9))) == []
    made = FrozenPeriod.select(fn.MAX(FrozenPeriod.id)).scalar()
    (line,) = frozen_queries.get_frozen(town.actor, made, PROFILE).snapshot.lines
    assert [counts[Group.MET] for _, counts in line.periods] == [2]
