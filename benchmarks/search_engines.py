"""The engines that are compared: each builds an index of the same passages from the same terms, and is then asked.

What a peer is given is what our analyser makes of the text, each term written as a number in base 16 as often as it
counts (a title's terms three times). A peer's query is all terms that ours ranks by. "tantivy, pairs" is asked only
those that find documents in ours: without the single characters that ours weighs beside the pairs they stand in, which
is quicker and ranks worse.
"""

import datetime
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import tantivy
from search_data import LAW, Passage
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, STORED, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.query import Or, Term
from whoosh.scoring import BM25F

from search_index import Document, Index, Query, rebuild
from search_index.analysis import TITLE_WEIGHT, terms_of
from search_index.plan import make_plan
from search_index.query_language import parse
from search_index.weighted import K1, B

TOP = 10
EVERYONE = frozenset({"all"})
WRITER_BYTES = 256_000_000
STORED_FIELDS = ("kind", "title", "body")


class Hit(NamedTuple):
    """What a page needs of a hit to name it and to lead there."""

    kind: str
    id: str
    title: str


class Ask(Protocol):
    """An open index. `counted` asks for the number of all hits as well."""

    def __call__(self, text: str, counted: bool) -> Sequence[Hit]:
        """Return the ten best."""


class Engine(NamedTuple):
    """An engine: how to build and how to open its index. A slow one is asked a part of the queries only."""

    name: str
    build: Callable[[Sequence[Passage], Path], None]
    open: Callable[[Path], Ask]
    slow: bool = False


def passage_tokens(passage: Passage) -> str:
    """Return the terms of a passage, each as often as it counts, with blanks between."""
    title, body = (terms_of([text])[0].tolist() for text in (passage.title, passage.body))
    return " ".join([f"{key:x}" for key in [*title * TITLE_WEIGHT, *body]])


def query_tokens(text: str) -> list[str]:
    """Return the terms of a query that ours ranks by."""
    plan = make_plan(parse(text))
    return [f"{key:x}" for key in {**plan.primary, **plan.secondary}]


def pair_tokens(text: str) -> list[str]:
    """Return the terms of a query that find documents in ours."""
    return [f"{key:x}" for key in make_plan(parse(text)).primary]


def document(passage: Passage) -> Document:
    """Return a passage as a thing of its own that everyone may see."""
    date = datetime.date.fromisoformat(passage.date) if passage.date else None
    return Document(passage.id, passage.kind, 0, passage.id, passage.title, passage.body, audience=("all",), date=date)


def page_document(number: int, passage: Passage) -> Document:
    """Return a passage as the service would: articles as places of their law, some for few only, with facets."""
    date = datetime.date.fromisoformat(passage.date) if passage.date else None
    group = f"law:{passage.title}" if passage.kind == LAW else passage.id
    restricted = hash_of(group) % 10 == 0
    return Document(
        passage.id,
        passage.kind,
        number,
        group,
        passage.title,
        passage.body,
        audience=(f"unit:{hash_of(group) % 7}",) if restricted else ("all",),
        date=date,
        place=str(number),
        facets={"category": passage.title[-2:], "unit": str(hash_of(group) % 7)},
    )


def hash_of(text: str) -> int:
    """Return a number that is the same in every run."""
    return sum(map(ord, text))


def build_ours(passages: Sequence[Passage], folder: Path) -> None:
    """Build our index."""
    rebuild(folder, map(document, passages))


def build_page(passages: Sequence[Passage], folder: Path) -> None:
    """Build our index as the service would."""
    rebuild(folder, (page_document(number, passage) for number, passage in enumerate(passages)))


def open_ours(folder: Path) -> Ask:
    """Open our index."""
    index = Index.open(folder)

    def ask(text: str, counted: bool) -> Sequence[Hit]:
        found = index.search(Query(text, EVERYONE, limit=TOP, places=1, snippets=False, counts=counted))
        return [Hit(hit.kind, hit.key, hit.title) for hit in found.hits]

    return ask


def build_whoosh(passages: Sequence[Passage], folder: Path) -> None:
    """Build Whoosh's index with its own codec."""
    folder.mkdir(parents=True)
    terms = TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False)
    schema = Schema(id=ID(stored=True), kind=STORED(), title=STORED(), body=STORED(), terms=terms)
    writer = create_in(folder, schema).writer(limitmb=256)
    for passage in passages:
        writer.add_document(
            id=passage.id, kind=passage.kind, title=passage.title, body=passage.body, terms=passage_tokens(passage)
        )
    writer.commit()


