"""Pages of activity records: entering, the register on a phone, the queue, pasted rows, tables, search."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from playhouse.test_utils import count_queries

from lms import clock
from lms.activities import documents, paste_rules, service
from lms.activities.models import Activity, ActivityMark
from lms.activities.rules import Draft, Mark
from lms.members.models import Member, Unit
from lms.progress.models import LedgerEntry
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
NOW = datetime(2026, 11, 28, 2)
DAY = date(2026, 11, 20)
KINDS = {"实地调研": "field_research", "学习活动": "activity", "集体学习": "group_study", "培训": "training"}
NAMES = paste_rules.Names(KINDS, {"脱产": "away"}, {"姓名": "who", "日期": "day", "培训类别": "category"})


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区第一支部", kind="branch")


@pytest.fixture
def liaison(make: Make, unit: Unit) -> Member:
    return make.member(unit, "liaison", name="刘敏")


@pytest.fixture
def member(make: Make, unit: Unit) -> Member:
    return make.member(unit, name="王淑兰")


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def test_a_refused_form_keeps_what_was_typed_and_says_why_beside_the_field(browser: Open, member: Member) -> None:
    typed = {"kind": "field_research", "title": "走访独居老人", "day": "2026-11-30", "amount": "一天", "place": "桂花"}
    answer = browser(member).post("/activities/new", typed)
    assert answer.status_code == 422
    page = text(answer)
    assert "走访独居老人" in page
    assert 'id="f-amount-error"' in page
    assert Activity.select().count() == 0
    answer = browser(member).post("/activities/new", {**typed, "amount": "1"})
    assert 'id="f-day-error"' in text(answer)


def test_a_member_enters_with_evidence_and_the_liaison_confirms_from_the_queue(
    browser: Open, member: Member, liaison: Member
) -> None:
    typed = {"kind": "field_research", "title": "走访独居老人", "day": "2026-11-20", "amount": "0.5", "place": "桂花"}
    mine, hers = browser(member), browser(liaison)
    files = [(BytesIO(b"%PDF-1.4 x"), "记录.pdf"), (BytesIO(b"MZ not a picture"), "照片.jpg")]
    answer = mine.post("/activities/new", {**typed, "file": files}, follow_redirects=True)
    page = text(answer)
    assert "记录.pdf" in page
    assert "“照片.jpg”" in page, "what was refused is said, the record stands"
    assert "待确认" in page
    queue = text(hers.get("/activities/queue"))
    assert "走访独居老人" in queue
    row = Activity.get()
    assert hers.post("/activities/queue", {"activity": str(row.id), "verdict": "returned"}).status_code == 422
    answer = hers.post("/activities/queue", {"activity": str(row.id), "verdict": "confirmed"})
    assert answer.status_code == 303
    assert Activity.get().state == "confirmed"
    assert "已确认" in text(mine.get(f"/activities/{row.id}"))
    assert mine.get(f"/activities/{row.id}/edit").status_code == 403


def test_the_register_has_everybody_present_and_the_same_costs_for_many(
    make: Make, browser: Open, unit: Unit, member: Member, liaison: Member
) -> None:
    hers = browser(liaison)
    form = {"kind": "group_study", "unit": str(unit.id), "title": "学习条例", "day": "2026-11-28", "starts": "09:00"}
    answer = hers.post("/activities/sessions/new", form)
    place = answer.headers["Location"]
    assert place.endswith("/register")
    page = text(hers.get(place))
    assert page.count('value="present" checked') == 2
    marks = {"version": "1", "minutes": "", "member": [str(member.id), str(liaison.id)]}
    marks |= {f"state-{member.id}": "absent", f"state-{liaison.id}": "present", f"spoke-{liaison.id}": "1"}
    refused = hers.post(place, marks)
    assert refused.status_code == 422
    assert 'id="f-minutes-error"' in text(refused)
    assert f'name="state-{member.id}" value="absent" checked' in text(refused), "what was ticked is kept"
    assert hers.post(place, {**marks, "minutes": "90"}).status_code == 303
    row = Activity.get()
    assert (row.state, row.minutes, row.amount) == ("confirmed", 90, 5)
    shown = text(browser(member).get(f"/activities/{row.id}"))
    assert "缺席" in shown
    assert "刘敏" not in shown.split("办理经过")[0].split("</header>")[1], "a member sees no other's attendance"
    again = hers.post("/activities/sessions/new", form)
    assert again.status_code == 422
    assert f'<a href="/activities/{row.id}">打开已录入的那一条</a>' in text(again)
    assert "补学只作记录，不计出勤" in text(hers.get(f"/activities/{row.id}")), (
        "an absence without leave cannot be mended"
    )
    with count_queries() as few:
        hers.get(place)
    for _ in range(8):
        make.member(unit)
    with count_queries() as many:
        hers.get(place)
    assert many.count == few.count
    attendance = text(hers.get(f"/activities/attendance?unit={unit.id}"))
    assert "0 / 1" in attendance
    assert "1 / 1" in attendance


def test_a_register_is_filled_from_a_list_and_kept_only_when_looked_at(
    make: Make, browser: Open, unit: Unit, member: Member, liaison: Member
) -> None:
    twins = [make.member(unit, name="张伟") for _ in range(2)]
    hers = browser(liaison)
    form = {"kind": "group_study", "unit": str(unit.id), "title": "学习条例", "day": "2026-11-28", "minutes": "90"}
    place = hers.post("/activities/sessions/new", form).headers["Location"]
    rows = f"王淑兰\t到场\t发言\n{twins[0].phone}\t请假\n张伟\t√\n无此人\t缺席\n刘敏\t迟到"
    page = text(hers.post(f"{place}/pasted", {"rows": rows, "others": "absent"}))
    for said in ("有多人叫张伟", "应到人员中没有无此人", "“迟到”不是到场", "已按名单填好 2 行"):
        assert said in page
    assert f'name="state-{member.id}" value="present" checked' in page
    assert f'name="spoke-{member.id}" value="1" checked' in page
    assert f'name="state-{twins[0].id}" value="leave" checked' in page
    assert f'name="state-{twins[1].id}" value="absent" checked' in page
    assert ActivityMark.select().count() == 0
    assert hers.post(f"{place}/pasted", {"rows": " "}).status_code == 422
    assert browser(member).post(f"{place}/pasted", {"rows": rows}).status_code == 403
    api = f"{place}/pasted"
    looked = hers.api("POST", api, {"rows": f"{rows}\n王淑兰"}).get_json()
    assert [(one["row"], one["column"]) for one in looked["problems"]] == [
        *((3, "who"), (4, "who"), (5, "state"), (6, "who"))
    ]
    assert "出现了两次" in looked["problems"][-1]["text"]
    refused = hers.api("POST", api, {"rows": rows, "carry_out": True})
    assert refused.status_code == 422
    assert list(refused.get_json()["errors"]) == ["rows.3.who", "rows.4.who", "rows.5.state"]
    assert (looked["kept"], ActivityMark.select().count()) == (False, 0)
    sound = f"王淑兰\t到场\t发言\n{twins[0].phone}\t请假"
    kept = hers.api("POST", api, {"rows": sound, "minutes": 90, "carry_out": True}).get_json()
    assert kept["kept"]
    held = {(mark.member, mark.state, mark.spoke) for mark in ActivityMark.select()}
    assert held >= {(member.id, "present", True), (twins[0].id, "leave", False), (twins[1].id, "absent", False)}


def test_leave_is_asked_on_a_phone_and_late_leave_is_told_so(
    make: Make, browser: Open, unit: Unit, member: Member, liaison: Member
) -> None:
    day = NOW.date() + timedelta(days=1)
    made = service.plan(make.actor(liaison), unit.id, Draft("group_study", "学习", day, starts="09:00"))
    mine = browser(member)
    assert "学习" in text(mine.get("/activities"))
    answer = mine.post(f"/activities/{made}/leave", {"reason": "住院"}, follow_redirects=True)
    assert "请假已登记" in text(answer)
    mine.post(f"/activities/{made}/leave/back")
    assert ActivityMark.select().count() == 0
    with clock.at(NOW + timedelta(days=1)):
        answer = mine.post(f"/activities/{made}/leave", {"reason": "忘了"}, follow_redirects=True)
        assert "不算事先请假" in text(answer)


def test_rows_of_a_sheet_are_looked_through_then_the_sound_ones_are_entered_once(
    make: Make, browser: Open, unit: Unit, member: Member, liaison: Member
) -> None:
    twins = [make.member(unit, name="张伟") for _ in range(2)]
    rows = [
        "姓名\t日期\t类型\t天数\t备注",
        "王淑兰\t2026年11月5日\t实地调研\t1\t老年食堂",
        "张伟\t2026/11/5\t学习活动\t\t读书会",
        f"{twins[0].phone}\t46330\t学习活动\t\t读书会",
        "无此人\t11月5日\t学习活动\t\t读书会",
        "王淑兰\t13月40日\t实地调研\t一\t老年食堂",
        "王淑兰\t2026.11.5\t实地调研\t1\t老年食堂",
        "刘敏\t2026-11-05\t学习活动\t\t读书会",
    ]
    hers = browser(liaison)
    looked = text(hers.post("/activities/paste", {"rows": "\n".join(rows), "step": "look"}))
    assert "7 行中有 2 行可以录入" in looked
    for said in ("有多人同名", "没有这个姓名", "日期无法识别", "在此重复", "不能确认自己的记录"):
        assert said in looked
    assert Activity.select().count() == 0
    left = text(hers.post("/activities/paste", {"rows": "\n".join(rows), "step": "carry_out"}))
    assert "已录入 2 条记录" in left
    assert {(row.member, row.day, row.state) for row in Activity.select()} == {
        (member.id, date(2026, 11, 5), "confirmed"),
        (twins[0].id, date(2026, 11, 4), "confirmed"),
    }
    hers.post("/activities/paste", {"rows": "\n".join(rows), "step": "carry_out"})
    assert Activity.select().count() == 2
    assert browser(member).post("/activities/paste", {"rows": "x"}).status_code == 403
    api = hers.api("POST", "/activities/pasted", {"rows": "无此人\t2026-11-05\tactivity\t\t读书会"}).get_json()
    assert api["rows"][0]["problems"][0]["column"] == "who"


def test_a_sheet_calls_kinds_and_people_as_people_do(
    make: Make, browser: Open, unit: Unit, member: Member, liaison: Member
) -> None:
    said = {"听课": "class_attended", "走访": "field_research", "读书会": "activity", "讲课": "lecture_given"}
    said |= {"业务培训": "business_study", "调研课题": "research_topic", "Visit": "field_research"}
    rows = [f"王　淑兰\t2026-11-0{day}\t{kind}\t1\t社区食堂" for day, kind in enumerate(said, 1)]
    hers = browser(liaison)
    hers.post("/activities/paste", {"rows": "\n".join(rows), "step": "carry_out"})
    entered = {row.day.day: row.kind for row in Activity.select().where(Activity.member == member.id)}
    assert entered == dict(enumerate(said.values(), 1))


def test_a_pasted_training_carries_its_kind_place_last_day_and_what_came_of_it(
    make: Make, browser: Open, unit: Unit, member: Member, liaison: Member
) -> None:
    others = [make.member(unit, name=name) for name in ("甲", "乙", "丙", "丁")]
    rows = [
        "姓名\t培训方式\t日期\t结束日期\t类型\t学时\t主题\t地点\t主要内容\t网址",
        "王淑兰\t脱产\t2026-11-02\t2026-11-04\t培训\t18\t社区工作者培训\t区委党校\t学了三天\thttps://example.org/a",
        "甲\t\t2026-11-05\t\t半脱产培训\t6\t消防\t\t\t",
        "乙\t\t2026-11-05\t\t培训（在职）\t2\t消防\t\t\t",
        "丙\t函授\t2026-11-05\t\t培训\t2\t消防\t\t\t",
        "丁\t\t2026-11-05\t\t培训\t2\t消防\t\t\t",
    ]
    hers = browser(liaison)
    form = {"rows": "\n".join(rows), "step": "carry_out"}
    left = text(hers.post("/activities/paste", form))
    assert "已录入 3 条记录" in left
    assert "不认识的培训类别：“函授”" in left
    assert "请写明培训类别" in left
    stored = {row.member: row for row in Activity.select()}
    assert [stored[one.id].category for one in (member, *others[:2])] == ["away", "half_time", "on_job"]
    first = stored[member.id]
    assert (first.until, first.amount, first.place, first.link) == (
        date(2026, 11, 4), 180, "区委党校", "https://example.org/a",
    )  # fmt: skip
    assert first.text == "学了三天"
    assert LedgerEntry.get(LedgerEntry.member == member, LedgerEntry.measure == "training_attended").category == "away"
    # What was left keeps its headings, so that it can be mended and sent again as it stands.
    again = html.unescape(re.search(r"<textarea[^>]*name=.rows.[^>]*>(.*?)</textarea>", left, re.S)[1]).strip()
    api = hers.api("POST", "/activities/pasted", {"rows": again, "usual_category": "rotation", "carry_out": True})
    assert api.get_json()["entered"] == 1
    assert Activity.get(Activity.member == others[3]).category == "rotation"


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_a_day_is_read_in_every_form_people_write_it_in(day: date) -> None:
    today = date(2101, 1, 1)
    year, month, number = day.year, day.month, day.day
    forms = (
        f"{year}年{month}月{number}日",
        f"{year}-{month}-{number}",
        f"{year}/{month:02}/{number:02}",
        f"{year}.{month}.{number}",
        f"{year}{month:02}{number:02}",
        f"{year} 年 {month} 月 {number} 号",
        f"{year}/{month}/{number} 09:30",
        str((day - paste_rules.EXCEL_EPOCH).days),
    )
    assert {paste_rules.read_day(form.replace(" 09", "T09"), today) for form in forms} == {day}


def test_a_day_without_a_year_is_the_latest_and_spans_are_read() -> None:
    today = date(2026, 3, 1)
    assert paste_rules.read_day("12月5日", today) == date(2025, 12, 5)
    assert paste_rules.read_day("2月29日", today) == date(2024, 2, 29)
    assert paste_rules.read_span("2026年3月5日至3月7日", date(2026, 11, 1)) == (date(2026, 3, 5), date(2026, 3, 7))
    assert paste_rules.read_span("2026年3月5日—7日", date(2026, 11, 1)) == (date(2026, 3, 5), date(2026, 3, 7))
    assert paste_rules.read_span("2026-02-30", today) == (None, None)


@given(st.text(max_size=300))
def test_no_pasted_text_breaks_the_reading(pasted: str) -> None:
    try:
        rows = paste_rules.read_rows(pasted, NAMES, DAY)
    except paste_rules.InvalidInput:
        return
    assert all(row.problems or row.draft.title for row in rows)


def test_tables_hold_numbers_and_no_formulas(make: Make, browser: Open, unit: Unit, liaison: Member) -> None:
    service.hold(make.actor(liaison), unit.id, Draft("group_study", "=1+1", DAY, minutes=90), [Mark(liaison.id)])
    hers = browser(liaison)
    sheet = load_workbook(BytesIO(hers.get("/activities/table.xlsx?whose=units").data)).active
    assert sheet.freeze_panes == "A2"
    heads, row = [[cell.value for cell in line] for line in sheet.iter_rows()]
    line = dict(zip(heads, row, strict=True))
    assert (line["主题"], line["分钟"], line["天数"]) == ("=1+1", 90, 0.5)
    assert sheet["D2"].data_type == "s"
    assert "'=1+1" in text(hers.get("/activities/table.csv?whose=units"))
    for got in (
        hers.get(f"/activities/attendance.xlsx?unit={unit.id}"),
        hers.api("GET", f"/activities/attendance/xlsx?unit={unit.id}"),
    ):
        sheet = load_workbook(BytesIO(got.data)).active
        assert [cell.value for cell in sheet[2]] == ["刘敏", 1, 1, 1, 0, 0, 0, 0]
    assert "刘敏,1,1,1,0,0,0,0" in text(hers.api("GET", f"/activities/attendance/csv?unit={unit.id}"))
    assert "'=1+1" in text(hers.api("GET", "/activities/table/csv?whose=units"))
    sheet = load_workbook(BytesIO(hers.api("GET", "/activities/table/xlsx?whose=units").data)).active
    assert (sheet.freeze_panes, sheet["D2"].data_type) == ("A2", "s")


def test_records_are_found_by_those_who_may_see_them(make: Make, unit: Unit, member: Member, liaison: Member) -> None:
    made = service.enter(make.actor(member), Draft("research_topic", "老年食堂怎样办好", DAY))
    held = service.hold(make.actor(liaison), unit.id, Draft("group_study", "学习条例", DAY, minutes=90), [])
    (own,) = documents.load(made)
    (of_unit,) = documents.load(held)
    other = make.actor(make.member(unit))
    administrator = make.actor(make.member(make.unit(), "administrator", on=unit))
    for actor, sees in ((make.actor(member), True), (make.actor(liaison), True), (administrator, True), (other, False)):
        assert bool(set(own.audience) & actor.tokens) is sees
        assert documents.visible(actor, [made, held]) == ({made, held} if sees else {held})
        assert set(of_unit.audience) & actor.tokens
    service.withdraw(make.actor(liaison), held)
    assert documents.load(held) == ()
