"""The words of materials, for pages and API."""

from flask_babel import gettext, lazy_gettext

from lms.errors import N_
from lms.materials.rules import MARKDOWN, PDF, PLAIN

MEDIA = {PDF: N_("PDF"), MARKDOWN: N_("Markdown"), PLAIN: N_("Plain text")}
AUDIENCES = {"everyone": N_("All members"), "unit": N_("Only this unit and those below it")}
SORTS = {
    "newest": lazy_gettext("Latest first"),
    "oldest": lazy_gettext("Oldest first"),
    "title": lazy_gettext("Title A to Z"),
}
CHARSETS = {"utf-8": "UTF-8", "gb18030": "GB18030 / GBK", "big5": "Big5", "utf-16": "UTF-16"}


def media_words(media_type: str) -> str:
    """Name a kind of file."""
    return str(gettext(MEDIA.get(media_type, media_type)))


def audience_words(audience: str, unit_name: str) -> str:
    """Say who may read a material."""
    if audience == "unit":
        return str(gettext("%(unit)s and the units below it", unit=unit_name))
    return str(gettext(AUDIENCES[audience]))


def choices(words: dict[str, str]) -> list[tuple[str, str]]:
    """Make the options of a choice, in the reader's language."""
    return [(key, str(gettext(text))) for key, text in words.items()]
