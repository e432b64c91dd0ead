"""Measure search_index against Whoosh's own searcher and SQLite FTS5: same passages, terms and questions, one process.

    python benchmarks/search.py --corpus laws.jsonl.xz --qa cmrc.jsonl.xz --qa drcd.jsonl.xz --json out.json

A corpus is JSON Lines, xz-compressed, with `id`, `title`, `body`; a question file has `questions` beside them, asked of
all passages of all files together. A ratio above one means that ours is better.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, STORED, TEXT, Schema
from whoosh.index import create_in
from whoosh.query import Or, Term
from whoosh.scoring import BM25F

from search_index import Document, Index, Query, rebuild
from search_index.analysis import document_terms, parse
from search_index.segments import K1, B

EVERYONE = frozenset({"all"})
TOP = 10
KEYWORD_QUERIES = 500

Search = Callable[[str], list[str]]


class Passage(NamedTuple):
    """A passage, and the questions whose answer it holds."""

    id: str
    title: str
    body: str
    questions: list[str]


class Engine(NamedTuple):
    """An engine with its index built: how to ask it, how long building took, how large the index is."""

    name: str
    search: Search
    seconds: float
    size: int


class Case(NamedTuple):
    """Queries asked together; each with the id of the passage that should come first, if it is known."""

    name: str
    queries: list[tuple[str, str | None]]


def read(path: Path) -> Iterator[Passage]:
    """Read the passages of a file."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Passage(row["id"], row["title"], row["body"], row.get("questions", []))


def terms_of(passage: Passage) -> str:
    """Return the weighted terms of a passage, each as often as it counts, for engines that only take text."""
    frequencies, _ = document_terms(passage.title, passage.body, "")
    return " ".join(frequencies.elements())


def query_terms(text: str) -> list[str]:
    """Return the terms of a query that every engine can look up as they are."""
    return list(dict.fromkeys(term.text for clause in parse(text) for term in clause.terms))


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def build_ours(passages: list[Passage], folder: Path, *, snippets: bool = False) -> Engine:
    """Build our index."""
    began = time.perf_counter()
    rebuild(folder, (Document(p.id, "passage", 0, p.id, p.title, p.body, audience=("all",)) for p in passages))
    seconds = time.perf_counter() - began
    return Engine("ours", ask_ours(Index.open(folder), snippets=snippets), seconds, size_of(folder))


def ask_ours(index: Index, *, snippets: bool) -> Search:
    """Return how our index is asked."""

    def search(text: str) -> list[str]:
        results = index.search(Query(text, EVERYONE, limit=TOP, snippets=snippets))
        return [hit.key for hit in results.hits]

    return search


def build_whoosh(passages: list[Passage], folder: Path) -> Engine:
    """Build Whoosh's index with its own codec."""
    folder.mkdir()
    terms = TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False)
    index = create_in(folder, Schema(id=ID(stored=True), title=STORED(), body=STORED(), terms=terms))
    began = time.perf_counter()
    writer = index.writer(limitmb=256)
    for passage in passages:
        writer.add_document(id=passage.id, title=passage.title, body=passage.body, terms=terms_of(passage))
    writer.commit()
    seconds = time.perf_counter() - began
    searcher = index.searcher(weighting=BM25F(B=B, K1=K1))

    def search(text: str) -> list[str]:
        query = Or([Term("terms", term) for term in query_terms(text)])
        return [hit["id"] for hit in searcher.search(query, limit=TOP)]

    return Engine("Whoosh", search, seconds, size_of(folder))


def build_fts5(passages: list[Passage], folder: Path) -> Engine:
    """Build an FTS5 table."""
    folder.mkdir()
    database = sqlite3.connect(folder / "fts.sqlite")
    database.execute("create table passage (number integer primary key, id, title, body)")
    database.execute(
        "create virtual table fts using fts5 (terms, content='', tokenize='unicode61 remove_diacritics 0')"
    )
    began = time.perf_counter()
    with database:
        for number, passage in enumerate(passages):
            database.execute("insert into passage values (?, ?, ?, ?)", (number, *passage[:3]))
            database.execute("insert into fts (rowid, terms) values (?, ?)", (number, terms_of(passage)))
    seconds = time.perf_counter() - began

    def search(text: str) -> list[str]:
        query = " OR ".join(f'"{term}"' for term in query_terms(text))
        rows = database.execute(
            "select id from passage join (select rowid as hit, rank from fts where fts match ? order by rank limit ?)"
            " on number = hit order by rank",
            (query, TOP),
        )
        return [row[0] for row in rows]

    return Engine("SQLite FTS5", search, seconds, size_of(folder))


