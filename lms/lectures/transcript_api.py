"""The JSON API of transcripts and chapters: whole files, and line by line for an editor."""

from typing import Any, BinaryIO, cast

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length
from werkzeug.datastructures import FileStorage

from lms.errors import N_, NotFound
from lms.lectures import (
    chapters,
    cue_service,
    queries,
    recognising,
    recording_queries,
    transcript_files,
    transcript_queries,
    transcript_service,
)
from lms.lectures.api import RECORDING
from lms.lectures.cue_service import Outcome
from lms.lectures.models import Recognition
from lms.lectures.transcript_queries import CueRow, TranscriptRow
from lms.lectures.transcript_schemas import (
    ChapterList,
    ChapterText,
    History,
    HistoryQuery,
    LineAt,
    LineChange,
    LineOutcome,
    LineSplit,
    NewLine,
    TranscriptChangeForm,
    TranscriptFile,
    TranscriptItem,
    TranscriptList,
)
from lms.members.access import Action
from lms.web.i18n import gettext
from lms.web.paged import paged
from lms.web.signin import actor
from lms.web.uploads import allow_upload

api = APIBlueprint("transcripts_api", __name__, url_prefix="/api/v1", tag="Lectures")

ID = "int(max=2147483647)"
TRANSCRIPT = f"/transcripts/<{ID}:transcript_id>"
CUE = f"/cues/<{ID}:cue_id>"
CHANGE = f"/transcript-changes/<{ID}:change_id>"

allow_upload("transcripts_api.put_file", lambda settings: transcript_files.MAX_BYTES, Action.LECTURE_UPLOAD)


def _shown(row: TranscriptRow) -> dict[str, Any]:
    mended = [{"line": line, "start": start / 1000, "what": what} for line, start, what in row.mended]
    return {**row._asdict(), "by_machine": row.by_machine, "mended": mended}


def _line(cue: CueRow) -> dict[str, Any]:
    return {**cue._asdict(), "start": cue.start_ms / 1000, "end": cue.end_ms / 1000}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "version": outcome.version,
        "kept": outcome.kept,
        "removed": list(outcome.removed),
        "lines": [_line(cue) for cue in outcome.lines],
    }


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


# ---- whole transcripts ---------------------------------------------------------------------------------------------


@api.get(RECORDING + "/transcripts")
@api.output(TranscriptList)
@api.doc(summary="List the transcripts of a recording")
def of_recording(recording_id: int) -> dict[str, Any]:
    """Give the transcripts of a recording, one in each language."""
    queries.require_seen(actor(), recording_id)
    rows = transcript_queries.transcripts_of([recording_id]).get(recording_id, [])
    return {"items": [_shown(row) for row in rows]}


@api.post(RECORDING + "/transcripts")
@api.input(TranscriptFile, location="form_and_files", arg_name="form")
@api.output(TranscriptItem, status_code=201)
@api.doc(summary="Put a transcript in the place of the one in its language")
def put_file(recording_id: int, form: dict[str, Any]) -> dict[str, Any]:
    """Take in a transcript; without a language it is guessed, without an encoding it is found."""
    sent: FileStorage = form["transcript"]
    given = transcript_service.take(cast(BinaryIO, sent.stream), sent.filename or "", form["encoding"])
    return _one(transcript_service.put_file(actor(), recording_id, given, form["language"]))


def _one(transcript_id: int) -> dict[str, Any]:
    return _shown(transcript_queries.get_managed(actor(), transcript_id))


