"""Measure search_index beside tantivy, SQLite FTS5 and Whoosh's own searcher: same passages, terms and questions.

    python benchmarks/search.py --corpus laws.jsonl.xz --qa cmrc_trial.jsonl.xz --qa drcd_dev.jsonl.xz --json out.json

A corpus is JSON Lines, compressed by xz, with `id`, `title`, `body` and perhaps `date`; a file of answers has
`questions` beside them, asked of all passages of all files together. All engines are asked in this one process, one
after the other in blocks of the same queries. A row's ratio is ours / theirs.
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import search_plot
import search_speed
import search_upkeep
from figures import Figure, add_json_option, show, write
from search_data import Corpus, load, part
from search_engines import ENGINES, OURS, PAGE, Engine, discard, passage_tokens, size_of

from search_index.errors import SearchIndexError

PARTS = ("build", "speed", "counted", "quality", "page", "fresh", "change")
GROWTH_PARTS = ("build", "speed", "fresh", "change")
GROWTH_ENGINES = ("ours", "tantivy")
Indexes = Mapping[str, tuple[Engine, Path]]


class Workshop:
    """Where indexes are built, each once; kept for the next run where a folder for that is given."""

    def __init__(self, folder: Path, *, reuse: bool) -> None:
        """Build in a folder. With `reuse`, ours is taken as it lies there too, as long as it can be read."""
        self.folder = folder
        self.reuse = reuse
        self.speeds: dict[Path, float] = {}

    def built(self, key: str, engine: Engine, corpus: Corpus) -> Path:
        """Return the folder of an engine's index of the passages, building it unless it is kept."""
        folder = self.folder / f"{key}-{len(corpus.passages)}-{_fingerprint(corpus)}"
        speed = folder.with_suffix(".speed")
        own = key in (OURS, PAGE.name)
        if speed.exists() and (self.reuse or not own) and _readable(engine, folder):
            self.speeds[folder] = float(speed.read_text())
            return folder
        discard(folder)
        print(f"building {key}, {len(corpus.passages):,} passages", flush=True)
        began = time.perf_counter()
        engine.build(corpus.passages, folder)
        self.speeds[folder] = len(corpus.passages) / (time.perf_counter() - began)
        speed.write_text(str(self.speeds[folder]))
        return folder

    def copy(self, folder: Path) -> Path:
        """Return a copy of an index, for changes."""
        copy = self.folder / "changed" / folder.name
        discard(copy)
        shutil.copytree(folder, copy)
        return copy


def _readable(engine: Engine, folder: Path) -> bool:
    try:
        engine.open(folder)
    except SearchIndexError:
        return False
    return True


