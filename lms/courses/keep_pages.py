"""Pages for those who make courses: the forms, the items in their order, publishing, putting away, who is how far."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lms.categories import queries as categories
from lms.categories import words as category_names
from lms.courses import choosing, completing, item_queries, people_queries, queries, rules, service
from lms.courses.pages import COURSE, refusal_words
from lms.courses.people_table import people_file
from lms.courses.queries import CourseView
from lms.courses.rules import Details, Item
from lms.courses.words import KIND_WORDS, PEOPLE_SORT_WORDS, STATE_WORDS
from lms.errors import N_, InvalidInput, LmsError
from lms.members.access import Action, Actor, may, require
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.typed import typed_text
from lms.web.addresses import url_for
from lms.web.i18n import gettext, words
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import PAGE_SIZE, attempt, day, page_number, whole_number

pages = Blueprint("course_keeping", __name__)

LARGEST_ID = 2_147_483_647
NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})
PERSON = "<int(max=2147483647):member>"
TEXT_CHARS = 100
STEPS = {"up": -1, "down": 1}
WITH_AMOUNT = ("count", "share")


# ---- what a course is ----------------------------------------------------------------------------------------------


@pages.get("/courses/new")
def new_course() -> str:
    """Show the form for a new course."""
    maker = actor()
    require(maker, Action.COURSE_EDIT)
    lecturer = maker.id if not may(maker, Action.COURSE_MANAGE) else ""
    usual = {"rule": "all", "audience": "everyone", "late_counts": "1"}
    return _new_page({**usual, "unit": maker.home, "lecturer": lecturer}, {})


@pages.post("/courses/new")
def make_course() -> AnyResponse | tuple[str, int]:
    """Make a course, then go on to its items."""
    maker = actor()
    require(maker, Action.COURSE_EDIT)
    errors: dict[str, LmsError] = {}
    details = _details(errors)
    errors = {**service.faults(maker, details), **errors}
    if errors:
        return _new_page(request.form.to_dict(), errors), 422
    made = service.make_course(maker, details)
    return redirect(url_for("course_keeping.edit_course", course_id=made), code=303)


def _new_page(values: dict[str, Any], errors: dict[str, LmsError]) -> str:
    return render_template("courses/new.html", **_form_context(actor(), values, errors))


def _details(errors: dict[str, LmsError]) -> Details:
    form = request.form
    rule = form.get("rule", "")
    amount = attempt(errors, lambda: whole_number(form.get(rule), "amount", 0, 999)) if rule in WITH_AMOUNT else 0
    return Details(
        title=form.get("title", ""),
        summary=form.get("summary", ""),
        lecturer=attempt(errors, lambda: whole_number(form.get("lecturer"), "lecturer", 1, LARGEST_ID)),
        lecturer_name=form.get("lecturer_name", ""),
        category=form.get("category", ""),
        class_hour_tenths=attempt(errors, lambda: rules.tenths(form.get("class_hours", ""))),
        unit=attempt(errors, lambda: whole_number(form.get("unit"), "unit", 1, LARGEST_ID)),
        audience=form.get("audience", ""),
        since=attempt(errors, lambda: day(form.get("since"), "since")),
        until=attempt(errors, lambda: day(form.get("until"), "until")),
        late_counts=form.get("late_counts") == "1",
        rule=rule,
        amount=amount,
    )


def _form_context(
    maker: Actor, values: dict[str, Any], errors: dict[str, LmsError], course: CourseView | None = None
) -> dict[str, Any]:
    rows = unit_choices(maker, Action.COURSE_EDIT)
    units = unit_options(rows)
    paths = [row.path for row in rows]
    if course is not None and course.unit not in dict(units):
        units.insert(0, (course.unit, course.unit_name))
        paths.append(course.unit_path)
    return {
        "values": values,
        "errors": {name: words(error) for name, error in errors.items()},
        "units": units,
        "lecturers": choosing.lecturer_choices(maker, course.lecturer if course else None),
        "outside": choosing.outside_lecturers(),
        "categories": category_names.options(categories.choices_for(paths)),
    }


def _values_of(course: CourseView) -> dict[str, Any]:
    return {
        **course._asdict(),
        "class_hours": rules.hours(course.class_hour_tenths) if course.class_hour_tenths else "",
        "lecturer_name": "" if course.lecturer else course.lecturer_name,
        course.rule: course.amount,
    }


@pages.get(COURSE + "/edit")
def edit_course(course_id: int) -> str:
    """Show where a course is made: its items, what can be added, what is said of it."""
    return _edit_page(queries.get_manageable(actor(), course_id), None, {})


def _edit_page(
    course: CourseView,
    values: dict[str, Any] | None,
    errors: dict[str, LmsError],
    said: Mapping[str, str] = NOTHING_TYPED,
) -> str:
    maker = actor()
    items = [
        item._replace(remark=said.get(f"remark-{item.kind}-{item.ref}", item.remark))
        for item in item_queries.list_items(maker, course)
    ]
    return render_template(
        "courses/edit.html",
        course=course,
        items=items,
        refusal=refusal_words(maker, course),
        **_candidates(course),
        **_form_context(maker, values or _values_of(course), errors, course),
    )


def _candidates(course: CourseView) -> dict[str, Any]:
    text = typed_text(request.args.get("q", ""), TEXT_CHARS)
    kinds = {key: str(word) for key, word in KIND_WORDS.items()}
    return {"text": text, "found": choosing.candidates(actor(), course.id, text), "kinds": kinds}


@pages.get(COURSE + "/candidates")
def candidates(course_id: int) -> str:
    """Give what can be added as a part of the page, for finding while typing."""
    course = queries.get_manageable(actor(), course_id)
    return render_template("courses/_candidates.html", course=course, **_candidates(course))


@pages.post(COURSE + "/edit")
def change_course(course_id: int) -> AnyResponse | tuple[str, int]:
    """Change what is said of a course, or show the form again with all that is wrong."""
    maker = actor()
    course = queries.get_manageable(maker, course_id)
    errors: dict[str, LmsError] = {}
    details = _details(errors)
    errors = {**service.faults(maker, details, course.unit, course.category), **errors}
    if not errors:
        try:
            service.change_course(maker, course_id, details)
        except InvalidInput as error:
            errors = {error.field or "": error}
    if errors:
        return _edit_page(course, request.form.to_dict(), errors), 422
    return _to_edit(course_id, gettext("The changes are saved."))


def _to_edit(course_id: int, said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("course_keeping.edit_course", course_id=course_id), code=303)


# ---- its items -----------------------------------------------------------------------------------------------------


@pages.post(COURSE + "/items")
def set_items(course_id: int) -> AnyResponse | tuple[str, int]:
    """Save order, remarks and what is required; what is ticked "take out" goes, and one may move by a place."""
    form = request.form
    items = [
        Item(kind, ref, f"required-{key}" in form, form.get(f"remark-{key}", ""))
        for key in form.getlist("item")
        if f"off-{key}" not in form
        for kind, ref in [_kind_and_ref(key)]
    ]
    way, _, key = form.get("move", "").partition("-")
    if way in STEPS:
        items = rules.moved(items, *_kind_and_ref(key), STEPS[way])
    try:
        service.set_items(actor(), course_id, items)
    except InvalidInput as error:
        return _edit_page(queries.get_manageable(actor(), course_id), None, {"items": error}, form), 422
    return _to_edit(course_id, gettext("The changes are saved."))


def _kind_and_ref(key: str) -> tuple[str, int]:
    kind, _, ref = key.partition("-")
    number = whole_number(ref, "items", 1, LARGEST_ID)
    if number is None:
        raise InvalidInput(N_("A course consists of lectures and materials."), field="items")
    return kind, number


@pages.post(COURSE + "/add")
def add_item(course_id: int) -> AnyResponse:
    """Put a lecture or material at the end of a course."""
    kind, ref = _kind_and_ref(request.form.get("item", ""))
    service.add_item(actor(), course_id, Item(kind, ref))
    text = request.form.get("q") or None
    return redirect(url_for("course_keeping.edit_course", course_id=course_id, q=text, _anchor="add"), code=303)


# ---- what happens to it --------------------------------------------------------------------------------------------


def _to_course(course_id: int, said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("courses.course", course_id=course_id), code=303)


@pages.post(COURSE + "/publish")
def publish(course_id: int) -> AnyResponse:
    """Let members see a course."""
    service.publish_course(actor(), course_id)
    return _to_course(course_id, gettext("The course is published: everybody whom it is for sees it now."))


@pages.post(COURSE + "/archive")
def archive(course_id: int) -> AnyResponse:
    """Put a course away."""
    service.archive_course(actor(), course_id)
    return _to_course(course_id, gettext("The course is put away. You can bring it back here at any time."))


@pages.post(COURSE + "/restore")
def restore(course_id: int) -> AnyResponse:
    """Bring a course back."""
    service.restore_course(actor(), course_id)
    return _to_course(course_id, gettext("The course is back in the list."))


@pages.post(COURSE + "/copy")
def copy(course_id: int) -> AnyResponse:
    """Make a course like this one for the next year."""
    made = service.copy_course(actor(), course_id)
    return _to_edit(made, gettext("This is a copy for next year. It is a draft still."))


@pages.post(COURSE + "/delete")
def delete(course_id: int) -> AnyResponse:
    """Delete a draft."""
    service.delete_course(actor(), course_id)
    flash(gettext("The draft is gone."), "success")
    return redirect(url_for("courses.courses", which="kept"), code=303)


# ---- who is how far ------------------------------------------------------------------------------------------------


def _asked_people() -> tuple[str, str, int | None, str]:
    args = request.args
    state, sort = args.get("state", ""), args.get("sort", "")
    unit = whole_number(args.get("unit"), "unit", 1, LARGEST_ID)
    return (
        state if state in people_queries.STATES else "",
        sort if sort in people_queries.sorts_for(profile()) else people_queries.SORTS[0],
        unit,
        typed_text(args.get("q", ""), people_queries.LONGEST_NAME),
    )


@pages.get(COURSE + "/members")
def people(course_id: int) -> str:
    """Show who is how far in a course."""
    reader = actor()
    state, sort, unit, text = _asked_people()
    found = people_queries.get_people(reader, course_id, state, sort, page_number(), PAGE_SIZE, unit, text)
    return render_template(
        "courses/people.html",
        course=found.course,
        people=found,
        items=item_queries.count_items(course_id),
        state=state,
        sort=sort,
        unit=unit,
        text=text,
        units=unit_options(unit_choices(reader, Action.PROGRESS_OF_OTHERS)),
        states=[(key, str(word)) for key, word in STATE_WORDS.items() if found.whole or key != "open"],
        state_words={key: str(word) for key, word in STATE_WORDS.items()},
        sorts=[(key, str(PEOPLE_SORT_WORDS[key])) for key in people_queries.sorts_for(profile())],
        corrects=may(reader, Action.COURSE_MANAGE, found.course.unit_path),
    )


@pages.get(COURSE + "/members.csv", defaults={"form": "csv"})
@pages.get(COURSE + "/members.xlsx", defaults={"form": "xlsx"})
def people_table(course_id: int, form: str) -> Response:
    """Hand out who is how far as a table."""
    return people_file(actor(), course_id, *_asked_people(), form)


@pages.post(COURSE + f"/members/{PERSON}/withdraw")
def withdraw_completion(course_id: int, member: int) -> AnyResponse:
    """Take a completion back that should not count."""
    completing.withdraw_completion(actor(), course_id, member)
    flash(gettext("The completion is taken back. You can give it back here."), "success")
    return redirect(url_for("course_keeping.people", course_id=course_id), code=303)


@pages.post(COURSE + f"/members/{PERSON}/give-back")
def give_back_completion(course_id: int, member: int) -> AnyResponse:
    """Let a completion count again."""
    completing.give_back_completion(actor(), course_id, member)
    flash(gettext("The completion counts again."), "success")
    return redirect(url_for("course_keeping.people", course_id=course_id), code=303)
