"""How long the engines take for a question, and how good their answers are."""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from figures import Figure
from search_data import LAW, Asked, Case, Corpus, Passage, squeezed
from search_engines import EVERYONE, OURS, TOP, Ask, Engine, Hit

from search_index import Index, Query
from search_index.folding import fold

BLOCK = 50
"""So many queries are asked of one engine before it is the next one's turn: a drift of the machine falls on all."""

SLOW_QUERIES = 100
"""A slow engine is asked so many of each case, evenly drawn, once; its rows compare with ours for the same ones."""

SLOW_SECONDS = 120.0
"""After so many seconds a slow engine is asked no more of a case: the rows tell how many it was asked."""

PAGE_READER = frozenset({"all", "unit:1", "unit:4"})


@dataclass
class Times:
    """Milliseconds of the calls of an engine by place of the query, for each pass, and what the last pass found.

    `cpu` is the processor time of the same calls: on a busy machine steadier than what a clock says.
    """

    passes: list[dict[int, float]] = field(default_factory=lambda: [{}, {}])
    cpu: list[dict[int, float]] = field(default_factory=lambda: [{}, {}])
    found: dict[int, Sequence[Hit]] = field(default_factory=dict)


class Patience(NamedTuple):
    """How much a slow engine is asked of each case."""

    queries: int = SLOW_QUERIES
    seconds: float = SLOW_SECONDS


def compare(
    corpus: Corpus, indexes: Mapping[str, tuple[Engine, Path]], patience: Patience, *, counted: bool
) -> Iterator[Figure]:
    """Ask every engine the same, and yield the figures; `counted` asks for the number of all hits as well."""
    for case in corpus.speed:
        asks = {key: engine.open(folder) for key, (engine, folder) in indexes.items()}
        slow = {key for key, (engine, _) in indexes.items() if engine.slow}
        times = _ask_all(asks, slow, corpus, case, patience, counted=counted)
        name = f"{case.name}, counted" if counted else case.name
        for key in [key for key in times if key != OURS] or [OURS]:
            yield from _speed_figures(name, times[OURS], indexes[key][0].name, times[key])
        if not counted and case.asked[0].id:
            for key in [key for key in times if key != OURS] or [OURS]:
                yield from _answer_figures(case, times[OURS], indexes[key][0].name, times[key])


