"""The form of a plan between two taps: what was typed, what was chosen, which due days came by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from werkzeug.datastructures import MultiDict

from lms.errors import N_, InvalidInput
from lms.periods import Period, period_of
from lms.reading import plan_rules as rules
from lms.reading.plan_rules import COUNT, PlannedItem
from lms.reading.plan_view import PlanView
from lms.web import view

LARGEST_ID = 2**31 - 1
SHORTEST_USEFUL = timedelta(days=30)


@dataclass
class PlanForm:
    """A plan being made or changed. Days are kept as typed, items by their keys ("book-12").

    ``spread_days`` remembers the due days that the spread gave: one that still stands unchanged moves along when
    items or the span change; one that was typed stays. ``count`` is the number of books of one's own choice.
    """

    title: str = ""
    since: str = ""
    until: str = ""
    q: str = ""
    count: str = ""
    unit: str = ""
    keys: list[str] = field(default_factory=list)
    due: dict[str, str] = field(default_factory=dict)
    spread_days: dict[str, str] = field(default_factory=dict)
    errors: dict[str, InvalidInput] = field(default_factory=dict)

    @classmethod
    def blank(cls, today: date, keys: Iterable[str]) -> Self:
        """Start a plan that runs from today to the end of this quarter, or of the next when this one is nearly over."""
        until = period_of(today, Period.QUARTER).until
        if until - today < SHORTEST_USEFUL:
            until = period_of(until + timedelta(days=1), Period.QUARTER).until
        made = cls(since=today.isoformat(), until=until.isoformat(), keys=list(keys))
        made.respread()
        return made

    @classmethod
    def of_plan(cls, plan: PlanView) -> Self:
        """Start from a plan as it is stored."""
        named = [item for item in plan.items if item.kind != COUNT]
        count = next((str(item.amount) for item in plan.items if item.kind == COUNT), "")
        return cls(
            title=plan.title,
            since=plan.since.isoformat(),
            until=plan.until.isoformat(),
            count=count,
            keys=[item.key for item in named],
            due={item.key: item.due_on.isoformat() for item in named},
        )

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> Self:
        """Take up what the browser sent."""
        chosen = keys([*form.getlist("item"), *[f"book-{book}" for book in form.getlist("book")]])
        return cls(
            title=form.get("title", ""),
            since=form.get("since", ""),
            until=form.get("until", ""),
            q=form.get("q", "")[:100],
            count=form.get("count", "").strip(),
            unit=form.get("unit", ""),
            keys=chosen,
            due={key: form.get(f"due-{key}", "") for key in chosen},
            spread_days={key: form.get(f"spread-{key}", "") for key in chosen},
        )

    @property
    def books(self) -> list[int]:
        """Give the books among what was chosen."""
        return [ref for kind, ref in map(parts, self.keys) if kind == rules.BOOK]

    def add(self, chosen: Iterable[str]) -> None:
        """Choose more; what was chosen already stays where it is."""
        self.keys += [key for key in chosen if key not in self.keys]
        self.respread()

    def remove(self, key: str) -> None:
        """Leave something out again."""
        self.keys = [kept for kept in self.keys if kept != key]
        self.respread()

    def move(self, key: str, step: int) -> None:
        """Move something one place up or down; it takes the due day of the one whose place it takes."""
        if key not in self.keys:
            return
        place = self.keys.index(key)
        other = place + step
        if not 0 <= other < len(self.keys):
            return
        neighbour = self.keys[other]
        self.keys[place], self.keys[other] = neighbour, key
        for days in (self.due, self.spread_days):
            days[key], days[neighbour] = days.get(neighbour, ""), days.get(key, "")

    def forget_days(self) -> None:
        """Have all due days spread anew."""
        self.due = {}
        self.respread()

    def respread(self) -> None:
        """Give each item whose due day is empty, or came from the spread, its day of an even spread."""
        since, until = self._span({})
        if since is None or until is None or not 0 <= (until - since).days < rules.PLAN_DAYS:
            return
        for key, day in zip(self.keys, rules.spread(since, until, len(self.keys)), strict=True):
            if not self.due.get(key) or self.due[key] == self.spread_days.get(key):
                self.due[key] = day.isoformat()
                self.spread_days[key] = day.isoformat()

    def planned(self) -> tuple[date, date, list[PlannedItem]] | None:
        """Give span and items as typed; None when ``errors`` now says what cannot be read."""
        self.errors = {}
        view.attempt(self.errors, lambda: rules.check_title(self.title))
        since, until = self._span(self.errors)
        items = [PlannedItem(*parts(key), self._due(key)) for key in self.keys]
        count = view.attempt(self.errors, lambda: view.whole_number(self.count, "count", 1, rules.MOST_COUNT))
        if count:
            items.append(PlannedItem(COUNT, 0, until, count))
        for name, value in (("since", since), ("until", until)):
            if value is None and name not in self.errors:
                self.errors[name] = InvalidInput(N_("Please give this day."), field=name)
        if since and until:
            span = since, until
            view.attempt(self.errors, lambda: rules.check_plan(*span, items))
            return None if self.errors else (since, until, items)
        if not items:
            self.errors["items"] = InvalidInput(rules.NO_ITEMS, field="items")
        return None

    def _span(self, errors: dict[str, InvalidInput]) -> tuple[date | None, date | None]:
        since: date | None = view.attempt(errors, lambda: view.day(self.since, "since"))
        until: date | None = view.attempt(errors, lambda: view.day(self.until, "until"))
        return since, until

    def _due(self, key: str) -> date | None:
        due: date | None = view.attempt(self.errors, lambda: view.day(self.due.get(key), f"due-{key}"))
        return due


def parts(key: str) -> tuple[str, int]:
    """Take the key of an item apart: its kind and what it names."""
    kind, _, ref = key.partition("-")
    return kind, int(ref)


def keys(raw: Iterable[str]) -> list[str]:
    """Read the keys of items, each once, in order; anything else is passed over."""
    found = []
    for text in raw:
        kind, _, ref = text.partition("-")
        if kind in (rules.BOOK, rules.MATERIAL, rules.LECTURE) and ref.isascii() and ref.isdigit() and len(ref) < 11:
            found.append((kind, int(ref)))
    known = [f"{kind}-{ref}" for kind, ref in dict.fromkeys(found) if 0 < ref <= LARGEST_ID]
    return known[: rules.PLAN_ITEMS + 1]