def keyword_case(passages: list[Passage]) -> Case:
    """Return queries of one to three words drawn from titles; always the same ones."""
    chance = random.Random(1)
    titles = sorted({passage.title for passage in passages if len(passage.title) >= 4})
    queries: list[tuple[str, str | None]] = []
    for title in chance.sample(titles, min(KEYWORD_QUERIES, len(titles))):
        starts = [chance.randrange(len(title) - 2) for _ in range(chance.randint(1, 3))]
        text = " ".join(title[start : start + chance.randint(2, 4)] for start in starts)
        if query_terms(text):
            queries.append((text, None))
    return Case("keywords", queries)


def measure(engine: Engine, case: Case) -> dict[str, float]:
    """Ask every query once to warm up and once to measure, and return figures by metric."""
    for text, _ in case.queries:
        engine.search(text)
    times: list[float] = []
    ranks: list[float] = []
    for text, wanted in case.queries:
        began = time.perf_counter()
        found = engine.search(text)
        times.append((time.perf_counter() - began) * 1000)
        if wanted is not None:
            ranks.append(1 / (found.index(wanted) + 1) if wanted in found else 0.0)
    figures = {"median": statistics.median(times), "p95": statistics.quantiles(times, n=20)[-1]}
    if ranks:
        figures |= {"MRR@10": statistics.mean(ranks), "hit@10": statistics.mean(rank > 0 for rank in ranks)}
    return figures


UNITS = {"median": "ms", "p95": "ms", "MRR@10": "", "hit@10": "", "indexing": "passages/s", "index size": "MB"}
LESS_IS_BETTER = {"median", "p95", "index size"}


def row(case: str, metric: str, ours: float, peer: str, theirs: float) -> dict[str, object]:
    """Return one line of the report."""
    worse, better = (theirs, ours) if metric in LESS_IS_BETTER else (ours, theirs)
    ratio = round(worse / better, 3) if better else None
    return {
        "case": case,
        "metric": metric,
        "unit": UNITS[metric],
        "ours": round(ours, 4),
        "peer": peer,
        "theirs": round(theirs, 4),
        "ratio": ratio,
    }


def compare(passages: list[Passage], cases: list[Case], folder: Path) -> list[dict[str, object]]:
    """Build every engine's index, ask each the same, and return the lines of the report."""
    ours = build_ours(passages, folder / "ours")
    with_snippets = Engine("ours", ask_ours(Index.open(folder / "ours"), snippets=True), 0, 0)
    peers = [build_whoosh(passages, folder / "whoosh"), build_fts5(passages, folder / "fts5")]
    rows: list[dict[str, object]] = []
    count = len(passages)
    for peer in peers:
        rows.append(row("build", "indexing", count / ours.seconds, peer.name, count / peer.seconds))
        rows.append(row("build", "index size", ours.size / 1e6, peer.name, peer.size / 1e6))
    for case in cases:
        figures = measure(ours, case)
        snippet_figures = measure(with_snippets, case)
        for metric in ("median", "p95"):
            rows.append(
                row(f"{case.name}: snippets", metric, snippet_figures[metric], "ours, without", figures[metric])
            )
        for peer in peers:
            theirs = measure(peer, case)
            rows.extend(row(case.name, metric, figures[metric], peer.name, theirs[metric]) for metric in figures)
    return rows


def print_table(rows: list[dict[str, object]]) -> None:
    """Print the report, a line a row."""
    names = ("case", "metric", "unit", "ours", "peer", "theirs", "ratio")
    lines = [names, *(tuple(str(entry[name]) for name in names) for entry in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(names))]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="passages to search, .jsonl.xz")
    parser.add_argument("--qa", type=Path, action="append", default=[], help="passages with questions, .jsonl.xz")
    parser.add_argument("--limit", type=int, help="take only so many passages of the corpus")
    parser.add_argument("--questions", type=int, help="ask only so many questions of each file")
    parser.add_argument("--json", type=Path, help="write the report here")
    arguments = parser.parse_args()
    for path in (arguments.corpus, *arguments.qa):
        if not path.is_file():
            parser.exit(0, f"left out: there is no {path}\n")
    passages = list(itertools.islice(read(arguments.corpus), arguments.limit))
    cases = [keyword_case(passages)]
    for path in arguments.qa:
        asked = list(read(path))
        queries = [(question, passage.id) for passage in asked for question in passage.questions]
        random.Random(1).shuffle(queries)
        cases.append(Case(path.name.removesuffix(".jsonl.xz"), queries[: arguments.questions]))
        passages.extend(asked)
    print(f"{len(passages):,} passages, {sum(len(case.queries) for case in cases):,} queries")
    with tempfile.TemporaryDirectory() as folder:
        rows = compare(passages, cases, Path(folder))
    print_table(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
