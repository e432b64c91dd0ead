"""What becomes of a surplus: into which later periods it is carried, and how much of it is left. Pure.

Each period's surplus is what was done in it beyond what was asked in it; a period in which nothing was asked brings
none. A later period takes from these stocks what its own deeds lack, the oldest first, so nothing that was done counts
twice. What is older than the requirement allows lapses, and so does what goes beyond its cap, again the oldest first.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol, TypeVar

from lms.periods import Span
from lms.progress.asking import Asked, Lasting, spans_before


class Version(Protocol):
    """A version of a requirement, whatever else is kept of it."""

    @property
    def asked(self) -> Asked:
        """Give what is asked."""


V = TypeVar("V", bound=Version)


class Stock(NamedTuple):
    """What is left of a period's surplus, known by the period's first day."""

    since: date
    amount: int


Stocks = tuple[Stock, ...]


def counts_from(asked: Asked, span: Span) -> date:
    """Give the first day of the earliest period whose surplus counts in a period."""
    if asked.period is None:
        return date.max  # dates are one period: there is none before it
    if asked.lasting is Lasting.ALWAYS:
        return date.min
    if asked.lasting is Lasting.YEAR:
        return date(span.since.year, 1, 1)
    return spans_before(asked, span.since, asked.carry_periods)[-1].since


def brought_into(asked: Asked, span: Span, stocks: Stocks) -> Stocks:
    """Give what is brought into a period, the oldest first: neither lapsed nor beyond the cap."""
    if not asked.carry:
        return ()
    first, room, kept = counts_from(asked, span), asked.carry, []
    for stock in reversed(stocks):
        amount = min(room, stock.amount) if stock.since >= first else 0
        room -= amount
        if amount:
            kept.append(Stock(stock.since, amount))
    return tuple(reversed(kept))


def left_after(span: Span, required: int, done: int, brought: Stocks) -> Stocks:
    """Give what is left at a period's end: what was brought in less what it lacked, and its own surplus."""
    lacking, left = max(0, required - max(0, done)), []
    for stock in brought:
        used = min(lacking, stock.amount)
        lacking -= used
        if stock.amount > used:
            left.append(Stock(stock.since, stock.amount - used))
    surplus = max(0, done - required) if required else 0
    return (*left, Stock(span.since, surplus)) if surplus else tuple(left)


def total(stocks: Stocks) -> int:
    """Add up what there is."""
    return sum(stock.amount for stock in stocks)


def chain_before(versions: Sequence[V], asked: Asked, span: Span) -> list[tuple[V, Span]]:
    """Give the periods that what is brought into a period is reckoned from, each with the version of its time.

    ``versions`` are those of one requirement, the latest first. The chain goes back as far as a surplus may matter: a
    stock may be used up by what was lacking between. It ends where the requirement did not exist, asked something
    else, or carried nothing over. The earliest comes first.
    """
    found: list[tuple[V, Span]] = []
    receiving, into = asked, span
    while receiving.carry and receiving.period is not None:
        before = spans_before(receiving, into.since, 1)[0]
        if before.since < counts_from(receiving, into):
            break
        version = next((one for one in versions if _asks_in(one.asked, asked, before)), None)
        if version is None:
            break
        found.append((version, before))
        if receiving.lasting is Lasting.PERIODS and receiving.carry_periods == 1:
            break
        receiving, into = version.asked, before
    return found[::-1]


def _asks_in(version: Asked, asked: Asked, span: Span) -> bool:
    """Say whether a version asked the same thing in a period, by its last day."""
    same = version.counted == asked.counted and version.period == asked.period and version.subject == asked.subject
    return same and version.since <= span.until and (version.until is None or version.until >= span.since)
