"""Measure suggestions while typing against SQLite's LIKE over the same columns: same titles, same typings, one process.

    python benchmarks/suggest.py --corpus laws.jsonl.xz [--titles 10000 100000] [--typings 500] [--json FILE]

A corpus is JSON Lines, xz-compressed, with `title` and `body`; its titles are the titles, and where they do not suffice
also its titles with the beginning of their sections. SQLite has three indexed columns: the title folded, its pinyin,
its initials. LIKE 'x%' finds the beginning of a title only, ours also the words inside it, as LIKE '%x%' does; each
gives the ten best by weight. On a busy machine the processor's time tells more than the clock's: both are shown. A
ratio above one means that ours is better.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from search_index import pinyin
from search_index.lexicon import Lexicon
from search_index.lexicon_build import Entry, build
from search_index.spelling import corrections
from search_index.suggest import Suggestions
from search_index.typed import letters

ALL = frozenset({"all"})
TOP = 10
Row = dict[str, Any]


def read_titles(corpora: list[Path], wanted: int) -> list[str]:
    """Give so many distinct titles; raises SystemExit when the corpora hold fewer."""
    found: dict[str, None] = {}
    longer: dict[str, None] = {}
    for corpus in corpora:
        with lzma.open(corpus, "rt", encoding="utf-8") as lines:
            for line in lines:
                passage = json.loads(line)
                found.setdefault(passage["title"])
                longer.setdefault(f"{passage['title']} {passage['body'].split(maxsplit=1)[-1][:12]}")
                if len(found) + len(longer) > 2 * wanted:
                    break
    titles = list(dict.fromkeys([*found, *longer]))[:wanted]
    if len(titles) < wanted:
        raise SystemExit(f"the corpora give {len(titles)} titles only, asked for {wanted}")
    return titles


def sounds(title: str) -> tuple[str, str, str]:
    """Give a title folded, in pinyin, and by initials, as SQLite's columns hold it."""
    plain = letters(title)
    said = [pinyin.syllable(character) or character for character in plain]
    for place, syllable in pinyin.readings(plain)[0].items():
        said[place] = syllable
    return plain, "".join(said), "".join(part[0] for part in said)


def make_typings(titles: list[str], count: int, seed: int = 7) -> list[str]:
    """Give what people type: one to six characters, letters of pinyin, initials, or a mixture, of titles by chance."""
    chance = random.Random(seed)
    typings = []
    for number in range(count):
        plain, said, initials = sounds(chance.choice(titles))
        length = chance.randint(1, 6)
        mixed = plain[:1] + sounds(plain[1:4])[1][: chance.randint(1, 4)]
        typings.append((plain[:length], said[: 2 * length], initials[:length], mixed)[number % 4])
    return typings


