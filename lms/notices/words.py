"""The words of notices."""

from datetime import date

from lms.notices.queries import Told
from lms.web.dates import day_words
from lms.web.i18n import gettext, lazy_gettext

KIND_WORDS = {
    "behind": lazy_gettext("Behind with a requirement"),
    "last_call": lazy_gettext("Last chance to catch up"),
    "nudge": lazy_gettext("Reminder by the liaison"),
    "plan_due": lazy_gettext("Due on my plan"),
    "list_new": lazy_gettext("New recommended lists"),
    "reading_required": lazy_gettext("Required reading"),
    "note": lazy_gettext("About my notes"),
    "plan": lazy_gettext("About my plans"),
    "activity": lazy_gettext("About my activities"),
    "question": lazy_gettext("Questions and answers"),
    "course": lazy_gettext("About my courses"),
    "accreditation": lazy_gettext("Accreditation of lecturers"),
}


def _value(name: str, value: object) -> object:
    """Say a value; one called ``day`` or ``until`` is kept as 2026-11-28 and said as a day, a list as titles."""
    if isinstance(value, list):
        return gettext(", ").join(gettext("“%(requirement)s”") % {"requirement": title} for title in value)
    if name not in ("day", "until") or not isinstance(value, str):
        return value
    try:
        return day_words(date.fromisoformat(value))
    except ValueError:
        return value


def sentence(told: Told) -> str:
    """Say a notice in the reader's language; one whose place for a value is missing stands as it is."""
    text = str(gettext(told.message))
    said = {name: _value(name, value) for name, value in told.said.items()}
    try:
        return text % said if said else text
    except (KeyError, ValueError, TypeError):
        return text
