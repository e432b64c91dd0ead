"""A member's current figures, as a process remembers them: reckoned again only when what they come from has changed.

A figure comes from five things and from nothing else: the day, the database, the member's circumstances, the
requirements that ask something of their units, and their ledger. Circumstances and requirements are read at every
request, as rows. The ledger only grows (a correction is a further row), so how many rows it has and which is the last
say whether it is what it was. While all five are the same, so are the figures.
"""

from collections.abc import Sequence
from typing import Any

from lms import clock
from lms.db import database
from lms.memory import Memory
from lms.progress.asked_rows import rows_asking_members, rows_of
from lms.progress.asking import span_on
from lms.progress.figures import Figure, applying_on, figures_of
from lms.progress.people import circumstances_from, rows_about

REMEMBERED = 1000

_kept: Memory[int, tuple[tuple[Any, ...], tuple[Figure, ...]]] = Memory(REMEMBERED)


def current_figures(member: int) -> Sequence[Figure]:
    """Give the figure of every requirement that applies to a member today: two statements, up to two more if changed.

    The same sequence comes again as long as nothing has changed.
    """
    today = clock.today()
    about, ledger = rows_about(member)  # the ledger's state before its sums: what is booked between is seen next time
    circumstances = circumstances_from(about)
    asking = rows_asking_members(circumstances.units(), today, today)
    made_of = (database.obj, today, about, asking, ledger)
    kept = _kept.get(member)
    if kept is not None and kept[0] == made_of:
        return kept[1]
    applying = applying_on(rows_of(asking), circumstances, today)
    figures = tuple(figures_of(member, circumstances, [(row, span_on(row.asked, today)) for row in applying], today))
    _kept.put(member, (made_of, figures))
    return figures


def forget() -> None:
    """Forget all figures, so that each is reckoned anew."""
    _kept.clear()
