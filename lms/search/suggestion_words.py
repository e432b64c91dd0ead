"""What kinds of suggestions are called."""

from flask_babel import gettext

from lms.search import words


def kind_words(kind: str) -> str:
    """Name a kind of suggestion in the reader's language."""
    if kind == "past":
        return gettext("Searched before")
    if kind == "author":
        return gettext("Author or speaker")
    return words.kind_words(kind)
