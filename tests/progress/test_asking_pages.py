"""A liaison takes a preset over, sees whom it reaches, is warned of contradictions; closed periods stay as judged."""

from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from werkzeug.datastructures import MultiDict

from lms.errors import LmsError
from lms.members import tags
from lms.members.models import LeaveOfAbsence, Member, MemberTag, RoleGrant, Unit
from lms.progress import exempting, form_fields, queries, service
from lms.progress.models import Exemption, Requirement
from lms.progress.rules import Pace
from lms.progress.service import RequirementForm
from tests.browser_like import Browser
from tests.progress.conftest import TODAY, Garden, page, standing_of

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


def posted(browser: Browser, path: str, form: dict[str, object]) -> tuple[int, str]:
    response = browser.post(path, form)
    return response.status_code, unescape(response.get_data(as_text=True))


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


@pytest.mark.parametrize(
    ("measure", "said", "kept"),
    [
        ("study_minutes", "180", 180),
        ("study_minutes", "3小时", 180),
        ("study_minutes", " ２ 个小时 30 分钟 ", 150),
        ("study_minutes", "2:30", 150),
        ("study_minutes", "1 h 5 min", 65),
        ("study_minutes", "9999 小时", None),
        ("study_minutes", "3 天", None),
        ("book_finished", "3小时", None),
        ("class_hours", "7.5", 75),
    ],
)
def test_an_amount_is_read_as_people_say_it(measure: str, said: str, kept: int | None) -> None:
    errors: dict[str, LmsError] = {}
    form = MultiDict({"title": "要求", "measure": measure, "amount": said, "period": "year", "since": "2026-01-01"})
    assert form_fields.typed(form, errors, "community").amount == kept
    assert ("amount" in errors) == (kept is None)


def test_a_second_rule_for_the_same_thing_is_named_before_it_is_saved_with_what_to_do(
    garden: Garden, browser: Open
) -> None:
    new = {"title": "每周自学两小时", "measure": "study_minutes", "amount": "120", "period": "week"}
    new = {**new, "since": "2026-11-23", "unit": garden.unit.id, "step": "look"}
    liaison = browser(garden.liaison)
    _, ahead = posted(liaison, "/progress/requirements/new", new)
    assert "与“每周自学”矛盾：数额不同" in ahead
    assert "建议直接修改原有的那一项" in ahead
    assert "青禾街道办事处的要求：" in ahead
    assert "打开另一项要求" not in ahead, "whoever may not change it gets no link"
    own = Requirement.create(
        title="本社区每天", unit=garden.unit, measure="study_minutes", amount=10, period="quarter", since=TODAY
    )
    _, other = posted(liaison, "/progress/requirements/new", {**new, "period": "quarter"})
    assert f'href="/progress/requirements/{own.id}/edit">打开另一项要求' in other
    _, ahead = posted(liaison, "/progress/requirements/new", {**new, "amount": str(garden.study.amount)})
    assert "与“每周自学”重复" in ahead
    assert "留一项即可" in ahead
    _, ahead = posted(
        liaison, "/progress/requirements/new", {**new, "amount": str(garden.study.amount), "leave": "none", "carry": 60}
    )
    assert "与“每周自学”矛盾：算法不同" in ahead
    assert "不同之处：长假期间怎样要求、超额怎样结转。" in ahead
    _, ahead = posted(liaison, "/progress/requirements/new", {**new, "period": "month"})
    assert 'class="warn"' not in ahead
    spec = {"leave": "none"}
    form = {"unit": garden.unit.id, "title": "又", "measure": "study_minutes", "period": "week", "spec": spec}
    sent = {**form, "amount": garden.study.amount, "since": "2026-11-23"}
    (against,) = liaison.api("POST", "/requirements/preview", sent).get_json()["against"]
    assert (against["clash"], against["differs"]) == ("treatment", ["leave"])


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
        ({"measure": "field_research_days", "amount": "8"}, "amount"),
        ({"measure": "study_minutes", "amount": "180", "most_per_day": "20"}, "most_per_day"),
        ({"carry": "1", "carry_periods": "25"}, "carry_periods"),
        ({"carry": "1", "carry_periods": "0"}, "carry_periods"),
        ({"carry": "1", "period": "dates", "until": "2026-12-31"}, "carry"),
        ({"carry": "1", "period": "year", "lasting": "year"}, "lasting"),
        ({"carry": "1", "subject": "unit"}, "carry"),
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
    assert 'href="#f-leave-until"' in said
    assert said.count('id="f-leave-until"') == 1
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


