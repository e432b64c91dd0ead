"""The words of courses, for pages and API."""

from lms.courses.queries import CourseView
from lms.courses.rules import hours
from lms.web.i18n import gettext, lazy_gettext, ngettext

KIND_WORDS = {"lecture": lazy_gettext("Lecture"), "material": lazy_gettext("Material")}
STATE_WORDS = {
    "open": lazy_gettext("Not begun"),
    "begun": lazy_gettext("In progress"),
    "done": lazy_gettext("Completed"),
}
SORT_WORDS = {
    "newest": lazy_gettext("Latest courses first"),
    "title": lazy_gettext("Title A to Z"),
    "lecturer": lazy_gettext("By lecturer"),
    "ends": lazy_gettext("Ending soonest"),
    "hours": lazy_gettext("Most class hours first"),
}
PEOPLE_SORT_WORDS = {
    "unit": lazy_gettext("By unit"),
    "name": lazy_gettext("By name"),
    "far": lazy_gettext("Furthest first"),
    "day": lazy_gettext("Completed last first"),
}


def hours_words(tenths: int) -> str:
    """Say class hours: 1.5 class hours; empty for none."""
    if not tenths:
        return ""
    return str(ngettext("%(hours)s class hour", "%(hours)s class hours", 1 if tenths == 10 else 2, hours=hours(tenths)))


def rule_words(course: CourseView, required: int) -> str:
    """Say in a sentence when a course is completed; ``required`` is how many of its items are."""
    if course.rule == "required" and required:
        return str(gettext("Completed when all required items are done."))
    if course.rule == "count":
        return _with_required(gettext("Completed when %(n)s items are done.", n=course.amount), required)
    if course.rule == "share":
        said = gettext("Completed when %(percent)s %% of the items are done.", percent=course.amount)
        return _with_required(said, required)
    return str(gettext("Completed when all items are done."))


def _with_required(said: str, required: int) -> str:
    among = gettext("The required ones must be among them.")
    return f"{said} {among}" if required else said
