"""What kinds of suggestions are called."""

from lms.search import words
from lms.web.i18n import gettext


def kind_words(kind: str) -> str:
    """Name a kind of suggestion in the reader's language."""
    if kind == "past":
        return gettext("Searched before")
    if kind == "author":
        return gettext("Author or speaker")
    return words.kind_words(kind)
