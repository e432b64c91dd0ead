"""A liaison takes a preset over, sees whom it reaches, is warned of contradictions; closed periods stay as judged."""

from collections.abc import Callable
from datetime import date, datetime
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from lms import clock
from lms.errors import InvalidInput
from lms.members import tags
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag
from lms.progress import archive, booking, exempting, queries, service
from lms.progress.models import Exemption, LedgerEntry, Requirement
from lms.progress.rules import Pace, Standing
from lms.progress.service import RequirementForm
from tests.browser_like import Browser
from tests.progress.conftest import TODAY, Garden

Open = Callable[[Member | None], Browser]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEADERS = {
    "title": "领导干部每周读一本书",
    "measure": "book_finished",
    "amount": "1",
    "period": "week",
    "since": "2026-11-23",
    "tags": "leader",
}


def page(browser: Browser, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return unescape(response.get_data(as_text=True))


def posted(browser: Browser, path: str, form: dict[str, object]) -> tuple[int, str]:
    response = browser.post(path, form)
    return response.status_code, unescape(response.get_data(as_text=True))


def standing_of(garden: Garden, title: str) -> Standing:
    """Say how the member stands today with a requirement."""
    figures = queries.list_my_figures(garden.make.actor(garden.member))
    return next(figure.standing for figure in figures if figure.requirement.title == title)


def leader(garden: Garden, member: Member) -> None:
    MemberTag.create(member=member, tag="leader", since=date(2026, 1, 1))


def test_a_preset_is_chosen_adjusted_looked_at_and_saved(garden: Garden, browser: Open) -> None:
    liaison = browser(garden.liaison)
    assert "领导干部每周读一本书" in page(liaison, "/progress/requirements/presets")
    form = page(liaison, f"/progress/requirements/new?preset=Q01&unit={garden.unit.id}")
    assert 'value="领导干部每周读一本书"' in form
    assert 'name="tags" value="leader" checked' in form
    leader(garden, garden.member)
    garden.finish_on(garden.member, TODAY)
    new = {**LEADERS, "unit": garden.unit.id, "preset": "Q01"}
    status, ahead = posted(liaison, "/progress/requirements/new", {**new, "step": "look"})
    assert status == 200
    assert "自十一月二十三日起，桂花社区的每位领导干部每周读完 1 本。" in ahead
    assert "涉及 1 人：王淑兰" in ahead
    assert "本单位另有 1 人不在要求范围内" in ahead
    assert "<dt>已经完成</dt><dd>1</dd>" in ahead
    assert Requirement.select().where(Requirement.preset == "Q01").count() == 0
    assert posted(liaison, "/progress/requirements/new", new)[0] == 303
    kept = Requirement.get(Requirement.preset == "Q01")
    assert (kept.series, kept.spec) == (kept.id, '{"who": {"tags": ["leader"]}}')
    assert "领导干部每周读一本书" in page(browser(garden.member), "/progress")
    assert "领导干部每周读一本书" not in page(browser(garden.liaison), "/")


def test_a_second_rule_for_the_same_thing_is_named_before_it_is_saved(garden: Garden, browser: Open) -> None:
    new = {"title": "每周自学两小时", "measure": "study_minutes", "amount": "120", "period": "week"}
    new = {**new, "since": "2026-11-23", "unit": garden.unit.id, "step": "look"}
    _, ahead = posted(browser(garden.liaison), "/progress/requirements/new", new)
    assert "与“每周自学”重复" in ahead
    _, ahead = posted(browser(garden.liaison), "/progress/requirements/new", {**new, "period": "month"})
    assert "重复" not in ahead


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"period": "dates"}, "until"),
        ({"period": "dates", "until": "2026-01-01"}, "until"),
        ({"tags": "leader", "without": "leader"}, "without"),
        ({"age_from": "60", "age_to": "50"}, "age_to"),
        ({"also": "study_minutes"}, "also"),
        ({"categories": "reflection"}, "categories"),
        ({"least": "3000"}, "least"),
        ({"each": "event", "within": "7"}, "after"),
        ({"each": "event", "after": "training_attended"}, "within"),
        ({"measure": "group_study_held"}, "measure"),
        ({"subjects": "那本书"}, "subjects"),
        ({"subject": "index", "measure": "rate_index", "amount": "80"}, "parts"),
        ({"subject": "index", "measure": "rate_index", "amount": "80", "parts": "999"}, "parts"),
        ({"subject": "index", "parts": "1"}, "measure"),
        ({"subject": "unit", "where": "inside"}, "where"),
        ({"coverage": "101"}, "coverage"),
        ({"most_per_day": "1"}, "most_per_day"),
        ({"measure": "field_research_days", "amount": "many"}, "amount"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    garden: Garden, browser: Open, changes: dict[str, str], field: str
) -> None:
    form = {**LEADERS, "unit": str(garden.unit.id), **changes}
    status, said = posted(browser(garden.liaison), "/progress/requirements/new", form)
    assert status == 422
    assert f'href="#f-{field}"' in said
    assert Requirement.select().where(Requirement.title == LEADERS["title"]).count() == 0