def timed(
    ask: Callable[[str], object], typings: list[str], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Give the milliseconds of each question, asked one after the other."""
    took = []
    for typing in typings:
        began = clock()
        ask(typing)
        took.append((clock() - began) * 1000)
    return took


class Sqlite:
    """The peer: titles with their pinyin and initials in SQLite."""

    def __init__(self, path: Path, titles: list[str]) -> None:
        """Write and index the rows, timing it."""
        began = time.perf_counter()
        self._base = sqlite3.connect(path)
        self._base.execute("CREATE TABLE title (text TEXT, plain TEXT, said TEXT, initials TEXT, weight INTEGER)")
        rows = ((title, *sounds(title), number % 7) for number, title in enumerate(titles))
        self._base.executemany("INSERT INTO title VALUES (?, ?, ?, ?, ?)", rows)
        for column in ("plain", "said", "initials"):
            self._base.execute(f"CREATE INDEX by_{column} ON title ({column} COLLATE NOCASE)")
        self._base.commit()
        self.seconds = time.perf_counter() - began

    def by_prefix(self, typing: str) -> list[Any]:
        """Ask by LIKE 'x%', which the indexes answer."""
        return self._ask(f"{letters(typing)}%")

    def anywhere(self, typing: str) -> list[Any]:
        """Ask by LIKE '%x%', which also finds words inside titles, by reading every row."""
        return self._ask(f"%{letters(typing)}%")

    def _ask(self, pattern: str) -> list[Any]:
        query = "SELECT text FROM title WHERE plain LIKE ?1 OR said LIKE ?1 OR initials LIKE ?1"
        return self._base.execute(f"{query} ORDER BY weight DESC, length(text) LIMIT {TOP}", (pattern,)).fetchall()


def p95(took: list[float]) -> float:
    """Give the value that 95 of 100 do not exceed."""
    return statistics.quantiles(took, n=20, method="inclusive")[-1]


def resident_mib() -> float:
    """Give this process's resident memory in MiB, as Linux counts it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def measure(titles: list[str], typings: list[str], folder: Path) -> list[Row]:
    """Measure one number of titles."""
    size = len(titles)
    path = folder / f"lexicon-{size}"
    began = time.perf_counter()
    build(path, [Entry(title, "book", (f"book:{n}",), ("all",), n % 7) for n, title in enumerate(titles)])
    built = time.perf_counter() - began
    sqlite = Sqlite(folder / f"sqlite-{size}", titles)
    before = resident_mib()
    shelf = Suggestions(path)
    ours = timed(lambda typing: shelf.complete(typing, ALL, TOP), typings)
    memory = resident_mib() - before
    worked = timed(lambda typing: shelf.complete(typing, ALL, TOP), typings, time.process_time)
    theirs = timed(sqlite.by_prefix, typings, time.process_time)
    prefix, anywhere = timed(sqlite.by_prefix, typings), timed(sqlite.anywhere, typings[: max(20, len(typings) // 10)])
    lexicon = Lexicon(path)
    slipped = [slip(title) for title in titles[:: max(1, size // 200)]]
    spelled = timed(lambda typing: corrections(lexicon, typing, ALL), slipped)
    case = f"{size} titles"
    return [
        row(case, "suggestion median", "ms", statistics.median(ours), "SQLite LIKE 'x%'", statistics.median(prefix)),
        row(case, "suggestion p95", "ms", p95(ours), "SQLite LIKE 'x%'", p95(prefix)),
        row(case, "suggestion p95, processor's time", "ms", p95(worked), "SQLite LIKE 'x%'", p95(theirs)),
        row(case, "suggestion p95, words inside titles", "ms", p95(ours), "SQLite LIKE '%x%'", p95(anywhere)),
        row(case, "suggestion slowest", "ms", max(ours), "SQLite LIKE 'x%'", max(prefix)),
        row(case, "build", "s", built, "SQLite", sqlite.seconds),
        row(
            case,
            "file",
            "MiB",
            path.stat().st_size / 2**20,
            "SQLite",
            (folder / f"sqlite-{size}").stat().st_size / 2**20,
        ),
        row(case, "resident after all typings", "MiB", memory, "", None),
        row(case, "did you mean, candidates p95", "ms", p95(spelled), "", None),
    ]


def slip(title: str) -> str:
    """Spoil a title: two neighbours in its middle change places."""
    plain = letters(title)[:12]
    half = len(plain) // 2
    return plain[:half] + plain[half : half + 2][::-1] + plain[half + 2 :]


def row(case: str, metric: str, unit: str, ours: float, peer: str, theirs: float | None) -> Row:
    """Make a row of the table."""
    ratio = None if theirs is None else round(theirs / ours, 2)
    shown = None if theirs is None else round(theirs, 3)
    return {
        "case": case, "metric": metric, "unit": unit, "ours": round(ours, 3),
        "peer": peer, "theirs": shown, "ratio": ratio,
    }  # fmt: skip


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--titles", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--typings", type=int, default=500)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    missing = [str(corpus) for corpus in options.corpus if not corpus.is_file()]
    if missing:
        raise SystemExit(f"no such corpus: {', '.join(missing)}")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in options.titles:
            titles = read_titles(options.corpus, size)
            rows += measure(titles, make_typings(titles, options.typings), Path(folder))
    for one in rows:
        theirs = f"{one['peer']} {one['theirs']} {one['unit']}, ratio {one['ratio']}" if one["peer"] else ""
        print(f"{one['case']:>14}  {one['metric']:<38} {one['ours']:>9} {one['unit']:<4} {theirs}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
