"""Editing a transcript line by line: what is typed is kept, found, and can be taken back, also when two edit."""

import pytest

from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.lectures import cue_service, documents, transcript_queries, transcript_service
from lms.lectures.models import Transcript, TranscriptChange
from lms.lectures.transcript_queries import CueRow
from lms.search.models import OutboxRow
from tests.lectures.conftest import House, Sent


@pytest.fixture
def sent(house: House) -> Sent:
    """A lecture with three lines, of which the third comes after a pause."""
    sent = house.send(prepared=False)
    OutboxRow.delete().execute()
    return sent


def cues(sent: Sent) -> list[CueRow]:
    return transcript_queries.cues_of(Transcript.get(Transcript.recording == sent.recording).id)


def said(sent: Sent) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text[:6]) for cue in cues(sent)]


BEFORE = [(0, 8000, "各位街坊，今"), (8000, 16000, "翻开书之前，"), (30000, 38500, "差序格局，就")]


def test_a_typed_line_is_kept_told_to_search_and_taken_back(house: House, sent: Sent) -> None:
    editor, first = house.actor(house.lecturer), cues(sent)[0]
    outcome = cue_service.save(editor, first.id, first.version, text="  各位邻居  好 \n")
    assert [(line.text, line.version) for line in outcome.lines] == [("各位邻居 好", 2)]
    assert Transcript.get().source == "edited"
    assert [(row.kind, row.ref) for row in OutboxRow.select()] == [("lecture", sent.lecture)]
    assert any("各位邻居" in found.body for found in documents.load(sent.lecture))
    cue_service.undo(editor, Transcript.get().id)
    assert said(sent) == BEFORE
    with pytest.raises(NotFound):
        cue_service.undo(editor, Transcript.get().id)


def test_when_two_edit_a_line_theirs_stands_and_what_was_typed_is_kept_and_can_be_put_in(
    house: House, sent: Sent
) -> None:
    first = cues(sent)[0]
    cue_service.save(house.actor(house.lecturer), first.id, first.version, text="讲师改的")
    outcome = cue_service.save(house.actor(house.liaison), first.id, first.version, text="联络员改的")
    assert (outcome.kept, outcome.lines[0].text) == (False, "讲师改的")
    change = TranscriptChange.get(TranscriptChange.how == "conflict")
    assert "联络员改的" in change.after
    cue_service.take_back(house.actor(house.lecturer), change.id)
    assert cues(sent)[0].text == "联络员改的"
    same = cue_service.save(house.actor(house.liaison), first.id, 1, text="联络员改的")
    assert same.kept, "who typed the same has lost nothing"


def test_split_merge_insert_and_delete_are_undone_step_by_step(house: House, sent: Sent) -> None:
    editor, transcript = house.actor(house.lecturer), Transcript.get().id
    first = cues(sent)[0]
    cue_service.split(editor, first.id, first.version, 5, 3000)
    assert said(sent)[:2] == [(0, 3000, "各位街坊，"), (3000, 8000, "今天讲怎样带")]
    second = cues(sent)[1]
    cue_service.merge(editor, second.id, second.version)
    assert said(sent)[1] == (3000, 16000, "今天讲怎样带")
    inserted = cue_service.insert(editor, transcript, 20_000, "补一句")
    assert [line.text for line in inserted.lines] == ["补一句"]
    cue_service.insert(editor, transcript, 10_000, "插进来")
    assert [row[:2] for row in said(sent)] == [(0, 3000), (3000, 10000), (10000, 13000), (20000, 23000), (30000, 38500)]
    last = cues(sent)[-1]
    assert cue_service.delete(editor, last.id, last.version).removed == (last.id,)
    for _ in range(5):
        cue_service.undo(editor, transcript)
    assert said(sent) == BEFORE


def test_times_move_the_neighbours_but_never_cover_them(house: House, sent: Sent) -> None:
    editor, second = house.actor(house.lecturer), cues(sent)[1]
    cue_service.save(editor, second.id, 1, start_ms=6000, end_ms=31_000)
    assert [row[:2] for row in said(sent)] == [(0, 6000), (6000, 31000), (31000, 38500)]
    for wrong in ({"start_ms": 0}, {"end_ms": 39_000}, {"end_ms": 6000}, {"start_ms": -1}):
        with pytest.raises(InvalidInput):
            cue_service.save(editor, second.id, 2, **wrong)  # type: ignore[arg-type]
    cue_service.undo(editor, Transcript.get().id)
    assert said(sent) == BEFORE


def test_an_earlier_change_is_not_taken_back_from_under_a_later_one(house: House, sent: Sent) -> None:
    editor, first = house.actor(house.lecturer), cues(sent)[0]
    cue_service.save(editor, first.id, 1, text="一")
    earlier = TranscriptChange.get()
    cue_service.save(editor, first.id, 2, text="二")
    with pytest.raises(Conflict):
        cue_service.take_back(editor, earlier.id)
    cue_service.undo(editor, Transcript.get().id)
    cue_service.take_back(editor, earlier.id)
    with pytest.raises(Conflict):
        cue_service.take_back(editor, earlier.id)
    assert said(sent) == BEFORE


def test_a_file_that_takes_the_place_of_edited_lines_can_be_taken_back(house: House, sent: Sent) -> None:
    editor, first = house.actor(house.lecturer), cues(sent)[0]
    cue_service.save(editor, first.id, 1, text="改过的")
    given = transcript_service.Given("新.txt", b"", transcript_service.transcript_files.read("00:01 新的\n".encode()))
    with pytest.raises(InvalidInput):
        transcript_service.put_file(editor, sent.recording, given, "no language")
    transcript_service.put_file(editor, sent.recording, given, "zh")
    assert said(sent) == [(1000, 2000, "新的")]
    cue_service.undo(editor, Transcript.get().id)
    assert [row[2] for row in said(sent)] == ["改过的", "翻开书之前，", "差序格局，就"]


def test_only_who_may_change_the_lecture_edits_its_transcript(house: House, sent: Sent) -> None:
    reader, first = house.actor(house.member), cues(sent)[0]
    for command in (
        lambda: cue_service.save(reader, first.id, 1, text="x"),
        lambda: cue_service.delete(reader, first.id, 1),
        lambda: cue_service.insert(reader, Transcript.get().id, 20_000),
        lambda: cue_service.undo(reader, Transcript.get().id),
        lambda: transcript_service.remove(reader, Transcript.get().id),
    ):
        with pytest.raises(Forbidden):
            command()
    assert said(sent) == BEFORE
