"""The words of categories, for pages and API."""

from collections.abc import Iterable, Mapping

from lms.categories import queries
from lms.categories.queries import Category
from lms.categories.rules import own_id
from lms.web.i18n import gettext


def name_words(category: Category) -> str:
    """Name a category in the reader's language; a unit's own as it was typed."""
    return category.name if category.own else str(gettext(category.name))


def options(categories: Iterable[Category]) -> list[tuple[str, str]]:
    """Make the options of a choice."""
    return [(category.code, name_words(category)) for category in categories]


def names_words(codes: Iterable[str]) -> Mapping[str, str]:
    """Name several codes, one statement at most."""
    found = queries.names(codes)
    return {code: name if own_id(code) else str(gettext(name)) for code, name in found.items()}


def category_words(code: str) -> str:
    """Name one code; an unknown one counts as "other"."""
    return names_words([code])[code]
