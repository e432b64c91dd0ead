"""What may be said about a material, and what kinds there are. Pure: no database, no clock."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lms.errors import N_, InvalidInput

AUDIENCES = ("everyone", "unit")
STATES = ("preparing", "ready", "failed")
PDF = "application/pdf"
MARKDOWN = "text/markdown"
PLAIN = "text/plain"
HTML = "text/html"
EPUB = "application/epub+zip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PNG, JPEG, GIF, WEBP = IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
LINK = "text/uri-list"
NO_VIEW = N_("Only the words of this book could be taken out: its layout and pictures are in the file itself.")
"""The remark of a book that shows its words alone for good."""
GAVE_UP = N_("The text could not be taken out, however often it was tried. Try again later, or upload another file.")
"""The failure that lay in the server's moment and not in the file."""
KINDS = {
    "pdf": (PDF,),
    "docx": (DOCX,),
    "pptx": (PPTX,),
    "epub": (EPUB,),
    "html": (HTML,),
    "markdown": (MARKDOWN,),
    "text": (PLAIN,),
    "image": IMAGES,
    "link": (LINK,),
}
"""The kinds of material as members filter by them, each with its media types."""
KIND_OF = {media_type: kind for kind, media_types in KINDS.items() for media_type in media_types}
MEDIA_TYPES = tuple(KIND_OF)
TEXTS = (MARKDOWN, PLAIN)
"""What is text in an encoding that can be chosen."""
CHARSETS = ("utf-8", "gb18030", "big5", "utf-16")
TITLE_CHARS = 200
SUMMARY_CHARS = 500
URL_CHARS = 500
REMARK_CHARS = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f\\<>\"^`{|}]")


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


def check_summary(raw: str, *, required: bool = False) -> str:
    """Give a summary made tidy. Raises InvalidInput."""
    summary = _text(raw.replace("\r\n", "\n").strip(), "summary", SUMMARY_CHARS)
    if required and not summary:
        raise InvalidInput(
            N_("Please say what is found there: search knows a web page only by these words."), field="summary"
        )
    return summary


def check_remark(raw: str) -> str:
    """Give what is new in a version, made tidy. Raises InvalidInput."""
    return _text(" ".join(raw.split()), "remark", REMARK_CHARS)


def _text(text: str, field: str, limit: int) -> str:
    if _CONTROL.search(text):
        raise InvalidInput(N_("Please remove the invisible control characters from this text."), field=field)
    if len(text) > limit:
        raise InvalidInput(
            N_("At most %(limit)s characters, please: these are %(count)s."), field=field, limit=limit, count=len(text)
        )
    return text


def check_url(raw: str) -> str:
    """Give the address of a web page: http or https, with a host, without a password. Raises InvalidInput.

    The service itself never asks it for anything.
    """
    url = raw.strip()
    if url and "://" not in url and re.match(r"[\w.-]+\.[a-z]{2,}(/|$)", url, re.IGNORECASE):
        url = f"https://{url}"
    if len(url) > URL_CHARS:
        raise InvalidInput(
            N_("At most %(limit)s characters, please: these are %(count)s."),
            field="url",
            limit=URL_CHARS,
            count=len(url),
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or _NOT_IN_URL.search(url):
        raise InvalidInput(N_("Please give an address that begins with https:// or http://."), field="url")
    if parts.username or parts.password:
        raise InvalidInput(
            N_("Please leave name and password out of the address: everybody would see them."), field="url"
        )
    return url


def host_of(url: str) -> str:
    """Give the host of an address, to say where a link leads."""
    return urlsplit(url).hostname or ""


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
