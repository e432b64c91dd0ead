"""The words of search, for pages and API: kinds, facets and their values, and what members may type for them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from lms.catalogue.rules import CLC_CLASSES
from lms.categories import queries as own_categories
from lms.categories.rules import OTHER, PRESET_NAMES, own_id
from lms.errors import N_
from lms.notes.words import KIND_WORDS
from lms.web.i18n import gettext, in_every_language, lazy_gettext, reader_locale
from search_index.query_language import CHINESE, ENGLISH

KINDS = {
    "activity": N_("Activity record"),
    "book": N_("Book"),
    "course": N_("Course"),
    "lecture": N_("Lecture"),
    "list": N_("Recommended list"),
    "material": N_("Material"),
    "note": N_("Note"),
    "question": N_("Question"),
}
"""What a thing is called where it is found."""

KIND_NAMES = {
    "activity": N_("activity, activities, group study"),
    "book": N_("book, books"),
    "course": N_("course, courses"),
    "lecture": N_("lecture, lectures, talk, talks, recording, recordings"),
    "list": N_("list, lists"),
    "material": N_("material, materials, document, documents"),
    "note": N_("note, notes"),
    "question": N_("question, questions"),
}
"""What members may type behind kind: besides the word itself."""

CATEGORY_NAMES = {
    "theory": N_("theory, politics"),
    "law": N_("law, laws"),
    "business": N_("work, profession, skills"),
    "culture": N_("culture, history, science"),
    "local": N_("local"),
}
"""What members may type behind category: besides the name itself."""

FACETS = {
    "kind": lazy_gettext("Kind"),
    "category": lazy_gettext("Category"),
    "year": lazy_gettext("Year"),
    "unit": lazy_gettext("Unit"),
    "lecturer": lazy_gettext("Lecturer"),
}

SORTS = {
    "relevance": lazy_gettext("Best match"),
    "newest": lazy_gettext("Latest first"),
    "oldest": lazy_gettext("Oldest first"),
}

_COLON = re.compile("[:\N{FULLWIDTH COLON}]")
_BETWEEN_NAMES = re.compile(r"\s*[,\N{IDEOGRAPHIC COMMA}\N{FULLWIDTH COMMA}]\s*")


def kind_words(kind: str) -> str:
    """Name a kind of thing in the reader's language."""
    return gettext(KINDS[kind]) if kind in KINDS else kind


def value_words(facet: str, value: str, named: Mapping[str, str]) -> str:
    """Name a value of a facet in the reader's language; one that has no name stands for itself.

    ``named`` are the names that somebody gave: of units by their ids, of units' own categories by their codes.
    """
    if facet == "kind":
        return kind_words(value)
    if facet == "category":
        return _category_words(value, named)
    if facet == "unit":
        return named.get(value, value)
    return value


def _category_words(value: str, named: Mapping[str, str]) -> str:
    if value in KIND_WORDS:
        return str(KIND_WORDS[value])
    if own_id(value):
        return named.get(value) or gettext(PRESET_NAMES[OTHER])
    word = CLC_CLASSES.get(value) or PRESET_NAMES.get(value)
    return gettext(word) if word else value


def labels() -> Mapping[str, str]:
    """Give the names of the fields of the query language for the reader."""
    return CHINESE if reader_locale() == "zh_CN" else ENGLISH


def names(text: str = "") -> dict[str, dict[str, str]]:
    """Give what members may type for the values of facets, in every language: somebody else may have set theirs.

    Units' own categories are looked up only for a ``text`` that may speak of one. Of two values of one name the later
    is meant: a category of materials before a class of books.
    """
    kinds, categories = _fixed_names(reader_locale())
    return {
        "kind": kinds,
        "category": {**categories, **own_categories.own_names()} if _COLON.search(text) else categories,
    }


@cache
def _fixed_names(locale: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give the names that no unit can change, of kinds and of categories; kinds of notes as this reader calls them."""
    kinds = {kind: (word, KIND_NAMES.get(kind, "")) for kind, word in KINDS.items()}
    categories = {**CLC_CLASSES, **PRESET_NAMES}
    return (
        {name: kind for kind, said in kinds.items() for message in said for name in _said(message)},
        {name: value for value, said in categories.items() for name in (value, *_said(said))}
        | {name: value for value, said in CATEGORY_NAMES.items() for name in _said(said)}
        | {str(said): value for value, said in KIND_WORDS.items()},
    )


def _said(message: str) -> Iterator[str]:
    """Give a name in every language, and each of the names that it puts together."""
    for said in in_every_language(message) if message else ():
        yield said
        yield from _BETWEEN_NAMES.split(said)
