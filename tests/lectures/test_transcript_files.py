"""Transcripts in every format people have, with right times afterwards whatever the file said."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import InvalidInput
from lms.lectures import cue_rules, transcript_files
from lms.lectures.cue_rules import Line, Mended

SRT = "1\n00:00:01,000 --> 00:00:04,000\n<i>各位</i>街坊\n好\n\n2\n00:00:05,500 --> 00:00:07,000\n{笑} a < b\n"
ASS = """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,不是台词
Dialogue: 0,0:00:01.00,0:00:04.00,Default,,0,0,0,,{\\i1}各位{\\i0}街坊\\N好
Dialogue: 0,0:00:05.50,0:00:07.00,Default,,0,0,0,,第二句, 有逗号
"""
LRC = "[ti:讲座]\n[ar:陈志远]\n[00:01.00]各位街坊\n[00:05.50]<00:05.50>第二句\n"
PLAIN = "00:01 各位街坊\n接着说\n[00:05] 第二句\n1:00:07 - 第三句\n"


def lines(text: str) -> list[Line]:
    return transcript_files.read(text.encode()).lines


def test_srt_keeps_what_is_said_and_drops_its_markup() -> None:
    assert lines(SRT) == [Line(1000, 4000, "各位街坊\n好"), Line(5500, 7000, "{笑} a < b")]


def test_ass_keeps_the_dialogue_without_comments_and_styles() -> None:
    assert lines(ASS) == [Line(1000, 4000, "各位街坊\n好"), Line(5500, 7000, "第二句, 有逗号")]


def test_lrc_and_plain_text_last_until_the_next_line() -> None:
    assert lines(LRC) == [Line(1000, 5500, "各位街坊"), Line(5500, 6500, "第二句")]
    assert lines(PLAIN) == [
        Line(1000, 5000, "各位街坊\n接着说"),
        Line(5000, 3_607_000, "第二句"),
        Line(3_607_000, 3_608_000, "第三句"),
    ]
    assert lines("[offset:+500]\n[00:01.00][00:09.00]副歌\n[00:05.00]主歌\n") == [
        Line(500, 4500, "副歌"),
        Line(4500, 8500, "主歌"),
        Line(8500, 9500, "副歌"),
    ]


def test_srt_in_gb18030_with_overlapping_and_backward_times_is_put_right_and_says_where() -> None:
    text = (
        "1\n00:00:00,000 --> 00:00:06,000\n第一句\n\n2\n00:00:05,000 --> 00:00:08,000\n第二句\n\n"
        "3\n00:00:12,000 --> 00:00:10,000\n第三句\n\n4\n00:00:09,000 --> 00:00:10,000\n第四句\n\n"
        "5\n00:00:09,000 --> 00:00:11,000\n另一人\n"
    )
    found = transcript_files.read(text.encode("gb18030"))
    assert (found.encoding, found.kind) == ("gb18030", "srt")
    assert found.lines == [
        Line(0, 5000, "第一句"),
        Line(5000, 8000, "第二句"),
        Line(9000, 11000, "第四句\n另一人"),
        Line(12000, 13000, "第三句"),
    ]
    assert found.mended == [
        Mended(1, 0, "overlap"),
        Mended(3, 12000, "end"),
        Mended(4, 9000, "order"),
        Mended(5, 9000, "joined"),
        Mended(5, 9000, "order"),
    ]


def test_an_encoding_can_be_named_and_is_then_strict() -> None:
    raw = "00:01 差序格局\n".encode("big5")
    assert transcript_files.read(raw, "big5").lines[0].text == "差序格局"
    with pytest.raises(InvalidInput) as refused:
        transcript_files.read(raw, "utf-8")
    assert refused.value.field == "encoding"


@pytest.mark.parametrize(
    "raw", [b"", b"no time at all\n", b"[Events]\n", b"1\n00:00:01,000 --> 00:00:02,000\n\n", b"\0" * 9]
)
def test_what_holds_no_line_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        transcript_files.read(raw)
    assert refused.value.field == "transcript"


def test_a_run_of_empty_rows_does_not_stop_the_reader() -> None:
    assert len(lines("1\n00:00:01,000 --> 00:00:02,000\na" + "\n" * 200_000 + "b\n")) == 1


@pytest.mark.parametrize("kind", sorted(transcript_files.WRITERS))
def test_what_is_written_is_read_back(kind: str) -> None:
    write, _ = transcript_files.WRITERS[kind]
    found = lines(write([(1000, 4000, "各位街坊"), (4000, 5000, "a < b"), (3_605_000, 3_606_000, "再见")]))
    assert [(line.start_ms, line.text) for line in found] == [(1000, "各位街坊"), (4000, "a < b"), (3_605_000, "再见")]


times = st.integers(0, 20_000)
texts = st.text("甲乙丙丁 ab", min_size=1, max_size=6).filter(str.strip)


@given(st.lists(st.builds(Line, times, times, texts), max_size=12))
def test_mended_lines_never_overlap_nor_go_backwards_and_lose_no_text(given_lines: list[Line]) -> None:
    mended, report = cue_rules.mend(given_lines)
    assert all(line.start_ms < line.end_ms for line in mended)
    assert all(one.end_ms <= two.start_ms for one, two in pairwise(mended))
    said = [row for line in mended for row in line.text.split("\n")]
    assert {line.text for line in given_lines} == set(said)
    assert {line.start_ms for line in given_lines} == {line.start_ms for line in mended}
    again, nothing = cue_rules.mend(mended)
    assert (again, nothing) == (mended, [])
    assert report or mended == given_lines


@given(
    st.binary(max_size=80),
    st.sampled_from(["", "WEBVTT\n\n", "[Events]\n", "1\n00:00:01,000 --> 00:00:02,000\n", "00:01 x\n"]),
)
def test_no_bytes_make_the_reader_fail_otherwise_than_by_refusing(noise: bytes, head: str) -> None:
    try:
        found = transcript_files.read(head.encode() + noise)
    except InvalidInput:
        return
    assert found.lines


@given(st.builds(Line, st.integers(0, 1000), st.integers(1001, 9000), texts), st.integers(0, 8))
def test_a_split_line_keeps_its_words_and_its_time(line: Line, at: int) -> None:
    try:
        first, second = cue_rules.split(line, at)
    except InvalidInput:
        return
    assert (first.start_ms, second.end_ms) == (line.start_ms, line.end_ms)
    assert first.start_ms < first.end_ms == second.start_ms < second.end_ms
    assert (first.text + second.text).replace(" ", "") == line.text.replace(" ", "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("ZH", "zh"), ("zh-hant", "zh-Hant"), ("en_us", "en-US"), ("yue", "yue"), (" zh-Hans-cn", "zh-Hans-CN")],
)
def test_language_tags_are_kept_in_their_usual_spelling(typed: str, kept: str) -> None:
    assert cue_rules.tidy_language(typed) == kept


@pytest.mark.parametrize("typed", ["", "chinese", "zh-", "../x", "1"])
def test_what_is_no_language_tag_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        cue_rules.tidy_language(typed)
