"""Decisions about courses: when the rule of completion is met, what may be typed. No database, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from lms.errors import N_, InvalidInput
from lms.typed import has_controls

TITLE_CHARS, SUMMARY_CHARS, NAME_CHARS, REMARK_CHARS = 120, 2000, 80, 200
MOST_ITEMS = 200
MOST_CLASS_HOUR_TENTHS = 5000
KINDS = ("lecture", "material")
RULES = ("all", "required", "count", "share")
AUDIENCES = ("everyone", "unit")
_BREAKS = re.compile(r"\r\n?")


# ---- completion ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """When a course is completed: all items, the required ones, ``amount`` items, or ``amount`` percent of them.

    Where items are required, they are so under every rule.
    """

    kind: str = "all"
    amount: int = 0


@dataclass(frozen=True)
class Part:
    """An item as the rule sees it. ``open`` says whether it can be studied now: what was put away asks nothing."""

    required: bool
    done: bool
    open: bool = True


@dataclass(frozen=True)
class Standing:
    """How far a member is: ``needed`` items complete the course, and ``left`` of them at least are still to be done."""

    done: int
    needed: int
    left: int

    @property
    def met(self) -> bool:
        """Say whether the rule is met; a course that asks for nothing never is."""
        return self.needed > 0 and self.left == 0


def standing(rule: Rule, parts: Sequence[Part]) -> Standing:
    """Say how far the parts of a course are by its rule.

    Parts that were put away and not done are left out: they keep nobody from completing.
    ``left`` counts the least number of parts that still must be done.
    """
    counted = [part for part in parts if part.open or part.done]
    must = [part for part in counted if part.required]
    if rule.kind == "required" and any(part.required for part in parts):
        counted = must
    needed = max(_least(rule, len(counted)), len(must))
    left = max(needed - sum(part.done for part in counted), sum(not part.done for part in must))
    return Standing(needed - left, needed, left)


def in_time(day: date | None, until: date | None, late_counts: bool) -> bool:
    """Say whether what was done on a day counts for a course: not later than its last day unless late counts, too."""
    return day is not None and (late_counts or until is None or day <= until)


def _least(rule: Rule, number: int) -> int:
    if rule.kind == "count":
        return min(number, max(1, rule.amount))
    if rule.kind == "share":
        return -(-number * min(100, max(1, rule.amount)) // 100)
    return number


# ---- what was typed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Details:
    """What is said of a course. ``class_hour_tenths`` are class hours in tenths."""

    title: str = ""
    summary: str = ""
    lecturer: int | None = None
    lecturer_name: str = ""
    category: str = "other"
    class_hour_tenths: int | None = 0
    unit: int | None = None
    audience: str = "everyone"
    since: date | None = None
    until: date | None = None
    rule: str = "all"
    amount: int | None = 0
    late_counts: bool = True


@dataclass(frozen=True)
class Item:
    """An item of a course as somebody puts it there; their order is that of the course."""

    kind: str
    ref: int
    required: bool = True
    remark: str = ""


def tidy(details: Details) -> Details:
    """Give the details as they are stored: no space around, line ends of one kind, no amount where none counts."""
    return replace(
        details,
        title=" ".join(details.title.split()),
        summary=_BREAKS.sub("\n", details.summary).strip(),
        lecturer_name=" ".join(details.lecturer_name.split()),
        class_hour_tenths=details.class_hour_tenths or 0,
        amount=details.amount or 0 if details.rule in ("count", "share") else 0,
    )


def problems(details: Details) -> dict[str, InvalidInput]:
    """Say what is wrong with tidied details, by field."""
    checks = [
        _text(details.title, "title", TITLE_CHARS, N_("Please give a title.")),
        _text(details.summary, "summary", SUMMARY_CHARS, ""),
        _lecturer(details),
        _hours(details.class_hour_tenths or 0),
        InvalidInput(N_("Please choose a unit."), field="unit") if details.unit is None else None,
        _audience(details.audience),
        _days(details.since, details.until),
        _rule(details.rule, details.amount or 0),
    ]
    return {str(problem.field): problem for problem in checks if problem is not None}


def _text(text: str, field: str, limit: int, missing: str) -> InvalidInput | None:
    if missing and not text:
        return InvalidInput(missing, field=field)
    if len(text) > limit:
        return InvalidInput(N_("This is too long: at most %(limit)s characters."), field=field, limit=limit)
    if has_controls(text):
        return InvalidInput(N_("This contains characters that cannot be shown. Please type it again."), field=field)
    return None


def _lecturer(details: Details) -> InvalidInput | None:
    missing = "" if details.lecturer is not None else N_("Please say who gives the course.")
    return _text(details.lecturer_name, "lecturer_name", NAME_CHARS, missing)


def _hours(tenths: int) -> InvalidInput | None:
    if not 0 <= tenths <= MOST_CLASS_HOUR_TENTHS:
        return InvalidInput(
            N_("Please enter class hours from 0 to %(most)s, such as 2 or 1.5."),
            field="class_hours",
            most=MOST_CLASS_HOUR_TENTHS // 10,
        )
    return None


def _audience(audience: str) -> InvalidInput | None:
    if audience not in AUDIENCES:
        return InvalidInput(N_("Please choose who may see this."), field="audience")
    return None


def _days(since: date | None, until: date | None) -> InvalidInput | None:
    if since is not None and until is not None and until < since:
        return InvalidInput(N_("The last day is before the first."), field="until")
    return None


def _rule(kind: str, amount: int) -> InvalidInput | None:
    if kind not in RULES:
        return InvalidInput(N_("Please choose when the course is completed."), field="rule")
    if kind == "count" and not 1 <= amount <= MOST_ITEMS:
        return InvalidInput(N_("Please say how many items, from 1 to %(most)s."), field="amount", most=MOST_ITEMS)
    if kind == "share" and not 1 <= amount <= 100:
        return InvalidInput(N_("Please enter a share from 1 to 100 percent."), field="amount")
    return None


def tenths(raw: str) -> int | None:
    """Read class hours as people write them, "2" or "1.5", as tenths; None for nothing typed. Raises InvalidInput."""
    text = raw.strip()
    if not text:
        return None
    try:
        value = Decimal(text) * 10
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= MOST_CLASS_HOUR_TENTHS:
        raise InvalidInput(
            N_("Please enter class hours from 0 to %(most)s, such as 2 or 1.5."),
            field="class_hours",
            most=MOST_CLASS_HOUR_TENTHS // 10,
        )
    return int(value)


def hours(tenths: int) -> str:
    """Write class hours as people do: 20 tenths are "2", 15 are "1.5"."""
    whole, part = divmod(tenths, 10)
    return f"{whole}.{part}" if part else str(whole)


def check_items(items: Sequence[Item]) -> list[Item]:
    """Give the items tidied, each once, in their order. Raises InvalidInput for too many or a remark too long."""
    kept: dict[tuple[str, int], Item] = {}
    for item in items:
        if item.kind not in KINDS:
            raise InvalidInput(N_("A course consists of lectures and materials."), field="items")
        remark = " ".join(item.remark.split())
        problem = _text(remark, "items", REMARK_CHARS, "")
        if problem is not None:
            raise problem
        kept.setdefault((item.kind, item.ref), replace(item, remark=remark))
    if len(kept) > MOST_ITEMS:
        raise InvalidInput(N_("A course may have %(limit)s items at most."), field="items", limit=MOST_ITEMS)
    return list(kept.values())


def ordered(items: Sequence[tuple[float, Item]]) -> list[Item]:
    """Put items into the order of the numbers beside them; those with the same number stay as they were."""
    return [item for _, item in sorted(items, key=lambda pair: pair[0])]


def moved(items: Sequence[Item], kind: str, ref: int, step: int) -> list[Item]:
    """Move one item up (-1) or down (1); at the end of the list, and for one that is not there, nothing changes."""
    found = list(items)
    at = next((n for n, item in enumerate(found) if (item.kind, item.ref) == (kind, ref)), None)
    if at is not None and 0 <= at + step < len(found):
        found[at], found[at + step] = found[at + step], found[at]
    return found


def a_year_on(day: date | None) -> date | None:
    """Give the same day of the next year, for a copied course; the last of February stays the last."""
    if day is None:
        return None
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
