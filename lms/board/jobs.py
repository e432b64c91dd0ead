"""The board's background work: the years that boards are reckoned from lie ready on the disk."""

from lms import clock
from lms.board import kept_years
from lms.jobs.queue import task
from lms.progress import packs


@task("board.keep_years")
def keep_years() -> None:
    """Write the years of a large organisation down where much was booked since.

    Asked every hour, and when a board had to do without; safe to repeat.
    """
    this = clock.today().year
    for year in range(this - kept_years.YEARS + 1, this + 1):
        kept_years.write_down(year)


@task(packs.MEND)
def mend_packs() -> None:
    """Make the packed ledger anew where it differs from the ledger; asked every hour, and when a worker starts."""
    packs.mend()
