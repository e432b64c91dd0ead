"""Rows of the table of access for lectures: a lecture of the unit, sent by its lecturer, open to the unit alone."""

from io import BytesIO
from typing import Any

from lms.lectures.models import Cue, Lecture, Recording, Transcript, TranscriptChange
from lms.storage import files
from tests.web.access_table import CONFLICT, FORBIDDEN, FORM, MISSING, OK, SIGN_IN, Row, everyone, row, staff
from tests.web.world import World

WORDS = b"WEBVTT\n\n00:00.000 --> 00:04.000\nx\n"
SOUND = b"\xff\xfb\x90\x64" + bytes(413)
ID = "int(max=2147483647)"
LECTURE = f"/lectures/<{ID}:lecture_id>"
RECORDING = f"/recordings/<{ID}:recording_id>"
TRANSCRIPT = f"/transcripts/<{ID}:transcript_id>"
CUE = f"/cues/<{ID}:cue_id>"
CHANGE = f"/transcript-changes/<{ID}:change_id>"


def furnish(world: World) -> None:
    """Make a lecture of the unit with a recording that is ready."""
    stored = files().put(BytesIO(SOUND), 1000)
    lecture = Lecture.create(
        title="带着问题读书",
        speaker="陈志远",
        uploader=world.ids["lecturer"],
        unit=world.ids["unit"],
        audience="unit",
    )
    recording = Recording.create(
        lecture=lecture,
        media_type="audio/mpeg",
        file_key=stored.key,
        poster_key=stored.key,
        sound_key=stored.key,
        original_key=stored.key,
        file_name="课.mp3",
        file_size=stored.size,
        duration_ms=60_000,
        state="ready",
    )
    transcript = Transcript.create(recording=recording, language="zh")
    cue = Cue.create(transcript=transcript, start_ms=0, end_ms=4000, text="各位街坊")
    Cue.create(transcript=transcript, start_ms=4000, end_ms=8000, text="大家好")
    change = TranscriptChange.create(
        transcript=transcript,
        version=2,
        member=world.ids["lecturer"],
        how="text",
        before='[[0, 4000, "各位"]]',
        after='[[0, 4000, "各位街坊"]]',
    )
    world.ids.update(transcript=transcript.id, cue=cue.id, change=change.id, transcript_kind="srt")  # type: ignore[dict-item]
    world.ids.update(lecture=lecture.id, recording=recording.id)


def of_the_unit(method: str, rule: str, **sent: Any) -> Row:
    """Make a row for what members of the unit may do, and nobody of a sibling unit."""
    return everyone(method, rule, other_liaison=MISSING, **sent)


