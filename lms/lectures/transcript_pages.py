"""Pages of transcripts and chapters: the editor beside the player, the history, files to take along, tracks."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.amounts import timecode
from lms.errors import N_, InvalidInput, NotFound
from lms.lectures import (
    chapter_rules,
    chapters,
    cue_service,
    player_page,
    queries,
    recognising,
    recording_queries,
    transcript_files,
    transcript_queries,
    transcript_service,
    transcripts,
)
from lms.lectures.models import Lecture
from lms.lectures.pages import RECORDING, sent_file
from lms.lectures.transcript_queries import TranscriptRow
from lms.members.access import Action
from lms.web.addresses import url_for
from lms.web.attachments import attachment
from lms.web.i18n import gettext, lazy_gettext, words
from lms.web.signin import actor
from lms.web.uploads import allow_upload
from lms.web.view import page_number

pages = Blueprint("transcripts", __name__)

ID = "int(max=2147483647)"
TRANSCRIPT = f"/transcripts/<{ID}:transcript_id>"
CHANGE = f"/transcript-changes/<{ID}:change_id>"
ACCEPT = ",".join((*transcript_files.SUFFIXES, "text/vtt", "text/plain"))
LINES_PER_PAGE = 400
MENDED_WORDS = {
    "end": lazy_gettext("ended before it began: its end was put after it"),
    "order": lazy_gettext("began before the line above: it was moved to its place"),
    "joined": lazy_gettext("began together with another line: they are one line of two rows now"),
    "overlap": lazy_gettext("ran into the next line: its end was cut"),
}
HOW_WORDS = {
    "text": lazy_gettext("text"),
    "times": lazy_gettext("times"),
    "split": lazy_gettext("split"),
    "merge": lazy_gettext("joined with the line below"),
    "insert": lazy_gettext("line added"),
    "delete": lazy_gettext("line deleted"),
    "replace": lazy_gettext("another file"),
    "undo": lazy_gettext("taken back"),
    "conflict": lazy_gettext("typed while somebody else changed the line: not in the transcript"),
}

allow_upload("transcripts.put_file", lambda settings: transcript_files.MAX_BYTES, Action.LECTURE_UPLOAD)


# ---- what players and readers take ---------------------------------------------------------------------------------


@pages.get(RECORDING + "/transcript.vtt")
def captions(recording_id: int) -> Response:
    """Send the transcript as WebVTT, written from the stored cues so that no markup of the upload comes back."""
    return Response(_written(recording_id, "vtt"), content_type="text/vtt; charset=utf-8")


@pages.get(RECORDING + "/transcript/<kind>")
def download(recording_id: int, kind: str) -> Response:
    """Send the transcript as a file to keep: VTT, SRT, LRC, or plain text with times."""
    if kind not in transcript_files.WRITERS:
        raise NotFound(N_("There is no transcript in this language."))
    text = _written(recording_id, kind)
    (title,) = queries.watchable(actor(), recording_id, Lecture.title)
    response = Response(text, content_type=f"{transcript_files.WRITERS[kind][1]}; charset=utf-8")
    response.headers["Content-Disposition"] = attachment(_file_name(str(title), kind))
    return response


def _file_name(title: str, kind: str) -> str:
    kept = "".join(char for char in title if char.isalnum() or char in " -_")[:60].strip()
    return f"{kept or 'transcript'}.{kind}"


def _written(recording_id: int, kind: str) -> str:
    row = transcript_queries.get_seen(actor(), recording_id, request.args.get("lang", ""))
    write, _ = transcript_files.WRITERS[kind]
    return write((cue.start_ms, cue.end_ms, cue.text) for cue in transcript_queries.cues_of(row.id))


@pages.get(RECORDING + "/chapters.vtt")
def chapter_track(recording_id: int) -> Response:
    """Send the chapters as a track of the player."""
    duration_ms = queries.get_playable(actor(), recording_id)
    text = transcripts.write(chapters.spans(chapters.chapters_of(recording_id), duration_ms))
    return Response(text, content_type="text/vtt; charset=utf-8")


# ---- the editor ----------------------------------------------------------------------------------------------------


@pages.get(RECORDING + "/transcript")
def editor(recording_id: int) -> str:
    """Show the lines of a transcript beside the player, to who may change the lecture."""
    return _editor(recording_id, {}, {})


def _editor(recording_id: int, values: dict[str, str], errors: dict[str, InvalidInput]) -> str:
    lecture = recording_queries.get_manageable(actor(), recording_id)
    rows = transcript_queries.transcripts_of([recording_id]).get(recording_id, [])
    asked = request.args.get("lang", "")
    chosen = next((row for row in rows if row.language == asked), rows[0] if rows else None)
    return render_template(
        "lectures/transcript.html",
        lecture=lecture,
        transcript=chosen,
        transcripts=[(row, player_page.language_words(row.language)) for row in rows],
        page=transcript_queries.lines_of(chosen.id, page_number(), LINES_PER_PAGE) if chosen else None,
        clock_words=chapter_rules.clock_words,
        mended=_mended(chosen),
        encodings=transcript_files.ENCODINGS,
        accept=ACCEPT,
        chapters=values.get("chapters", chapter_rules.write(chapters.chapters_of(recording_id))),
        values=values,
        **{"languages": player_page.languages(), **player_page.recognition(lecture)},
        errors={name: words(error) for name, error in errors.items()},
    )


def _mended(row: TranscriptRow | None) -> list[tuple[int, str, str]]:
    if row is None:
        return []
    return [(line, timecode(start / 1000), str(MENDED_WORDS[what])) for line, start, what in row.mended]


@pages.post(RECORDING + "/transcript")
def put_file(recording_id: int) -> Response | tuple[str, int]:
    """Take a file in the place of the transcript in its language, or say what is wrong with it."""
    sent = sent_file("transcript")
    form = request.form
    try:
        if sent is None:
            raise InvalidInput(N_("Please choose a transcript."), field="transcript")
        given = transcript_service.take(sent.stream, sent.name, form.get("encoding", ""))
        transcript_id = transcript_service.put_file(actor(), recording_id, given, form.get("language", ""))
    except InvalidInput as error:
        return _editor(recording_id, form.to_dict(), {error.field or "transcript": error}), 422
    count = len(given.reading.lines)
    mended = len(given.reading.mended)
    flash(gettext("The transcript is in place: %(count)s cues.", count=count), "success")
    if mended:
        text = gettext("%(count)s times in the file were wrong and have been put right: see below.", count=mended)
        flash(text, "warning")
    return _to_editor(transcript_queries.get_managed(actor(), transcript_id))


def _to_editor(row: TranscriptRow) -> Response:
    return redirect(url_for("transcripts.editor", recording_id=row.recording, lang=row.language), code=303)


@pages.post(RECORDING + "/recognise")
def recognise(recording_id: int) -> Response:
    """Have a transcript made by machine."""
    recognising.ask(actor(), recording_id, request.form.get("language", ""))
    flash(gettext("A transcript is being made by machine. It will be here as soon as it is ready."), "success")
    return redirect(url_for("transcripts.editor", recording_id=recording_id) + "#recognise", code=303)


@pages.post(TRANSCRIPT + "/language")
def set_language(transcript_id: int) -> Response:
    """Say in which language a transcript is."""
    transcript_service.set_language(actor(), transcript_id, request.form.get("language", ""))
    flash(gettext("The language is saved."), "success")
    return _to_editor(transcript_queries.get_managed(actor(), transcript_id))


@pages.post(TRANSCRIPT + "/encoding")
def read_again(transcript_id: int) -> Response:
    """Read the transcript's file once more in another encoding."""
    try:
        transcript_service.read_again(actor(), transcript_id, request.form.get("encoding", ""))
        flash(gettext("The file was read once more. What stood there before is in the history."), "success")
    except InvalidInput as error:
        flash(words(error), "error")
    return _to_editor(transcript_queries.get_managed(actor(), transcript_id))


