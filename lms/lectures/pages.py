"""Pages of lectures: the list, the player with its transcript, uploading and looking after a lecture."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from lms.config import MIB, Settings
from lms.errors import Conflict, InvalidInput, LmsError, NotFound, TooLarge, Unavailable
from lms.lectures import destinations, part_rules, player_page, queries, rules, service
from lms.lectures.arriving import recording_sent
from lms.lectures.parts import LectureView, Part
from lms.lectures.queries import Filter
from lms.lectures.service import Upload
from lms.members.access import Action, publish_refusal, require
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.uploads import fields
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext, lazy_gettext, words
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit
from lms.web.view import PAGE_SIZE, attempt, day, page_number, whole_number

pages = Blueprint("lectures", __name__)

ID = "int(max=2147483647)"
LECTURE = f"/lectures/<{ID}:lecture_id>"
RECORDING = f"/recordings/<{ID}:recording_id>"
ACCEPT = (
    "video/*,audio/*,.mp4,.m4v,.mov,.mkv,.webm,.avi,.flv,.wmv,.asf,.ts,.mpg,.mpeg,.3gp,"
    ".m4a,.mp3,.aac,.wav,.flac,.ogg,.opus,.amr"
)
FIND_CHARS = 100
SORT_WORDS = {"newest": lazy_gettext("Latest lectures first"), "title": lazy_gettext("By title of the lecture")}
TOLD = ("title", "summary", "speaker", "held_on", "unit", "audience", "done_percent")


def recording_limit(settings: Settings) -> int:
    """Give the greatest size of a recording in bytes."""
    return settings.max_recording_mib * MIB


allow_upload(
    "lectures.upload", recording_limit, Action.LECTURE_UPLOAD, lambda uploader, _: destinations.of_new(uploader)
)


# ---- the list ------------------------------------------------------------------------------------------------------


@pages.get("/lectures")
def lectures() -> str:
    """Show the lectures, with how far the reader is in each."""
    args = request.args
    wanted = Filter(
        text=args.get("q", "").strip()[:FIND_CHARS].replace("\0", ""),
        mine=args.get("mine") == "1",
        archived=args.get("archived") == "1",
        sort=args.get("sort", "") if args.get("sort") in queries.SORTS else queries.SORTS[0],
    )
    return render_template(
        "lectures/lectures.html",
        page=queries.list_lectures(actor(), wanted, page_number(), PAGE_SIZE),
        wanted=wanted,
        sorts=list(SORT_WORDS.items()),
        panels=panels.loaded_panels("lectures", actor(), 0),
    )


# ---- one lecture ---------------------------------------------------------------------------------------------------


@pages.get(LECTURE)
def lecture(lecture_id: int) -> str:
    """Show a lecture: ?part= is the recording to play, else the one the member goes on in; it begins at ?t= seconds."""
    reader = actor()
    shown = queries.get_lecture(reader, lecture_id, asked_part())
    return render_template(
        "lectures/lecture.html",
        lecture=shown,
        failure=failure_words(shown.part),
        may_pass=shown.part.failure in part_rules.MAY_PASS,
        unpublished=_unpublished(shown),
        max_bytes=recording_limit(current_app.config["LMS"]),
        pieces=_pieces_anew(shown),
        panels=panels.loaded_panels("lecture", reader, lecture_id, shown),
        accept=ACCEPT,
        **player_page.player(reader, shown),
    )


def _pieces_anew(shown: LectureView) -> dict[str, Any] | None:
    """Make the field for another file, where the recording shown has failed and the reader may send one."""
    if not shown.manageable or shown.state != "failed":
        return None
    return fields.pieces("recording", f"recording:{shown.recording}", (shown.uploader, shown.uploader_name))


def asked_part() -> int | None:
    """Read ?part=; anything that cannot be the id of a recording is passed over."""
    raw = request.args.get("part", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def failure_words(part: Part) -> str:
    """Say in the reader's language why a recording could not be prepared; empty when it did not fail."""
    if part.state != "failed":
        return ""
    return str(gettext(part.failure)) % {"detail": part.failure_detail}


# ---- uploading -----------------------------------------------------------------------------------------------------


@pages.get("/lectures/new")
def upload_form() -> str:
    """Show the form for a new lecture."""
    uploader = actor()
    require(uploader, Action.LECTURE_UPLOAD)
    # A lecturer mostly sends what they said themselves; who sends for others is not to leave their own name there.
    speaker = uploader.name if any(grant.role == "lecturer" for grant in uploader.grants) else ""
    return _form({"audience": "everyone", "unit": uploader.home, "speaker": speaker}, {})


