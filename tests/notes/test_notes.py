"""Notes: written, changed, shared, taken away and brought back; nothing typed is lost and nothing private is seen."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.errors import Conflict, InvalidInput, NotFound
from lms.members.models import Member
from lms.notes import documents, queries, service
from lms.notes.models import AUDIENCES, Note
from lms.notes.service import NoteForm
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
TYPED = {"title": "在田野里", "body": "差序格局，**很好**。", "audience": "me"}
FORM = NoteForm(**TYPED)


def page_of(browser: Browser, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return unescape(response.get_data(as_text=True))


def outbox() -> list[tuple[str, int]]:
    return list(OutboxRow.select(OutboxRow.kind, OutboxRow.ref).order_by(OutboxRow.id).tuples())


def test_a_note_is_written_from_a_books_page_and_shown_there(make: Make, browser: Open) -> None:
    book, writer = make.book("乡土中国"), browser(make.member())
    assert f"/notes/new?book={book.id}" in page_of(writer, f"/books/{book.id}")
    assert 'value="读《乡土中国》"' in page_of(writer, f"/notes/new?book={book.id}")
    answer = writer.post("/notes/new", {**TYPED, "book": book.id})
    assert answer.status_code == 303
    shown = page_of(writer, answer.headers["Location"])
    assert "笔记已保存。" in shown
    assert "<strong>很好</strong>" in shown
    assert "8 字" in shown
    assert "在田野里" in page_of(writer, f"/books/{book.id}")
    assert outbox() == [("note", Note.get().id)]


def test_what_a_note_holds_is_never_run_as_html(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)> [点我](javascript:alert(1))"
    answer = writer.post("/notes/new", {"title": "<b>题</b>", "body": evil, "audience": "everyone"})
    shown = writer.get(answer.headers["Location"]).get_data(as_text=True)
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert "<b>题</b>" not in shown


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"body": " \n "}, "body"),
        ({"body": "长" * 100_001}, "body"),
        ({"body": "坏\x00字"}, "body"),
        ({"body": "坏\x1b字"}, "body"),
        ({"audience": "world"}, "audience"),
        ({"audience": ""}, "audience"),
    ],
)
def test_a_refused_note_comes_back_as_typed_with_the_reason_at_its_field(
    make: Make, browser: Open, changes: dict[str, str], field: str
) -> None:
    typed = {**TYPED, **changes}
    answer = browser(make.member()).post("/notes/new", typed)
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in page or f'aria-describedby="f-{field}-error"' in page
    assert typed["body"].strip() in page
    assert typed["title"].strip() in page
    assert Note.select().count() == 0
    said = browser(make.member()).api("POST", "/notes", typed)
    assert said.status_code == 422
    assert field in str(said.get_json()["errors"])


def test_the_longest_title_and_text_are_kept_whole(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    typed = {"title": "题" * 120, "body": "字" * 100_000, "audience": "me"}
    assert writer.post("/notes/new", typed).status_code == 303
    kept = Note.get()
    assert (kept.title, kept.body, kept.chars) == (typed["title"], typed["body"], 100_000)
    assert writer.get(f"/notes/{kept.id}").status_code == 200


def test_line_ends_of_a_browser_are_stored_plain(make: Make, browser: Open) -> None:
    browser(make.member()).post("/notes/new", {**TYPED, "body": "一\r\n二\r\n"})
    assert Note.get().body == "一\n二"


def test_a_member_of_no_unit_cannot_share_with_the_unit(make: Make) -> None:
    loner = Member.create(name="新人", password_hash="", must_change_password=False)
    with pytest.raises(InvalidInput) as raised:
        service.write_note(make.actor(loner), NoteForm("题", "文", "unit"))
    assert raised.value.field == "audience"


def test_a_note_about_no_such_book_is_refused(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    assert writer.get("/notes/new?book=99").status_code == 404
    assert writer.post("/notes/new", {**TYPED, "book": "99"}).status_code == 404
    assert writer.api("POST", "/notes", {**TYPED, "book": 99}).status_code == 422
    assert Note.select().count() == 0


def test_the_later_writer_is_told_and_sees_both_texts(make: Make, browser: Open) -> None:
    member = make.member()
    phone, computer = browser(member), browser(member)
    phone.post("/notes/new", TYPED)
    note = Note.get()
    address = f"/notes/{note.id}/edit"
    assert phone.post(address, {**TYPED, "body": "手机上写的", "version": 1}).status_code == 303
    answer = computer.post(address, {**TYPED, "body": "电脑上写的", "version": 1})
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "手机上写的" in page
    assert "电脑上写的" in page
    assert "没有覆盖任何内容" in page
    assert Note.get().body == "手机上写的"
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    again = computer.post(address, {**TYPED, "body": "两处合一", "version": version.group(1)})
    assert again.status_code == 303
    assert (Note.get().body, Note.get().version) == ("两处合一", 3)


@pytest.mark.parametrize("version", ["", "0", "two", "99999999999"])
def test_an_edit_without_a_usable_version_overwrites_nothing(make: Make, browser: Open, version: str) -> None:
    writer = browser(make.member())
    writer.post("/notes/new", TYPED)
    answer = writer.post(f"/notes/{Note.get().id}/edit", {**TYPED, "body": "新的", "version": version})
    assert answer.status_code in (409, 422)
    assert Note.get().body == TYPED["body"]


def test_the_api_answers_409_to_an_old_version(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    made = writer.api("POST", "/notes", TYPED).get_json()
    change = {**TYPED, "body": "改过", "version": made["version"]}
    assert writer.api("PUT", f"/notes/{made['id']}", change).get_json()["version"] == 2
    assert writer.api("PUT", f"/notes/{made['id']}", change).status_code == 409


def test_a_deleted_note_can_be_brought_back_at_once(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    writer.post("/notes/new", TYPED)
    note = Note.get()
    listed = unescape(writer.post(f"/notes/{note.id}/delete", follow_redirects=True).get_data(as_text=True))
    assert "《在田野里》已移到回收站" in listed
    assert f"/notes/{note.id}/restore" in listed
    assert writer.get(f"/notes/{note.id}").status_code == 404
    assert writer.get(f"/notes/{note.id}/edit").status_code == 404
    assert list(documents.load(note.id)) == []
    writer.post(f"/notes/{note.id}/restore")
    assert TYPED["title"] in page_of(writer, "/notes")
    assert outbox() == [("note", note.id)] * 3


def test_after_thirty_days_a_deleted_note_stays_away(make: Make) -> None:
    actor = make.actor(make.member())
    note = service.write_note(actor, FORM)
    start = datetime(2026, 11, 1)
    with clock.at(start):
        service.delete_note(actor, note)
    with clock.at(start + timedelta(days=30)):
        assert queries.find_deleted(actor, note) == "在田野里"
    with clock.at(start + timedelta(days=30, seconds=1)):
        assert queries.find_deleted(actor, note) is None
        with pytest.raises(NotFound):
            service.restore_note(actor, note)


def test_each_audience_sees_what_it_should_in_page_list_api_and_search(make: Make, browser: Open) -> None:
    root = make.unit("街道")
    unit, other = make.unit("甲", root), make.unit("乙", root)
    branch = make.unit("支部", unit)
    writer, neighbour, outsider = make.member(unit), make.member(unit), make.member(other)
    below, above = make.member(branch), make.member(root, "liaison")
    actor = make.actor(writer)
    ids = {audience: service.write_note(actor, NoteForm(audience, "文", audience)) for audience in AUDIENCES}
    expected = {
        writer.id: {"me", "unit", "everyone"},
        neighbour.id: {"unit", "everyone"},
        below.id: {"unit", "everyone"},
        above.id: {"unit", "everyone"},
        outsider.id: {"everyone"},
    }
    for member in (writer, neighbour, below, above, outsider):
        reader, seeing = make.actor(member), browser(member)
        whose = "mine" if member is writer else "others"
        listed = {row.title for row in queries.list_notes(reader, whose, None, 1).items}
        opened = {name for name, note in ids.items() if seeing.get(f"/notes/{note}").status_code == 200}
        by_api = {name for name, note in ids.items() if seeing.api("GET", f"/notes/{note}").status_code == 200}
        found = {name for name, note in ids.items() if documents.visible(reader, [note])}
        by_token = {
            name for name, note in ids.items() for place in documents.load(note) if reader.tokens & set(place.audience)
        }
        assert listed == opened == by_api == found == by_token == expected[member.id]


def test_nobody_but_the_writer_changes_deletes_or_restores(make: Make) -> None:
    unit = make.unit()
    writer, liaison = make.actor(make.member(unit)), make.actor(make.member(unit, "liaison"))
    note = service.write_note(writer, NoteForm("题", "文", "everyone"))
    for command in (
        lambda: service.edit_note(liaison, note, 1, FORM),
        lambda: service.delete_note(liaison, note),
        lambda: service.restore_note(liaison, note),
    ):
        with pytest.raises(NotFound):
            command()
    assert Note.get().version == 1


def test_of_two_edits_at_the_same_version_one_wins(make: Make) -> None:
    actor = make.actor(make.member())
    note = service.write_note(actor, FORM)
    assert service.edit_note(actor, note, 1, NoteForm("先", "先", "me")) == 2
    with pytest.raises(Conflict):
        service.edit_note(actor, note, 1, NoteForm("后", "后", "me"))
    assert Note.get().title == "先"


def test_a_search_document_carries_title_text_book_and_day(make: Make) -> None:
    unit = make.unit()
    member = make.member(unit)
    book = make.book("乡土中国", authors="费孝通")
    with clock.at(datetime(2026, 11, 22, 17, 0)):
        note = service.write_note(make.actor(member), NoteForm("差序", "文", "me"), book.id)
    (place,) = documents.load(note)
    assert (place.key, place.title, place.body, place.keywords) == (f"note:{note}", "差序", "文", "乡土中国 费孝通")
    assert (place.authors, place.facets) == (member.name, {"category": "reading", "unit": str(unit.id)})
    assert str(place.day) == "2026-11-23"
    assert place.audience == (f"m{member.id}",)
    assert list(documents.SOURCE.all_refs()) == [note]


def test_lists_come_in_pages_of_few_statements_and_by_book(make: Make, browser: Open) -> None:
    member = make.member()
    actor, reader = make.actor(member), browser(member)
    book = make.book("乡土中国")
    for number in range(45):
        service.write_note(actor, NoteForm(f"第{number}篇", "文", "everyone"), book.id if number % 9 == 0 else None)
    reader.get("/notes")
    with count_queries() as counted:
        page = page_of(reader, "/notes?page=2")
    assert counted.count <= 5
    assert page.count('class="note-row') == 20
    assert page_of(reader, "/notes?page=3").count('class="note-row') == 5
    assert page_of(reader, f"/notes?book={book.id}").count('class="note-row') == 5
    assert reader.api("GET", "/notes?page=2").get_json()["pages"] == 3
    others = browser(make.member())
    assert page_of(others, "/notes?whose=others").count('class="note-row') == 20
    assert "还没有笔记" in page_of(others, "/notes")


@pytest.mark.parametrize(
    "address", ["?page=0", "?page=x", "?book=x", "?book=-1", "?book=" + "9" * 40, "?deleted=9", "?whose=%00"]
)
def test_a_wrong_address_shows_the_list_all_the_same(make: Make, browser: Open, address: str) -> None:
    assert browser(make.member()).get(f"/notes{address}").status_code == 200


def test_a_book_page_asks_once_for_its_notes(make: Make) -> None:
    actor = make.actor(make.member())
    book = make.book()
    for number in range(8):
        service.write_note(actor, NoteForm(f"第{number}篇", "文", "me"), book.id)
    with count_queries() as counted:
        assert len(queries.list_about_book(actor, book.id, 5)) == 5
    assert counted.count == 1
