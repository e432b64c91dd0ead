"""The words of notices."""

from flask_babel import lazy_gettext

from lms.notices.queries import Told
from lms.web.i18n import gettext

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
}


def sentence(told: Told) -> str:
    """Say a notice in the reader's language; one whose place for a value is missing stands as it is."""
    text = str(gettext(told.message))
    try:
        return text % told.said if told.said else text
    except (KeyError, ValueError, TypeError):
        return text
