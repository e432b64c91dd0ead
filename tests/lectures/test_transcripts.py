"""WebVTT as people really have it: encodings, notes, names, faults with their lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import InvalidInput
from lms.lectures import transcript_files, transcripts
from lms.lectures.cue_rules import Line

CUE = "00:01.000 --> 00:04.000\n"


def read(text: str) -> list[Line]:
    return transcript_files.read(text.encode()).lines


def fault(raw: str | bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        transcript_files.read(raw.encode() if isinstance(raw, str) else raw)
    assert refused.value.field == "transcript"
    return refused.value


def test_a_plain_file_is_read_cue_by_cue() -> None:
    assert read(f"WEBVTT\n\n1\n{CUE}你好\n\n01:02:03.500 --> 01:02:05.000\n再见\n") == [
        Line(1000, 4000, "你好"),
        Line(3_723_500, 3_725_000, "再见"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_utf8_with_or_without_a_mark_and_gb18030_are_understood(encoding: str) -> None:
    assert transcript_files.read(f"WEBVTT\r\n\r\n{CUE}差序格局\r\n".encode(encoding)).lines[0].text == "差序格局"


def test_notes_styles_settings_and_names_of_cues_are_no_text() -> None:
    text = (
        f"WEBVTT - lecture\nKind: captions\n\nNOTE\n一条说明\n\nSTYLE\n::cue {{ color: red }}\n\n"
        f"intro\n{CUE.strip()} align:start\n第一句\n\nNOTE 到此\n\n2026\n00:05.000 --> 00:06.000\n2026\n"
    )
    assert [cue.text for cue in read(text)] == ["第一句", "2026"]


def test_markup_goes_speakers_stay_and_foreign_tags_are_text() -> None:
    text = f"WEBVTT\n\n{CUE}<v 陈志远>大家<b>好</b></v> <00:02.000>&amp; <script>alert(1)</script>\n"
    assert read(text)[0].text == "陈志远：大家好 & <script>alert(1)</script>"


def test_written_cues_cannot_become_markup() -> None:
    written = transcripts.write([(0, 1000, "<script>alert(1)</script> --> & 好\n二")])
    assert "<" not in written
    assert (
        written
        == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n&lt;script&gt;alert(1)&lt;/script&gt; --&gt; &amp; 好\n二\n"
    )


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("00:01,000 --> 00:04.000\n一\n", 3, "cannot be read"),
        (f"{CUE}一\n\n没有时间的一段\n", 6, "is missing"),
        (f"{CUE}一\x07二\n", 4, "cannot be shown"),
        (f"{CUE}{'字' * 2001}\n", 4, "more than"),
        ("00:99.000 --> 00:04.000\n一\n", 3, "cannot be read"),
    ],
)
def test_the_first_bad_line_is_named(body: str, line: int, words: str) -> None:
    error = fault(f"WEBVTT\n\n{body}")
    assert error.values["line"] == line
    assert words in error.message


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"WEBVTT\n\n",
        b"WEBVTTX\n\n00:01.000 --> 00:04.000\nx\n",
        "WEBVTT\n\n".encode("utf-16"),
        b"WEBVTT\n\n" + b"\xff" * 9,
    ],
)
def test_what_is_no_transcript_is_refused(raw: bytes) -> None:
    fault(raw)


def test_too_many_bytes_or_cues_are_refused() -> None:
    assert fault(b"WEBVTT\n\n" + b" " * transcript_files.MAX_BYTES).values["limit"] == 4
    many = "\n\n".join(f"{CUE}x" for _ in range(transcripts.MAX_CUES + 1))
    assert fault(f"WEBVTT\n\n{many}\n").values["limit"] == transcripts.MAX_CUES


texts = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=40)


@given(st.lists(texts, min_size=1, max_size=8))
def test_what_was_written_is_read_back_the_same(lines: list[str]) -> None:
    cues = [(number * 1000, number * 1000 + 900, text) for number, text in enumerate(lines)]
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in read(transcripts.write(cues))] == cues


def test_stretches_end_after_five_cues_or_twenty_five_seconds() -> None:
    short = [(number, number * 1000, number * 1000 + 1000, "x") for number in range(1, 8)]
    long = [(number, number * 20_000, number * 20_000 + 20_000, "x") for number in range(8, 10)]
    assert [[cue[0] for cue in window] for window in transcripts.windows(short + long)] == [
        [1, 2, 3, 4, 5],
        [6, 7],
        [8],
        [9],
    ]


def spoken(*texts: str) -> list[tuple[int, int, int, str]]:
    return [(number, number * 4000, number * 4000 + 4000, text) for number, text in enumerate(texts)]


def test_a_stretch_ends_with_a_sentence_where_one_ends_in_time() -> None:
    cues = spoken("今天我们读", "《乡土中国》。", "差序格局", "是书里的", "一个词，", "说的是远近。", "谢谢")
    assert [[cue[0] for cue in window] for window in transcripts.windows(cues)] == [[0, 1], [2, 3, 4, 5, 6]]


def test_a_silence_ends_a_stretch() -> None:
    cues = [(1, 0, 1000, "上半场"), (2, 90_000, 91_000, "下半场")]
    assert [len(window) for window in transcripts.windows(cues)] == [1, 1]


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 30_000), st.sampled_from(["好", "好。", "yes.", ""]))))
def test_stretches_hold_every_cue_once_in_order_and_stay_short(steps: list[tuple[int, int, str]]) -> None:
    cues, at = [], 0
    for number, (pause, length, text) in enumerate(steps):
        cues.append((number, at + pause, at + pause + length, text))
        at += pause + length
    stretches = list(transcripts.windows(cues))
    assert [cue for stretch in stretches for cue in stretch] == cues
    for stretch in stretches:
        assert len(stretch) <= transcripts.WINDOW_CUES
        assert len(stretch) == 1 or stretch[-1][2] - stretch[0][1] <= transcripts.WINDOW_MS


def test_phrases_of_a_transcript_without_marks_are_parted_and_sentences_cut_by_cues_are_not() -> None:
    def shown(*texts: str) -> str:
        cues = [(at * 1000, at * 1000 + 900, text) for at, text in enumerate(texts)]
        return "|".join("".join(text for _, text in part) for part in transcripts.paragraphs(cues))

    assert shown("大家好", "今天讲居家防火", "先关\n总闸", "So we", "go") == "大家好 今天讲居家防火 先关总闸 So we go"
    assert shown("大家好，", "今天讲居家", "防火。", "先关总闸。") == "大家好，今天讲居家防火。先关总闸。"


def test_lines_are_joined_as_they_are_written() -> None:
    assert transcripts.joined(["差序", "格局。", "", "So we", "say", "好"]) == "差序格局。 So we say 好"