def test_half_days_and_yuan_are_typed_as_people_say_them(garden: Garden, browser: Open) -> None:
    form = {**LEADERS, "unit": garden.unit.id, "measure": "field_research_days", "amount": "7.5", "period": "year"}
    assert posted(browser(garden.liaison), "/progress/requirements/new", form)[0] == 303
    kept = Requirement.get(Requirement.title == LEADERS["title"])
    assert kept.amount == 75
    assert 'value="7.5"' in page(browser(garden.liaison), f"/progress/requirements/{kept.id}/edit")


def test_in_government_no_goal_hangs_on_study_time() -> None:
    spec = {"coverage": 90}
    form = RequirementForm("每周自学", "study_minutes", 60, "week", TODAY, None, spec, profile="government")
    assert list(form.errors()) == ["coverage"]
    assert form.__class__(**{**form.__dict__, "profile": "community"}).errors() == {}


def test_a_closed_week_stays_as_it_was_judged_when_the_rule_changes(garden: Garden, browser: Open) -> None:
    own = Requirement.create(
        title="本社区自学", unit=garden.unit, measure="study_minutes", amount=60, period="week", since=date(2026, 7, 1)
    )
    Requirement.update(series=own.id).where(Requirement.id == own.id).execute()
    garden.study_on(garden.member, date(2026, 11, 18), 60)
    form = RequirementForm("本社区自学", "study_minutes", 90, "week", date(2026, 7, 1))
    service.change_requirement(garden.make.actor(garden.liaison), own.id, form)
    histories = queries.list_my_histories(garden.make.actor(garden.member))
    found = [history for history in histories if history.now.requirement.series == own.id]
    assert [(h.now.standing.required, h.past[0].standing.required, h.past[0].standing.pace) for h in found] == [
        (90, 60, Pace.DONE)
    ]
    newest = found[0].now.requirement
    assert (newest.version, newest.series) == (2, own.id)
    evidence = queries.get_evidence(
        garden.make.actor(garden.member), newest.id, date(2026, 11, 18), None, 1, "community"
    )
    assert evidence.figure.standing.required == 60
    assert "第 1 版" in page(browser(garden.member), f"/progress/requirements/{newest.id}/versions")
    service.change_requirement(garden.make.actor(garden.liaison), own.id, form)
    assert Requirement.select().where(Requirement.series == own.id).count() == 2


def test_leave_exemption_and_tags_are_kept_on_the_members_page(garden: Garden, browser: Open) -> None:
    liaison, care = browser(garden.liaison), f"/progress/members/{garden.member.id}/care"
    assert care in page(liaison, f"/people/{garden.member.id}")
    assert posted(liaison, f"{care}/tags", {"tag": "leader", "since": "2026-11-01"})[0] == 303
    assert posted(liaison, f"{care}/tags", {"own": "老年大学学员", "since": "2026-11-01"})[0] == 303
    assert posted(liaison, f"{care}/tags", {"tag": "", "since": "2026-11-01"})[0] == 422
    assert posted(liaison, f"{care}/leaves", {"since": "2026-11-23", "until": "2026-11-26", "reason": "住院"})[0] == 303
    wrong = {"since": "2026-11-23", "until": "2026-11-22"}
    status, said = posted(liaison, f"{care}/leaves", wrong)
    assert status == 422
    assert 'href="#f-until"' in said
    kept = page(liaison, care)
    assert "领导干部" in kept
    assert "老年大学学员" in kept
    assert "住院" in kept
    study = standing_of(garden, "每周自学")
    # Of seven days four are leave: 180 * 3/7 = 77.14.
    assert study.required == 77
    assert "原要求 3 小时（请长假）" in page(browser(garden.member), "/progress")
    leave = LeaveOfAbsence.get().id
    assert posted(liaison, f"{care}/leaves/{leave}", {})[0] == 303
    assert LeaveOfAbsence.select().count() == 0