def test_tags_that_touch_become_one(garden: Garden) -> None:
    actor, member = garden.make.actor(garden.liaison), garden.member.id
    tags.add_tag(actor, member, "leader", date(2026, 1, 1), date(2026, 3, 31))
    tags.add_tag(actor, member, "leader", date(2026, 4, 1))
    assert [(row.since, row.until) for row in tags.list_tags(member)] == [(date(2026, 1, 1), None)]


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


def test_a_lower_units_liaison_reads_what_the_units_above_ask_of_its_people(garden: Garden, browser: Open) -> None:
    def ask(title: str, unit: Unit, since: date = date(2026, 1, 1), **values: object) -> Requirement:
        of = {"title": title, "unit": unit, "measure": "book_finished", "amount": 2, "period": "year"}
        return Requirement.create(since=since, **of, **values)

    next_year = ask("明年两本", garden.root, since=date(2027, 1, 1))
    others: tuple[tuple[str, Unit, dict[str, object]], ...] = (
        ("已经结束", garden.root, {"until": date(2026, 6, 30)}),
        ("只要村里的成员", garden.root, {"spec": '{"who": {"kinds": ["village"]}}'}),
        ("本社区自己的", garden.unit, {}),
        ("旁边社区的", garden.other, {}),
        ("街道自己的", garden.root, {"subject": "unit", "spec": '{"subject": "unit"}'}),
    )
    for title, unit, values in others:
        ask(title, unit, **values)  # type: ignore[arg-type]
    liaison = browser(garden.liaison)
    shown = page(liaison, "/progress/requirements")
    own, above = shown.split("上级单位对您这里成员的要求")
    assert "本社区自己的" in own
    assert [title in above for title in ("每月读一本好书", "每周自学", "明年两本")] == [True] * 3
    assert not any(title in shown for title in ("已经结束", "只要村里的成员", "旁边社区的", "街道自己的"))
    assert f'<a href="/progress/requirements/{next_year.id}/versions">明年两本</a>' in above
    assert "青禾街道办事处</span>" in above
    assert "每位成员每年读完 2 本" in above
    assert "/edit" not in above
    assert "上级单位对您这里成员的要求" in page(liaison, "/progress/requirements/new")
    items = liaison.get("/api/v1/requirements/above").get_json()["items"]
    assert [(one["title"], one["unit_name"]) for one in items][-1] == ("明年两本", "青禾街道办事处")
    top = browser(garden.make.member(garden.root, "administrator"))
    assert "上级单位" not in page(top, "/progress/requirements")
    # Somebody from elsewhere who looks after the unit reads them as well.
    helper = garden.make.member(garden.other)
    RoleGrant.create(member=helper, unit=garden.unit, role="liaison")
    helps = browser(helper)
    assert "明年两本" in page(helps, f"/progress/requirements/{next_year.id}/versions")
    assert "明年两本" in page(helps, "/progress/requirements")


def test_all_that_is_wrong_with_an_exemption_is_said_at_once(garden: Garden, browser: Open) -> None:
    liaison, care = browser(garden.liaison), f"/progress/members/{garden.member.id}/care"
    assert "青禾街道办事处提出的要求，只能由该单位办理免予" in page(liaison, care)
    assert 'name="series"' not in page(liaison, care), "no choice that would be refused"
    Exemption.create(member=garden.member, series=garden.study.id, since=date(2026, 11, 1), reason="街道同意")
    assert "街道同意" in page(liaison, care)
    assert "/exemptions/" not in page(liaison, care), "nor a button"
    above = browser(garden.make.member(garden.root, "liaison"))
    assert "/exemptions/" in page(above, care)
    Requirement.create(
        title="本社区每月一本",
        unit=garden.unit,
        measure="book_finished",
        amount=1,
        period="month",
        since=date(2026, 1, 1),
    )
    choices = page(liaison, care).split('name="series"')[1].split("</select>")[0]
    assert ("本社区每月一本" in choices, "每周自学" in choices) == (True, False)
    status, shown = posted(liaison, f"{care}/exemptions", {"series": "x", "since": "", "until": "y", "reason": ""})
    assert status == 422
    assert [f'-{name}-error"' in shown for name in ("series", "since", "until", "reason")] == [True] * 4
    tagged = MemberTag.create(member=garden.member, tag="leader", since=date(2026, 1, 1))
    assert posted(liaison, f"{care}/tags/{tagged.id}", {"until": "never"})[0] == 422
    assert MemberTag.get_by_id(tagged.id).until is None, "a day that cannot be read takes nothing away"
