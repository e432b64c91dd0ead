"""The drawings of a year in books: where the bars stand, worked out here so that the page only writes them down."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.reading.story_queries import Year

WIDTH = 600
HEIGHT = 140
BASE = 118
TOP = 18
# A bar takes this share of its place, so that neighbours stay apart.
FILLED = 0.62


@dataclass(frozen=True)
class Bar:
    """A bar in the drawing's own units, with the figure above and the word below it."""

    x: float
    y: float
    width: float
    height: float
    value: int
    label: str

    @property
    def middle(self) -> float:
        """Give where figure and word are centred."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Charts:
    """The drawings of a year: books and pages by month, and how often each rating was given."""

    books: Sequence[Bar]
    pages: Sequence[Bar]
    ratings: Sequence[Bar]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE


def bars(values: Sequence[int], labels: Sequence[str], width: int = WIDTH) -> list[Bar]:
    """Give bars for values side by side; the tallest reaches the top, all zero gives flat ones."""
    place = width / len(values)
    most = max(values, default=0)
    made = []
    for number, (value, label) in enumerate(zip(values, labels, strict=True)):
        height = (BASE - TOP) * value / most if most else 0.0
        x = place * number + place * (1 - FILLED) / 2
        made.append(Bar(round(x, 1), round(BASE - height, 1), round(place * FILLED, 1), round(height, 1), value, label))
    return made


def charts_of(year: Year, months: Sequence[str]) -> Charts:
    """Draw a year; ``months`` are the words below the bars."""
    by_month = year.by_month
    return Charts(
        bars([len(finishes) for finishes in by_month], months),
        bars([sum(finish.pages or 0 for finish in finishes) for finishes in by_month], months),
        bars(year.ratings, [str(rating) for rating in range(1, 6)]),
    )
