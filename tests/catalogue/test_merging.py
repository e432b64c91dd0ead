"""A merge of two books is undone: what it moved goes back, nothing that was noted since is lost."""

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import fn

from lms import clock
from lms.catalogue import attachments, merging, queries, service
from lms.catalogue.models import Book, BookFile
from lms.catalogue.rules import BookDraft
from lms.db import database
from lms.errors import Conflict, LmsError
from lms.lists import service as lists
from lms.lists.models import ListedBook
from lms.lists.rules import ListDraft, Recommended
from lms.members.access import Actor
from lms.members.models import Member
from lms.notes import service as notes
from lms.notes.models import Note
from lms.notes.service import NoteForm
from lms.progress.models import LedgerEntry
from lms.reading import log_queries, unit_plans
from lms.reading import service as reading
from lms.reading.merging import snapshot
from lms.reading.models import OFF_SHELF, ReadingEntry, ReadingSession, UnitPlanItem
from lms.reading.plan_rules import planned_book
from lms.reading.rules import Progress
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
NOW = datetime(2026, 6, 30, 2)
TODAY = date(2026, 6, 30)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def finished(member: int) -> dict[date, int]:
    rows = (
        LedgerEntry.select(LedgerEntry.day, fn.SUM(LedgerEntry.amount))
        .where(LedgerEntry.member == member, LedgerEntry.measure == "book_finished")
        .group_by(LedgerEntry.day)
    )
    return {day: int(amount) for day, amount in rows.tuples() if amount}


def test_undoing_a_merge_puts_everything_back(make: Make, browser: Open) -> None:
    with clock.at(NOW):
        unit = make.unit()
        liaison = make.member(unit, "liaison")
        actor = make.actor(liaison)
        kept = service.add_book(actor, BookDraft(title="活着", authors="余华", publisher="作家出版社"))
        other = BookDraft(title="活着", authors="余华", translators="某译", pages=191, subjects="小说", clc="I247.5")
        dropped = service.add_book(actor, other, save_anyway=True)
        attachments.add_file(actor, dropped, io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "book.pdf", 1000)
        one, both = make.actor(make.member(unit)), make.actor(make.member(unit))
        reading.note_progress(one, dropped, Progress(30, 40, ago(9)))
        reading.set_state(both, kept, "finished", ago(300), 4)
        reading.set_state(both, dropped, "finished", ago(40), 5)
        note = notes.write_note(both, NoteForm("题", "文", "me"), dropped)
        span = (ago(30), ago(-30))
        list_both = lists.make_list(actor, ListDraft("两本", "", unit.id, *span))
        lists.set_books(actor, list_both, [Recommended(kept, False), Recommended(dropped, True, "有理由")])
        list_one = lists.make_list(actor, ListDraft("一本", "", unit.id, *span))
        lists.set_books(actor, list_one, [Recommended(dropped, True, "它")])
        unit_plans.give_plan(actor, unit.id, "同读", *span, [planned_book(kept), planned_book(dropped)])
        facts = {book: queries.get_draft(book) for book in (kept, dropped)}
        ledger = finished(both.id)
        keeper = browser(liaison)
        merged = keeper.post(f"/books/{kept}/merge", {"dropped": str(dropped)}).headers["Location"]
        page = keeper.get(merged).get_data(as_text=True)
        assert "已并入本书" in page
        (merge,) = keeper.api("GET", f"/books/{kept}/merges").get_json()
        assert (merge["dropped"], merge["merged_by"]) == (dropped, liaison.name)
        assert queries.get_draft(kept) != facts[kept]
        reading.note_progress(one, kept, Progress(20, 60, ago(1)))
        OutboxRow.delete().execute()
        answer = keeper.post(f"/books/merges/{merge['id']}/undo")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/books/{dropped}")
        assert keeper.get(f"/books/{dropped}").status_code == 200
        assert {book: queries.get_draft(book) for book in (kept, dropped)} == facts
        assert [row.book for row in BookFile.select()] == [dropped]
        assert log_queries.states_of(one, [kept, dropped]) == {dropped: "reading"}
        assert [(row.book, row.page) for row in ReadingSession.select().order_by(ReadingSession.id)] == [
            (dropped, 40),
            (dropped, 60),
        ]
        assert log_queries.states_of(both, [kept, dropped]) == {kept: "finished", dropped: "finished"}
        assert finished(both.id) == ledger
        assert Note.get_by_id(note).book == dropped
        rows = ListedBook.select().order_by(ListedBook.list, ListedBook.position)
        assert [(row.list, row.book, row.required, row.reason) for row in rows] == [
            (list_both, kept, False, ""),
            (list_both, dropped, True, "有理由"),
            (list_one, dropped, True, "它"),
        ]
        assert sorted(row.book for row in UnitPlanItem.select()) == [kept, dropped]
        found = {(row.kind, row.ref) for row in OutboxRow.select()}
        assert {("book", kept), ("book", dropped), ("note", note)} <= found
        assert keeper.post(f"/books/merges/{merge['id']}/undo").status_code == 409
        assert keeper.api("GET", f"/books/{kept}/merges").get_json() == []