@pages.post(TRANSCRIPT + "/checked")
def mark_checked(transcript_id: int) -> Response:
    """Note that somebody has read a transcript through."""
    transcript_service.mark_checked(actor(), transcript_id)
    flash(gettext("Noted: this transcript has been read through."), "success")
    return _to_editor(transcript_queries.get_managed(actor(), transcript_id))


@pages.post(TRANSCRIPT + "/remove")
def remove(transcript_id: int) -> Response:
    """Remove a transcript."""
    row = transcript_queries.get_managed(actor(), transcript_id)
    transcript_service.remove(actor(), transcript_id)
    flash(gettext("The transcript is removed."), "success")
    return redirect(url_for("transcripts.editor", recording_id=row.recording), code=303)


@pages.get(TRANSCRIPT + "/history")
def history(transcript_id: int) -> str:
    """Show what was changed in a transcript, by whom, with a way back."""
    row = transcript_queries.get_managed(actor(), transcript_id)
    lecture = recording_queries.get_manageable(actor(), row.recording)
    page = transcript_queries.list_changes(actor(), transcript_id, page_number())
    return render_template(
        "lectures/transcript_history.html",
        lecture=lecture,
        transcript=row,
        language=player_page.language_words(row.language),
        page=page,
        how_words=HOW_WORDS,
        shown=_shown,
    )


def _shown(lines: list[list[Any]]) -> list[tuple[str, str]]:
    """Give the first lines of a change as (time, text), the number of the others last."""
    found = [(timecode(start / 1000), text) for start, _, text in lines[:3]]
    return [*found, ("", f"… +{len(lines) - 3}")] if len(lines) > 3 else found


@pages.post(CHANGE + "/take-back")
def take_back(change_id: int) -> Response:
    """Take a change of the history back."""
    outcome = cue_service.take_back(actor(), change_id)
    flash(gettext("Taken back."), "success")
    return redirect(url_for("transcripts.history", transcript_id=outcome.transcript), code=303)


@pages.post(RECORDING + "/chapters")
def put_chapters(recording_id: int) -> Response | tuple[str, int]:
    """Take the chapters as they were typed, or say which row is wrong."""
    typed = request.form.get("chapters", "")
    try:
        count = chapters.put(actor(), recording_id, typed)
    except InvalidInput as error:
        return _editor(recording_id, {"chapters": typed}, {"chapters": error}), 422
    flash(gettext("%(count)s chapters are in place.", count=count), "success")
    return redirect(url_for("transcripts.editor", recording_id=recording_id) + "#chapters", code=303)
