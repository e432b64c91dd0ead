"""The form of a plan between two taps: what was typed, which books were chosen, which due days came by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from werkzeug.datastructures import MultiDict

from lms.errors import N_, InvalidInput
from lms.periods import Period, period_of
from lms.reading import rules
from lms.reading.queries import PlanView
from lms.reading.rules import PlannedBook
from lms.web import view

LARGEST_ID = 2**31 - 1
SHORTEST_USEFUL = timedelta(days=30)


@dataclass
class PlanForm:
    """A plan being made or changed. Days are kept as typed.

    ``spread_days`` remembers the due days that the spread gave: one that still stands unchanged moves along when
    books or the span change; one that was typed stays.
    """

    title: str = ""
    since: str = ""
    until: str = ""
    q: str = ""
    books: list[int] = field(default_factory=list)
    due: dict[int, str] = field(default_factory=dict)
    spread_days: dict[int, str] = field(default_factory=dict)
    errors: dict[str, InvalidInput] = field(default_factory=dict)

    @classmethod
    def blank(cls, today: date, books: Iterable[int]) -> Self:
        """Start a plan that runs from today to the end of this quarter, or of the next when this one is nearly over."""
        until = period_of(today, Period.QUARTER).until
        if until - today < SHORTEST_USEFUL:
            until = period_of(until + timedelta(days=1), Period.QUARTER).until
        made = cls(since=today.isoformat(), until=until.isoformat(), books=list(books))
        made.respread()
        return made

    @classmethod
    def of_plan(cls, plan: PlanView) -> Self:
        """Start from a plan as it is stored."""
        return cls(
            title=plan.title,
            since=plan.since.isoformat(),
            until=plan.until.isoformat(),
            books=[item.book for item in plan.items],
            due={item.book: item.due_on.isoformat() for item in plan.items},
        )

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> Self:
        """Take up what the browser sent."""
        books = ids(form.getlist("book"))
        return cls(
            title=form.get("title", ""),
            since=form.get("since", ""),
            until=form.get("until", ""),
            q=form.get("q", "")[:100],
            books=books,
            due={book: form.get(f"due-{book}", "") for book in books},
            spread_days={book: form.get(f"spread-{book}", "") for book in books},
        )

    def add(self, books: Iterable[int]) -> None:
        """Choose more books; those chosen already stay where they are."""
        self.books += [book for book in books if book not in self.books]
        self.respread()

    def remove(self, book: int) -> None:
        """Leave a book out again."""
        self.books = [kept for kept in self.books if kept != book]
        self.respread()

    def forget_days(self) -> None:
        """Have all due days spread anew."""
        self.due = {}
        self.respread()

    def respread(self) -> None:
        """Give each book whose due day is empty, or came from the spread, its day of an even spread."""
        since, until = self._span({})
        if since is None or until is None or not 0 <= (until - since).days < rules.PLAN_DAYS:
            return
        for book, day in zip(self.books, rules.spread(since, until, len(self.books)), strict=True):
            if not self.due.get(book) or self.due[book] == self.spread_days.get(book):
                self.due[book] = day.isoformat()
                self.spread_days[book] = day.isoformat()

    def planned(self) -> tuple[date, date, list[PlannedBook]] | None:
        """Give span and books as typed; None when ``errors`` now says what cannot be read."""
        self.errors = {}
        since, until = self._span(self.errors)
        books = [PlannedBook(book, self._due(book)) for book in self.books]
        for name, value in (("since", since), ("until", until)):
            if value is None and name not in self.errors:
                self.errors[name] = InvalidInput(N_("Please give this day."), field=name)
        return (since, until, books) if since and until and not self.errors else None

    def _span(self, errors: dict[str, InvalidInput]) -> tuple[date | None, date | None]:
        since: date | None = view.attempt(errors, lambda: view.day(self.since, "since"))
        until: date | None = view.attempt(errors, lambda: view.day(self.until, "until"))
        return since, until

    def _due(self, book: int) -> date | None:
        due: date | None = view.attempt(self.errors, lambda: view.day(self.due.get(book), f"due-{book}"))
        return due


def ids(raw: Iterable[str]) -> list[int]:
    """Read the ids of books, each once, in order; anything else is passed over."""
    found = [int(text) for text in raw if text.isascii() and text.isdigit() and len(text) < 11]
    return [book for book in dict.fromkeys(found) if 0 < book <= LARGEST_ID][: rules.PLAN_BOOKS + 1]
