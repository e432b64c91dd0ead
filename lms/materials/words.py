"""The words of materials, for pages and API."""

from typing import Any

from lms.errors import N_
from lms.materials.rules import KIND_OF
from lms.web.i18n import gettext, lazy_gettext, ngettext

KINDS = {
    "pdf": N_("PDF"),
    "docx": N_("Word document"),
    "pptx": N_("Slides"),
    "epub": N_("E-book (EPUB)"),
    "html": N_("Web page (file)"),
    "markdown": N_("Markdown"),
    "text": N_("Plain text"),
    "image": N_("Picture"),
    "link": N_("Link to the web"),
}
AUDIENCES = {"everyone": N_("All members"), "unit": N_("Only this unit and those below it")}
STATES = {
    "preparing": N_("Preparing"),
    "ready": N_("Ready"),
    "failed": N_("Failed"),
    "archived": N_("Archived"),
}
READ = {"yes": N_("Read through"), "begun": N_("Begun"), "no": N_("Not begun")}
PLACES = {"pptx": N_("Slides"), "epub": N_("Chapters"), "pdf": N_("Pages")}
SORTS = {
    "newest": lazy_gettext("Latest first"),
    "oldest": lazy_gettext("Oldest first"),
    "title": lazy_gettext("Title A to Z"),
    "longest": lazy_gettext("Longest first"),
}
CHARSETS = {"utf-8": "UTF-8", "gb18030": "GB18030 / GBK", "big5": "Big5", "utf-16": "UTF-16"}


def media_words(media_type: str) -> str:
    """Name a kind of file."""
    kind = KIND_OF.get(media_type)
    return str(gettext(KINDS[kind])) if kind else media_type


def state_words(state: str) -> str:
    """Name a state."""
    return str(gettext(STATES[state]))


def audience_words(audience: str, unit_name: str) -> str:
    """Say who may read a material."""
    if audience == "unit":
        return str(gettext("%(unit)s and the units below it", unit=unit_name))
    return str(gettext(AUDIENCES[audience]))


def places_words(media_type: str) -> str:
    """Say what the contents of a material are called: pages, slides, chapters."""
    return str(gettext(PLACES.get(KIND_OF.get(media_type, ""), N_("Contents"))))


def place_words(media_type: str, number: int) -> str:
    """Name a place in a material: page, slide or chapter so and so."""
    kind = KIND_OF.get(media_type)
    if kind == "pptx":
        return str(gettext("Slide %(n)s", n=number))
    if kind == "pdf":
        return str(gettext("Page %(n)s", n=number))
    return str(gettext("Part %(n)s", n=number))


def left_words(days: int) -> str:
    """Say how many days there are until the last one."""
    if days == 0:
        return str(gettext("today is the last day"))
    return str(ngettext("%(num)s day left", "%(num)s days left", days))


def reader_words(row: Any, pages: int) -> str:
    """Say how a member of whom reading is asked stands."""
    if row.finished_on:
        return str(gettext("read on paper")) if row.on_paper else str(gettext("read through"))
    if row.begun and pages:
        return str(gettext("%(read)s of %(pages)s pages", read=min(row.read, pages), pages=pages))
    return str(gettext("not begun"))


def choices(words: dict[str, str]) -> list[tuple[str, str]]:
    """Make the options of a choice, in the reader's language."""
    return [(key, str(gettext(text))) for key, text in words.items()]
