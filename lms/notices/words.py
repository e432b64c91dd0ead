"""The words of notices."""

from collections.abc import Callable
from datetime import date

from lms.notices.queries import Named, Told
from lms.notices.rules import ENDS, HELD, ITEMS
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


def headline(told: Told) -> str:
    """Say a notice without the things it names; one whose place for a value is missing stands as it is."""
    text = str(gettext(told.message))
    said = {name: _value(name, value) for name, value in told.said.items() if name != ITEMS}
    try:
        return text % said if said else text
    except (KeyError, ValueError, TypeError):
        return text


def sentence(told: Told) -> str:
    """Say a notice as one text in the reader's language, with all that it names."""
    named = [
        str(gettext("“%(title)s” (%(when)s)", title=one.title, when=named_words(one)))  # as on the page
        for one in told.items
    ]
    return f"{headline(told)} {gettext('; ').join(named)}" if named else headline(told)


def named_words(named: Named) -> str:
    """Say of a thing that a notice names what is missing, and until when; or when it ends, or is held."""
    day = day_words(named.day)
    if named.when == ENDS:
        return str(gettext("ends on %(day)s", day=day))
    if named.when == HELD:
        return str(gettext("%(day)s %(time)s", day=day, time=named.time)).strip()
    if named.missing is None:
        return str(gettext("due on %(day)s", day=day))
    measure, amount = named.missing
    return str(gettext("%(amount)s to go, until %(day)s", amount=_amounts[0](measure, amount), day=day))


def say_amounts(say: Callable[[str, int], str]) -> None:
    """Let a room above say amounts of what it counts: it knows their units."""
    _amounts[0] = say


def _bare(_: str, amount: int) -> str:
    return str(amount)


_amounts: list[Callable[[str, int], str]] = [_bare]
