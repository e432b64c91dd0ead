"""Text to terms: one folding and one way of cutting, for documents, queries and highlighting alike.

A run of Chinese characters becomes its overlapping pairs and its last character alone, so that every character of
a run begins some term: a single character is then found by the terms that begin with it, without an index of single
characters. Other scripts become whole words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

ANALYSER_VERSION = 1
"""Raise it with any change of folding, cutting or weighing: older indexes are then refused and rebuilt."""

MAX_QUERY_CHARACTERS = 400
MAX_QUERY_TERMS = 64
MAX_WORD_CHARACTERS = 64
TITLE_WEIGHT = 3
KEYWORDS_WEIGHT = 2

_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W_{_HAN}]"
_TOKEN = re.compile(rf"([{_HAN}]+)|({_LETTER}+)")
_PHRASE = re.compile(r'"([^"]*)"|“([^”]*)”|「([^」]*)」|『([^』]*)』')


class _Folding(dict[int, str]):
    """Fold one code point, remembered: full width to half, capitals to small, accents off.

    `uneven` gathers the characters seen that fold to none or to several.
    """

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(code)).lower()
        bare = "".join(part for part in parts if not 0x300 <= ord(part) <= 0x36F)
        folded = unicodedata.normalize("NFC", bare)
        self[code] = folded
        if len(folded) != 1:
            self.uneven.add(chr(code))
        return folded


_FOLDING = _Folding()


class Folded(NamedTuple):
    """Folded text, with the index of the original character behind each folded one (None: the same index)."""

    text: str
    origins: list[int] | None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original text that the folded span (not empty) came from."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> str:
    """Fold text to the form in which it is indexed and asked for.

    Character by character (NFKD, accents dropped, lower case), so that a span can be led back to the original.
    """
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def fold_with_origins(text: str) -> Folded:
    """Fold text and remember where each folded character came from."""
    if text.isascii():
        return Folded(text.lower(), None)
    folded = text.translate(_FOLDING)
    if _FOLDING.uneven.isdisjoint(text):
        return Folded(folded, None)
    return Folded(folded, [index for index, character in enumerate(text) for _ in _FOLDING[ord(character)]])


def _terms(folded: str) -> Iterator[str]:
    for run, word in _TOKEN.findall(folded):
        if word:
            yield word[:MAX_WORD_CHARACTERS]
        else:
            yield from map(str.__add__, run, run[1:])
            yield run[-1]


def document_terms(title: str, body: str, keywords: str) -> tuple[Counter[str], int]:
    """Return the weighted frequency of each term of a document, and its weighted length.

    The fields are weighed into one (BM25F with one length): a term in the title counts `TITLE_WEIGHT` times.
    """
    frequencies = Counter(_terms(fold(body)))
    for text, weight in ((title, TITLE_WEIGHT), (keywords, KEYWORDS_WEIGHT)):
        for term, count in Counter(_terms(fold(text))).items():
            frequencies[term] += weight * count
    return frequencies, frequencies.total()


class Term(NamedTuple):
    """A term to look up; `prefix` asks for every term that begins with it."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One wanted word, or one quoted phrase.

    `tokens` are its runs and words as folded text, in order; `terms` what the index is asked for.
    """

    tokens: tuple[str, ...]
    terms: tuple[Term, ...]
    quoted: bool = False

    @property
    def needs_reading(self) -> bool:
        """Tell whether a document can hold all the terms without holding the phrase."""
        return self.quoted and (len(self.tokens) > 1 or len(self.terms) > 1)


def _token_terms(token: str) -> list[Term]:
    if not is_han(token):
        return [Term(token[:MAX_WORD_CHARACTERS])]
    if len(token) == 1:
        return [Term(token, prefix=True)]
    return [Term(token[i : i + 2]) for i in range(len(token) - 1)]


def is_han(token: str) -> bool:
    """Tell whether a token that this module cut is a run of Chinese characters."""
    match = _TOKEN.match(token)
    return match is not None and match.group(1) is not None


def _clause(tokens: list[str], *, quoted: bool) -> Clause | None:
    terms = dict.fromkeys(term for token in tokens for term in _token_terms(token))
    return Clause(tuple(tokens), tuple(terms), quoted) if terms else None


def _tokens(folded: str) -> list[str]:
    return [match.group() for match in _TOKEN.finditer(folded)]


def parse(text: str) -> tuple[Clause, ...]:
    """Cut a query into the words and quoted phrases it asks for; never raise, whatever the text.

    What is over-long is cut off: `MAX_QUERY_CHARACTERS`, then `MAX_QUERY_TERMS`.
    """
    folded = fold(text[:MAX_QUERY_CHARACTERS])
    found: list[Clause | None] = []
    position = 0
    for match in _PHRASE.finditer(folded):
        found.extend(_clause([token], quoted=False) for token in _tokens(folded[position : match.start()]))
        found.append(_clause(_tokens(match.group()), quoted=True))
        position = match.end()
    found.extend(_clause([token], quoted=False) for token in _tokens(folded[position:]))
    return _within_limit(clause for clause in dict.fromkeys(found) if clause is not None)


def _within_limit(clauses: Iterator[Clause]) -> tuple[Clause, ...]:
    kept: list[Clause] = []
    terms = 0
    for clause in clauses:
        room = MAX_QUERY_TERMS - terms
        if room <= 0:
            break
        if len(clause.terms) > room:
            clause = Clause(clause.tokens, clause.terms[:room], clause.quoted)
        kept.append(clause)
        terms += len(clause.terms)
    return tuple(kept)


def token_pattern(token: str) -> str:
    """Return a regular expression for one token in folded text: a word only as a whole, a run anywhere."""
    escaped = re.escape(token)
    if is_han(token):
        return escaped
    # compiling the full class of letters takes longer than a search does
    letter = "[0-9a-z]" if token.isascii() else _LETTER
    return rf"(?<!{letter}){escaped}(?!{letter})"


def phrase_pattern(tokens: tuple[str, ...]) -> str:
    """Return a regular expression for tokens that follow each other with no letter between them."""
    return r"[\W_]*".join(token_pattern(token) for token in tokens)
