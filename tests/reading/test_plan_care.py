"""Plans beyond the list of books: numbers, lectures and materials, the liaison, traces, moving, merging."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from lms import clock, events
from lms.catalogue import merging
from lms.catalogue.models import Book
from lms.db import database
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.lectures.models import Lecture
from lms.materials.models import Material
from lms.members.access import Actor
from lms.members.models import Member, Unit
from lms.progress.models import LedgerEntry
from lms.reading import going_on, plan_service, plan_trace, service
from lms.reading import plan_queries as queries
from lms.reading.models import PastReading, PlanChange, PlanItem, ReadingEntry, ReadingPlan, ReadingSession
from lms.reading.plan_rules import PlannedItem, Tick, Verdict, planned_book
from lms.reading.rules import Progress
from lms.reading.takeaway import TABLES
from tests.browser_like import Browser
from tests.factories import Make
from tests.reading.planning import ago, material, plan_of, text

Open = Callable[[Member | None], Browser]


def test_a_number_of_books_counts_whatever_is_finished_within_the_plan(make: Make, actor: Actor) -> None:
    plan_id = plan_service.make_plan(actor, "十二本", ago(10), ago(-9), [PlannedItem("count", 0, None, 4)])
    books = [make.book().id for _ in range(3)]
    service.set_state(actor, books[0], "finished", ago(20))
    service.set_state(actor, books[1], "finished", ago(5))
    service.set_state(actor, books[2], "finished", ago(3))
    service.read_again(actor, books[2], ago(2))
    service.set_state(actor, books[2], "finished")
    plan = queries.get_plan(actor, plan_id)
    assert (plan.items[0].reached, plan.items[0].tick) == (3, Tick.AHEAD)
    pace = plan.pace(clock.today())
    assert (pace.verdict, pace.difference, pace.done, pace.total) == (Verdict.AHEAD, 1, 3, 4)
    row = going_on.plan_overview(actor)[0]
    assert (row.done, row.total, row.pace) == (3, 4, pace)


def test_a_book_being_read_again_stays_ticked_in_its_plan(make: Make, actor: Actor) -> None:
    book = make.book().id
    plan_id = plan_service.make_plan(actor, "计划", ago(10), ago(-10), [planned_book(book)])
    service.set_state(actor, book, "finished", ago(5))
    service.read_again(actor, book, ago(3))
    assert queries.get_plan(actor, plan_id).items[0].tick is Tick.DONE
    assert going_on.plan_overview(actor)[0].done == 1
    assert going_on.next_step(actor).due is None


def test_a_lecture_is_ticked_when_it_was_played_and_a_material_when_it_was_studied(
    make: Make, unit: Unit, reader: Member, actor: Actor, browser: Open
) -> None:
    lecture = Lecture.create(title="治理讲座", speaker="陈志远", unit=unit).id
    paper = material(make, unit)
    items = [PlannedItem("lecture", lecture), PlannedItem("material", paper)]
    plan_id = plan_service.make_plan(actor, "计划", ago(10), ago(-10), items)
    with database.atomic():
        events.publish(events.LectureCompleted(reader.id, lecture, ago(1)))
    window = browser(reader)
    assert "纸上读过" in text(window.get(f"/materials/{paper}"))
    window.post(f"/materials/{paper}/on-paper")
    done = {item.kind: item.finished_on for item in queries.get_plan(actor, plan_id).items}
    assert done == {"lecture": ago(1), "material": clock.today()}
    window.post(f"/materials/{paper}/on-paper", {"done": "no"})
    assert queries.get_plan(actor, plan_id).done == 1
    window.post(f"/materials/{paper}/studied")
    window.post(f"/materials/{paper}/studied", {"done": "no"})
    page = text(window.get(f"/plans/{plan_id}"))
    assert ("治理讲座" in page, "学习资料" in page, "本周" in page) == (True, True, True)
    assert queries.get_plan(actor, plan_id).done == 1


def test_what_may_not_be_seen_comes_into_no_plan(make: Make, actor: Actor) -> None:
    other = make.unit("别处")
    hidden = Material.create(
        title="内部",
        unit=other,
        audience="unit",
        state="ready",
        media_type="t",
        file_key="k",
        file_name="a",
        file_size=1,
    )
    with pytest.raises(InvalidInput):
        plan_service.make_plan(actor, "计划", ago(1), ago(-1), [PlannedItem("material", hidden.id)])
    assert ReadingPlan.select().count() == 0


def test_a_plan_goes_to_the_liaison_comes_back_with_a_remark_and_is_approved(
    make: Make, reader: Member, actor: Actor, liaison: Member, browser: Open
) -> None:
    plan_id = plan_of(actor, make)
    mine, theirs = browser(reader), browser(liaison)
    assert theirs.get(f"/plans/{plan_id}").status_code == 404
    mine.post(f"/plans/{plan_id}/submit")
    assert mine.post(f"/plans/{plan_id}/submit").status_code == 409
    queue = text(theirs.get("/plans/review"))
    assert ("冬读" in queue, "王淑兰" in queue) == (True, True)
    refused = theirs.post(f"/plans/{plan_id}/decide", {"decision": "return", "remark": " "})
    assert (refused.status_code, "请写明需要修改什么。" in text(refused)) == (422, True)
    theirs.post(f"/plans/{plan_id}/decide", {"decision": "return", "remark": "再加一本党史"})
    assert "再加一本党史" in text(mine.get(f"/plans/{plan_id}"))
    mine.post(f"/plans/{plan_id}/submit")
    theirs.post(f"/plans/{plan_id}/decide", {"decision": "approve"})
    assert theirs.post(f"/plans/{plan_id}/decide", {"decision": "return", "remark": "x"}).status_code == 409
    assert ReadingPlan.get_by_id(plan_id).state == "approved"
    assert [row.what for row in PlanChange.select().order_by(PlanChange.id)] == [
        "made",
        "submitted",
        "returned",
        "submitted",
        "approved",
    ]


def test_only_the_liaison_above_decides_and_never_on_the_own_plan(make: Make, actor: Actor, liaison: Member) -> None:
    plan_id = plan_of(actor, make)
    plan_service.submit_plan(actor, plan_id)
    with pytest.raises(Forbidden):
        plan_service.decide_plan(make.actor(make.member()), plan_id, "approve", "")
    with pytest.raises(NotFound):
        plan_service.decide_plan(make.actor(make.member(role="liaison")), plan_id, "approve", "")
    boss = make.actor(liaison)
    own = plan_of(boss, make)
    plan_service.submit_plan(boss, own)
    with pytest.raises(NotFound):
        plan_service.decide_plan(boss, own, "approve", "")


def test_a_plan_with_the_liaison_is_changed_only_after_it_was_taken_back(make: Make, actor: Actor) -> None:
    plan_id = plan_of(actor, make)
    plan_service.submit_plan(actor, plan_id)
    with pytest.raises(Conflict):
        plan_service.shift_plan(actor, plan_id, 3)
    plan_service.recall_plan(actor, plan_id)
    plan_service.shift_plan(actor, plan_id, 3)
    assert ReadingPlan.get_by_id(plan_id).state == "draft"


def test_a_later_change_says_who_moved_what(make: Make, reader: Member, actor: Actor, browser: Open) -> None:
    a, b, c = (make.book(title).id for title in ("围城", "边城", "活着"))
    first = [planned_book(a, ago(0)), planned_book(b, ago(-5))]
    plan_id = plan_service.make_plan(actor, "冬读", ago(10), ago(-10), first)
    moved = [planned_book(a, ago(-2)), planned_book(c, ago(-5))]
    plan_service.change_plan(actor, plan_id, "春读", ago(10), ago(-10), moved)
    plan_service.change_plan(actor, plan_id, "春读", ago(10), ago(-10), moved)
    assert PlanChange.select().count() == 2
    page = text(browser(reader).get(f"/plans/{plan_id}"))
    for said in ("“冬读”改为“春读”", "增加：活着", "去掉：边城", "王淑兰 修改了计划"):
        assert said in page
    assert "围城：" in page


def test_moving_what_is_open_leaves_what_is_done_and_stays_within_the_span(make: Make, actor: Actor) -> None:
    a, b = make.book().id, make.book().id
    items = [planned_book(a, ago(5)), planned_book(b, ago(-8))]
    plan_id = plan_service.make_plan(actor, "计划", ago(10), ago(-10), items)
    service.set_state(actor, a, "finished", ago(6))
    plan_service.shift_plan(actor, plan_id, 7)
    assert [item.due_on for item in queries.get_plan(actor, plan_id).items] == [ago(5), ago(-10)]
    with pytest.raises(InvalidInput):
        plan_service.shift_plan(actor, plan_id, 0)


def test_last_years_plan_becomes_this_years_with_its_days(make: Make, actor: Actor) -> None:
    with clock.at(datetime(2028, 3, 1, 4)):
        there, gone = make.book("围城").id, make.book("旧书").id
        items = [planned_book(there, date(2027, 6, 30)), planned_book(gone), PlannedItem("count", 0, None, 12)]
        old = plan_service.make_plan(actor, "2027 年读书计划", date(2027, 1, 1), date(2027, 12, 31), items)
        Book.update(withdrawn_at=clock.now()).where(Book.id == gone).execute()
        new = queries.get_plan(actor, plan_service.copy_plan(actor, old))
        assert (new.title, new.since, new.until) == ("2028 年读书计划", date(2028, 1, 1), date(2028, 12, 31))
        assert [(item.kind, item.due_on) for item in new.items] == [
            ("book", date(2028, 6, 30)),
            ("count", date(2028, 12, 31)),
        ]
        assert (new.source, new.state) == (old, "draft")


def test_merging_two_books_keeps_logs_notes_and_plans(make: Make, actor: Actor) -> None:
    kept, dropped = make.book("围城").id, make.book("围城（旧版）").id
    service.set_state(actor, kept, "finished", ago(300))
    service.note_progress(actor, dropped, Progress(30, 40, ago(50)))
    service.set_state(actor, dropped, "finished", ago(40), rating=5)
    other = make.actor(make.member())
    service.set_state(other, dropped, "finished", ago(7))
    first = plan_service.make_plan(actor, "甲", ago(60), ago(-10), [planned_book(dropped)])
    both = plan_service.make_plan(actor, "乙", ago(60), ago(-10), [planned_book(kept), planned_book(dropped)])
    liaison = make.actor(make.member(role="liaison"))
    merge = merging.merge_books(liaison, kept, dropped)
    assert {row.book for row in PlanItem.select()} == {kept}
    assert PlanItem.select().where(PlanItem.plan == both).count() == 1
    item = queries.get_plan(actor, first).items[0]
    assert (item.title, item.was, item.tick) == ("围城", "围城（旧版）", Tick.DONE)
    sums: dict[tuple[int, date], int] = {}
    for row in LedgerEntry.select().where(LedgerEntry.measure == "book_finished"):
        sums[row.member, row.day] = sums.get((row.member, row.day), 0) + row.amount
    counted = {place: amount for place, amount in sums.items() if amount}
    assert counted == {(actor.id, ago(300)): 1, (actor.id, ago(40)): 1, (other.id, ago(7)): 1}
    assert PastReading.select().count() == 1
    assert {row.book for row in ReadingSession.select()} == {kept}
    assert ReadingEntry.get(member=other.id).book == kept
    merging.undo_merge(liaison, merge)
    assert [item.book for item in PlanItem.select().order_by(PlanItem.plan, PlanItem.id)] == [dropped, kept, dropped]
    assert "parted" in {change.what for change in plan_trace.list_changes(both)}
    assert {row.book for row in ReadingSession.select()} == {dropped}


def test_readings_remarks_and_plans_can_be_taken_away(make: Make, actor: Actor) -> None:
    book = make.book("围城").id
    service.set_state(actor, book, "finished", ago(9), rating=4)
    service.read_again(actor, book, ago(5))
    service.note_progress(actor, book, Progress(percent=20, remark="再读更好"))
    plan_service.make_plan(actor, "冬读", ago(1), ago(-1), [planned_book(book), PlannedItem("count", 0, None, 3)])
    found = {table.name: list(table.rows(actor)) for table in TABLES}
    assert found["earlier_readings"] == [("围城", 1, "finished", None, ago(9), 4, "")]
    assert found["reading"][0][4:] == (20, "再读更好", 2)
    assert [row[4:7] for row in found["plans"]] == [("book", "围城", 1), ("count", "", 3)]
    assert all(len(row) == len(table.columns) for table in TABLES for row in found[table.name])