def test_an_exemption_needs_a_reason_and_the_right_on_the_requirement(garden: Garden) -> None:
    own = Requirement.create(
        title="本社区自学", unit=garden.unit, measure="study_minutes", amount=60, period="week", since=date(2026, 7, 1)
    )
    Requirement.update(series=Requirement.id).execute()
    actor = garden.make.actor(garden.liaison)
    for series, reason in ((own.id, " "), (garden.study.id, "病假"), (None, "病假")):
        with pytest.raises(Exception, match=r".") as raised:
            exempting.exempt(actor, garden.member.id, series, date(2026, 11, 1), None, reason)
        assert raised.value.field in ("reason", "series")  # type: ignore[attr-defined]
    exempting.exempt(actor, garden.member.id, own.id, date(2026, 11, 1), None, "病假")
    figures = queries.list_my_figures(garden.make.actor(garden.member))
    exempt = next(f for f in figures if f.requirement.title == "本社区自学")
    assert (exempt.standing.required, exempt.standing.pace) == (0, Pace.EXEMPT)
    exempting.end_exemption(actor, garden.member.id, Exemption.get().id, date(2026, 11, 22))
    figures = queries.list_my_figures(garden.make.actor(garden.member))
    assert next(f for f in figures if f.requirement.title == "本社区自学").standing.required == 60


def test_tags_that_touch_become_one_and_importing_the_same_changes_nothing(garden: Garden) -> None:
    actor, member = garden.make.actor(garden.liaison), garden.member.id
    tags.add_tag(actor, member, "leader", date(2026, 1, 1), date(2026, 3, 31))
    tags.add_tag(actor, member, "leader", date(2026, 4, 1))
    assert [(row.since, row.until) for row in tags.list_tags(member)] == [(date(2026, 1, 1), None)]
    for _ in range(2):
        tags.set_tags(actor, member, ["leader", "officer"])
    assert sorted(row.tag for row in tags.list_tags(member)) == ["leader", "officer"]
    tags.set_tags(actor, member, ["officer"])
    assert [(row.tag, row.until) for row in tags.list_tags(member) if row.tag == "leader"] == [
        ("leader", date(2026, 11, 25))
    ]


def test_each_rule_has_a_next_step_until_it_is_done(garden: Garden, browser: Open) -> None:
    book = garden.make.book("平凡的世界")
    Requirement.create(
        title="读后感",
        unit=garden.unit,
        measure="note_submitted",
        amount=1,
        period="year",
        since=date(2026, 1, 1),
        spec=f'{{"categories": ["reflection"], "subjects": ["book:{book.id}"]}}',
    )
    shown = page(browser(garden.member), "/progress")
    assert f"/notes/new?about=book:{book.id}&kind=reflection" in shown
    assert "针对“平凡的世界”" in shown
    assert "挑一本书开始读" in shown
    garden.finish_on(garden.member, TODAY)
    garden.study_on(garden.member, TODAY, 180)
    assert "挑一本书开始读" not in page(browser(garden.member), "/progress")


def test_the_archive_of_a_year_adds_up_and_leaves_out_what_was_taken_back(garden: Garden, browser: Open) -> None:
    garden.finish_on(garden.member, date(2026, 3, 3))
    garden.study_on(garden.member, date(2026, 3, 3), 90)
    booking.reverse(garden.study_on(garden.member, date(2026, 4, 4), 45))
    garden.study_on(garden.member, date(2025, 12, 31), 500)
    actor = garden.make.actor(garden.member)
    found = archive.get_archive(actor, None, None, "community")
    assert found.totals == (("book_finished", 1), ("study_minutes", 90))
    assert sum(row.amount for row in archive.walk_entries(found)) == 91
    assert found.years == (2026, 2025)
    books = next(course for course in found.courses if course.requirement.title == "每月读一本好书")
    assert (books.met, books.asked) == (1, 11)
    shown = page(browser(garden.member), "/progress/archive?year=2026")
    assert "11 个周期中完成 1 个" in shown
    assert archive.get_archive(actor, 2025, None, "community").totals == (("study_minutes", 500),)
    assert browser(garden.member).get("/progress/archive?year=1999").status_code == 422
    of_other = archive.get_archive(garden.make.actor(garden.liaison), 2026, garden.member.id, "government")
    assert of_other.totals == (("book_finished", 1),)
    assert (
        browser(garden.make.member(garden.other)).get(f"/progress/archive?member={garden.member.id}").status_code == 404
    )


