"""The demo organisation: a sub-district that has used the service for half a year, made anew for an empty database."""

import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from lms import clock
from lms.config import Settings
from lms.db import ensure_open, transactional
from lms.demo import activity, boards, courses, gatherings, library, lists, studying, told, writings
from lms.demo.content_files import demo, rows
from lms.demo.library import Film
from lms.demo.people import create_people
from lms.errors import N_, Conflict
from lms.members.models import Member

SEED = 1905
ACCOUNTS = "demo-accounts.txt"
PRINTED = 4
GAP = 3


@dataclass(frozen=True)
class Extent:
    """How much of the demo organisation to make: days of activity, members (None for all), with recordings or not."""

    days: int = 182
    members: int | None = None
    recordings: bool = True


WHOLE = Extent()


def is_empty() -> bool:
    """Say whether nobody is in the database yet."""
    ensure_open()
    return not Member.select(Member.id).exists()


def create(settings: Settings, say: Callable[[str], None], extent: Extent = WHOLE) -> None:
    """Make the demo organisation up to this moment, and write its accounts beside the database.

    One transaction: an interruption leaves nothing. The same day gives the same organisation. Raises Conflict when
    somebody is in the database already.
    """
    say("making the demo organisation: a sub-district and half a year of its learning")
    with TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        films = library.start_filming(pool, Path(folder)) if extent.recordings else ()
        say(_create(extent, films))
    _write_accounts(settings.data / ACCOUNTS)


@transactional
def _create(extent: Extent, films: Sequence[Film]) -> str:
    if not is_empty():
        raise Conflict(N_("There are members in this database already, so the demo organisation is not added."))
    now = clock.now()
    random = Random(SEED)
    people = create_people(now, rows("members")[: extent.members], random)
    books = library.create_books(now, people.administrator)
    lists.create(now, people, books)
    library.create_guides(now, people)
    studying.create(now, people)
    lectures = library.create_lectures(now, people, films)
    courses.create(now, people, lectures)
    since = clock.local(now).date() - timedelta(days=extent.days)
    steps = activity.live(activity.World(now, since, people, books, lectures), random)
    courses.live(now, people, lectures, Random(SEED))
    courses.accredit(now, people)
    writings.create(now, people, lectures)
    gatherings.create(now, since, people, Random(SEED))
    boards.create(clock.local(now).date(), people)
    told.read_old_ones(now)
    library.carry_out()
    return f"{len(people.by_name)} members, {len(books)} books, {len(lectures)} lectures, {steps} steps of learning"


def _write_accounts(path: Path) -> None:
    accounts = demo()["accounts"]
    table = [accounts["head"]]
    for row in rows("members")[:PRINTED]:
        role = row["roles"][-1]["role"]
        table.append([accounts["roles"][role], row["name"], row["phone"], demo()["password"]])
    widths = [max(map(_width, column)) + GAP for column in zip(*table, strict=True)]
    lines = ["".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    path.write_text("\n".join(f"  {line}" for line in [*lines, "", accounts["foot"]]) + "\n", encoding="utf-8")


def _width(text: str) -> int:
    """Count the columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
