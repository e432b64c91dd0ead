"""The search index as this process sees it: opened at first use, read-only, following the worker's commits."""

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar

from lms.config import Settings
from lms.errors import N_, Unavailable
from lms.memory import Memory, Recent
from lms.search import mending
from search_index import Hit, Index, IndexOutdated, Query, Results, SearchIndexError
from search_index.lexicon import Lexicon
from search_index.vocabulary import Meant, meant_in_texts

T = TypeVar("T")

# What somebody did or noted is worth less to others than the books, guides and lectures it is about: where all say the
# same, as for a very common word, these come after them. A word that only they hold finds them as before.
LENGTHENED = {"activity": 40.0, "note": 3.0}

ANSWERS = 200  # of 10 KB each, some of 30: at most 6 MB in a process


class _Answered(NamedTuple):
    asked: Query
    at: tuple[Index, int]
    results: Results


class Engine:
    """The reading side. One for a process; threads share it."""

    def __init__(self, path: Path) -> None:
        """Remember where the index is; it may not be there yet."""
        self.path = path
        self._index: Index | None = None
        self._lock = Lock()
        self._answers: Memory[Hashable, _Answered] = Memory(ANSWERS)
        self._recent = Recent(ANSWERS)

    def search(self, query: Query) -> Results:
        """Answer a query. Raises Unavailable while there is no usable index; the worker is then building one."""
        return self._asked(lambda index: self._answered(index, query))

    def _answered(self, index: Index, query: Query) -> Results:
        """Give the answer of before while the index is as it was then: who goes back asks the same again.

        It is kept from the second time on, for most questions are asked once. What the asker may see *now* is not
        decided here: ``lms.search.queries`` asks the database each time.
        """
        index.refresh()
        facets = frozenset([(name, frozenset(values)) for name, values in query.facets.items()])
        key = (query.text, query.audience, facets, query.sort, query.offset, query.today)
        kept = self._answers.get(key)
        if kept and (kept.asked, kept.at) == (query, (index, index.generation)):
            return kept.results
        results = index.search(query, refreshed=True)
        if kept or self._recent.again(key):
            self._answers.put(key, _Answered(query, (index, results.generation), results))
        return results

    def like(self, key: str, audience: frozenset[str], limit: int) -> Sequence[Hit]:
        """Give what is most like a document, of what the audience may see. Raises Unavailable."""
        return self._asked(lambda index: index.like(key, audience, limit=limit))

    def meant(self, lexicon: Lexicon, text: str) -> Sequence[Meant]:
        """Give what may be meant by what the texts hold, each with the query that proves it. Raises Unavailable.

        Of the texts as they were at the last search: what was meant is asked after it.
        """
        return self._asked(lambda index: meant_in_texts(index, lexicon, text, refreshed=True))

    def state(self) -> tuple[int, int]:
        """Give the number of documents and the generation. Raises SearchIndexError when the index is unusable."""
        index = self._opened()
        index.refresh()
        return index.count(), index.generation

    def _asked(self, ask: Callable[[Index], T]) -> T:
        """Ask the index. One that is missing or damaged is to be rebuilt; one of another form belongs to other code."""
        try:
            return ask(self._opened())
        except SearchIndexError as error:
            self._index = None
            if not isinstance(error, IndexOutdated):
                mending.ask(self.path, str(error))
            raise Unavailable(N_("Search is being prepared. Please try again in a minute.")) from error

    def _opened(self) -> Index:
        with self._lock:
            if self._index is None:
                self._index = Index.open(self.path, lengthened=LENGTHENED)
            return self._index


_bound: list[Engine] = []


def bind(settings: Settings) -> None:
    """Use the index of the settings from now on."""
    _bound[:] = [Engine(settings.index_path)]


def engine() -> Engine:
    """Give the engine of this process."""
    return _bound[0]