def test_an_archive_of_thousands_of_entries_is_cut_nowhere(
    garden: Garden, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "member": garden.member.id,
        "measure": "study_minutes",
        "amount": 1,
        "evidence_kind": "reading_session",
        "evidence_ref": 1,
    }
    LedgerEntry.insert_many(
        [{**values, "day": date(2026, 1 + number % 9, 2), "fact": f"session:{number}"} for number in range(5500)]
    ).execute()
    booking.reverse("session:7")
    for month in (2, 3, 3, 5, 6):
        garden.finish_on(garden.member, date(2026, month, 4))
    monkeypatch.setattr(archive, "PAGE_SIZE", 2)
    found = archive.get_archive(garden.make.actor(garden.member), 2026, None, "community")
    assert found.totals == (("book_finished", 5), ("study_minutes", 5499))
    assert sum(minutes for _, minutes in found.months) == 5499
    garden.finish_on(garden.member, date(2026, 7, 4))  # after the archive was made: not in it
    rows = list(archive.walk_entries(found))
    assert (len(rows), sum(row.amount for row in rows)) == (5504, 5504)
    assert [row.day for row in rows] == sorted(row.day for row in rows)
    first, last = (page(browser(garden.member), f"/progress/archive?year=2026&page={number}") for number in (1, 3))
    assert "共 6 条，此处为第 1–2 条" in first
    assert "7 月 4 日" in last
    assert "7 月 4 日" not in first
    assert "91 小时 39 分" in first
    answer = browser(garden.member).get("/api/v1/progress/archive?year=2026&page=2753").json
    assert (answer["pages"], answer["entries_total"], len(answer["entries"])) == (2753, 5505, 1)
    book = browser(garden.member).get("/api/v1/progress/archive.xlsx?year=2026")
    assert book.content_type == SHEET


def test_the_workbook_has_real_numbers_frozen_headings_and_chinese_sheets(garden: Garden, browser: Open) -> None:
    garden.study_on(garden.member, date(2026, 3, 3), 90)
    response = browser(garden.member).get("/progress/archive.xlsx?year=2026")
    assert response.content_type == SHEET
    book = load_workbook(BytesIO(response.get_data()))
    assert book.sheetnames == ["合计", "学习要求", "学习记录"]
    assert [sheet.freeze_panes for sheet in book] == ["A2", "A2", "A2"]
    assert [cell.value for cell in book["合计"][2]] == ["自学时间", 1.5, "小时"]
    assert book["学习记录"]["A2"].value.date() == date(2026, 3, 3)


def test_a_member_in_two_units_at_once_is_asked_once_and_counted_once(garden: Garden) -> None:
    Membership.create(member=garden.member, unit=garden.other, since=date(2026, 1, 1))
    garden.study_on(garden.member, TODAY, 60)
    study = standing_of(garden, "每周自学")
    assert (study.done, study.required) == (60, 180)
    assert LedgerEntry.select().count() == 1


def test_what_is_done_elsewhere_counts_only_where_the_rule_says_so(garden: Garden) -> None:
    Membership.update(since=date(2026, 11, 25)).where(Membership.member == garden.member).execute()
    garden.study_on(garden.member, date(2026, 11, 24), 30)
    garden.study_on(garden.member, date(2026, 11, 25), 20)
    own = Requirement.create(
        title="在本社区",
        unit=garden.unit,
        measure="study_minutes",
        amount=70,
        period="week",
        since=date(2026, 1, 1),
        spec='{"where": "inside"}',
    )
    figures = {f.requirement.id: f.standing for f in queries.list_my_figures(garden.make.actor(garden.member))}
    assert figures[own.id].done == 20
    assert figures[garden.study.id].done == 50
    found = queries.get_evidence(garden.make.actor(garden.member), own.id, None, None, 1, "community")
    assert [row.amount for row in found.rows.items] == [20]


