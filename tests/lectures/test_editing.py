"""Editing a transcript line by line: what is typed is kept, found, and can be taken back, also when two edit."""

from collections.abc import Callable
from io import BytesIO

import pytest

from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.lectures import cue_service, documents, transcript_queries, transcript_service
from lms.lectures.models import Transcript, TranscriptChange
from lms.lectures.transcript_queries import CueRow
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.lectures.conftest import House, Sent

pytestmark = pytest.mark.usefixtures("as_prepared_before")


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


Open = Callable[..., Browser]
SRT = "1\n00:00:05,000 --> 00:00:09,000\n第二句\n\n2\n00:00:01,000 --> 00:00:06,000\n第一句\n"


def test_a_file_with_wrong_times_says_on_the_page_what_was_put_right_until_somebody_has_read_it(
    house: House, sent: Sent, browser: Open
) -> None:
    editor = browser(house.lecturer)
    new = (BytesIO(SRT.encode("gb18030")), "第一讲.srt")
    there = editor.post(f"/recordings/{sent.recording}/transcript", {"transcript": new, "language": ""})
    page = editor.get(there.location).get_data(as_text=True)
    assert "第 2 条（00:01）：" in page
    assert "来自文件 第一讲.srt，按 GB18030 读取" in page
    assert said(sent) == [(1000, 5000, "第一句"), (5000, 9000, "第二句")]
    transcript = Transcript.get()
    refused = editor.post(f"/transcripts/{transcript.id}/encoding", {"encoding": "utf-8"})
    assert refused.status_code == 303
    assert "读不出这份文字稿" in editor.get(there.location).get_data(as_text=True)
    editor.post(f"/transcripts/{transcript.id}/checked")
    assert "第 2 条（00:01）：" not in editor.get(there.location).get_data(as_text=True)
    history = editor.get(f"/transcripts/{transcript.id}/history").get_data(as_text=True)
    assert "换了文件" in history
    assert "各位街坊" in history


def test_members_choose_the_language_and_take_the_words_along(house: House, sent: Sent, browser: Open) -> None:
    english = (BytesIO(b"00:02 Dear neighbours\n00:20 Second half\n"), "en.txt")
    editor, reader = browser(house.lecturer), browser(house.member)
    editor.post(f"/recordings/{sent.recording}/transcript", {"transcript": english, "language": "en"})
    assert "各位街坊" in reader.get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    page = reader.get(f"/lectures/{sent.lecture}?lang=en").get_data(as_text=True)
    assert "Dear neighbours" in page
    assert "各位街坊" not in page
    assert f'href="/recordings/{sent.recording}/transcript/srt?lang=en"' in page
    taken = reader.get(f"/recordings/{sent.recording}/transcript/srt?lang=en")
    assert taken.get_data(as_text=True).startswith("1\n00:00:02,000 --> 00:00:20,000\nDear neighbours\n")
    assert "attachment" in taken.headers["Content-Disposition"]
    assert "[00:00.00]各位街坊" in reader.get(f"/recordings/{sent.recording}/transcript/lrc").get_data(as_text=True)
    assert reader.get(f"/recordings/{sent.recording}/transcript/exe").status_code == 404
    assert reader.get(f"/recordings/{sent.recording}/transcript.vtt?lang=fr").status_code == 404
    assert any("Second half" in found.body for found in documents.load(sent.lecture))


def test_chapters_are_typed_as_rows_shown_below_the_player_and_found(house: House, browser: Open) -> None:
    sent = house.send(house.media.video)
    editor = browser(house.lecturer)
    refused = editor.post(f"/recordings/{sent.recording}/chapters", {"chapters": "00:20 提问\n没有时间"})
    assert refused.status_code == 422
    assert "第 2 行：开头缺少时间" in refused.get_data(as_text=True)
    assert "没有时间</textarea>" in refused.get_data(as_text=True)
    late = editor.post(f"/recordings/{sent.recording}/chapters", {"chapters": "10:00 太晚"})
    assert "超出了录音录像的长度" in late.get_data(as_text=True)
    editor.post(f"/recordings/{sent.recording}/chapters", {"chapters": "00:20 提问\n\n0:00 开场 白\n"})
    page = browser(house.member).get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert page.index("开场 白") < page.index("提问")
    assert f'href="/lectures/{sent.lecture}?t=20" data-seek="20"' in page
    track = browser(house.member).get(f"/recordings/{sent.recording}/chapters.vtt").get_data(as_text=True)
    assert "00:00:00.000 --> 00:00:20.000\n开场 白" in track
    assert [found.place for found in documents.load(sent.lecture) if found.body == "提问"] == ["20"]
