"""Likeness: shared passages are always found, are told where they stand, and never show what may not be read."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lms.notes.jobs  # noqa: F401 registers the work that is carried out here
from lms.config import Settings
from lms.jobs import queue
from lms.jobs.models import Job
from lms.materials.models import Material, MaterialPage
from lms.members.access import Actor
from lms.members.models import Member
from lms.notes import alike, fingerprints, reviewing, service
from lms.notes.likeness import LEAST, fold, marks, passages, share
from lms.notes.models import LikenessMark, LikenessText
from lms.notes.service import NoteForm
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
COPIED = "基层治理的重心在社区，难点在人心，出路在把群众组织起来，一件一件办实事。"


def prose(seed: int, chars: int) -> str:
    """Make a text that shares nothing of length with others."""
    chance = random.Random(seed)
    return "".join(chr(chance.randrange(0x4E00, 0x9F00)) for _ in range(chars))


def carried_out() -> None:
    """Do the background work that was asked for."""
    for (job,) in list(Job.select(Job.id).where(Job.state == "waiting").tuples()):
        queue.run(job)
        assert Job.get_by_id(job).state == "done"


def write(actor: Actor, body: str, audience: str = "me", title: str = "题") -> int:
    note = service.write_note(actor, NoteForm(title, body, audience))
    carried_out()
    return note


@given(st.integers(0, 10_000), st.integers(LEAST, 80), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_a_shared_passage_of_the_least_length_always_shares_a_fingerprint(
    seed: int, size: int, before: int, other_before: int
) -> None:
    passage = prose(seed, size)
    one = prose(seed + 1, before) + passage + prose(seed + 2, 40)
    other = prose(seed + 3, other_before) + passage + prose(seed + 4, 30)
    assert set(marks(fold(one)).tolist()) & set(marks(fold(other)).tolist())
    found = passages(fold(one), fold(other))
    assert any(passage in one[p.start : p.end] and passage in other[p.other_start : p.other_end] for p in found)


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_passages_say_where_they_stand_in_any_texts_whatever(one: str, other: str) -> None:
    first, second = fold(one), fold(other)
    for found in passages(first, second):
        assert 0 <= found.start < found.end <= len(one)
        assert 0 <= found.other_start < found.other_end <= len(other)
    assert 0 <= share(passages(first, second), first.length) <= 1


@pytest.mark.parametrize(
    "changed",
    [
        COPIED.replace("，", " "),
        COPIED.replace("。", "！"),
        "**" + COPIED[:12] + "**" + COPIED[12:],
        "\n".join(COPIED),
    ],
)
def test_punctuation_spaces_and_weight_hide_nothing(changed: str) -> None:
    (found,) = passages(fold(COPIED), fold(prose(1, 50) + changed))
    assert COPIED[found.start : found.end] == COPIED.rstrip("。")


def test_capital_wide_and_narrow_letters_are_the_same() -> None:
    assert passages(
        fold("The Learning Organisation 2026"), fold("ｔｈｅ ｌｅａｒｎｉｎｇ ｏｒｇａｎｉｓａｔｉｏｎ ２０２６")
    )


def test_a_whole_copy_is_all_of_the_text_and_a_stranger_none() -> None:
    text, stranger = fold(prose(1, 500)), fold(prose(2, 500))
    assert share(passages(text, text), text.length) == 1
    assert passages(text, stranger) == []
    assert passages(fold(""), text) == passages(text, fold("短")) == []


def test_the_reviewer_sees_both_texts_side_by_side_and_that_it_is_a_hint(make: Make, browser: Open) -> None:
    unit = make.unit()
    first, second = make.member(unit, name="李明"), make.member(unit, name="王淑兰")
    liaison = make.member(unit, "liaison")
    write(make.actor(first), prose(1, 80) + COPIED + prose(2, 80), "unit", "李明写的")
    copy = write(make.actor(second), prose(3, 60) + COPIED + prose(4, 60))
    reviewing.submit(make.actor(second), copy, 1)
    page = unescape(browser(liaison).get(f"/notes/{copy}/review").get_data(as_text=True))
    assert "李明的笔记《李明写的》" in page
    assert page.count(f"<mark>{COPIED[:-1]}") == 2
    assert "不是结论" in page
    told = browser(liaison).api("GET", f"/notes/{copy}/likeness").get_json()
    assert told["sources"][0]["title"] == "李明写的"
    assert 0.15 < told["share"] < 0.35


def test_a_note_that_the_reviewer_may_not_read_is_told_without_its_words_writer_or_title(
    make: Make, browser: Open
) -> None:
    unit = make.unit()
    stranger = make.member(name="别处的人")
    secret = write(make.actor(stranger), prose(1, 60) + COPIED + "家里的私事" + prose(2, 60), "me", "私密标题")
    writer, liaison = make.member(unit), make.member(unit, "liaison")
    copy = write(make.actor(writer), prose(3, 60) + COPIED + prose(4, 60))
    reviewing.submit(make.actor(writer), copy, 1)
    told = browser(liaison).api("GET", f"/notes/{copy}/likeness").get_json()["sources"][0]
    assert (told["open"], told["ref"], told["title"], told["writer"]) == (False, None, "", "")
    assert [passage["theirs"] for passage in told["passages"]] == [""]
    page = unescape(browser(liaison).get(f"/notes/{copy}/review").get_data(as_text=True))
    assert "在另一篇您无权查看的笔记中" in page
    for hidden in ("私密标题", "家里的私事", "别处的人", f'/notes/{secret}"'):
        assert hidden not in page


def test_only_earlier_notes_are_named_and_the_own_ones_are_called_so(make: Make) -> None:
    unit = make.unit()
    member, liaison = make.actor(make.member(unit)), make.actor(make.member(unit, "liaison"))
    first = write(member, prose(1, 40) + COPIED, "unit", "第一次")
    second = write(member, COPIED + prose(2, 40), "unit", "第二次")
    assert alike.compare(liaison, first).sources == ()
    (source,) = alike.compare(liaison, second).sources
    assert (source.title, source.own) == ("第一次", True)


def test_a_changed_or_deleted_note_is_compared_as_it_is_now(make: Make) -> None:
    unit = make.unit()
    member, liaison = make.actor(make.member(unit)), make.actor(make.member(unit, "liaison"))
    first = write(member, prose(1, 40) + COPIED, "unit")
    second = write(member, COPIED + prose(2, 40), "unit")
    service.edit_note(member, first, 1, NoteForm("题", prose(1, 60), "unit"))
    carried_out()
    assert alike.compare(liaison, second).sources == ()
    service.edit_note(member, first, 2, NoteForm("题", COPIED, "unit"))
    service.delete_note(member, first)
    carried_out()
    fingerprints.note_down_note(first)
    assert alike.compare(liaison, second).sources == ()
    assert {text.ref for text in LikenessText.select()} == {second}


@pytest.mark.sqlite_only
def test_while_the_fingerprints_of_a_thick_book_are_written_others_write_as_well(
    service: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_between: list[int] = []

    def somebody_writes(seconds: float) -> None:
        with closing(sqlite3.connect(service.data / "lms.sqlite3", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            written_between.append(other.execute("SELECT COUNT(*) FROM likeness_text").fetchone()[0])

    monkeypatch.setattr(fingerprints, "pause", somebody_writes)
    book = [(place, prose(place, 60)) for place in range(90)]
    fingerprints.note_down("material", 7, book)
    assert written_between == [40, 80]
    before = set(LikenessMark.select(LikenessMark.mark).tuples())
    fingerprints.note_down("material", 7, [*book[:30], (30, "")])
    kept = {mark for _, text in book[:30] for mark in marks(fold(text)).tolist()}
    assert {mark for (mark,) in LikenessMark.select(LikenessMark.mark).tuples()} == kept < {one for (one,) in before}
    assert sorted(place for (place,) in LikenessText.select(LikenessText.place).tuples()) == [*range(31)]
    fingerprints.note_down("material", 7, [])
    assert LikenessMark.select().count() == LikenessText.select().count() == 0


def test_materials_are_compared_page_by_page_and_followed(make: Make) -> None:
    unit = make.unit()
    made = Material.create(
        title="治理读本", category="law", media_type="text/markdown", file_key="0" * 64, file_name="a.md", file_size=1,
        unit=unit, audience="everyone", state="ready", page_count=2,
    )  # fmt: skip
    for number, text in ((1, prose(1, 200)), (2, prose(2, 90) + COPIED + prose(3, 90))):
        MaterialPage.create(material=made, number=number, text=text)
    member, liaison = make.actor(make.member(unit)), make.actor(make.member(unit, "liaison"))
    note = write(member, COPIED + prose(4, 40))
    assert fingerprints.catch_up() == 1
    carried_out()
    assert fingerprints.catch_up() == 0
    (source,) = alike.compare(liaison, note).sources
    assert (source.kind, source.title, source.place) == ("material", "治理读本", 2)
    made.state = "failed"
    made.save()
    assert fingerprints.catch_up() == 1
    carried_out()
    assert alike.compare(liaison, note).sources == ()


def test_fingerprints_that_are_missing_are_caught_up(make: Make) -> None:
    member = make.actor(make.member())
    note = write(member, prose(1, 100))
    LikenessMark.delete().execute()
    LikenessText.delete().execute()
    assert fingerprints.catch_up() == 1
    carried_out()
    assert LikenessText.get().ref == note
    assert LikenessMark.select().count() == len(marks(fold(prose(1, 100))))
