"""Kinds of notices."""

import re

KINDS = (
    "behind",
    "last_call",
    "nudge",
    "plan_due",
    "list_new",
    "reading_required",
    "note",
    "plan",
    "activity",
    "question",
    "course",
    "accreditation",
)
DUE, ENDS, HELD = "due", "ends", "held"  # what the day of a thing that a notice names is to it
ITEMS = "items"  # among the values of a sentence: the things that a notice names, each with its address
KEY_CHARS, HREF_CHARS, VALUE_CHARS = 100, 300, 500
# One slash first: two, or a backslash, would lead to another service.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def is_own_path(href: str) -> bool:
    """Say whether an address is a path of this service, and short enough to be kept."""
    return len(href) <= HREF_CHARS and _OWN_PATH.fullmatch(href) is not None


def check(kind: str, key: str, href: str) -> None:
    """Raise ValueError for a notice that no room may send: an unknown kind, no key, an address of another service."""
    if kind not in KINDS:
        raise ValueError(f"no kind of notice: {kind!r}")
    if not key or len(key) > KEY_CHARS:
        raise ValueError(f"a notice needs a key of at most {KEY_CHARS} characters: {key!r}")
    if not is_own_path(href):
        raise ValueError(f"a notice leads to a path of this service: {href!r}")
