"""How a query was understood, in the reader's words."""

from collections.abc import Mapping

from lms.categories.rules import own_id
from lms.search import words
from lms.web.i18n import gettext
from search_index.query_language import (
    AnyOf,
    Between,
    Facet,
    Leaf,
    Node,
    Not,
    Part,
    Phrase,
    Prefix,
    Word,
    parts,
    render,
    without,
)


def explained(tree: Node | None, named: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give each part of a query in words, with the query that is left when it is taken away.

    Nothing for plain words: they are understood as they stand.
    """
    asked = parts(tree)
    if all(isinstance(part, Word) and not part.field for part in asked):
        return []
    return [(_part_words(part, named), written(without(tree, part), named)) for part in asked]


def written(tree: Node | None, named: Mapping[str, str]) -> str:
    """Write a query in the reader's language."""
    units = {name: unit for unit, name in named.items() if not own_id(unit)}
    return render(tree, words.labels(), {"kind": {words.kind_words(kind): kind for kind in words.KINDS}, "unit": units})


def _part_words(part: Part, named: Mapping[str, str]) -> str:
    match part:
        case Not(leaf):
            return str(gettext("without %(what)s", what=_leaf_words(leaf, named)))
        case AnyOf(nodes):
            return str(gettext(" or ")).join(_leaf_words(leaf, named) for leaf in nodes)
        case _:
            return _leaf_words(part, named)


def _leaf_words(leaf: Leaf, named: Mapping[str, str]) -> str:
    match leaf:
        case Facet(name, value):
            said = words.value_words(name, value, named)
            return str(gettext("%(facet)s: %(value)s", facet=words.FACETS.get(name, name), value=said))
        case Between():
            return str(gettext("dated %(days)s", days=render(leaf).rpartition(":")[2]))
        case Word(text, field) | Phrase(text, field) | Prefix(text, field):
            return _in_field(_text_words(leaf, text), field)


def _text_words(leaf: Word | Phrase | Prefix, text: str) -> str:
    if isinstance(leaf, Phrase):
        return str(gettext("exactly “%(text)s”", text=text))
    if isinstance(leaf, Prefix):
        return str(gettext("beginning with “%(text)s”", text=text))
    return text


def _in_field(said: str, field: str) -> str:
    if field == "title":
        return str(gettext("in the title: %(what)s", what=said))
    if field == "author":
        return str(gettext("by: %(what)s", what=said))
    return said
