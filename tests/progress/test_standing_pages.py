"""A member's home and progress: what stands there comes from the ledger, and the evidence adds up to it."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.members.models import Member, Membership
from lms.notes.models import Note
from lms.progress import booking, queries
from lms.progress.models import LedgerEntry, Requirement
from lms.reading import service as reading
from lms.reading.rules import Progress
from tests.browser_like import Browser
from tests.progress.conftest import TODAY, Garden

Open = Callable[[Member | None], Browser]
MONDAY = date(2026, 11, 23)


def text_of(browser: Browser, path: str) -> str:
    """Open a page and give its words."""
    response = browser.get(path)
    assert response.status_code == 200
    return re.sub(r"<[^>]+>|\s+", " ", response.get_data(as_text=True)).replace("  ", " ")


def figures(garden: Garden) -> dict[str, int]:
    """Give what is done by title of the requirement."""
    actor = garden.make.actor(garden.member)
    return {f.requirement.title: f.standing.done for f in queries.list_my_figures(actor)}


def test_home_greets_by_the_hour_and_says_how_things_stand(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, MONDAY, 140)
    garden.finish_on(garden.member, MONDAY)
    page = text_of(browser(garden.member), "/")
    assert "王淑兰，上午好" in page
    assert "十一月二十六日，星期四。本周还差 40 分钟自学。" in page
    assert "2:20" in page
    assert "已完成" in page


@pytest.mark.parametrize(
    ("hour", "words"), [(7, "早上好"), (10, "上午好"), (12, "中午好"), (15, "下午好"), (20, "晚上好"), (2, "晚上好")]
)
def test_the_greeting_follows_the_organisations_clock(garden: Garden, browser: Open, hour: int, words: str) -> None:
    local = datetime(2026, 11, 26, hour, 30, tzinfo=clock.zone())
    with clock.at((local - local.utcoffset()).replace(tzinfo=None)):  # type: ignore[operator]
        assert f"王淑兰，{words}" in text_of(browser(garden.member), "/")


def test_what_presses_most_is_said_first(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, MONDAY, 170)
    assert "本月还要读完 1 本。" in text_of(browser(garden.member), "/")
    garden.finish_on(garden.member, MONDAY)
    assert "本周还差 10 分钟自学。" in text_of(browser(garden.member), "/")
    garden.study_on(garden.member, TODAY, 10)
    assert "学习要求都完成了，真好。" in text_of(browser(garden.member), "/")


def test_home_says_the_same_in_english(garden: Garden, browser: Open) -> None:
    garden.finish_on(garden.member, MONDAY)
    open_browser = browser(garden.member)
    open_browser.client.set_cookie("lms_locale", "en")
    page = text_of(open_browser, "/")
    assert "Good morning, 王淑兰" in page
    assert "Thursday, 26 November. 3 hours of self-study to go this week." in page


def test_home_leads_on_to_the_book_in_hand_and_the_notes_of_others(garden: Garden, browser: Open) -> None:
    book = garden.make.book("平凡的世界", pages=480)
    actor = garden.make.actor(garden.member)
    reading.note_progress(actor, book.id, Progress(30, 212, TODAY))
    Note.create(member=garden.liaison, unit=garden.unit, title="走访十二户", body="记。", audience="unit")
    page = browser(garden.member).get("/").get_data(as_text=True)
    assert "接着读《平凡的世界》" in page
    assert "读到第 212 页，共 480 页。" in page
    assert f'href="/books/{book.id}/reading"' in page
    assert browser(garden.member).get(f"/books/{book.id}/reading").status_code == 200
    assert "走访十二户" in page


def test_a_newcomer_without_anything_still_has_a_next_step(make: object, browser: Open, garden: Garden) -> None:
    Requirement.delete().execute()
    page = text_of(browser(garden.member), "/")
    assert "先写一篇笔记" in page, "where no book is recommended yet"
    assert "目前没有学习要求" in page


def test_home_asks_the_database_at_most_twelve_times(garden: Garden, browser: Open) -> None:
    for number in range(12):
        garden.make.book(f"书目{number}")
        garden.study_on(garden.member, MONDAY, 3)
        Note.create(member=garden.liaison, unit=garden.unit, title=f"笔记{number}", body="记。", audience="unit")
    for number in range(6):
        Requirement.create(
            title=f"要求{number}", unit=garden.unit, measure="book_finished", amount=2, period="year", since=MONDAY
        )
    open_browser = browser(garden.member)
    open_browser.get("/")
    with count_queries() as counted:
        assert open_browser.get("/").status_code == 200
    assert counted.count <= 12


def test_all_requirements_of_a_member_take_three_statements_with_all_their_past(garden: Garden) -> None:
    for number in range(5):
        Requirement.create(
            title=f"要求{number}", unit=garden.unit, measure="study_minutes", amount=60, period="quarter", since=MONDAY
        )
    actor = garden.make.actor(garden.member)
    with count_queries() as counted:
        histories = queries.list_my_histories(actor)
    assert len(histories) == 7
    assert counted.count == 3


def test_requirements_of_the_units_above_apply_and_those_beside_do_not(garden: Garden) -> None:
    for title, unit in (("本社区", garden.unit), ("外社区", garden.other)):
        Requirement.create(title=title, unit=unit, measure="book_finished", amount=1, period="year", since=MONDAY)
    assert set(figures(garden)) == {"每月读一本好书", "每周自学", "本社区"}


def test_a_unit_whose_number_begins_alike_is_not_above(garden: Garden) -> None:
    branch = garden.make.unit("支部", garden.unit)
    branch.path = f"{garden.unit.path[:-1]}0/"
    branch.save()
    garden.member = garden.make.member(branch)
    Requirement.create(title="本社区", unit=garden.unit, measure="book_finished", amount=1, period="year", since=MONDAY)
    assert set(figures(garden)) == {"每月读一本好书", "每周自学"}


def test_a_requirement_that_ended_or_has_not_begun_is_not_shown(garden: Garden) -> None:
    for title, since, until in (
        ("过去的", MONDAY, TODAY - timedelta(days=1)),
        ("将来的", TODAY + timedelta(days=1), None),
    ):
        Requirement.create(
            title=title, unit=garden.unit, measure="book_finished", amount=1, period="year", since=since, until=until
        )
    assert set(figures(garden)) == {"每月读一本好书", "每周自学"}


def test_only_days_of_the_period_count_both_edges_included(garden: Garden) -> None:
    for day, minutes in ((22, 1000), (23, 10), (29, 20), (30, 2000)):
        garden.study_on(garden.member, date(2026, 11, day), minutes)
    garden.study_on(garden.liaison, MONDAY, 500)
    assert figures(garden)["每周自学"] == 30


def test_evidence_shows_reversals_plainly_and_adds_up_to_the_figure(garden: Garden, browser: Open) -> None:
    book = garden.make.book("乡土中国")
    actor = garden.make.actor(garden.member)
    first = reading.note_progress(actor, book.id, Progress(50, None, MONDAY))
    reading.note_progress(actor, book.id, Progress(35, None, TODAY))
    reading.withdraw_session(actor, first)
    address = f"/progress/requirements/{garden.study.id}/evidence"
    page = browser(garden.member).get(address).get_data(as_text=True)
    assert page.count("《乡土中国》") == 3
    assert f'href="/books/{book.id}"' in page
    assert "已撤回" in page
    assert "\N{MINUS SIGN}0:50" in page
    assert "合计：0:35" in page
    shown = queries.get_evidence(actor, garden.study.id, None, None, 1, "community")
    assert sum(row.amount for row in shown.rows.items) == shown.figure.standing.done == 35
    assert figures(garden)["每周自学"] == 35


def test_evidence_pages_and_all_pages_together_are_the_figure(garden: Garden) -> None:
    for _ in range(120):
        garden.study_on(garden.member, TODAY, 1)
    actor = garden.make.actor(garden.member)
    pages = [queries.get_evidence(actor, garden.study.id, TODAY, None, n, "community") for n in (1, 2, 3)]
    assert [len(found.rows.items) for found in pages] == [50, 50, 20]
    ids = {row.id for found in pages for row in found.rows.items}
    assert len(ids) == 120 == pages[0].figure.standing.done


def test_evidence_of_a_past_period_stays_reachable(garden: Garden, browser: Open) -> None:
    garden.finish_on(garden.member, date(2026, 9, 14))
    page = text_of(browser(garden.member), f"/progress/requirements/{garden.books.id}/evidence?period=2026-09-30")
    assert "2026 年 9 月" in page
    assert "9 月 14 日" in page
    assert "合计：1" in page


@pytest.mark.parametrize("period", ["", "nonsense", "0000-00-00", "2026-13-01", "9999-12-31", "0001-01-01"])
def test_a_wrong_period_in_the_address_does_no_harm(garden: Garden, browser: Open, period: str) -> None:
    address = f"/progress/requirements/{garden.study.id}/evidence?period={period}&page=x&member=y"
    assert browser(garden.member).get(address).status_code == 200


def test_the_past_periods_stand_in_a_table_with_what_was_asked(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, date(2026, 11, 18), 200)
    page = text_of(browser(garden.member), "/progress")
    assert re.search(r"11 月 16 日–11 月 22 日\s+3:20\s+3:00\s+已完成", page)
    assert re.search(r"11 月 9 日–11 月 15 日\s+0:00\s+3:00\s+差 3 小时", page)
    assert "自一月一日起，青禾街道办事处的每位成员每周自学 3 小时。" in page


def test_weeks_before_joining_are_not_held_against_anybody(garden: Garden, browser: Open) -> None:
    Membership.update(since=date(2026, 11, 25)).where(Membership.member == garden.member).execute()
    page = text_of(browser(garden.member), "/progress")
    assert "自十一月二十五日起按天折算，整期为 3 小时" in page
    assert "11 月 16 日" not in page
    assert "不作要求" in page
    lines = re.findall(r'<li class="rule\b.*?</li>', browser(garden.member).get("/progress").text, re.DOTALL)
    idle = [line for line in lines if "不作要求" in line]
    assert idle and not any("<svg" in line for line in idle), "a full line would look like something done"


def test_a_reversed_fact_lowers_the_figure_of_its_own_day(garden: Garden) -> None:
    fact = garden.study_on(garden.member, MONDAY, 60)
    booking.reverse(fact)
    assert figures(garden)["每周自学"] == 0
    assert LedgerEntry.select().count() == 2


def test_others_evidence_is_for_those_who_look_after_the_member(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, TODAY, 25)
    stranger = garden.make.member(garden.other, "liaison", name="彭敏")
    neighbour = garden.make.member(garden.unit)
    address = f"/progress/requirements/{garden.study.id}/evidence?member={garden.member.id}"
    assert "王淑兰：每周自学" in text_of(browser(garden.liaison), address)
    for outsider in (stranger, neighbour):
        assert browser(outsider).get(address).status_code == 404
        assert browser(outsider).api("GET", address.replace("requirements/", "")).status_code == 404


def test_the_api_gives_the_same_figures_as_the_page(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, MONDAY, 100)
    open_browser = browser(garden.member)
    items = open_browser.api("GET", "/progress").get_json()["items"]
    study = next(item["now"] for item in items if item["now"]["requirement"]["title"] == "每周自学")
    assert (study["standing"]["done"], study["standing"]["required"], study["standing"]["remaining"]) == (100, 180, 80)
    assert (study["since"], study["until"], study["standing"]["pace"]) == ("2026-11-23", "2026-11-29", "on_track")
    evidence = open_browser.api("GET", f"/progress/{garden.study.id}/evidence").get_json()
    assert sum(item["amount"] for item in evidence["items"]) == 100
    assert open_browser.api("GET", f"/progress/{garden.study.id}/evidence?period=soon").status_code == 422


def test_evidence_removed_after_it_counted_leaves_the_figure_and_is_named_as_removed(
    garden: Garden, browser: Open
) -> None:
    reflection = Requirement.create(
        title="每半年一篇心得", unit=garden.root, measure="note_submitted", amount=1, period="half_year", since=MONDAY
    )
    note = Note.create(member=garden.member, unit=garden.unit, title="读后感", body="文", audience="me")
    booking.book(garden.member.id, "note_submitted", 1, TODAY, f"submit:{note.id}:1", ("note", note.id))
    address = f"/progress/requirements/{reflection.id}/evidence"
    own = browser(garden.member)
    assert "《读后感》" in text_of(own, address)
    Note.update(deleted_at=clock.now()).where(Note.id == note.id).execute()
    for _ in range(2):
        shown = text_of(own, address)
        assert "读后感" not in shown
        assert "原记录已删除" in shown
        assert figures(garden)["每半年一篇心得"] == 1
        Note.delete().where(Note.id == note.id).execute()
    found = own.api("GET", f"/progress/{reflection.id}/evidence").get_json()
    assert (found["sum"], found["items"][0]["title"], found["items"][0]["amount"]) == (1, "", 1)
