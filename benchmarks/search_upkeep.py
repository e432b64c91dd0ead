"""What an index costs beside the questions: opening, memory, changes. Also the program of the fresh processes.

python benchmarks/search_upkeep.py ENGINE FOLDER QUERIES     asks the queries of a JSON file in a new process
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import tantivy
from figures import Figure
from search_data import Corpus
from search_engines import ENGINES, EVERYONE, OURS, WRITER_BYTES, Engine, document, tantivy_document, tantivy_index
from search_speed import median_and_p95

from search_index import Index, Query

CHANGES = 80
OPENINGS = 5
MIB = 1 << 20


def memory_mib() -> dict[str, float]:
    """Return this process's share of memory (Pss) and what no other has (private), in MiB."""
    values = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        values[name] = int(rest.split()[0]) / 1024
    return {"Pss": values["Pss"], "private": values["Private_Clean"] + values["Private_Dirty"]}


def _child(engine: str, folder: str, queries: str) -> None:
    texts: list[str] = json.loads(Path(queries).read_text())
    idle = memory_mib()
    began = time.perf_counter()
    if engine == OURS:
        index = Index.open(folder)
        index.search(Query(texts[0], EVERYONE))
    else:
        ask = ENGINES[engine].open(Path(folder))
        ask(texts[0], True)
    first = (time.perf_counter() - began) * 1000
    for text in texts[1:]:
        if engine == OURS:
            index.search(Query(text, EVERYONE))
        else:
            ask(text, True)
    warm = memory_mib()
    print(json.dumps({"first": first, **{name: warm[name] - idle[name] for name in idle}}))


def _in_a_new_process(engine: str, folder: Path, texts: Sequence[str]) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(list(texts), file)
        file.flush()
        command = [sys.executable, __file__, engine, str(folder), file.name]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(ran.stdout)
    return answer


def fresh(corpus: Corpus, indexes: Mapping[str, tuple[Engine, Path]], keys: Sequence[str]) -> Iterator[Figure]:
    """Yield the time of the first question in a new process, and the memory after all questions."""
    queries = [asked.text for case in (*corpus.speed, *corpus.quality) for asked in case.asked]
    firsts = {
        key: statistics.median(
            _in_a_new_process(key, indexes[key][1], [queries[number]])["first"] for number in range(OPENINGS)
        )
        for key in keys
    }
    warm = {key: _in_a_new_process(key, indexes[key][1], queries) for key in keys}
    for key in [key for key in keys if key != OURS] or [OURS]:
        other = () if key == OURS else (ENGINES[key].name,)
        yield Figure("opening", "open and first query", "ms", firsts[OURS], *other, *([firsts[key]] if other else []))
        for name in ("Pss", "private"):
            theirs = [warm[key][name]] if other else []
            yield Figure("memory", f"all warm over idle, {name}", "MiB", warm[OURS][name], *other, *theirs)


def _our_changes(corpus: Corpus, folder: Path) -> Iterator[tuple[float, float]]:
    """Yield the milliseconds of a commit of one document, and of it until an open index finds it."""
    index = Index.open(folder)
    index.search(Query(corpus.warming[0].text, EVERYONE))
    documents = [document(passage) for passage in corpus.passages[:CHANGES]]
    for number, changed in enumerate(documents):
        word = f"changed{number}"
        began = time.perf_counter()
        with Index.writer(folder) as writer:
            writer.apply([changed._replace(body=f"{changed.body} {word}")])
        committed = time.perf_counter()
        while not index.search(Query(word, EVERYONE, snippets=False, counts=False)).found:
            pass
        yield (committed - began) * 1000, (time.perf_counter() - began) * 1000


def _tantivy_changes(corpus: Corpus, folder: Path) -> Iterator[tuple[float, float]]:
    schema, index = tantivy_index(folder)
    writer = index.writer(WRITER_BYTES, num_threads=1)
    for number, passage in enumerate(corpus.passages[:CHANGES]):
        term = tantivy.Query.term_query(schema, "id", f"{passage.id}:{number}")
        began = time.perf_counter()
        writer.delete_documents_by_term("id", passage.id)
        writer.add_document(tantivy_document(passage._replace(id=f"{passage.id}:{number}")))
        writer.commit()
        committed = time.perf_counter()
        index.reload()
        while not index.searcher().search(term, 1).hits:
            index.reload()
        yield (committed - began) * 1000, (time.perf_counter() - began) * 1000
    writer.wait_merging_threads()


_CHANGES = {OURS: _our_changes, "tantivy": _tantivy_changes}


def changes(corpus: Corpus, copies: Mapping[str, Path]) -> Iterator[Figure]:
    """Yield what a commit of one changed document costs, on copies of the indexes."""
    measured = {key: list(_CHANGES[key](corpus, folder)) for key, folder in copies.items() if key in _CHANGES}
    for key in [key for key in measured if key != OURS] or [OURS]:
        for column, name in enumerate(("commit of one document", "one document changed and found")):
            own, other = (median_and_p95([pair[column] for pair in measured[which]]) for which in (OURS, key))
            for metric, ours, theirs in zip(("median", "p95"), own, other, strict=True):
                peer = () if key == OURS else (ENGINES[key].name, theirs)
                yield Figure("change", f"{name}, {metric}", "ms", ours, *peer)


if __name__ == "__main__":
    _child(*sys.argv[1:])