def _fingerprint(corpus: Corpus) -> str:
    """Return what differs when the passages or their terms do."""
    some = corpus.passages[:: max(len(corpus.passages) // 50, 1)]
    return hashlib.sha256("\n".join(map(passage_tokens, some)).encode()).hexdigest()[:8]


def measure(
    corpus: Corpus,
    keys: Sequence[str],
    parts: Sequence[str],
    workshop: Workshop,
    patience: search_speed.Patience = search_speed.Patience(),  # noqa: B008 - it never changes
) -> list[Figure]:
    """Build what the wanted parts need, measure them and return the figures."""
    indexes = {key: (ENGINES[key], workshop.built(key, ENGINES[key], corpus)) for key in keys}
    figures: list[Figure] = []
    if "build" in parts:
        figures += _build_figures(corpus, indexes, workshop)
    for part_name, counted in (("speed", False), ("counted", True)):
        if part_name in parts:
            figures += search_speed.compare(corpus, indexes, patience, counted=counted)
    if {"quality", "page"} & {*parts}:
        page = workshop.built(PAGE.name, PAGE, corpus)
        if "quality" in parts:
            figures += search_speed.quality(corpus, indexes, page)
        if "page" in parts:
            figures += search_speed.pages(corpus, page)
    quick = [key for key, (engine, _) in indexes.items() if not engine.slow]
    if "fresh" in parts:
        figures += search_upkeep.fresh(corpus, indexes, quick)
    if "change" in parts:
        copies = {key: workshop.copy(indexes[key][1]) for key in quick}
        figures += search_upkeep.changes(corpus, copies)
        for copy in copies.values():
            discard(copy)
    return figures


def _build_figures(corpus: Corpus, indexes: Indexes, workshop: Workshop) -> Iterator[Figure]:
    ours = indexes[OURS][1]
    for key, (engine, folder) in indexes.items():
        if key != OURS or len(indexes) == 1:
            yield Figure("build", "indexing", "passages/s", workshop.speeds[ours], engine.name, workshop.speeds[folder])
            yield Figure("build", "index", "MB", size_of(ours) / 1e6, engine.name, size_of(folder) / 1e6)
    yield Figure("build", "index", "MB", size_of(ours) / 1e6, "the text", corpus.text_bytes / 1e6)


def grow(corpus: Corpus, sizes: Sequence[int], questions: int | None, workshop: Workshop) -> dict[int, list[Figure]]:
    """Measure on parts of the corpus, from small to large."""
    grown: dict[int, list[Figure]] = {}
    for size in sizes:
        chosen = part(corpus, size, questions)
        print(f"{len(chosen.passages):,} passages", flush=True)
        grown[len(chosen.passages)] = measure(chosen, GROWTH_ENGINES, GROWTH_PARTS, workshop)
        show(grown[len(chosen.passages)])
    return grown


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="passages to search, .jsonl.xz")
    parser.add_argument("--qa", type=Path, action="append", default=[], help="passages with questions, .jsonl.xz")
    parser.add_argument("--limit", type=int, help="take only so many passages of the corpus")
    parser.add_argument("--questions", type=int, help="ask only so many queries of each case")
    parser.add_argument(
        "--slow-questions",
        type=int,
        default=search_speed.SLOW_QUERIES,
        help="ask Whoosh and FTS5 so many queries of each case, evenly drawn, once (default %(default)s)",
    )
    parser.add_argument(
        "--slow-seconds",
        type=float,
        default=search_speed.SLOW_SECONDS,
        help="and no more of a case after so many seconds (default %(default)s)",
    )
    parser.add_argument("--engines", type=_words, default=[*ENGINES], help=f"of {','.join(ENGINES)}; ours is always in")
    parser.add_argument("--parts", type=_words, default=[*PARTS], help=f"what to measure, of {','.join(PARTS)}")
    parser.add_argument("--sizes", type=_words, default=[], help="measure growth instead: 1500,15000,150000")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the growth as SVG")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the indexes here for the next run")
    parser.add_argument(
        "--reuse", action="store_true", help="take our index from --keep too, as long as it can be read"
    )
    add_json_option(parser)
    arguments = parser.parse_args()
    for path in (arguments.corpus, *arguments.qa):
        if not path.is_file():
            parser.exit(0, f"left out: there is no {path}\n")
    if unknown := {*arguments.engines} - {*ENGINES} | {*arguments.parts} - {*PARTS}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return arguments


def main() -> None:
    """Read the arguments, measure, report."""
    arguments = _arguments()
    corpus = load(arguments.corpus, arguments.qa, arguments.limit, arguments.questions)
    print(f"{len(corpus.passages):,} passages, {sum(len(case.asked) for case in corpus.speed):,} queries", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        workshop = Workshop(arguments.keep or Path(temporary), reuse=arguments.reuse)
        workshop.folder.mkdir(parents=True, exist_ok=True)
        if arguments.sizes:
            grown = grow(corpus, [int(size) for size in arguments.sizes], arguments.questions, workshop)
            figures = search_plot.rows(grown)
            if arguments.plot:
                arguments.plot.write_text(search_plot.draw(grown), encoding="utf-8")
        else:
            patience = search_speed.Patience(arguments.slow_questions, arguments.slow_seconds)
            keys = [*dict.fromkeys([OURS, *arguments.engines])]
            figures = measure(corpus, keys, arguments.parts, workshop, patience)
    show(figures)
    write(figures, arguments.json)


if __name__ == "__main__":
    main()