def test_the_machines_clock_set_back_books_nothing_twice_and_hides_nothing(garden: Garden) -> None:
    garden.study_on(garden.member, TODAY, 60)
    with clock.at(datetime(2026, 11, 23, 2, 0)):
        study = standing_of(garden, "每周自学")
    assert (study.done, study.pace) == (60, Pace.AHEAD)


def test_the_evidence_of_what_follows_events_names_each_and_when_it_was_done(garden: Garden, browser: Open) -> None:
    summary = Requirement.create(
        title="培训小结",
        unit=garden.unit,
        measure="note_submitted",
        amount=1,
        period="year",
        since=date(2026, 1, 1),
        spec='{"each": "event", "after": "training_attended", "within": 7, "categories": ["training"]}',
    )
    for number, day in enumerate((date(2026, 3, 2), date(2026, 11, 24)), 1):
        booking.book(garden.member.id, "training_attended", 1, day, f"t:{number}", ("activity", number))
    handed_in = booking.Detail("training")
    booking.book(garden.member.id, "note_submitted", 1, date(2026, 3, 8), "n:1", ("note", 1), handed_in)
    shown = page(browser(garden.member), f"/progress/requirements/{summary.id}/evidence")
    assert "3 月 9 日" in shown
    assert "3 月 8 日" in shown
    assert "12 月 1 日" in shown
    assert "原记录已删除" in shown
    answer = browser(garden.member).api("GET", f"/progress/{summary.id}/evidence").get_json()
    assert [one["met"] for one in answer["occasions"]] == ["2026-03-08", None]
    assert (answer["figure"]["standing"]["done"], answer["figure"]["standing"]["pace"]) == (1, "on_track")


def test_what_goes_beyond_the_most_for_a_day_is_said_beside_the_sum(garden: Garden, browser: Open) -> None:
    capped = Requirement.create(
        title="每天最多算一小时",
        unit=garden.unit,
        measure="study_minutes",
        amount=180,
        period="week",
        since=date(2026, 1, 1),
        spec='{"most_per_day": 60}',
    )
    garden.study_on(garden.member, TODAY, 90)
    assert standing_of(garden, "每天最多算一小时").done == 60
    shown = page(browser(garden.member), f"/progress/requirements/{capped.id}/evidence")
    assert "其中 30 分钟超出每日上限" in shown


def test_a_surplus_is_carried_over_up_to_the_most_and_only_once(garden: Garden, browser: Open) -> None:
    Requirement.create(
        title="可结转",
        unit=garden.unit,
        measure="study_minutes",
        amount=100,
        period="week",
        since=date(2026, 1, 1),
        spec='{"carry": 30}',
    )
    garden.study_on(garden.member, date(2026, 11, 12), 500)
    assert standing_of(garden, "可结转").carried == 0
    garden.study_on(garden.member, date(2026, 11, 18), 150)
    found = standing_of(garden, "可结转")
    assert (found.done, found.carried, found.total, found.remaining) == (0, 30, 30, 70)
    assert "含上一周期结转 30 分钟" in page(browser(garden.member), "/progress")


def test_an_index_is_made_of_requirements_of_the_unit_and_never_of_an_index(garden: Garden) -> None:
    Requirement.update(series=Requirement.id).execute()
    elsewhere = Requirement.create(
        title="外", unit=garden.other, measure="book_finished", amount=1, period="year", since=TODAY, series=77
    )
    actor = garden.make.actor(garden.liaison)

    def index(*series: int) -> RequirementForm:
        spec = {"subject": "index", "parts": [{"series": one, "weight": 1} for one in series]}
        return RequirementForm("综合指数", "rate_index", 80, "year", date(2026, 1, 1), None, spec)

    made = service.add_requirement(actor, garden.unit.id, index(garden.books.id, garden.study.id))
    for wrong in (made, elsewhere.series, 10**6):
        with pytest.raises(InvalidInput, match="index or share"):
            service.add_requirement(actor, garden.unit.id, index(garden.books.id, wrong))
    with pytest.raises(InvalidInput):
        service.change_requirement(actor, made, index(made))
    spec = {"subject": "share", "parts": [{"series": made}]}
    share = RequirementForm("示范单位", "units_reached", 50, "dates", TODAY, date(2027, 12, 31), spec)
    assert service.add_requirement(actor, garden.unit.id, share)
