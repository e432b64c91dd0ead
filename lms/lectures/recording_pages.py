"""Pages of the recordings of a lecture: add, name, order, remove or put away; and the bytes that players ask for."""

import re

from flask import Blueprint, current_app, flash, redirect, render_template, request
from werkzeug.wrappers import Request, Response

from lms.errors import Conflict, LmsError, NotFound, TooLarge, Unavailable
from lms.lectures import destinations, part_rules, recording_queries, recordings, service, streaming
from lms.lectures.pages import ACCEPT, LECTURE, RECORDING, attempt_recording, failure_words, recording_limit
from lms.members.access import Action, Actor
from lms.uploads import fields
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext, words
from lms.web.quick_files import Answer, add_way
from lms.web.signin import actor
from lms.web.uploads import allow_upload, upload_limit
from lms.web.view import whole_number

pages = Blueprint("recordings", __name__)

allow_upload(
    "recordings.add",
    recording_limit,
    Action.LECTURE_UPLOAD,
    lambda who, named: [destinations.of_addition(who, named["lecture_id"])],
)
allow_upload(
    "recordings.replace",
    recording_limit,
    Action.LECTURE_UPLOAD,
    lambda who, named: [destinations.of_replacement(who, named["recording_id"])],
)


@pages.get(LECTURE + "/recordings", endpoint="recordings")
def of_lecture(lecture_id: int) -> str:
    """Show the recordings of a lecture to who may change them."""
    return _page(lecture_id, {}, {})


def _page(lecture_id: int, values: dict[str, str], errors: dict[str, LmsError], renamed: int | None = None) -> str:
    """Show the page; what was typed for ``renamed``, or for a new one, stands in its field with what is wrong."""
    lecture, removable = recording_queries.parts_to_manage(actor(), lecture_id)
    return render_template(
        "lectures/recordings.html",
        lecture=lecture,
        removable=removable,
        failures={part.id: failure_words(part) for part in lecture.parts},
        values=values,
        errors={name: words(error) for name, error in errors.items()},
        renamed=renamed,
        accept=ACCEPT,
        max_bytes=upload_limit("recordings.add"),
        pieces=fields.pieces("recording", f"lecture:{lecture_id}", (lecture.uploader, lecture.uploader_name)),
        full=len(lecture.parts) >= part_rules.MOST_RECORDINGS,
    )


@pages.post(LECTURE + "/recordings")
def add(lecture_id: int) -> Response | tuple[str, int]:
    """Take in one more recording, or show the page again with what is wrong."""
    title = request.form.get("part_title", "")
    found: dict[str, LmsError] = {}
    upload = attempt_recording(found)
    errors = {**service.recording_faults(upload), **recordings.title_faults(title), **found}
    if errors or upload is None:
        return _page(lecture_id, {"part_title": title}, errors), 422
    try:
        recordings.add(actor(), lecture_id, title, upload, upload_limit("recordings.add"))
    except (Conflict, TooLarge, Unavailable) as error:
        return _page(lecture_id, {"part_title": title}, {"file": error}), status_of(error)
    return _done(lecture_id, gettext("The recording has arrived. It is being prepared and will be here in a moment."))


def _done(lecture_id: int, text: str) -> Response:
    flash(text, "success")
    return redirect(url_for("recordings.recordings", lecture_id=lecture_id), code=303)


@pages.post(RECORDING + "/rename")
def rename(recording_id: int) -> Response | tuple[str, int]:
    """Give a recording another title."""
    title = request.form.get("part_title", "")
    errors: dict[str, LmsError] = {**recordings.title_faults(title)}
    if errors:
        lecture = recording_queries.get_manageable(actor(), recording_id)
        return _page(lecture.id, {"part_title": title}, errors, recording_id), 422
    return _done(recordings.rename(actor(), recording_id, title), gettext("The title is saved."))


@pages.post(RECORDING + "/move")
def move(recording_id: int) -> Response:
    """Let a recording stand at another place."""
    place = whole_number(request.form.get("place"), "place", 1, part_rules.MOST_RECORDINGS) or 1
    lecture_id = recordings.move(actor(), recording_id, place)
    return redirect(url_for("recordings.recordings", lecture_id=lecture_id) + f"#part-{recording_id}", code=303)


