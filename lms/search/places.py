"""Where a hit leads, and how the place is called."""

from collections.abc import Callable

from lms.amounts import timecode
from lms.lectures.documents import second_and_recording, second_of
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from search_index import Hit, Part, Snippet


def _in_lecture(ref: int, second: str, recording: str) -> str:
    return url_for("lectures.lecture", lecture_id=ref, part=recording or None, t=second or None)


ADDRESSES: dict[str, Callable[[int, str], str]] = {
    "activity": lambda ref, place: url_for("activities.activity", activity_id=ref),
    "book": lambda ref, place: url_for("catalogue.book", book_id=ref),
    "course": lambda ref, place: url_for("courses.course", course_id=ref),
    "question": lambda ref, place: url_for("questions.question", question_id=ref),
    "list": lambda ref, place: url_for("lists.show_list", list_id=ref),
    "note": lambda ref, place: url_for("notes.note", note_id=ref),
    "lecture": lambda ref, place: _in_lecture(ref, *second_and_recording(place)),
    "material": lambda ref, place: (
        url_for("materials.material_page", material_id=ref, number=place)
        if place
        else url_for("materials.material", material_id=ref)
    ),
}
"""The address of a thing, or with a place the address of a place in it."""


def place_of(hit: Hit) -> str:
    """Give the place of a hit: a page, the second at which the first marked words are said, empty for the thing."""
    cues = hit.extra.get("cues")
    if not cues:
        return hit.place
    return second_of(cues, next((text for text, marked in hit.snippet if marked), ""))


def address(hit: Hit) -> str:
    """Give the address that opens a hit: the book, the note, the page of a material, the second of a lecture."""
    return ADDRESSES[hit.kind](hit.ref, place_of(hit))


def words_of(kind: str, place: str, heading: str) -> str:
    """Say where in a thing a place is, which stands under a heading or under none."""
    if kind == "lecture":
        return gettext("at %(time)s", time=timecode(float(second_and_recording(place)[0])))
    page = gettext("page %(number)s", number=place)
    return f"{page} · {heading}" if heading else page


def thing_title(hit: Hit) -> Snippet:
    """Give the title of the thing that a hit lies in, its marks kept: a place's title begins with it."""
    own = hit.extra.get("of")
    return hit.marked_title if own is None else _beginning(hit.marked_title, len(own))


def _beginning(parts: Snippet, length: int) -> Snippet:
    kept: list[Part] = []
    for text, marked in parts:
        if length <= 0:
            break
        kept.append((text[:length], marked))
        length -= len(text)
    return tuple(kept)
