"""Writing notes of every kind, about every thing, and nothing typed is ever lost."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import clock
from lms.catalogue import merging
from lms.errors import Conflict, InvalidInput, NotFound
from lms.lectures.models import Lecture, Recording
from lms.materials.models import Material, MaterialPage
from lms.members.models import Member
from lms.notes import drafting, jobs, queries, reviewing, rules, service
from lms.notes.about import NOTHING, Subject, parse
from lms.notes.drafting import Typed
from lms.notes.models import Note, NoteDraft, NoteRevision
from lms.notes.rules import PART_MARK, as_kind, join_parts, keeps_former, split_parts
from lms.notes.service import NoteForm
from lms.progress.models import Requirement
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
PARTS = ["讲了三件事", "我觉得有用", "街道里试了", "收获很多"]
LINES = st.text(st.sampled_from("中文ab #>-\n。"), max_size=60)


def page_of(browser: Browser, address: str) -> str:
    return unescape(browser.get(address).get_data(as_text=True))


def material(make: Make, audience: str = "everyone", unit: int | None = None) -> Material:
    made = Material.create(
        title="邻里公约", category="law", media_type="text/markdown", file_key="0" * 64, file_name="a.md", file_size=1,
        unit=unit or make.unit().id, audience=audience, state="ready", page_count=2,
    )  # fmt: skip
    for number in (1, 2):
        MaterialPage.create(material=made, number=number, text=f"第{number}页的话")
    return made


@given(st.lists(LINES, max_size=4))
def test_the_parts_of_a_training_summary_come_back_as_they_were_typed(parts: list[str]) -> None:
    back = split_parts(join_parts(parts))
    assert len(back) == 4
    assert [part.strip() for part in back] == [part.strip() for part in parts] + [""] * (4 - len(parts))


@given(LINES, st.sampled_from(rules.KINDS))
def test_turning_a_text_into_another_kind_and_back_loses_no_character(text: str, kind: str) -> None:
    there_and_back = as_kind(as_kind(text, kind), "free")
    assert "".join(there_and_back.split()) == "".join(text.split())
    assert rules.count_characters(as_kind(text, kind)) == rules.count_characters(text)


@given(LINES, LINES)
def test_a_text_that_stood_for_a_while_is_always_kept(before: str, after: str) -> None:
    assert keeps_former(before, after, rules.KEEP_FORMER_AFTER)
    assert not keeps_former(before, before, timedelta())


def test_much_deleted_at_once_is_kept_however_quickly() -> None:
    assert keeps_former("字" * 100, "", timedelta(seconds=1))
    assert not keeps_former("字" * 100, "字" * 95, timedelta(seconds=1))


def test_a_training_summary_is_written_in_four_parts_and_shown_with_their_headings(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    form = page_of(writer, "/notes/new?kind=training")
    assert form.count('name="part"') == 4
    for label in ("培训内容", "心得体会", "培训效果", "主要收获"):
        assert label in form
    sent = {"title": "安全培训", "kind": "training", "part": PARTS, "audience": "me"}
    assert writer.post("/notes/new", sent).status_code == 303
    note = Note.get()
    assert (note.kind, split_parts(note.body)) == ("training", PARTS)
    assert note.chars == sum(rules.count_characters(part) for part in PARTS)
    shown = page_of(writer, f"/notes/{note.id}")
    assert shown.index("培训内容") < shown.index(PARTS[0]) < shown.index("心得体会") < shown.index(PARTS[1])
    assert writer.api("GET", f"/notes/{note.id}").get_json()["parts"] == PARTS
    assert PART_MARK not in writer.api("GET", f"/notes/{note.id}").get_json()["body"]


def test_another_kind_changes_only_the_form_and_keeps_every_word(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    typed = {"title": "写着写着", "kind": "free", "body": "第一段", "audience": "everyone", "turn": "training"}
    answer = writer.post("/notes/new", typed)
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert page.count('name="part"') == 4
    assert "第一段" in page
    assert 'value="写着写着"' in page
    assert Note.select().count() == 0


@pytest.mark.parametrize("kind", rules.KINDS)
def test_every_kind_can_be_written_by_the_api_and_filtered(make: Make, browser: Open, kind: str) -> None:
    writer = browser(make.member())
    made = writer.api("POST", "/notes", {"title": "题", "body": "文", "parts": None, "kind": kind}).get_json()
    assert made["kind"] == kind
    assert writer.api("GET", f"/notes?kind={kind}").get_json()["total"] == 1
    other = "free" if kind != "free" else "reading"
    assert writer.api("GET", f"/notes?kind={other}").get_json()["total"] == 0


def test_without_a_kind_a_note_on_a_book_is_a_reading_note(make: Make) -> None:
    actor = make.actor(make.member())
    service.write_note(actor, NoteForm("题", "文", "me"), make.book().id)
    service.write_note(actor, NoteForm("题", "文", "me"))
    assert [note.kind for note in Note.select().order_by(Note.id)] == ["reading", "free"]


def test_a_note_on_a_page_of_a_material_leads_there_and_is_listed_there(make: Make, browser: Open) -> None:
    made = material(make)
    writer = browser(make.member())
    page = page_of(writer, f"/materials/{made.id}/pages/2")
    assert f"/notes/new?about=material:{made.id}:2" in page.replace("%3A", ":")
    form = page_of(writer, f"/notes/new?about=material:{made.id}:2")
    assert "《邻里公约》 第 2 页" in form
    writer.post("/notes/new", {"title": "一条", "body": "文", "audience": "me", "about": f"material:{made.id}:2"})
    note = Note.get()
    assert (note.about_kind, note.about_ref, note.about_place) == ("material", made.id, 2)
    assert f"/materials/{made.id}/pages/2" in page_of(writer, f"/notes/{note.id}")
    assert "一条" in page_of(writer, f"/materials/{made.id}/pages/2")
    assert "一条" not in page_of(writer, f"/materials/{made.id}/pages/1")
    assert "一条" in page_of(writer, f"/materials/{made.id}")


def test_a_note_on_a_second_of_a_lecture_leads_there(make: Make, browser: Open) -> None:
    unit = make.unit()
    lecture = Lecture.create(title="民法典", speaker="陈老师", unit=unit)
    Recording.create(
        lecture=lecture, media_type="audio/mpeg", file_key="0" * 64, file_name="a", file_size=1, state="ready"
    )
    writer = browser(make.member(unit))
    made = writer.api("POST", "/notes", {"title": "题", "body": "文", "about": f"lecture:{lecture.id}:75"}).get_json()
    page = page_of(writer, f"/notes/{made['id']}")
    assert re.search(r"《民法典》 0?1:15", page)
    assert f"/lectures/{lecture.id}?t=75" in page


def test_what_may_not_be_seen_cannot_be_written_about_nor_is_its_title_told(make: Make, browser: Open) -> None:
    own = make.unit()
    hidden = material(make, "unit", make.unit().id)
    member = make.member(own)
    with pytest.raises(InvalidInput):
        service.write_note(make.actor(member), NoteForm("题", "文", "me"), about=Subject("material", hidden.id, 1))
    assert browser(member).get(f"/notes/new?about=material:{hidden.id}:1").status_code == 404
    seen = material(make, "unit", own.id)
    note = service.write_note(make.actor(member), NoteForm("题", "文", "everyone"), about=Subject("material", seen.id))
    assert "邻里公约" in page_of(browser(member), f"/notes/{note}")
    assert "邻里公约" not in page_of(browser(make.member()), f"/notes/{note}")


@pytest.mark.parametrize("raw", ["book", "book:0", "book:5:1", "material:99999999999", "note:1", "book:5:", "x" * 50])
def test_a_subject_that_cannot_be_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput):
        parse(raw)


@pytest.mark.parametrize("subject", [NOTHING, Subject("book", 5), Subject("material", 3, 12), Subject("lecture", 4)])
def test_a_subject_is_read_as_it_was_written(subject: Subject) -> None:
    assert parse(str(subject)) == subject


def test_what_is_typed_stands_on_the_server_and_on_every_device(make: Make, browser: Open) -> None:
    member = make.member()
    phone, computer = browser(member), browser(member)
    typed = {"key": "new:", "device": "phone", "title": "半篇", "body": "写到一半", "version": 0}
    kept = phone.api("PUT", "/notes/drafts", typed).get_json()
    assert kept["others"] == []
    assert "半篇" in page_of(computer, "/notes")
    offered = page_of(computer, "/notes/new")
    assert f"/notes/drafts/{kept['draft']}" in offered
    assert "写到一半" in page_of(computer, f"/notes/new?draft={kept['draft']}")
    sent = {"title": "半篇", "body": "写到一半，又写完了", "audience": "me", "draft": kept["draft"]}
    assert computer.post("/notes/new", sent).status_code == 303
    assert NoteDraft.select().count() == 0
    assert Note.get().body == "写到一半，又写完了"


def test_two_devices_keep_two_texts_and_the_later_one_is_told(make: Make, browser: Open) -> None:
    member = make.member()
    writer = browser(member)
    note = service.write_note(make.actor(member), NoteForm("题", "原来", "me"))
    typed = {"key": f"note:{note}", "title": "题", "version": 1}
    writer.api("PUT", "/notes/drafts", {**typed, "device": "phone", "body": "手机上写的"})
    told = writer.api("PUT", "/notes/drafts", {**typed, "device": "computer", "body": "电脑上写的"}).get_json()
    assert [other["body"] for other in told["others"]] == ["手机上写的"]
    assert {draft.body for draft in NoteDraft.select()} == {"手机上写的", "电脑上写的"}
    form = page_of(writer, f"/notes/{note}/edit")
    assert (form.count("data-note-drafts"), form.count("data-note-draft=")) == (1, 2)
    assert "手机上写的" in form and "电脑上写的" in form
    listed = page_of(writer, "/notes")
    assert listed.count("/notes/drafts/") == 1 and "在 2 台设备上写过" in listed
    beside = page_of(writer, f"/notes/drafts/{told['others'][0]['id']}")
    assert "手机上写的" in beside
    assert all(f'<a href="/notes/drafts/{draft.id}"' in beside for draft in NoteDraft.select())
    assert "原来" in beside


def test_the_device_that_saves_second_is_told_and_its_text_stands_in_the_history(make: Make, browser: Open) -> None:
    member = make.member()
    writer = browser(member)
    note = service.write_note(make.actor(member), NoteForm("题", "原来", "me"))
    edit = f"/notes/{note}/edit"
    assert writer.post(edit, {"title": "题", "body": "先到", "audience": "me", "version": 1}).status_code == 303
    answer = writer.post(edit, {"title": "题", "body": "后到", "audience": "me", "version": 1})
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "先到" in page
    assert "后到" in page
    assert Note.get().body == "先到"
    assert NoteRevision.get(NoteRevision.how == "refused").body == "后到"


def test_text_deleted_by_a_slip_can_be_brought_back_from_the_history(make: Make, browser: Open) -> None:
    member = make.member()
    actor, writer = make.actor(member), browser(member)
    note = service.write_note(actor, NoteForm("题", "原来", "me"))
    key = f"note:{note}"
    drafting.keep_draft(actor, key, "phone", Typed("题", "很长的一段话" * 10, "free", "me", 1))
    drafting.keep_draft(actor, key, "phone", Typed("题", "", "free", "me", 1))
    found = [row for row in drafting.list_revisions(actor, note, 1).items if row.how == "typed"]
    assert [row.body for row in found] == ["很长的一段话" * 10]
    assert "很长的一段话" in page_of(writer, f"/notes/{note}/history/{found[0].id}")
    assert "很长的一段话" in page_of(writer, f"/notes/{note}/edit?revision={found[0].id}")


def test_every_saved_text_stays_in_the_history(make: Make) -> None:
    actor = make.actor(make.member())
    note = service.write_note(actor, NoteForm("题", "一", "me"))
    service.edit_note(actor, note, 1, NoteForm("题", "二", "me"))
    service.edit_note(actor, note, 2, NoteForm("题", "三", "me"))
    assert [(row.version, row.body) for row in drafting.list_revisions(actor, note, 1).items] == [
        (3, "三"),
        (2, "二"),
        (1, "一"),
    ]


def test_what_a_slow_line_brings_after_saving_makes_no_draft(make: Make) -> None:
    actor = make.actor(make.member())
    note = service.write_note(actor, NoteForm("题", "写完了", "me"))
    assert drafting.keep_draft(actor, "new:", "phone", Typed("题", "写完了", "free", "me")).draft == 0
    assert drafting.keep_draft(actor, f"note:{note}", "phone", Typed("题", "写完了", "free", "me", 1)).draft == 0
    assert NoteDraft.select().count() == 0


def test_a_discarded_draft_stays_in_the_history(make: Make, browser: Open) -> None:
    member = make.member()
    actor = make.actor(member)
    note = service.write_note(actor, NoteForm("题", "原来", "me"))
    kept = drafting.keep_draft(actor, f"note:{note}", "phone", Typed("题", "不要了", "free", "me", 1))
    assert browser(member).post(f"/notes/drafts/{kept.draft}/discard").status_code == 303
    assert NoteDraft.select().count() == 0
    assert NoteRevision.get(NoteRevision.how == "discarded").body == "不要了"


@pytest.mark.parametrize(
    "changes",
    [{"key": "book:1"}, {"key": "note:0"}, {"device": "a b"}, {"body": "a\x00"}, {"kind": "poem"}, {"version": -1}],
)
def test_a_draft_that_cannot_be_is_refused(make: Make, browser: Open, changes: dict[str, object]) -> None:
    sent = {"key": "new:", "device": "phone", "body": "文", **changes}
    assert browser(make.member()).api("PUT", "/notes/drafts", sent).status_code == 422
    assert NoteDraft.select().count() == 0


def test_nobody_reads_or_keeps_drafts_of_others(make: Make) -> None:
    writer, other = make.actor(make.member()), make.actor(make.member())
    note = service.write_note(writer, NoteForm("题", "文", "everyone"))
    kept = drafting.keep_draft(writer, f"note:{note}", "phone", Typed("题", "心里话", "free", "me", 1))
    with pytest.raises(NotFound):
        drafting.get_draft(other, kept.draft)
    with pytest.raises(NotFound):
        drafting.discard_draft(other, kept.draft)
    with pytest.raises(NotFound):
        drafting.keep_draft(other, f"note:{note}", "phone", Typed("题", "改你的", "free", "me", 1))
    with pytest.raises(NotFound):
        drafting.list_revisions(other, note, 1)


def test_the_bin_lists_what_was_deleted_and_is_emptied_after_thirty_days(make: Make, browser: Open) -> None:
    member = make.member()
    actor = make.actor(member)
    start = datetime(2026, 11, 1)
    with clock.at(start):
        note = service.write_note(actor, NoteForm("旧笔记", "文", "me"))
        service.delete_note(actor, note)
        assert "旧笔记" in page_of(browser(member), "/notes/bin")
        assert jobs.purge() == 0
    with clock.at(start + timedelta(days=30, seconds=1)):
        assert queries.list_bin(actor, 1).total == 0
        assert jobs.purge() == 1
        assert jobs.purge() == 0
    assert Note.select().count() == 0


def test_a_purged_note_that_was_once_accepted_keeps_its_id_but_not_its_words(make: Make) -> None:
    actor = make.actor(make.member())
    note = service.write_note(actor, NoteForm("题", "文", "me"))
    Note.update(times=1, deleted_at=datetime(2026, 1, 1)).where(Note.id == note).execute()
    with clock.at(datetime(2026, 11, 1)):
        assert jobs.purge() == 1
    kept = Note.get()
    assert (kept.id, kept.title, kept.body) == (note, "", "")
    assert NoteRevision.select().count() == 0


def test_notes_and_drafts_follow_a_book_that_is_merged_into_another(make: Make) -> None:
    actor = make.actor(make.member())
    kept, dropped = make.book("活着"), make.book("活着（重复）")
    note = service.write_note(actor, NoteForm("题", "文", "me"), dropped.id)
    drafting.keep_draft(actor, f"new:book:{dropped.id}", "phone", Typed("题", "半句", "reading", "me"))
    liaison = make.actor(make.member(role="liaison"))
    merge = merging.merge_books(liaison, kept.id, dropped.id)
    assert Note.get(Note.id == note).book == kept.id
    assert NoteDraft.get().key == f"new:book:{kept.id}"
    since = service.write_note(actor, NoteForm("后来", "文", "me"), kept.id)
    merging.undo_merge(liaison, merge)
    assert [Note.get(Note.id == one).book for one in (note, since)] == [dropped.id, kept.id]
    assert NoteDraft.get().key == f"new:book:{dropped.id}"


def test_an_accepted_note_changes_only_who_may_read_it(make: Make) -> None:
    actor = make.actor(make.member())
    note = service.write_note(actor, NoteForm("题", "文", "me"))
    Note.update(state="accepted").where(Note.id == note).execute()
    with pytest.raises(Conflict):
        service.edit_note(actor, note, 1, NoteForm("题", "改了", "me"))
    with pytest.raises(Conflict):
        service.delete_note(actor, note)
    service.edit_note(actor, note, 1, NoteForm("题", "文", "everyone"))
    assert (Note.get().audience, Note.get().body) == ("everyone", "文")


def test_the_form_says_what_length_the_requirements_ask_of_this_kind_by_this_member(make: Make, browser: Open) -> None:
    unit = make.unit()
    book = make.book("乡土中国")
    for title, spec in (
        ("每季一篇心得", {"least": 500, "categories": ["reflection"]}),
        ("指定篇目", {"least": 3000, "subjects": [f"book:{book.id}"]}),
        ("干部调研", {"least": 800, "who": {"tags": ["leader"]}}),
    ):
        Requirement.create(
            title=title, unit=unit, measure="note_submitted", amount=1, period="year", since=date(2020, 1, 1),
            spec=json.dumps(spec),
        )  # fmt: skip
    member = make.member(unit)
    writer = browser(member)
    page = page_of(writer, "/notes/new?kind=reflection")
    assert 'data-least="500"' in page
    assert "“每季一篇心得”：满 500 字才计入。" in page
    assert 'data-least="3000"' in page_of(writer, f"/notes/new?kind=reading&book={book.id}")
    assert 'data-least=""' in page_of(writer, "/notes/new?kind=free")
    assert 'data-least=""' in page_of(browser(make.member()), "/notes/new?kind=reflection")
    note = service.write_note(make.actor(member), NoteForm("题", "文" * 20, "unit", "reflection"))
    reviewing.submit(make.actor(member), note, 1)
    review = page_of(browser(make.member(unit, "liaison")), f"/notes/{note}/review")
    assert "“每季一篇心得”：满 500 字才计入。" in review
