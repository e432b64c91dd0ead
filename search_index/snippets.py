"""Which passage of a text to show for a query, and which stretches of it to mark."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from functools import lru_cache

from search_index.analysis import LATIN_WORD, phrase_pattern, stem
from search_index.documents import Part, Snippet
from search_index.folding import Folded, fold_with_origins
from search_index.plan import Mark

SNIPPET_CHARACTERS = 80
LEAD_CHARACTERS = 20
ELLIPSIS = "…"

_TITLES = 4000

# begins with one class of characters, so that what is none of them is passed over quickly
_SENTENCE_END = re.compile(r"[。！？!?；;\n.](?:(?<!\.)[。！？!?；;\n]*[”’」』）)\"]*\s*|(?<=[a-z]\.)\s+)")
_AFTER_SENTENCE = re.compile(rf"(?:{_SENTENCE_END.pattern})\Z")
_SPACES = re.compile(r"\s+")


@lru_cache(_TITLES)
def _title(text: str) -> tuple[Folded, Snippet]:
    """Return a title folded, and as it is shown where nothing of it matches."""
    return fold_with_origins(text), tuple(_parts(text, [], 0, len(text)))


_Span = tuple[int, int, Hashable]
"""Where a match begins and ends, and the word of the query that matches. Plain: many are made for each answer."""


class Passage:
    """A text to cut snippets from: as it was written and folded, and whether its words stand one space apart."""

    __slots__ = ("folded", "text", "tidy")

    def __init__(self, text: str) -> None:
        """Fold a text."""
        self.text, self.folded, self.tidy = text, fold_with_origins(text), _is_tidy(text)

    def cut(self, spans: list[_Span], start: int, end: int) -> Snippet:
        """Return a stretch of the text with the matches marked, and a sign where a sentence is cut through."""
        text = self.text
        parts = _parts(text, spans, start, end)
        if start and not _at_sentence_start(text, start):
            parts.insert(0, (ELLIPSIS, False))
        if end < len(text) and end < len(text.rstrip()) and not _at_sentence_start(text, end):
            parts.append((ELLIPSIS, False))
        return tuple(parts) if self.tidy else _tidy(parts)


class Marker:
    """The words of one query, ready to be found in many texts."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        """Prepare for what a plan wants marked."""
        self._runs: list[tuple[str, tuple[str, ...]]] = []
        self._phrases: list[tuple[int, re.Pattern[str]]] = []
        self._words: dict[str, int] = {}
        self._seen: dict[str, int | None] = {}
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
            self._runs.append((token.text, mark.words))
        else:
            self._words.setdefault(stem(token.text), word)

    def _spans(self, folded: Folded) -> list[_Span]:
        """Return what of a folded text matches, ascending and apart, as spans of the original text."""
        text, origins = folded
        found: list[_Span] = []
        for run, words in self._runs:
            if run in text:
                _note(found, text, run, run)
            else:
                for part in words:
                    _note(found, text, part, run)
        for word, pattern in self._phrases:
            found += [(*match.span(), word) for match in pattern.finditer(text)]
        if self._words or self._prefixes:
            for match in LATIN_WORD.finditer(text):
                number = self._word_of(match.group())
                if number is not None:
                    found.append((*match.span(), number))
        if origins is not None:
            found = [(*folded.original_span(start, end), word) for start, end, word in found]
        return _apart(found) if len(found) > 1 else found

    def _word_of(self, word: str) -> int | None:
        """Return which word of the query a word is; texts say the same ones again and again."""
        try:
            return self._seen[word]
        except KeyError:
            number = self._words.get(stem(word))
            if number is None:
                number = next((number for prefix, number in self._prefixes if word.startswith(prefix)), None)
            self._seen[word] = number
            return number

    def mark(self, text: str) -> Snippet:
        """Return the whole text with the matches marked. Places of one thing share their title: each is read once."""
        marked = self._marked.get(text)
        if marked is None:
            folded, marked = _title(text)
            spans = self._spans(folded)
            if spans:
                marked = tuple(_parts(text, spans, 0, len(text)))
            self._marked[text] = marked
        return marked

    def snippet(self, passage: Passage) -> Snippet:
        """Return the stretch that holds the most of the query, cut at ends of sentences where there are any near."""
        spans = self._spans(passage.folded)
        start, end = _window(passage.text, spans)
        if start or end < len(passage.text):
            spans = [span for span in spans if span[0] >= start and span[1] <= end]
        return passage.cut(spans, start, end)


def _note(found: list[_Span], text: str, run: str, word: Hashable) -> None:
    at, length = text.find(run), len(run)
    while at >= 0:
        end = at + length
        found.append((at, end, word))
        at = text.find(run, end)


def _apart(spans: list[_Span]) -> list[_Span]:
    """Drop spans that overlap an earlier or, from the same place, a longer one."""
    apart: list[_Span] = []
    position = -1
    for span in sorted(spans, key=_by_place):
        if span[0] >= position:
            apart.append(span)
            position = span[1]
    return apart


def _by_place(span: _Span) -> tuple[int, int]:
    return span[0], -span[1]


def _window(text: str, spans: list[_Span]) -> tuple[int, int]:
    if not spans:
        return 0, _cut_back(text, 0, min(SNIPPET_CHARACTERS, len(text)))
    first, last = _densest(spans) if len(spans) > 1 else (0, 0)
    last_end = spans[last][1]
    start = _lead(text, spans[first][0], last_end)
    end = min(max(start + SNIPPET_CHARACTERS, last_end), len(text))
    return start, _cut_back(text, last_end, end)


def _densest(spans: list[_Span]) -> tuple[int, int]:
    """Return the first and last of the spans that fit one snippet and hold the most different words."""
    best, best_value, last = (0, 0), (0, 0), -1
    inside: dict[Hashable, int] = {}
    for first, (start, _, word) in enumerate(spans):
        while last + 1 < len(spans) and (last < first or spans[last + 1][1] - start <= SNIPPET_CHARACTERS):
            last += 1
            entered = spans[last][2]
            inside[entered] = inside.get(entered, 0) + 1
        value = (len(inside), last - first)
        if value > best_value:
            best, best_value = (first, last), value
        inside[word] -= 1
        if not inside[word]:
            del inside[word]
    return best


def _lead(text: str, first: int, last: int) -> int:
    """Return where to begin so that the reader sees the sentence, or some of it, before the first match."""
    earliest = max(0, min(first, last - SNIPPET_CHARACTERS + LEAD_CHARACTERS), first - SNIPPET_CHARACTERS // 2)
    sentence_end = _SENTENCE_END.search(text, earliest, first)
    if sentence_end:
        return sentence_end.end()
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


def _parts(text: str, spans: list[_Span], start: int, end: int) -> list[Part]:
    parts: list[Part] = []
    position = start
    for first, last, _ in spans:
        if position < first:
            parts.append((text[position:first], False))
        parts.append((text[first:last], True))
        position = last
    if position < end:
        parts.append((text[position:end], False))
    return parts


def _tidy(parts: Sequence[Part]) -> Snippet:
    return tuple([(text if _is_plain(text) else _SPACES.sub(" ", text), marked) for text, marked in parts])


def _is_tidy(text: str) -> bool:
    """Tell whether the words of a text stand one space apart."""
    return _is_plain(text) or _SPACES.sub(" ", text) == text


def _is_plain(text: str) -> bool:
    """Tell whether single spaces are all the white space there is: no other can be printed."""
    return text.isprintable() and "  " not in text
