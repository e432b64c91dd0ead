"""The studio: all that a lecturer owns with its state and audience, and where people stop in a lecture."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.lectures import audience_queries, part_rules
from lms.lectures import queries as lectures
from lms.lectures.audience_rules import Slice, greatest_loss
from lms.lectures.parts import Part
from lms.materials.rules import GAVE_UP
from lms.members import lecturer_queries
from lms.studio import queries, rules
from lms.studio.queries import Filter
from lms.studio.rules import Owned
from lms.uploads.words import form_address
from lms.web.addresses import url_for
from lms.web.i18n import gettext, lazy_gettext
from lms.web.signin import actor
from lms.web.table_files import table_file
from lms.web.view import PAGE_SIZE, page_number

pages = Blueprint("studio", __name__)

LECTURE = "/studio/lectures/<int(max=2147483647):lecture_id>"
TEXT_CHARS = 100
PARTS = 40
WIDTH, HEIGHT = 600, 120
KIND_WORDS = {
    "lecture": lazy_gettext("Lecture"),
    "material": lazy_gettext("Material"),
    "course": lazy_gettext("Course"),
    "upload": lazy_gettext("Upload"),
}
STATE_WORDS = {
    "failed": lazy_gettext("Failed"),
    "unused": lazy_gettext("Arrived, not used yet"),
    "uploading": lazy_gettext("Uploading"),
    "preparing": lazy_gettext("Preparing"),
    "unpublished": lazy_gettext("Not published"),
    "words": lazy_gettext("Published, needs a transcript"),
    "published": lazy_gettext("Published for its audience"),
    "archived": lazy_gettext("Put away"),
}
PILLS = {
    "failed": "failed",
    "unused": "late",
    "uploading": "preparing",
    "preparing": "preparing",
    "unpublished": "draft",
    "words": "late",
    "published": "ready",
    "archived": "draft",
}
SORT_WORDS = {
    "newest": lazy_gettext("Latest first"),
    "title": lazy_gettext("Title A to Z"),
    "state": lazy_gettext("What needs a hand first"),
    "begun": lazy_gettext("Largest audience first"),
}


def _one_of(name: str, known: tuple[str, ...], default: str = "") -> str:
    asked = request.args.get(name, "")
    return asked if asked in known else default


def _wanted() -> Filter:
    return Filter(
        _one_of("kind", rules.KINDS),
        _one_of("state", rules.STATES),
        request.args.get("q", "").strip()[:TEXT_CHARS].replace("\0", ""),
        _one_of("sort", rules.SORTS, rules.SORTS[0]),
    )


@pages.get("/studio")
def studio() -> str:
    """Show all that the reader owns."""
    me, today, wanted = actor(), clock.today(), _wanted()
    found = queries.get_studio(me, wanted, page_number(), PAGE_SIZE)
    return render_template(
        "studio/studio.html",
        studio=found,
        wanted=wanted,
        own=[(row, row.state(today)) for row in lecturer_queries.list_own(me)],
        kinds={key: str(word) for key, word in KIND_WORDS.items()},
        states={key: str(word) for key, word in STATE_WORDS.items()},
        pills=PILLS,
        sorts=[(key, str(word)) for key, word in SORT_WORDS.items()],
        href=_href,
        here=request.full_path.rstrip("?"),
        why=why_words,
        may_pass=(*part_rules.MAY_PASS, GAVE_UP),
    )


@pages.get("/studio.csv", defaults={"form": "csv"})
@pages.get("/studio.xlsx", defaults={"form": "xlsx"})
def table(form: str) -> Response:
    """Hand out the list with its audience as a table, to report or to reckon with."""
    found = queries.get_studio(actor(), _wanted(), 1, len(rules.KINDS) * queries.MOST_OF_A_KIND)
    heads = [
        gettext("Kind"),
        gettext("Title"),
        gettext("State"),
        gettext("Added on"),
        gettext("Begun by"),
        gettext("Finished by"),
        gettext("Minutes listened to"),
        gettext("Address"),
    ]
    return table_file(form, gettext("Studio"), heads, map(_cells, found.page.items), real=(3, 4, 5, 6))


def _cells(owned: Owned) -> list[str]:
    figures = [owned.begun, owned.finished, owned.minutes if owned.kind == "lecture" else ""]
    day = clock.local(owned.created_at).date().isoformat()
    said = [str(KIND_WORDS[owned.kind]), owned.title, str(STATE_WORDS[owned.state]), day]
    return [*said, *map(str, figures), _href(owned)]


def _href(owned: Owned) -> str:
    if owned.kind == "lecture":
        return str(url_for("lectures.lecture", lecture_id=owned.ref, part=owned.part))
    if owned.kind == "material":
        return str(url_for("materials.material", material_id=owned.ref))
    if owned.kind == "course":
        return str(url_for("courses.course", course_id=owned.ref))
    return form_address(owned.purpose, owned.page, owned.ref) or str(url_for("uploads.uploads"))


def why_words(owned: Owned) -> str:
    """Say in the reader's language why something failed."""
    return str(gettext(owned.why)) % {"detail": owned.why_detail} if owned.why else ""


@pages.get(LECTURE)
def lecture(lecture_id: int) -> str:
    """Show the audience of a lecture in figures, and where people stop in each of its recordings."""
    shown = lectures.get_manageable(actor(), lecture_id)
    stops = audience_queries.where_people_stop(shown, PARTS)
    return render_template(
        "studio/lecture.html",
        lecture=shown,
        figures=audience_queries.audience_of([lecture_id]).of(lecture_id),
        curves=[_curve(part, stops[part.id]) for part in shown.parts if part.id in stops],
        most=audience_queries.MOST_VIEWERS,
        several=len(shown.parts) > 1,
        width=WIDTH,
        height=HEIGHT,
    )


def _curve(part: Part, stops: audience_queries.Stops) -> dict[str, Any]:
    """Draw how many played each stretch: the points of a line, with the greatest number at the top."""
    most = max(stops.viewers, 1)
    step = WIDTH / max(len(stops.parts), 1)
    points = [
        (round((number + 0.5) * step, 1), round(HEIGHT - HEIGHT * found.viewers / most, 1))
        for number, found in enumerate(stops.parts)
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    if points:
        line = f"0,{points[0][1]:g} {line} {WIDTH},{points[-1][1]:g}"
    area = f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}" if points else ""
    return {
        "part": part,
        "stops": stops,
        "line": line,
        "area": area,
        "loss": greatest_loss(stops.parts),
        "rows": tenths(stops),
    }


def tenths(stops: audience_queries.Stops) -> list[Slice]:
    """Give the curve in ten steps for the table: who plays the beginning of each, and all who stop in it."""
    size = max(1, len(stops.parts) // 10)
    steps = [stops.parts[first : first + size] for first in range(0, len(stops.parts), size)]
    return [
        Slice(step[0].start_s, step[-1].end_s, step[0].viewers, sum(part.stopped for part in step)) for step in steps
    ]
