"""A query as what ranking needs: terms to score, words that are wanted, conditions that must hold, words to mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, islice, pairwise
from operator import itemgetter
from typing import NamedTuple

from search_index.analysis import Token, character_key, is_stop_word, segment, token_keys, tokens, word_key
from search_index.folding import fold
from search_index.query_tree import AnyOf, Between, Facet, Leaf, Node, Not, Phrase, Prefix, Word, leaves, parts

MAX_TERMS = 96
CHARACTER_WEIGHT = 0.7
"""What a single character counts beside the pairs it stands in."""

SEAM_WEIGHT = 0.2
"""What a pair counts that joins a word to one without meaning: 何皇后 is a name, although 何 alone only asks."""


class Want(NamedTuple):
    """A word that a document holds when it holds all the terms; or a prefix, when it holds any word that begins so."""

    keys: tuple[int, ...] = ()
    prefix: str = ""


class Mark(NamedTuple):
    """What to mark: tokens that follow each other as a whole or, unless quoted, its `words` wherever they stand.

    `words` are the longest first, without what is the whole.
    """

    tokens: tuple[Token, ...]
    quoted: bool
    words: tuple[str, ...] = ()
    prefix: bool = False


@dataclass(slots=True)
class Plan:
    """What a query asks for.

    `primary` terms find documents, `secondary` ones only add to their scores; both with weights. A document is
    complete that holds one of the alternatives of each of `wanted`. `required` must hold, `excluded` must not. `title`
    are the terms to look for in titles, in their order: all that was typed.
    """

    primary: dict[int, float] = field(default_factory=dict)
    secondary: dict[int, float] = field(default_factory=dict)
    prefixes: list[str] = field(default_factory=list)
    wanted: list[tuple[Want, ...]] = field(default_factory=list)
    required: list[tuple[Leaf, ...]] = field(default_factory=list)
    excluded: list[Leaf] = field(default_factory=list)
    title: dict[int, None] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)

    @property
    def scores(self) -> bool:
        """Tell whether there is anything to rank by."""
        return bool(self.primary or self.prefixes)


def make_plan(node: Node | None) -> Plan:
    """Return the plan of a query. Words that carry no meaning count only where there are no others."""
    plan = _plan(node, stops=False)
    if plan.scores or not any(isinstance(leaf, Word) for leaf in leaves(node)):
        return plan
    return _plan(node, stops=True)


def _plan(node: Node | None, *, stops: bool) -> Plan:
    plan = Plan()
    for part in parts(node):
        match part:
            case Not(leaf):
                plan.excluded.append(leaf)
            case AnyOf(nodes) if free := _free_words(nodes):
                plan.wanted.append(tuple(want for leaf in free for want in _add_free(plan, leaf, stops)))
            case AnyOf(nodes):
                plan.required.append(nodes)
                for leaf in nodes:
                    _add_scores(plan, leaf, stops)
            case Word(field="") | Prefix(field=""):
                plan.wanted += [(want,) for want in _add_free(plan, part, stops)]
            case _:
                plan.required.append((part,))
                _add_scores(plan, part, stops)
    plan.wanted = [wants for wants in dict.fromkeys(plan.wanted) if wants]
    if len(plan.primary) > MAX_TERMS:
        plan.primary = dict(islice(plan.primary.items(), MAX_TERMS))
    return plan


def _free_words(nodes: tuple[Leaf, ...]) -> list[Word | Prefix]:
    """Return the leaves if all are words to be found anywhere, otherwise none."""
    free = [leaf for leaf in nodes if isinstance(leaf, Word | Prefix) and not leaf.field]
    return free if len(free) == len(nodes) else []


def words_of(text: str) -> list[str]:
    """Cut a text into folded words, Chinese runs by the segmenter."""
    return [word for token in tokens(fold(text)) for word in (segment(token.text) if token.han else (token.text,))]


def leaf_tokens(leaf: Word | Phrase | Prefix) -> tuple[Token, ...]:
    """Return the tokens of a leaf, folded."""
    return tuple(tokens(fold(leaf.text)))


def _add_scores(plan: Plan, leaf: Leaf, stops: bool) -> None:
    match leaf:
        case Phrase():
            found = leaf_tokens(leaf)
            for token in found:
                _score_run(plan, token)
            plan.marks.append(Mark(found, quoted=True))
        case Word() | Prefix():
            _add_free(plan, leaf, stops)
        case Facet() | Between():
            pass


def _add_free(plan: Plan, leaf: Word | Prefix, stops: bool) -> tuple[Want, ...]:
    """Score and mark a word or prefix; return what a document must hold to be complete."""
    own, wants = _free(leaf, stops)
    _add_unless_there(plan.primary, own.primary)
    _add_unless_there(plan.secondary, own.secondary)
    plan.prefixes += own.prefixes
    plan.title.update(own.title)
    plan.marks += own.marks
    return wants


def _add_unless_there(weights: dict[int, float], more: dict[int, float]) -> None:
    if not weights:
        weights.update(more)
        return
    for key, weight in more.items():
        weights.setdefault(key, weight)


@lru_cache(2048)
def _free(leaf: Word | Prefix, stops: bool) -> tuple[Plan, tuple[Want, ...]]:
    """Return the plan of a word or prefix alone, which nobody may change, and what is wanted of it."""
    plan = Plan()
    found = leaf_tokens(leaf)
    wants: list[Want] = []
    for place, token in enumerate(found):
        if isinstance(leaf, Prefix) and place == len(found) - 1 and not token.han:
            plan.prefixes.append(token.text)
            plan.marks.append(Mark((token,), quoted=False, prefix=True))
            wants.append(Want(prefix=token.text))
        elif token.han:
            wants += _add_run(plan, token, stops)
        elif stops or not is_stop_word(token.text):
            _score_run(plan, token)
            plan.marks.append(Mark((token,), quoted=False))
            wants.append(Want((word_key(token.text),)))
        plan.title.update(dict.fromkeys(token_keys(token)))
    return plan, tuple(wants)


def _add_run(plan: Plan, token: Token, stops: bool) -> list[Want]:
    wants: list[Want] = []
    telling = [(word, stops or not is_stop_word(word)) for word in segment(token.text)]
    for words in _without_stop_words(telling):
        run = Token("".join(words), True)
        _score_run(plan, run)
        wants += [Want(token_keys(Token(word, True))) for word in words]
        apart = sorted({*words} - {run.text}, key=lambda word: (-len(word), word))
        plan.marks.append(Mark((run,), quoted=False, words=tuple(apart)))
    for (left, tells), (right, also) in pairwise(telling):
        if tells is not also:
            (pair,) = token_keys(Token(left[-1] + right[0], True))
            plan.secondary.setdefault(pair, SEAM_WEIGHT)
    return wants


def _without_stop_words(telling: list[tuple[str, bool]]) -> Iterator[list[str]]:
    """Yield the words of a run between those that carry no meaning."""
    for tells, words in groupby(telling, key=itemgetter(1)):
        if tells:
            yield [word for word, _ in words]


def _score_run(plan: Plan, token: Token) -> None:
    for key in token_keys(token):
        plan.primary.setdefault(key, 1.0)
    if token.han and len(token.text) > 1:
        for character in token.text:
            plan.secondary.setdefault(character_key(character), CHARACTER_WEIGHT)