def open_whoosh(folder: Path) -> Ask:
    """Open Whoosh's own searcher; it counts hits only when it is asked to, by the length of its results."""
    searcher = open_dir(folder).searcher(weighting=BM25F(B=B, K1=K1))

    def ask(text: str, counted: bool) -> Sequence[Hit]:
        results = searcher.search(Or([Term("terms", term) for term in query_tokens(text)]), limit=TOP)
        if counted:
            len(results)
        return [Hit(hit["kind"], hit["id"], hit["title"]) for hit in results]

    return ask


def build_fts5(passages: Sequence[Passage], folder: Path) -> None:
    """Build an FTS5 table beside one of the passages."""
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / "fts.sqlite")
    database.execute("create table passage (number integer primary key, id, kind, title, body)")
    database.execute(
        "create virtual table fts using fts5 (terms, content='', tokenize='unicode61 remove_diacritics 0')"
    )
    with database:
        for number, passage in enumerate(passages):
            database.execute("insert into passage values (?, ?, ?, ?, ?)", (number, *_row(passage)))
            database.execute("insert into fts (rowid, terms) values (?, ?)", (number, passage_tokens(passage)))
    database.close()


def _row(passage: Passage) -> tuple[str, str, str, str]:
    return passage.id, passage.kind, passage.title, passage.body


def open_fts5(folder: Path) -> Ask:
    """Open the FTS5 table."""
    database = sqlite3.connect(f"file:{folder / 'fts.sqlite'}?mode=ro", uri=True)

    def ask(text: str, counted: bool) -> Sequence[Hit]:
        query = " OR ".join(query_tokens(text))
        if not query:
            return []
        if counted:
            database.execute("select count(*) from fts where fts match ?", (query,)).fetchone()
        rows = database.execute(
            "select kind, id, title from passage join (select rowid as hit, rank from fts where fts match ?"
            " order by rank limit ?) on number = hit order by rank",
            (query, TOP),
        )
        return [Hit(*row) for row in rows]

    return ask


def tantivy_index(folder: Path) -> tuple[tantivy.Schema, tantivy.Index]:
    """Open tantivy's index, or make an empty one."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in STORED_FIELDS:  # as bytes: its text fields cannot be stored without being indexed
        builder.add_bytes_field(name, stored=True)
    builder.add_text_field("terms", tokenizer_name="blanks", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema, path=str(folder))
    index.register_tokenizer("blanks", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return schema, index


def tantivy_document(passage: Passage) -> tantivy.Document:
    """Return a passage as tantivy takes it."""
    made = tantivy.Document()
    made.add_text("id", passage.id)
    for name, text in zip(STORED_FIELDS, _row(passage)[1:], strict=True):
        made.add_bytes(name, text.encode())
    made.add_text("terms", passage_tokens(passage))
    return made


def build_tantivy(passages: Sequence[Passage], folder: Path) -> None:
    """Build tantivy's index in one thread; its merging threads are waited for."""
    folder.mkdir(parents=True)
    writer = tantivy_index(folder)[1].writer(WRITER_BYTES, num_threads=1)
    for passage in passages:
        writer.add_document(tantivy_document(passage))
    writer.commit()
    writer.wait_merging_threads()


def _text(found: tantivy.Document, name: str) -> str:
    return bytes(found.get_first(name)).decode()


def open_tantivy(folder: Path, tokens: Callable[[str], list[str]] = query_tokens) -> Ask:
    """Open tantivy's index, to be asked for some of the terms of a query."""
    schema, index = tantivy_index(folder)
    index.reload()
    searcher = index.searcher()
    term, should = tantivy.Query.term_query, tantivy.Occur.Should

    def ask(text: str, counted: bool) -> Sequence[Hit]:
        query = tantivy.Query.boolean_query([(should, term(schema, "terms", token, "freq")) for token in tokens(text)])
        found = [searcher.doc(address) for _, address in searcher.search(query, TOP, count=counted).hits]
        return [Hit(_text(one, "kind"), one.get_first("id"), _text(one, "title")) for one in found]

    return ask


OURS = "ours"
ENGINES = {
    "ours": Engine("ours", build_ours, open_ours),
    "tantivy": Engine("tantivy", build_tantivy, open_tantivy),
    "pairs": Engine("tantivy, pairs", build_tantivy, partial(open_tantivy, tokens=pair_tokens)),
    "fts5": Engine("SQLite FTS5", build_fts5, open_fts5, slow=True),
    "whoosh": Engine("Whoosh", build_whoosh, open_whoosh, slow=True),
}
PAGE = Engine("page", build_page, open_ours)


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def discard(folder: Path) -> None:
    """Remove an index."""
    shutil.rmtree(folder, ignore_errors=True)