def caring(method: str, rule: str, done: str = OK, **sent: Any) -> Row:
    """Make a row for what the uploader, the unit's liaison and those above may do."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=done,
        liaison=done,
        other_liaison=MISSING,
        administrator=done,
        **sent,
    )


ROWS = [
    everyone("GET", "/lectures"),
    staff("GET", "/lectures/new"),
    staff("POST", "/lectures/new", lecturer=FORM, liaison=FORM, other_liaison=FORM, administrator=FORM),
    of_the_unit("GET", LECTURE),
    caring("GET", LECTURE + "/edit"),
    caring("POST", LECTURE + "/edit", FORM, form={"title": ""}),
    of_the_unit("GET", RECORDING + "/transcript/<kind>", params={"kind": "transcript_kind"}),
    of_the_unit("GET", RECORDING + "/chapters.vtt"),
    caring("GET", RECORDING + "/transcript"),
    caring("POST", RECORDING + "/transcript", FORM),
    caring("POST", RECORDING + "/recognise", CONFLICT, form={"language": ""}),
    caring("POST", "/api/v1" + RECORDING + "/recognition", CONFLICT, json={}),
    caring("GET", "/api/v1" + RECORDING + "/recognition", MISSING),
    caring("POST", RECORDING + "/chapters", form={"chapters": "00:10 开头"}),
    caring("POST", TRANSCRIPT + "/language", form={"language": "en"}),
    caring("POST", TRANSCRIPT + "/encoding", CONFLICT, form={"encoding": "big5"}),
    caring("POST", TRANSCRIPT + "/checked"),
    caring("POST", TRANSCRIPT + "/remove"),
    caring("GET", TRANSCRIPT + "/history"),
    caring("POST", CHANGE + "/take-back"),
    caring("GET", LECTURE + "/recordings"),
    caring("POST", LECTURE + "/recordings", FORM),
    caring("POST", RECORDING + "/rename", form={"part_title": "上半场"}),
    caring("POST", RECORDING + "/move", form={"place": "1"}),
    caring("POST", RECORDING + "/remove", CONFLICT),
    caring("POST", RECORDING + "/archive", CONFLICT),
    caring("POST", RECORDING + "/restore"),
    caring("POST", RECORDING + "/prepare", CONFLICT),
    caring("POST", RECORDING + "/file"),
    caring("POST", LECTURE + "/publish"),
    caring("POST", LECTURE + "/archive"),
    caring("POST", LECTURE + "/restore"),
    of_the_unit("GET", RECORDING + "/media"),
    of_the_unit("GET", RECORDING + "/sound"),
    caring("GET", RECORDING + "/original"),
    of_the_unit("GET", RECORDING + "/poster.jpg"),
    of_the_unit("GET", RECORDING + "/transcript.vtt"),
    everyone("GET", "/api/v1/lectures"),
    of_the_unit("GET", "/api/v1" + LECTURE),
    staff("POST", "/api/v1/lectures", lecturer=FORM, liaison=FORM, other_liaison=FORM, administrator=FORM),
    caring("PATCH", "/api/v1" + LECTURE, json={"title": "带着问题读书（修订）"}),
    caring("PUT", "/api/v1" + LECTURE + "/transcript", form={"transcript": (WORDS, "课.vtt")}),
    of_the_unit("GET", "/api/v1" + LECTURE + "/recordings"),
    caring("POST", "/api/v1" + LECTURE + "/recordings", form={"file": (SOUND, "课.mp3")}),
    caring("PATCH", "/api/v1" + RECORDING, json={"title": "上半场", "position": 1}),
    caring("DELETE", "/api/v1" + RECORDING, CONFLICT),
    caring("POST", "/api/v1" + RECORDING + "/archive", CONFLICT),
    caring("POST", "/api/v1" + RECORDING + "/restore"),
    caring("PUT", "/api/v1" + RECORDING + "/file", CONFLICT, form={"file": (SOUND, "课.mp3")}),
    caring("POST", "/api/v1" + RECORDING + "/retry", CONFLICT),
    caring("POST", "/api/v1" + LECTURE + "/publish"),
    caring("POST", "/api/v1" + LECTURE + "/archive"),
    caring("POST", "/api/v1" + LECTURE + "/restore"),
    of_the_unit("GET", "/api/v1" + RECORDING + "/cues"),
    of_the_unit("GET", "/api/v1" + RECORDING + "/progress"),
    of_the_unit(
        "PUT", "/api/v1" + RECORDING + "/progress", json={"position": 3.5, "at": "2026-11-23T04:00:00Z", "played": []}
    ),
    of_the_unit("GET", "/api/v1" + RECORDING + "/transcripts"),
    caring("POST", "/api/v1" + RECORDING + "/transcripts", form={"transcript": (WORDS, "课.vtt")}),
    caring("PATCH", "/api/v1" + TRANSCRIPT, json={"checked": True}),
    caring("GET", "/api/v1" + TRANSCRIPT + "/changes"),
    caring("POST", "/api/v1" + TRANSCRIPT + "/lines", json={"start": 20, "text": "补"}),
    caring("POST", "/api/v1" + CHANGE + "/take-back"),
    caring("PATCH", "/api/v1" + CUE, json={"version": 1, "text": "各位"}),
    caring("POST", "/api/v1" + CUE + "/split", json={"version": 1, "at": 2}),
    caring("POST", "/api/v1" + CUE + "/merge", json={"version": 1}),
    caring("DELETE", "/api/v1" + CUE, query={"version": 1}),
    row(
        "POST",
        "/api/v1" + TRANSCRIPT + "/undo",
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=OK,
        liaison=MISSING,
        other_liaison=MISSING,
        administrator=MISSING,
    ),
    caring("DELETE", "/api/v1" + TRANSCRIPT),
    of_the_unit("GET", "/api/v1" + RECORDING + "/chapters"),
    caring("PUT", "/api/v1" + RECORDING + "/chapters", json={"chapters": "00:10 开头"}),
]
