"""Reading plans: made, ticked off by the log, changed, deleted."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.catalogue.models import Book
from lms.errors import InvalidInput, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.reading import going_on, plan_service, service
from lms.reading import plan_queries as queries
from lms.reading.models import PlanItem, ReadingPlan
from lms.reading.plan_rules import Tick, planned_book
from lms.reading.rules import Progress
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


@pytest.fixture
def reader(make: Make) -> Member:
    return make.member()


@pytest.fixture
def actor(make: Make, reader: Member) -> Actor:
    return make.actor(reader)


@pytest.fixture
def books(make: Make) -> list[int]:
    return [make.book(title, authors="某人", clc="I2").id for title in ("围城", "边城", "活着", "呐喊")]


def ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def text(response: object) -> str:
    return response.get_data(as_text=True)  # type: ignore[attr-defined]


def test_the_log_ticks_a_plan_and_taking_the_finish_back_unticks_it(actor: Actor, books: list[int]) -> None:
    due = (ago(20), ago(10), ago(5), ago(-10))
    planned = [planned_book(book, day) for book, day in zip(books, due, strict=True)]
    plan_id = plan_service.make_plan(actor, "计划", ago(30), ago(-30), planned)
    service.set_state(actor, books[0], "finished", ago(25))
    service.set_state(actor, books[1], "finished", ago(2))
    service.set_state(actor, books[2], "reading")
    service.set_state(actor, books[3], "finished", ago(40))
    plan = queries.get_plan(actor, plan_id)
    assert [item.tick for item in plan.items] == [Tick.DONE, Tick.DONE_LATE, Tick.OVERDUE, Tick.READ_BEFORE]
    assert (plan.done, plan.next and plan.next.book) == (3, books[2])
    service.set_state(actor, books[0], "abandoned")
    assert queries.get_plan(actor, plan_id).items[0].tick is Tick.OVERDUE


def test_the_lists_count_what_the_plan_counts(actor: Actor, books: list[int]) -> None:
    running = plan_service.make_plan(actor, "在行", ago(30), ago(-30), [planned_book(book) for book in books])
    plan_service.make_plan(actor, "已过", ago(300), ago(200), [planned_book(books[0])])
    service.set_state(actor, books[0], "finished")
    rows = {row.title: row for row in queries.list_plans(actor, 1, 20).items}
    assert (rows["在行"].done, rows["在行"].total, rows["已过"].done) == (1, 4, 1)
    assert rows["在行"].next_due == queries.get_plan(actor, running).items[1].due_on
    assert rows["已过"].next_due is None
    assert [row.title for row in going_on.plan_overview(actor)] == ["在行"]


def test_the_next_step_is_the_book_in_hand_and_the_one_due_first(actor: Actor, books: list[int]) -> None:
    assert going_on.next_step(actor) == queries.NextStep(None, None)
    plan_service.make_plan(
        actor, "计划", ago(30), ago(-30), [planned_book(books[0], ago(3)), planned_book(books[1], ago(-3))]
    )
    service.note_progress(actor, books[2], Progress(20, 44))
    with count_queries() as counter:
        step = going_on.next_step(actor)
    assert counter.count == 1
    assert step.current is not None
    assert step.due is not None
    assert (step.current.title, step.current.page) == ("活着", 44)
    assert (step.due.title, step.due.days, step.due.due_on) == ("围城", -3, ago(3))
    service.set_state(actor, books[0], "finished")
    due = going_on.next_step(actor).due
    assert due is not None
    assert (due.title, due.days) == ("边城", 3)


def test_a_plan_is_its_owners_alone(make: Make, actor: Actor, books: list[int]) -> None:
    plan_id = plan_service.make_plan(actor, "计划", ago(0), ago(-30), [planned_book(books[0])])
    other = make.actor(make.member(role="administrator"))
    with pytest.raises(NotFound):
        queries.get_plan(other, plan_id)
    with pytest.raises(NotFound):
        plan_service.change_plan(other, plan_id, "别人的", ago(0), ago(-30), [planned_book(books[0])])
    with pytest.raises(NotFound):
        plan_service.delete_plan(other, plan_id)
    assert going_on.next_step(other).due is None
    assert queries.list_plans(other, 1, 20).total == 0
    assert ReadingPlan.get().title == "计划"


def test_a_withdrawn_book_stays_in_a_plan_but_comes_into_no_new_one(actor: Actor, books: list[int]) -> None:
    planned = [planned_book(books[0])]
    plan_id = plan_service.make_plan(actor, "计划", ago(0), ago(-30), planned)
    Book.update(withdrawn_at=clock.now()).where(Book.id == books[0]).execute()
    plan_service.change_plan(actor, plan_id, "新名字", ago(0), ago(-30), planned)
    assert queries.get_plan(actor, plan_id).title == "新名字"
    with pytest.raises(InvalidInput):
        plan_service.make_plan(actor, "另一个", ago(0), ago(-30), planned)


def form(books: list[int], **changes: str) -> dict[str, object]:
    return {"title": "冬读", "since": "2026-11-01", "until": "2026-11-30", "book": [str(b) for b in books], **changes}


def test_books_are_found_ticked_spread_and_saved_without_a_script(
    reader: Member, books: list[int], browser: Open
) -> None:
    window = browser(reader)
    found = text(window.post("/plans/new", form([], do="find", q="城")))
    assert ("围城" in found, "边城" in found, "呐喊" in found) == (True, True, False)
    assert 'value="冬读"' in found
    assert "built-in" not in found
    chosen = text(window.post("/plans/new", form(books[:1], do="add", pick=[str(books[1])])))
    assert f'name="due-book-{books[0]}" value="2026-11-15"' in chosen
    assert f'name="due-book-{books[1]}" value="2026-11-30"' in chosen
    saved = window.post("/plans/new", form(books[:2], do="save"))
    assert saved.status_code == 303
    assert "下一本：《围城》" in text(window.get(saved.headers["Location"]))
    assert [item.due_on for item in PlanItem.select().order_by(PlanItem.position)] == [
        date(2026, 11, 15),
        date(2026, 11, 30),
    ]


def test_a_due_day_that_was_typed_stays_when_books_come_and_go(reader: Member, books: list[int], browser: Open) -> None:
    a, b, c = books[:3]
    typed = form([a, b], do="add", pick=[str(c)])
    typed |= {f"due-book-{a}": "2026-11-03", f"spread-book-{a}": "2026-11-15"}
    typed |= {f"due-book-{b}": "2026-11-30", f"spread-book-{b}": "2026-11-30"}
    page = text(browser(reader).post("/plans/new", typed))
    assert f'name="due-book-{a}" value="2026-11-03"' in page
    assert f'name="due-book-{b}" value="2026-11-20"' in page
    assert f'name="due-book-{c}" value="2026-11-30"' in page
    again = text(browser(reader).post("/plans/new", {**typed, "do": "spread"}))
    assert f'name="due-book-{a}" value="2026-11-15"' in again
    less = text(browser(reader).post("/plans/new", {**typed, "do": f"remove-book-{a}"}))
    assert f'name="due-book-{a}"' not in less


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "请给计划起个名字。"),
        ({"title": "长" * 81}, "太长了：最多 80 个字符，现在是 81 个。"),
        ({"since": ""}, "请选择日期。"),
        ({"until": "2026-10-01"}, "结束日期早于开始日期。"),
        ({"until": "morgen"}, "请"),
        ({"book": []}, "请至少选一本书，或填写读几本。"),
        ({"book": ["99999"]}, "有一本书已不在书目里。"),
    ],
)
def test_a_refused_plan_keeps_what_was_typed(
    reader: Member, books: list[int], browser: Open, changes: dict[str, object], said: str
) -> None:
    sent = {**form(books[:1]), **changes}
    answer = browser(reader).post("/plans/new", sent)
    page = text(answer)
    assert answer.status_code == 422
    assert said in page
    assert 'role="alert"' in page
    for name in ("title", "since", "until"):
        assert not str(sent[name]).strip() or f'value="{sent[name]}"' in page
    assert ReadingPlan.select().count() == 0


def test_a_due_day_outside_the_span_is_said_at_its_book(reader: Member, books: list[int], browser: Open) -> None:
    answer = browser(reader).post("/plans/new", form(books[:1], **{f"due-book-{books[0]}": "2027-01-01"}))
    assert answer.status_code == 422
    assert "这一天不在计划的起止日期之内。" in text(answer)


def test_a_plan_is_changed_and_deleted_from_its_page(reader: Member, books: list[int], browser: Open) -> None:
    window = browser(reader)
    window.post("/plans/new", form(books[:2]))
    plan_id = ReadingPlan.get().id
    assert "冬读" in text(window.get(f"/plans/{plan_id}/edit?book={books[3]}"))
    window.post(f"/plans/{plan_id}/edit", form(books[1:], title="春读"))
    assert [item.book for item in PlanItem.select().order_by(PlanItem.position)] == books[1:]
    assert "春读" in text(window.get("/plans"))
    assert "data-confirm" in text(window.get(f"/plans/{plan_id}"))
    assert window.post(f"/plans/{plan_id}/delete").status_code == 303
    assert (ReadingPlan.select().count(), PlanItem.select().count()) == (0, 0)
    assert window.get(f"/plans/{plan_id}").status_code == 404


def test_plan_pages_stay_below_eight_statements(reader: Member, actor: Actor, books: list[int], browser: Open) -> None:
    for number in range(5):
        plan_service.make_plan(actor, f"计划{number}", ago(10), ago(-10), [planned_book(book) for book in books])
    window = browser(reader)
    for address in ("/plans", f"/plans/{ReadingPlan.select().first().id}"):
        window.get(address)
        with count_queries() as counter:
            assert window.get(address).status_code == 200
        assert counter.count <= 7
    assert "还没有计划" not in text(window.get("/plans"))


def test_the_api_makes_changes_and_deletes_a_plan(reader: Member, books: list[int], browser: Open) -> None:
    window = browser(reader)
    sent = {"title": "冬读", "since": "2026-11-01", "until": "2026-11-30", "items": [{"book": b} for b in books[:3]]}
    made = window.api("POST", "/plans", sent)
    assert made.status_code == 201
    plan = made.get_json()
    assert [item["due_on"] for item in plan["items"]] == ["2026-11-10", "2026-11-20", "2026-11-30"]
    window.api("PUT", f"/books/{books[0]}/reading", {"state": "finished", "day": "2026-11-05"})
    shown = window.api("GET", f"/plans/{plan['id']}").get_json()
    assert (shown["done"], shown["items"][0]["tick"], shown["next_due"]) == (1, "done", "2026-11-20")
    changed = window.api("PATCH", f"/plans/{plan['id']}", {"title": "春读"}).get_json()
    assert (changed["title"], changed["total"]) == ("春读", 3)
    assert window.api("GET", "/plans").get_json()["items"][0]["done"] == 1
    bad = window.api("PATCH", f"/plans/{plan['id']}", {"until": "2026-10-01"})
    assert (bad.status_code, list(bad.get_json()["errors"])) == (422, ["until"])
    assert window.api("POST", "/plans", {**sent, "items": []}).status_code == 422
    assert window.api("POST", "/plans", {**sent, "title": "a\0"}).status_code == 422
    assert window.api("DELETE", f"/plans/{plan['id']}").status_code == 204
    assert window.api("GET", f"/plans/{plan['id']}").status_code == 404
