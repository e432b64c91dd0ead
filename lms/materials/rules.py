"""What may be typed about a material. Pure: no database, no clock."""

import re
from dataclasses import dataclass

from lms.errors import N_, InvalidInput

AUDIENCES = ("everyone", "unit")
STATES = ("preparing", "ready", "failed")
MARKDOWN, PLAIN, PDF = MEDIA_TYPES = ("text/markdown", "text/plain", "application/pdf")
CHARSETS = ("utf-8", "gb18030", "big5", "utf-16")
TITLE_CHARS = 200
SUMMARY_CHARS = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Facts:
    """What is said about a material by who uploads or edits it."""

    title: str
    summary: str
    category: str
    audience: str


def check_title(raw: str, *, required: bool = True) -> str:
    """Give a title made tidy. Raises InvalidInput."""
    title = " ".join(raw.split())
    if required and not title:
        raise InvalidInput(N_("Please give a title."), field="title")
    return _text(title, "title", TITLE_CHARS)


def check_summary(raw: str) -> str:
    """Give a summary made tidy. Raises InvalidInput."""
    return _text(raw.replace("\r\n", "\n").strip(), "summary", SUMMARY_CHARS)


def _text(text: str, field: str, limit: int) -> str:
    if _CONTROL.search(text):
        raise InvalidInput(N_("Please remove the invisible control characters from this text."), field=field)
    if len(text) > limit:
        raise InvalidInput(
            N_("At most %(limit)s characters, please: these are %(count)s."), field=field, limit=limit, count=len(text)
        )
    return text


def check_audience(raw: str) -> str:
    """Give an audience of the list. Raises InvalidInput."""
    if raw not in AUDIENCES:
        raise InvalidInput(N_("Please choose who may read this."), field="audience")
    return raw


def check_charset(raw: str) -> str:
    """Give an encoding of the list. Raises InvalidInput."""
    if raw not in CHARSETS:
        raise InvalidInput(N_("Please choose an encoding from the list."), field="charset")
    return raw
