"""The passages that engines are compared on, and what is asked of them: always the same for the same files."""

import itertools
import json
import lzma
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import rjieba

LAW, ENTRY = "law", "entry"

KEYWORD_QUERIES = 1_000
TITLE_QUERIES = 500
PHRASES = 300
CHARACTERS = 100
WARMING_QUERIES = 200

_SEED = 1
_RUN = re.compile("[\u4e00-\u9fff]{12,}")
_WORD = re.compile(r"\w+")
_WHITE = re.compile(r"\s+")


class Passage(NamedTuple):
    """A passage, and the questions whose answer it holds."""

    id: str
    kind: str
    title: str
    body: str
    date: str | None
    questions: Sequence[str]


class Asked(NamedTuple):
    """A query, and what should come first: the id of a passage, or a title; empty where it is not known."""

    text: str
    id: str = ""
    title: str = ""
    holds: str = ""


@dataclass(frozen=True)
class Case:
    """Queries that are reported together."""

    name: str
    asked: Sequence[Asked]


@dataclass(frozen=True)
class Corpus:
    """Everything that is indexed, and everything that is asked."""

    passages: Sequence[Passage]
    warming: Sequence[Asked]
    speed: Sequence[Case]
    quality: Sequence[Case]

    @property
    def text_bytes(self) -> int:
        """The bytes of all titles and bodies in UTF-8."""
        return sum(len(passage.title.encode()) + len(passage.body.encode()) for passage in self.passages)


def read(path: Path, kind: str) -> Iterator[Passage]:
    """Read the passages of a file of JSON Lines, compressed by xz."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Passage(row["id"], kind, row["title"], row["body"], row.get("date"), row.get("questions", []))


def load(corpus: Path, answers: Sequence[Path], limit: int | None, questions: int | None) -> Corpus:
    """Read the files; `limit` bounds the passages of the corpus, `questions` those asked of each file of answers."""
    passages = list(itertools.islice(read(corpus, LAW), limit))
    cases = []
    for path in answers:
        entries = list(read(path, ENTRY))
        asked = [Asked(question, id=entry.id) for entry in entries for question in entry.questions]
        random.Random(_SEED).shuffle(asked)
        cases.append(Case(path.name.removesuffix(".jsonl.xz"), asked[:questions]))
        passages += entries
    return make(passages, cases, questions)


def make(passages: Sequence[Passage], answers: Sequence[Case], count: int | None = None) -> Corpus:
    """Draw the queries; `count` bounds those of each case."""
    titles = sorted({passage.title for passage in passages if _WORD.search(passage.title) and len(passage.title) > 3})
    keywords = _keywords(titles, KEYWORD_QUERIES + WARMING_QUERIES)
    quality = [
        Case("title, whole", _whole_titles(titles)[:count]),
        Case("title, in part", _parts_of_titles(titles)[:count]),
        Case("quoted phrase", _phrases(passages)[:count]),
        Case("single character", _characters(passages)[:count]),
    ]
    speed = [*answers, Case("keywords", keywords[WARMING_QUERIES:][:count])]
    return Corpus(passages, keywords[:WARMING_QUERIES], speed, quality)


def part(corpus: Corpus, size: int, questions: int | None) -> Corpus:
    """Return the corpus with so many of its passages: those that questions are about, and some of the others."""
    entries = [passage for passage in corpus.passages if passage.kind == ENTRY]
    laws = [passage for passage in corpus.passages if passage.kind == LAW]
    wanted = min(max(size - len(entries), 0), len(laws))
    chosen = sorted(random.Random(_SEED).sample(range(len(laws)), wanted))
    answers = [case for case in corpus.speed if case.asked and case.asked[0].id]
    return make([*(laws[place] for place in chosen), *entries], answers, questions)


def _words(title: str) -> list[str]:
    return [word for word in rjieba.cut(title) if _WORD.fullmatch(word) and len(word) > 1]


def _keywords(titles: Sequence[str], count: int) -> list[Asked]:
    """Draw one to three words of a title, in their order, with blanks between."""
    chance = random.Random(_SEED)
    found: dict[str, None] = {}
    for _ in range(4 * count):
        words = _words(chance.choice(titles))
        places = sorted(chance.sample(range(len(words)), min(chance.randint(1, 3), len(words))))
        found.setdefault(" ".join(words[place] for place in places))
        if len(found) > count:
            break
    return [Asked(text) for text in found if text][:count]


def _whole_titles(titles: Sequence[str]) -> list[Asked]:
    chosen = random.Random(_SEED).sample(titles, min(TITLE_QUERIES, len(titles)))
    return [Asked(title, title=title) for title in chosen]


def _parts_of_titles(titles: Sequence[str]) -> list[Asked]:
    """Draw stretches of titles, at most two thirds of one, that stand in no other title."""
    chance = random.Random(_SEED + 1)
    everything = "\n".join(titles)
    asked: list[Asked] = []
    for title in chance.sample(titles, len(titles)):
        words = list(rjieba.cut(title))
        wanted = max(len(words) * 2 // 3, 1)
        start = chance.randint(0, len(words) - wanted)
        text = "".join(words[start : start + wanted])
        if len(text) > 2 and text != title and everything.count(text) == 1:
            asked.append(Asked(text, title=title))
        if len(asked) == TITLE_QUERIES:
            break
    return asked


def _phrases(passages: Sequence[Passage]) -> list[Asked]:
    """Draw stretches of running Chinese text, quoted."""
    chance = random.Random(_SEED + 2)
    asked: list[Asked] = []
    for passage in chance.sample(passages, min(PHRASES * 2, len(passages))):
        runs = _RUN.findall(passage.body)
        if runs and len(asked) < PHRASES:
            run = chance.choice(runs)
            length = chance.randint(4, 8)
            start = chance.randint(0, len(run) - length)
            phrase = run[start : start + length]
            asked.append(Asked(f"“{phrase}”", holds=phrase))
    return asked


def _characters(passages: Sequence[Passage]) -> list[Asked]:
    chance = random.Random(_SEED + 3)
    counted = Counter(
        character for passage in chance.sample(passages, min(500, len(passages))) for character in passage.body
    )
    common = sorted(character for character in counted if "\u4e00" <= character <= "\u9fff")
    return [Asked(character, holds=character) for character in chance.sample(common, min(CHARACTERS, len(common)))]


def squeezed(text: str) -> str:
    """Return a text without white space, as phrases are looked for in it."""
    return _WHITE.sub("", text)
