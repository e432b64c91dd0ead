"""What was spoken before transcripts had languages is there afterwards."""

from pathlib import Path

import pytest

from lms.db import database
from lms.lectures.models import Cue, Recording, Transcript
from tests.migrating import brought_up
from tests.reading.test_migrating import ROWS

NOW = "2026-11-20 08:00:00"


@pytest.mark.sqlite_only
def test_lines_of_a_recording_become_its_chinese_transcript(tmp_path: Path) -> None:
    rows = [(name, ROWS[name]) for name in ("unit", "member", "lecture", "recording", "watch_progress")]
    rows[2] = ("lecture", {**ROWS["lecture"], "uploader_id": ROWS["member"]["id"]})
    cues = [
        ("cue", {"recording_id": 4, "number": number, "start_ms": number * 1000, "end_ms": 9000, "text": text})
        for number, text in ((1, "一"), (2, "二"))
    ]
    brought_up(tmp_path / "old", "0030_widen_notes", rows + cues)
    transcript = Transcript.get()
    assert (transcript.recording_id, transcript.language, transcript.source) == (4, "zh", "uploaded")
    assert list(Cue.select(Cue.transcript, Cue.start_ms, Cue.end_ms, Cue.text).order_by(Cue.id).tuples()) == [
        (transcript.id, 1000, 9000, "一"),
        (transcript.id, 2000, 9000, "二"),
    ]
    assert Recording.get().sent_by == ROWS["member"]["id"], "it counts where it did"
    database.close()