@api.patch(TRANSCRIPT)
@api.input(TranscriptChangeForm, arg_name="change")
@api.output(TranscriptItem)
@api.doc(summary="Say the language of a transcript, read its file again, or mark it as checked")
def change_transcript(transcript_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Change a transcript as a whole."""
    if "language" in change:
        transcript_service.set_language(actor(), transcript_id, change["language"])
    if "encoding" in change:
        transcript_service.read_again(actor(), transcript_id, change["encoding"])
    if "checked" in change:
        transcript_service.mark_checked(actor(), transcript_id)
    return _one(transcript_id)


@api.delete(TRANSCRIPT)
@api.output({}, status_code=204)
@api.doc(summary="Remove a transcript")
def remove(transcript_id: int) -> tuple[str, int]:
    """Remove a transcript with its history."""
    transcript_service.remove(actor(), transcript_id)
    return "", 204


@api.get(TRANSCRIPT + "/changes")
@api.input(HistoryQuery, location="query", arg_name="query")
@api.output(History)
@api.doc(summary="List what was changed in a transcript")
def changes(transcript_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """Give the history of a transcript, 50 changes a page."""
    page = transcript_queries.list_changes(actor(), transcript_id, query["page"])
    items = [row._asdict() for row in page.items]
    return paged(page, items)


class RecognitionForm(Schema):
    """In which language is spoken; found out when left out."""

    language = String(load_default="", validate=Length(max=35))


class RecognitionState(Schema):
    """How far the making of a transcript is: waiting, running, done, failed."""

    recording = Integer()
    language = String()
    state = String()
    percent = Integer()
    failure = String()


@api.post(RECORDING + "/recognition")
@api.input(RecognitionForm, arg_name="form")
@api.output(RecognitionState, status_code=202)
@api.doc(summary="Have a transcript made by machine")
def recognise(recording_id: int, form: dict[str, Any]) -> dict[str, Any]:
    """Ask the recogniser for a transcript; 409 where none is set up."""
    return _recognition(recognising.ask(actor(), recording_id, form["language"]))


@api.get(RECORDING + "/recognition")
@api.output(RecognitionState)
@api.doc(summary="See how far the making of a transcript is")
def recognition(recording_id: int) -> dict[str, Any]:
    """Say how far a transcript made by machine is. 404 when nobody asked for one."""
    recording_queries.get_manageable(actor(), recording_id)
    row = recognising.find(recording_id)
    if row is None:
        raise NotFound(N_("Nobody has asked for a transcript of this recording."))
    return _recognition(row)


def _recognition(row: Recognition) -> dict[str, Any]:
    failure = gettext(row.failure) % {"detail": row.failure_detail} if row.failure else ""
    return {
        "recording": row.recording,
        "language": row.language,
        "state": row.state,
        "percent": row.percent,
        "failure": failure,
    }


# ---- lines ---------------------------------------------------------------------------------------------------------


@api.post(TRANSCRIPT + "/lines")
@api.input(NewLine, arg_name="line")
@api.output(LineOutcome)
@api.doc(summary="Add a line to a transcript")
def insert(transcript_id: int, line: dict[str, Any]) -> dict[str, Any]:
    """Add a line that begins at a second."""
    return _outcome(cue_service.insert(actor(), transcript_id, round(line["start"] * 1000), line["text"]))


@api.post(TRANSCRIPT + "/undo")
@api.output(LineOutcome)
@api.doc(summary="Take back the own last change of a transcript")
def undo(transcript_id: int) -> dict[str, Any]:
    """Take back the member's own last change that stands."""
    return _outcome(cue_service.undo(actor(), transcript_id))


@api.post(CHANGE + "/take-back")
@api.output(LineOutcome)
@api.doc(summary="Take a change back, or put in what was typed in vain")
def take_back(change_id: int) -> dict[str, Any]:
    """Take a change of the history back."""
    return _outcome(cue_service.take_back(actor(), change_id))


@api.patch(CUE)
@api.input(LineChange, arg_name="change")
@api.output(LineOutcome)
@api.doc(summary="Change a line of a transcript")
def save(cue_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Change the text or the times of a line."""
    start, end = _ms(change.get("start")), _ms(change.get("end"))
    return _outcome(cue_service.save(actor(), cue_id, change["version"], change.get("text"), start, end))


@api.post(CUE + "/split")
@api.input(LineSplit, arg_name="where")
@api.output(LineOutcome)
@api.doc(summary="Cut a line in two")
def split(cue_id: int, where: dict[str, Any]) -> dict[str, Any]:
    """Cut a line in two after so many characters."""
    return _outcome(cue_service.split(actor(), cue_id, where["version"], where["at"], _ms(where["second"])))


@api.post(CUE + "/merge")
@api.input(LineAt, arg_name="seen")
@api.output(LineOutcome)
@api.doc(summary="Make a line and the one below it one")
def merge(cue_id: int, seen: dict[str, Any]) -> dict[str, Any]:
    """Join a line with the one below it."""
    return _outcome(cue_service.merge(actor(), cue_id, seen["version"]))


@api.delete(CUE)
@api.input(LineAt, location="query", arg_name="seen")
@api.output(LineOutcome)
@api.doc(summary="Take a line out")
def delete(cue_id: int, seen: dict[str, Any]) -> dict[str, Any]:
    """Take a line out of its transcript."""
    return _outcome(cue_service.delete(actor(), cue_id, seen["version"]))


# ---- chapters ------------------------------------------------------------------------------------------------------


@api.get(RECORDING + "/chapters")
@api.output(ChapterList)
@api.doc(summary="List the chapters of a recording")
def chapters_of(recording_id: int) -> dict[str, Any]:
    """Give the chapters of a recording."""
    queries.require_seen(actor(), recording_id)
    return _chapters(recording_id)


def _chapters(recording_id: int) -> dict[str, Any]:
    headings = chapters.chapters_of(recording_id)
    return {"items": [{"start": heading.start_ms / 1000, "title": heading.title} for heading in headings]}


@api.put(RECORDING + "/chapters")
@api.input(ChapterText, arg_name="typed")
@api.output(ChapterList)
@api.doc(summary="Put chapters in the place of those there are")
def put_chapters(recording_id: int, typed: dict[str, Any]) -> dict[str, Any]:
    """Take chapters as rows of time and title."""
    chapters.put(actor(), recording_id, typed["chapters"])
    return _chapters(recording_id)
