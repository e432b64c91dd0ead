"""Transcripts made by machine: a real command in the worker, and the adapter with a stand-in for its package."""

import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from lms.errors import Conflict
from lms.lectures import recognising, transcript_queries, whisper_command
from lms.lectures.models import Transcript
from tests.browser_like import Browser
from tests.lectures.conftest import House, Sent, run_jobs

pytestmark = pytest.mark.usefixtures("as_prepared_before")

Open = Callable[..., Browser]
STAND_IN = """
from types import SimpleNamespace as Told


class WhisperModel:
    def __init__(self, path, device, compute_type, local_files_only):
        assert local_files_only

    def transcribe(self, audio, language, vad_filter):
        open(audio, "rb").close()
        said = [(0.0, 2.5, " 各位街坊，"), (2.4, 6.0, "大家好。"), (8.0, 7.0, "今天讲读书。")]
        return (Told(start=a, end=b, text=t) for a, b, t in said), Told(language=language or "zh", duration=8.0)
"""


@pytest.fixture
def sent(house: House) -> Sent:
    """A lecture that is ready and has no transcript."""
    return house.send(transcript=None)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[[str, str], None]]:
    """A way to name the recogniser: a Python program, with what follows it on the command line."""

    def name(program: str, rest: str = "{audio}") -> None:
        path = tmp_path / "recogniser.py"
        path.write_text(program, encoding="utf-8")
        recognising.bind(f"'{sys.executable}' '{path}' {rest}", 1)

    yield name
    recognising.bind("", 360)


def made(house: House, sent: Sent, language: str = "") -> recognising.Recognition:
    """Ask for a transcript, have it made, and give what became of it."""
    recognising.ask(house.actor(house.lecturer), sent.recording, language)
    run_jobs()
    found = recognising.find(sent.recording)
    assert found is not None
    return found


def said() -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in transcript_queries.cues_of(Transcript.get().id)]


def test_without_a_recogniser_there_is_no_button_and_asking_is_refused(house: House, sent: Sent, browser: Open) -> None:
    page = browser(house.lecturer).get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert "用机器生成文字稿" not in page
    with pytest.raises(Conflict):
        recognising.ask(house.actor(house.lecturer), sent.recording)


def test_the_adapter_makes_a_transcript_that_is_marked_until_somebody_has_read_it(
    house: House, sent: Sent, browser: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "beside" / "faster_whisper"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(STAND_IN, encoding="utf-8")
    (package / whisper_command.TOKENIZER).write_text("{}", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{package.parent}:{Path.cwd()}")
    module = f"'{sys.executable}' -m lms.lectures.whisper_command '{package}'"
    recognising.bind(f"{module} {{audio}} --language={{language}}", 5)
    editor, reader = browser(house.lecturer), browser(house.member)
    assert "用机器生成文字稿" in editor.get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert editor.post(f"/recordings/{sent.recording}/recognise", {"language": ""}).status_code == 303
    assert "正在排队" in editor.get(f"/recordings/{sent.recording}/transcript").get_data(as_text=True)
    assert editor.post(f"/recordings/{sent.recording}/recognise", {"language": ""}).status_code == 409
    run_jobs()
    recognising.bind("", 360)
    assert said() == [(0, 2400, "各位街坊，"), (2400, 6000, "大家好。"), (8000, 9500, "今天讲读书。")]
    assert (Transcript.get().language, Transcript.get().source) == ("zh", "recognised")
    assert "机器生成" in reader.get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    editor.post(f"/transcripts/{Transcript.get().id}/checked")
    assert "机器生成" not in reader.get(f"/lectures/{sent.lecture}").get_data(as_text=True)


def test_what_is_written_to_a_file_counts_and_the_language_that_was_named_is_kept(
    house: House, sent: Sent, command: Callable[..., None]
) -> None:
    program = "import sys; open(sys.argv[2] + '.srt', 'w').write('1\\n00:00:01,000 --> 00:00:02,000\\nhello\\n')"
    command(program, "{audio} {output}")
    assert made(house, sent, "yue").state == "done"
    assert (Transcript.get().language, said()) == ("yue", [(1000, 2000, "hello")])


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; print('no sound track', file=sys.stderr); sys.exit(3)", "no sound track"),
        ("print('WEBVTT\\n\\nnonsense')", "Line 3"),
        ("print('{\"segments\": [[]]}')", "TypeError"),
        ("print('{\"segments\": []}')", "heard nothing"),
        ('print(\'{"segments": [{"start": NaN, "end": 1, "text": "x"}]}\')', "start, end"),
        ("import time\nprint('x' * 20_000_000, flush=True)\ntime.sleep(60)", "more than can be read"),
    ],
)
def test_a_recogniser_that_fails_says_why_and_can_be_asked_again(
    house: House, sent: Sent, command: Callable[..., None], program: str, words: str
) -> None:
    command(program)
    for _ in range(2):
        found = made(house, sent)
        assert found.state == "failed"
        assert words in found.failure % {"detail": found.failure_detail}
    assert Transcript.select().count() == 0


def test_a_recogniser_that_takes_too_long_is_ended(house: House, sent: Sent, command: Callable[..., None]) -> None:
    command("import time; time.sleep(600)")
    recognising.bind(recognising._set.command, 0)
    assert "longer than" in made(house, sent).failure


def test_the_adapter_says_in_a_sentence_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / whisper_command.TOKENIZER).touch()
    lacks = ((tmp_path / "nowhere", "no model"), (tmp_path, "tokenizer.json"), (tmp_path / "whole", "not installed"))
    for model, words in lacks:
        told = StringIO()
        assert whisper_command.main([str(model), "a.m4a"], StringIO(), told) == 2
        assert words in told.getvalue()