def test_what_was_changed_since_stays_and_nothing_is_lost(make: Make) -> None:
    with clock.at(NOW):
        actor = make.actor(make.member(role="liaison"))
        kept, dropped = make.book("活着", authors="余华").id, make.book("活着", authors="余华", pages=191).id
        reader = make.actor(make.member())
        reading.set_state(reader, kept, "finished", ago(300))
        reading.set_state(reader, dropped, "finished", ago(40))
        merge = merging.merge_books(actor, kept, dropped)
        reading.read_again(reader, kept)
        service.patch_book(actor, kept, {"pages": 200}, None)
        merging.undo_merge(actor, merge)
        assert finished(reader.id) == {ago(300): 1, ago(40): 1}
        assert log_queries.states_of(reader, [kept, dropped]) == {kept: "reading"}
        assert Book.get_by_id(kept).pages == 200


def test_merges_are_undone_the_last_one_first(make: Make) -> None:
    with clock.at(NOW):
        actor = make.actor(make.member(role="liaison"))
        first, second, third, fourth = (make.book("活着", authors="余华").id for _ in range(4))
        reader = make.actor(make.member())
        reading.set_state(reader, first, "finished", ago(3))
        one = merging.merge_books(actor, second, first)
        two = merging.merge_books(actor, third, second)
        three = merging.merge_books(actor, third, fourth)
        for merge in (one, two):
            with pytest.raises(Conflict):
                merging.undo_merge(actor, merge)
        for merge in (three, two):
            merging.undo_merge(actor, merge)
        assert [Book.get_by_id(book).merged_into for book in (first, second, fourth)] == [second, None, None]
        assert log_queries.states_of(reader, [first, second, third]) == {second: "finished"}
        merging.undo_merge(actor, one)
        assert log_queries.states_of(reader, [first, second, third]) == {first: "finished"}
        assert finished(reader.id) == {ago(3): 1}


STEP = st.tuples(
    st.integers(0, 1), st.sampled_from(["want", "reading", "finished", "abandoned", "again", "off", "note"])
)


def taken(actor: Actor, book: int, what: str, day: date) -> None:
    if what == "again":
        reading.read_again(actor, book, day)
    elif what == "off":
        reading.remove_entry(actor, book)
    elif what == "note":
        reading.note_progress(actor, book, Progress(10, 30, day, remark="读到这里"))
    else:
        reading.set_state(actor, book, what, day if what in ("reading", "finished") else None)


def logs(books: list[int]) -> dict[int, Any]:
    kept = {}
    for entry in ReadingEntry.select().where(ReadingEntry.book.in_(books)):
        stood = snapshot(entry)
        ended = [{**row, "fact": bool(row["fact"])} for row in stood["past"]]
        kept[entry.book] = (
            {**stood, "times": 0, "fact": bool(stood["fact"]), "past": ended} if entry.state != OFF_SHELF else ended
        )
    noted = ReadingSession.select(ReadingSession.id, ReadingSession.book, ReadingSession.number)
    return {**kept, 0: sorted(noted.tuples())}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=9))
def test_a_merge_loses_no_finish_and_undone_at_once_it_changes_nothing(make: Make, steps: list[Any]) -> None:
    with clock.at(NOW), database.atomic() as work:
        actor, reader = make.actor(make.member(role="liaison")), make.actor(make.member())
        books = [make.book("活着").id, make.book("活着").id]
        for number, (which, what) in enumerate(steps):
            with suppress(LmsError), database.atomic():  # what the log refuses is no step
                taken(reader, books[which], what, ago(40 - number))
        before, ledger = logs(books), finished(reader.id)
        merge = merging.merge_books(actor, books[0], books[1])
        # A day on which both books were finished is one finish of one book.
        assert finished(reader.id) == dict.fromkeys(ledger, 1)
        left = {row.state for row in ReadingEntry.select().where(ReadingEntry.book == books[1])}
        assert left <= {OFF_SHELF}
        merging.undo_merge(actor, merge)
        assert logs(books) == before
        assert finished(reader.id) == ledger
        work.rollback()
