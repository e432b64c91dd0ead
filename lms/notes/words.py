"""The words for what notes are, for pages, files and lists."""

from lms.amounts import timecode
from lms.notes.about import Subject
from lms.notes.export import FACTS, Printed
from lms.web import i18n
from lms.web.addresses import url_for
from lms.web.i18n import gettext, lazy_gettext

AUDIENCE_WORDS = {
    "me": lazy_gettext("Only me"),
    "unit": lazy_gettext("My unit"),
    "everyone": lazy_gettext("Everyone"),
}
KIND_WORDS = {
    "reading": lazy_gettext("Reading note"),
    "reflection": lazy_gettext("Reflection"),
    "research": lazy_gettext("Research report"),
    "training": lazy_gettext("Training summary"),
    "free": lazy_gettext("Free note"),
}
KIND_HINTS = {
    "reading": lazy_gettext("What a book says, and what stays with you."),
    "reflection": lazy_gettext("What a text or an event has moved in you."),
    "research": lazy_gettext("What you found out on the spot: question, findings, proposals."),
    "training": lazy_gettext(
        "Four parts: what was taught, what you think of it, what it has done, what you take along."
    ),
    "free": lazy_gettext("Anything else."),
}
PART_WORDS = {
    "content": lazy_gettext("What was taught"),
    "reflections": lazy_gettext("What I think of it"),
    "effect": lazy_gettext("What it has done"),
    "gains": lazy_gettext("What I take along"),
}
STATE_WORDS = {
    "open": "",
    "submitted": lazy_gettext("Handed in"),
    "returned": lazy_gettext("Returned"),
    "accepted": lazy_gettext("Accepted"),
}
STATE_PILLS = {"submitted": "preparing", "returned": "late", "accepted": "done"}
STEP_WORDS = {
    "submitted": lazy_gettext("Handed in"),
    "withdrawn": lazy_gettext("Taken back"),
    "returned": lazy_gettext("Returned"),
    "accepted": lazy_gettext("Accepted"),
    "reopened": lazy_gettext("Acceptance taken back"),
}
HOW_WORDS = {
    "saved": lazy_gettext("Saved"),
    "typed": lazy_gettext("Typed, not saved"),
    "refused": lazy_gettext("Not taken: another device was first"),
    "discarded": lazy_gettext("Draft that was discarded"),
}


def address(subject: Subject) -> str:
    """Give the address of what a note is about, "" for nothing."""
    if subject.kind == "book":
        return url_for("catalogue.book", book_id=subject.ref)
    if subject.kind == "material":
        if subject.place:
            return url_for("materials.material_page", material_id=subject.ref, number=subject.place)
        return url_for("materials.material", material_id=subject.ref)
    if subject.kind == "lecture":
        return url_for("lectures.lecture", lecture_id=subject.ref, t=subject.place)
    return ""


def place(subject: Subject) -> str:
    """Say where in a thing it is, "" for the whole."""
    if subject.place is None:
        return ""
    if subject.kind == "lecture":
        return gettext("at %(time)s", time=timecode(float(subject.place)))
    return gettext("page %(number)s", number=subject.place)


def printed() -> Printed:
    """Give the words that an export shows, in the reader's language."""
    labels = (
        gettext("Name"),
        gettext("Unit"),
        gettext("Kind"),
        gettext("Date"),
        gettext("Characters"),
        gettext("About"),
    )
    return Printed(
        dict(zip(FACTS, labels, strict=True)),
        {name: str(word) for name, word in KIND_WORDS.items()},
        {name: str(word) for name, word in PART_WORDS.items()},
        i18n.gettext("page %(number)s"),
        i18n.gettext("at %(time)s"),
    )
