"""Which passage of a text to show for a query, and which stretches of it to mark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from search_index.analysis import LATIN_WORD, phrase_pattern, stem
from search_index.documents import Part, Snippet
from search_index.folding import Folded, fold_with_origins
from search_index.plan import Mark

SNIPPET_CHARACTERS = 80
LEAD_CHARACTERS = 20
ELLIPSIS = "…"

_TITLES = 4000

_SENTENCE_END = re.compile(r"[。！？!?；;\n]+[”’」』）)\"]*\s*|(?<=[a-z])\.\s+")
_AFTER_SENTENCE = re.compile(rf"(?:{_SENTENCE_END.pattern})\Z")
_SPACES = re.compile(r"\s+")


_folded_title = lru_cache(_TITLES)(fold_with_origins)


class _Span(NamedTuple):
    start: int
    end: int
    word: int


class Marker:
    """The words of one query, ready to be found in many texts."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        """Prepare for what a plan wants marked."""
        self._runs: list[tuple[int, str, tuple[str, ...]]] = []
        self._phrases: list[tuple[int, re.Pattern[str]]] = []
        self._words: dict[str, int] = {}
        self._prefixes: list[tuple[str, int]] = []
        self._marked: dict[str, Snippet] = {}
        for word, mark in enumerate(marks):
            self._prepare(word, mark)

    def _prepare(self, word: int, mark: Mark) -> None:
        if not mark.tokens:
            return
        token = mark.tokens[0]
        if mark.quoted and (len(mark.tokens) > 1 or not token.han):
            self._phrases.append((word, re.compile(phrase_pattern(mark.tokens))))
        elif mark.prefix:
            self._prefixes.append((token.text, word))
        elif token.han:
            words = () if mark.quoted else mark.words
            apart = sorted({*words} - {token.text}, key=lambda text: (-len(text), text))
            self._runs.append((word, token.text, tuple(apart)))
        else:
            self._words.setdefault(stem(token.text), word)

    def spans(self, folded: Folded) -> list[_Span]:
        """Return what of a folded text matches, ascending and apart, as spans of the original text."""
        found: list[_Span] = []
        for word, run, words in self._runs:
            spans = _occurrences(folded.text, run)
            if not spans:
                for part in words:
                    spans += _occurrences(folded.text, part)
            found += [_Span(*folded.original_span(start, end), word) for start, end in spans]
        for word, pattern in self._phrases:
            found.extend(_Span(*folded.original_span(*match.span()), word) for match in pattern.finditer(folded.text))
        if self._words or self._prefixes:
            for match in LATIN_WORD.finditer(folded.text):
                number = self._word_of(match.group())
                if number is not None:
                    found.append(_Span(*folded.original_span(*match.span()), number))
        return _apart(found)

    def _word_of(self, word: str) -> int | None:
        number = self._words.get(stem(word))
        if number is not None:
            return number
        return next((number for prefix, number in self._prefixes if word.startswith(prefix)), None)

    def mark(self, text: str) -> Snippet:
        """Return the whole text with the matches marked. Places of one thing share their title: each is read once."""
        marked = self._marked.get(text)
        if marked is None:
            marked = self._marked[text] = _parts(text, self.spans(_folded_title(text)), 0, len(text))
        return marked

    def snippet(self, text: str, folded: Folded | None = None) -> Snippet:
        """Return the passage that holds the most of the query, cut at ends of sentences where there are any near.

        `folded` is the text folded already, if it is at hand.
        """
        spans = self.spans(fold_with_origins(text) if folded is None else folded)
        start, end = _window(text, spans)
        lead = ELLIPSIS if start and not _at_sentence_start(text, start) else ""
        tail = ELLIPSIS if end < len(text.rstrip()) and not _at_sentence_start(text, end) else ""
        inside = [span for span in spans if span.start >= start and span.end <= end]
        before, after = (Part(lead, False),) if lead else (), (Part(tail, False),) if tail else ()
        return _tidy((*before, *_parts(text, inside, start, end), *after))


def _occurrences(text: str, word: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at, length = text.find(word), len(word)
    while at >= 0:
        found.append((at, at + length))
        at = text.find(word, at + length)
    return found


def _apart(spans: list[_Span]) -> list[_Span]:
    """Drop spans that overlap an earlier or, from the same place, a longer one."""
    apart: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return apart


def _window(text: str, spans: list[_Span]) -> tuple[int, int]:
    if not spans:
        return 0, _cut_back(text, 0, min(SNIPPET_CHARACTERS, len(text)))
    first, last = _densest(spans)
    start = _lead(text, spans[first].start, spans[last].end)
    end = min(max(start + SNIPPET_CHARACTERS, spans[last].end), len(text))
    return start, _cut_back(text, spans[last].end, end)


def _densest(spans: list[_Span]) -> tuple[int, int]:
    """Return the first and last of the spans that fit one snippet and hold the most different words."""
    best, best_value, last = (0, 0), (0, 0), -1
    inside: Counter[int] = Counter()
    for first, span in enumerate(spans):
        while last + 1 < len(spans) and (last < first or spans[last + 1].end - span.start <= SNIPPET_CHARACTERS):
            last += 1
            inside[spans[last].word] += 1
        value = (len(inside), last - first)
        if value > best_value:
            best, best_value = (first, last), value
        inside[span.word] -= 1
        if not inside[span.word]:
            del inside[span.word]
    return best


def _lead(text: str, first: int, last: int) -> int:
    """Return where to begin so that the reader sees the sentence, or some of it, before the first match."""
    earliest = max(0, min(first, last - SNIPPET_CHARACTERS + LEAD_CHARACTERS), first - SNIPPET_CHARACTERS // 2)
    starts = [match.end() for match in _SENTENCE_END.finditer(text, earliest, first) if match.end() <= first]
    if starts:
        return starts[0]
    return 0 if first <= LEAD_CHARACTERS else max(0, first - LEAD_CHARACTERS)


def _cut_back(text: str, least: int, most: int) -> int:
    """Return the last end of a sentence between `least` and `most`, or `most` where there is none."""
    if most >= len(text):
        return len(text)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, least, most)]
    return ends[-1] if ends and ends[-1] > least else most


def _at_sentence_start(text: str, position: int) -> bool:
    before = text[max(0, position - 8) : position]
    return _AFTER_SENTENCE.search(before) is not None


def _parts(text: str, spans: list[_Span], start: int, end: int) -> Snippet:
    parts: list[Part] = []
    position = start
    for first, last, _ in spans:
        if position < first:
            parts.append(Part(text[position:first], False))
        parts.append(Part(text[first:last], True))
        position = last
    if position < end:
        parts.append(Part(text[position:end], False))
    return tuple(parts)


def _tidy(parts: Sequence[Part]) -> Snippet:
    return tuple(
        [part if (tidy := _SPACES.sub(" ", part.text)) == part.text else Part(tidy, part.marked) for part in parts]
    )
