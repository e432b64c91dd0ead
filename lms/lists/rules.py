"""What may stand in a recommended list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lms.catalogue.rules import block, line
from lms.errors import N_, Conflict, InvalidInput, Refused

TITLE_CHARS, INTRO_CHARS, REASON_CHARS = 80, 1000, 300
MOST_BOOKS = 100
LONGEST = timedelta(days=731)


@dataclass(frozen=True)
class ListDraft:
    """What is said of a list: its title, an introduction, the unit it is for, its first and last day."""

    title: str = ""
    intro: str = ""
    unit: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Recommended:
    """A book of a list as somebody puts it there; their order is that of the list."""

    book: int
    required: bool = True
    reason: str = ""


class ListChanged(Conflict):
    """Somebody else changed the list while it was being edited; ``version`` is the one that is stored now."""

    def __init__(self, version: int) -> None:
        super().__init__(N_("Somebody else has changed this list meanwhile. Nothing of yours is lost."))
        self.version = version


class ListRefused(Refused):
    """Some values of a list cannot be taken."""


def check_list(draft: ListDraft) -> ListDraft:
    """Give the draft tidied. Raises ListRefused with everything that is wrong at once."""
    problems: list[InvalidInput] = []
    title = intro = ""
    try:
        title = line(draft.title, "title", TITLE_CHARS)
        if not title:
            problems.append(InvalidInput(N_("Please give the title."), field="title"))
    except InvalidInput as error:
        problems.append(error)
    try:
        intro = block(draft.intro, "intro", INTRO_CHARS)
    except InvalidInput as error:
        problems.append(error)
    problems += _wrong_days(draft.since, draft.until)
    if draft.unit is None:
        problems.append(InvalidInput(N_("Please choose the unit this list is for."), field="unit"))
    if problems:
        raise ListRefused(problems)
    return replace(draft, title=title, intro=intro)


def _wrong_days(since: date | None, until: date | None) -> list[InvalidInput]:
    problems = [
        InvalidInput(N_("Please enter a date such as 2026-05-31."), field=name)
        for name, day in (("since", since), ("until", until))
        if day is None
    ]
    if since is not None and until is not None:
        if until < since:
            problems.append(InvalidInput(N_("The last day is before the first."), field="until"))
        elif until - since > LONGEST:
            problems.append(InvalidInput(N_("A list may run for two years at most."), field="until"))
    return problems


def check_books(books: Sequence[Recommended]) -> list[Recommended]:
    """Give the books tidied, each once. Raises InvalidInput for too many or a reason that is too long."""
    kept = {one.book: replace(one, reason=line(one.reason, "reason", REASON_CHARS)) for one in books}
    if len(kept) > MOST_BOOKS:
        raise InvalidInput(N_("A list may have %(limit)s books at most."), field="books", limit=MOST_BOOKS)
    return list(kept.values())


def shifted(since: date, until: date, today: date) -> tuple[date, date]:
    """Give the days of a copied list: as long as the old one, beginning today or the day after the old one ended."""
    start = max(today, until + timedelta(days=1))
    return start, start + (until - since)


def ordered(books: Sequence[tuple[float, Recommended]]) -> list[Recommended]:
    """Put books into the order of the numbers typed beside them; those with the same number stay as they were."""
    return [one for _, one in sorted(books, key=lambda pair: pair[0])]