@pages.post(RECORDING + "/remove")
def remove(recording_id: int) -> Response:
    """Remove a recording that nobody has watched."""
    return _done(recordings.remove(actor(), recording_id), gettext("The recording is removed."))


@pages.post(RECORDING + "/archive")
def archive(recording_id: int) -> Response:
    """Put a recording away."""
    lecture_id = recordings.archive(actor(), recording_id)
    return _done(lecture_id, gettext("The recording is put away. You can bring it back here at any time."))


@pages.post(RECORDING + "/restore")
def restore(recording_id: int) -> Response:
    """Bring a recording back."""
    return _done(recordings.restore(actor(), recording_id), gettext("The recording is back."))


@pages.post(RECORDING + "/prepare")
def prepare_again(recording_id: int) -> Response:
    """Have a failed recording tried once more."""
    lecture_id = recordings.prepare_again(actor(), recording_id)
    flash(gettext("The recording is being prepared once more."), "success")
    return _to_part(lecture_id, recording_id)


@pages.post(RECORDING + "/file")
def replace(recording_id: int) -> Response:
    """Take another file for a recording that cannot be played."""
    lecture = recording_queries.get_manageable(actor(), recording_id)
    found: dict[str, LmsError] = {}
    upload = attempt_recording(found)
    errors = {**service.recording_faults(upload), **found}
    if not errors and upload is not None:
        try:
            recordings.replace(actor(), recording_id, upload, upload_limit("recordings.replace"))
        except (TooLarge, Unavailable) as error:
            errors["file"] = error
    if errors:
        flash(words(errors["file"]), "error")
    else:
        flash(gettext("The recording has arrived. It is being prepared and will be here in a moment."), "success")
    return _to_part(lecture.id, recording_id)


def _to_part(lecture_id: int, recording_id: int) -> Response:
    return redirect(url_for("lectures.lecture", lecture_id=lecture_id, part=recording_id), code=303)


# ---- what players ask for ------------------------------------------------------------------------------------------


@pages.get(RECORDING + "/media")
def media(recording_id: int) -> Response:
    """Send a recording, whole or the part that a player asks for; who may see it is asked each time."""
    return _said_when_missing(_media, recording_id)


@pages.get(RECORDING + "/sound")
def sound(recording_id: int) -> Response:
    """Send the version of a recording to listen to only."""
    return _said_when_missing(_sound, recording_id)


@pages.get(RECORDING + "/original")
def original(recording_id: int) -> Response:
    """Send the file as it was uploaded, to who may change the lecture."""
    return _said_when_missing(_original, recording_id)


@pages.get(RECORDING + "/poster.jpg")
def poster(recording_id: int) -> Response:
    """Send the picture that stands for a video."""
    return _said_when_missing(_poster, recording_id)


def _said_when_missing(answer: Answer, recording_id: int) -> Response:
    try:
        return answer(actor(), recording_id, request, current_app.config["LMS"].accel_redirect)
    except FileNotFoundError as error:
        raise NotFound(recording_queries.FILE_GONE) from error


def _media(who: Actor, recording_id: int, asked: Request, inside: str) -> Response:
    return streaming.send(asked, recording_queries.get_media(who, recording_id), inside)


def _sound(who: Actor, recording_id: int, asked: Request, inside: str) -> Response:
    return streaming.send(asked, recording_queries.get_sound(who, recording_id), inside)


def _original(who: Actor, recording_id: int, asked: Request, inside: str) -> Response:
    return streaming.send(asked, recording_queries.get_original(who, recording_id), inside, attached=True)


def _poster(who: Actor, recording_id: int, asked: Request, inside: str) -> Response:
    key = recording_queries.get_poster(who, recording_id)
    return streaming.send(asked, recording_queries.Media(key, "image/jpeg", ""), inside)


for name, answer in (("media", _media), ("sound", _sound), ("poster.jpg", _poster)):
    add_way(rf"/recordings/([1-9][0-9]{{0,8}})/{re.escape(name)}", f"recordings.{name.partition('.')[0]}", answer)