@pages.post("/lectures/new")
def upload() -> Response | tuple[str, int]:
    """Take in a lecture, or show the form again with all that is wrong."""
    uploader = actor()
    errors: dict[str, LmsError] = {}
    recording, transcript = attempt_recording(errors), sent_file("transcript")
    details = _details(errors)
    errors = {**service.faults(uploader, details, recording, transcript), **errors}
    if errors or recording is None:
        return _form(request.form.to_dict(), errors), 422
    limit = upload_limit("lectures.upload")
    try:
        lecture_id = service.upload(uploader, details, recording, transcript, limit)
    except (Conflict, TooLarge, Unavailable) as error:
        return _form(request.form.to_dict(), {"file": error}), status_of(error)
    flash(gettext("The recording has arrived. It is being prepared and will be here in a moment."), "success")
    say_if_unpublished(lecture_id)
    return redirect(url_for("lectures.lecture", lecture_id=lecture_id), code=303)


def attempt_recording(errors: dict[str, LmsError]) -> Upload | None:
    """Give the recording that the form brought, whole or in pieces before it; what is wrong goes to ``errors``."""
    try:
        return recording_sent(actor(), request.files.get("file"), request.form.get("upload"))
    except (InvalidInput, Conflict, NotFound) as error:
        errors["file"] = error
        return None


def say_if_unpublished(lecture_id: int) -> None:
    """Tell the uploader that what has arrived is kept but not published, and why."""
    why = _unpublished(queries.get_lecture(actor(), lecture_id))
    if why:
        flash(gettext("It is kept, but not published yet: %(why)s", why=why), "warning")


def _unpublished(shown: LectureView) -> str:
    """Say why the reader may not publish a lecture that is not; empty when it is, or may be."""
    if shown.published_at is not None or not shown.manageable:
        return ""
    refusal = publish_refusal(actor(), Action.LECTURE_MANAGE, shown.unit_path)
    return words(refusal) if refusal else ""


def sent_file(field: str) -> Upload | None:
    """Give an uploaded file; a field left empty comes with no name."""
    sent: FileStorage | None = request.files.get(field)
    return Upload(sent.filename, cast(BinaryIO, sent.stream)) if sent and sent.filename else None


def _details(errors: dict[str, LmsError]) -> rules.Details:
    form = request.form
    return rules.Details(
        title=form.get("title", ""),
        speaker=form.get("speaker", ""),
        summary=form.get("summary", ""),
        audience=form.get("audience", ""),
        unit=attempt(errors, lambda: whole_number(form.get("unit"), "unit", 1, 2**31 - 1)),
        held_on=attempt(errors, lambda: day(form.get("held_on"), "held_on")),
        done_percent=attempt(
            errors, lambda: whole_number(form.get("done_percent", str(rules.DONE_PERCENT)), "done_percent", 1, 100)
        ),
    )


def _form(values: dict[str, Any], errors: dict[str, LmsError], edited: LectureView | None = None) -> str:
    return render_template(
        "lectures/form.html" if edited is None else "lectures/edit.html",
        values=values,
        errors={name: words(error) for name, error in errors.items()},
        units=_units(edited),
        lecture=edited,
        accept=ACCEPT,
        max_bytes=upload_limit("lectures.upload"),
        pieces=fields.pieces("recording"),
    )


def _units(edited: LectureView | None) -> list[tuple[int, str]]:
    units = unit_options(unit_choices(actor(), Action.LECTURE_UPLOAD))
    if edited is not None and edited.unit not in dict(units):
        units.insert(0, (edited.unit, edited.unit_name))
    return units


# ---- looking after a lecture ---------------------------------------------------------------------------------------


@pages.get(LECTURE + "/edit")
def edit_form(lecture_id: int) -> str:
    """Show the form with what is said of a lecture."""
    shown = queries.get_manageable(actor(), lecture_id, asked_part())
    values = {
        name: getattr(shown, name)
        for name in ("title", "summary", "speaker", "held_on", "unit", "audience", "done_percent")
    }
    return _form(values, {}, shown)


@pages.post(LECTURE + "/edit")
def edit(lecture_id: int) -> Response | tuple[str, int]:
    """Change what is said of a lecture, or show the form again with all that is wrong."""
    shown = queries.get_manageable(actor(), lecture_id)
    errors: dict[str, LmsError] = {}
    details = _details(errors)
    errors = {**service.detail_faults(actor(), details, shown.unit), **errors}
    if errors:
        return _form(request.form.to_dict(), errors, shown), 422
    service.correct(actor(), lecture_id, details)
    return _done(lecture_id, gettext("The changes are saved."))


@pages.post(LECTURE + "/publish")
def publish(lecture_id: int) -> Response:
    """Let the audience see a lecture."""
    service.publish(actor(), lecture_id)
    return _done(lecture_id, gettext("The lecture is published: everybody whom it is for sees it now."))


@pages.post(LECTURE + "/archive")
def archive(lecture_id: int) -> Response:
    """Put a lecture away."""
    service.archive(actor(), lecture_id)
    return _done(lecture_id, gettext("The lecture is put away. You can bring it back here at any time."))


@pages.post(LECTURE + "/restore")
def restore(lecture_id: int) -> Response:
    """Bring a lecture back."""
    service.restore(actor(), lecture_id)
    return _done(lecture_id, gettext("The lecture is back in the list."))


def _done(lecture_id: int, text: str) -> Response:
    flash(text, "success")
    return redirect(url_for("lectures.lecture", lecture_id=lecture_id), code=303)