def _ask_all(
    asks: Mapping[str, Ask], slow: set[str], corpus: Corpus, case: Case, patience: Patience, *, counted: bool
) -> dict[str, Times]:
    """Ask in blocks, in turn: every engine all queries twice, slow ones some of them once."""
    for key, ask in asks.items():
        for query in corpus.warming[: 3 if key in slow else None]:
            ask(query.text, counted)
    asked = case.asked
    some = set(range(0, len(asked), max(len(asked) // max(patience.queries, 1), 1)))
    times = {key: Times() for key in asks}
    for one_pass in range(2):
        for start in range(0, len(asked), BLOCK):
            for key, ask in asks.items():
                places = list(range(start, min(start + BLOCK, len(asked))))
                if key in slow:
                    spent = sum(times[key].passes[0].values()) / 1000
                    places = [at for at in places if at in some] if not one_pass and spent < patience.seconds else []
                _ask_block(times[key], one_pass, ask, places, asked, counted)
    return times


def _ask_block(
    times: Times, one_pass: int, ask: Ask, places: Sequence[int], asked: Sequence[Asked], counted: bool
) -> None:
    for at in places:
        text = asked[at].text
        before, began = time.process_time(), time.perf_counter()
        found = ask(text, counted)
        times.passes[one_pass][at] = (time.perf_counter() - began) * 1000
        times.cpu[one_pass][at] = (time.process_time() - before) * 1000
        times.found[at] = found


def median_and_p95(values: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 95th of a hundred."""
    return statistics.median(values), statistics.quantiles(values, n=20, method="inclusive")[-1]


def _speed_figures(case: str, ours: Times, peer: str, theirs: Times) -> Iterator[Figure]:
    """Yield the clock's figures and the processor's, of the same queries; a slow peer was asked once only."""
    for number, name in enumerate(("1st pass", "2nd pass")):
        places = list(theirs.passes[number])
        if not places:
            continue
        if len(places) < len(ours.passes[number]):
            yield Figure(case, f"queries asked of {peer}, {name}", "", len(places))
        for clock, unit, column in (("", "ms", "passes"), ("processor, ", "ms/query", "cpu")):
            own, other = (median_and_p95([getattr(t, column)[number][at] for at in places]) for t in (ours, theirs))
            for metric, mine, their in zip(("median", "p95"), own, other, strict=True):
                yield Figure(case, f"{clock}{metric}, {name}", unit, mine, *(() if ours is theirs else (peer, their)))


def _answer_figures(case: Case, ours: Times, peer: str, theirs: Times) -> Iterator[Figure]:
    own, other = (_answers(case, times, theirs.found) for times in (ours, theirs))
    for metric, value in own.items():
        yield Figure(case.name, metric, "share", value, *(() if ours is theirs else (peer, other[metric])))


def _answers(case: Case, times: Times, places: Mapping[int, object]) -> dict[str, float]:
    ranks = [rank([hit.id for hit in times.found[at]], case.asked[at].id) for at in places]
    return {"MRR@10": statistics.mean(ranks), "hit@10": statistics.mean(value > 0 for value in ranks)}


def rank(found: Sequence[str], wanted: str) -> float:
    """Return one divided by the place of what is wanted, 0 when it is not among the ten first."""
    different = list(dict.fromkeys(found))[:TOP]
    return 1 / (different.index(wanted) + 1) if wanted in different else 0.0


def quality(corpus: Corpus, indexes: Mapping[str, tuple[Engine, Path]], page: Path) -> Iterator[Figure]:
    """Yield how well titles, quoted phrases and single characters find what holds them."""
    bodies = {passage.id: fold(squeezed(passage.title + passage.body)) for passage in corpus.passages}
    for case in corpus.quality:
        if case.asked[0].title:
            yield from _title_figures(case, indexes, page)
        else:
            ask = indexes[OURS][0].open(indexes[OURS][1])
            found = [(asked, ask(asked.text, False)) for asked in case.asked]
            first = [bool(hits) and fold(asked.holds) in bodies[hits[0].id] for asked, hits in found]
            all_hold = [fold(asked.holds) in bodies[hit.id] for asked, hits in found for hit in hits]
            yield Figure(case.name, "first hit holds it", "share", statistics.mean(first))
            yield Figure(case.name, "hits that hold it", "share", statistics.mean(all_hold))


def _title_figures(case: Case, indexes: Mapping[str, tuple[Engine, Path]], page: Path) -> Iterator[Figure]:
    """Yield the rank of the title among the different titles; ours with articles as places of their law."""
    index = Index.open(page)
    ours = [
        rank([hit.title for hit in index.search(_page_query(asked.text)).hits], asked.title) for asked in case.asked
    ]
    yield from _title_rows(case.name, ours, "", None)
    for key, (engine, folder) in indexes.items():
        if key != OURS and not engine.slow:
            ask = engine.open(folder)
            theirs = [rank([hit.title for hit in ask(asked.text, False)], asked.title) for asked in case.asked]
            yield from _title_rows(case.name, ours, engine.name, theirs)


def _title_rows(case: str, ours: Sequence[float], peer: str, theirs: Sequence[float] | None) -> Iterator[Figure]:
    def first(ranks: Sequence[float]) -> float:
        return statistics.mean(value == 1 for value in ranks)

    yield Figure(case, "MRR@10", "share", statistics.mean(ours), peer, theirs and statistics.mean(theirs))
    yield Figure(case, "comes first", "share", first(ours), peer, theirs and first(theirs))


def _page_query(text: str) -> Query:
    everyone = EVERYONE | {f"unit:{number}" for number in range(7)}
    return Query(text, everyone, snippets=False, counts=False)


def pages(corpus: Corpus, folder: Path) -> Iterator[Figure]:
    """Yield what a page of the service costs: audience, filter, counts of facets, grouping, ten snippets."""
    for case in corpus.speed:
        kind = "entry" if case.asked[0].id else LAW
        base = {"audience": PAGE_READER, "facets": {"kind": frozenset({kind})}}
        for name, options, limit in (
            ("page", {}, 3.0),
            ("page 50", {"offset": 490}, None),
            ("page, newest first", {"sort": "newest"}, None),
        ):
            asking = {**base, **options}
            yield from _page_figures(f"{name}: {case.name}", Index.open(folder), corpus, case, asking, limit)
    yield from _likeness(corpus.passages, Index.open(folder))


def _page_figures(
    name: str, index: Index, corpus: Corpus, case: Case, options: Mapping[str, object], limit: float | None
) -> Iterator[Figure]:
    for warming in corpus.warming:
        index.search(Query(warming.text, **options))  # type: ignore[arg-type]
    for number in ("1st", "2nd"):
        times = []
        for asked in case.asked:
            began = time.perf_counter()
            index.search(Query(asked.text, **options))  # type: ignore[arg-type]
            times.append((time.perf_counter() - began) * 1000)
        for metric, value, aim in zip(("median", "p95"), median_and_p95(times), (3.0, 8.0), strict=True):
            yield Figure(name, f"{metric}, {number} pass", "ms", value, *(("limit", aim) if limit else ()))


def _likeness(passages: Sequence[Passage], index: Index) -> Iterator[Figure]:
    times = []
    for passage in passages[:: max(len(passages) // 200, 1)]:
        began = time.perf_counter()
        index.like(passage.id, PAGE_READER)
        times.append((time.perf_counter() - began) * 1000)
    for metric, value in zip(("median", "p95"), median_and_p95(times), strict=True):
        yield Figure("more like this", metric, "ms", value, "limit", 20.0)
