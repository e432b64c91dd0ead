"""Plans in words: ticks, pace, what happened, what to do this week."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lms.reading import plan_rules as rules
from lms.reading.plan_rules import Pace, Tick, Verdict
from lms.reading.plan_view import ChangeView, ItemView
from lms.web.dates import day_short
from lms.web.i18n import gettext, lazy_gettext, ngettext

STATE_WORDS = {
    "draft": lazy_gettext("Draft"),
    "submitted": lazy_gettext("With the liaison"),
    "returned": lazy_gettext("Returned"),
    "approved": lazy_gettext("Approved"),
}
STATE_PILLS = {"draft": "draft", "submitted": "preparing", "returned": "late", "approved": "done"}
KIND_WORDS = {"material": lazy_gettext("Material"), "lecture": lazy_gettext("Lecture")}
ADDRESSES = {"book": "/books/{}", "material": "/materials/{}", "lecture": "/lectures/{}"}


def address(kind: str, ref: int | None) -> str:
    """Give the page of an item; empty for a number of books."""
    return ADDRESSES[kind].format(ref) if kind in ADDRESSES else ""


def name_of(item: ItemView) -> str:
    """Name an item: its title, or the number of books in words."""
    if item.kind == rules.COUNT:
        return count_words(item.amount)
    return item.title


def count_words(amount: int) -> str:
    """Say a number of books of one's own choice."""
    return str(ngettext("%(num)s book of my choice", "%(num)s books of my choice", amount))


def tick_words(item: ItemView) -> tuple[str, str]:
    """Say how an item of a plan stands: the kind of pill and its words."""
    finished = day_short(item.finished_on)
    days = abs(item.days)
    if item.kind == rules.COUNT:
        return ("done" if item.done else ""), gettext("%(done)s of %(total)s", done=item.reached, total=item.amount)
    match item.tick:
        case Tick.DONE:
            return "done", gettext("Finished on %(day)s", day=finished)
        case Tick.DONE_LATE:
            return "done", gettext("Finished late, on %(day)s", day=finished)
        case Tick.READ_BEFORE:
            return "done", gettext("Read before the plan, on %(day)s", day=finished)
        case Tick.OVERDUE:
            return "late", ngettext("%(num)s day late", "%(num)s days late", days)
        case Tick.TODAY:
            return "late", gettext("Due today")
        case _:
            return "", ngettext("%(num)s day left", "%(num)s days left", days)


def pace_words(pace: Pace) -> str:
    """Say how a plan stands: ahead, on track, behind, and by how much."""
    match pace.verdict:
        case Verdict.DONE:
            return str(gettext("All done"))
        case Verdict.NOT_BEGUN:
            return str(gettext("Not begun yet"))
        case Verdict.AHEAD:
            return str(ngettext("Ahead by %(num)s", "Ahead by %(num)s", pace.difference))
        case Verdict.BEHIND:
            return str(ngettext("Behind by %(num)s", "Behind by %(num)s", pace.difference))
        case _:
            return str(gettext("On track"))


def week_words(count: int) -> str:
    """Say how many things are to be done by the end of this week."""
    if not count:
        return str(gettext("Nothing more is due this week."))
    return str(ngettext("%(num)s thing to do this week", "%(num)s things to do this week", count))


def to_do(items: Sequence[tuple[ItemView, int]]) -> list[tuple[ItemView, str]]:
    """Say what is to be done this week, item by item."""
    found = []
    for item, pieces in items:
        if item.kind == rules.COUNT:
            words = ngettext("%(num)s more book this week", "%(num)s more books this week", pieces)
        else:
            words = tick_words(item)[1]
        found.append((item, str(words)))
    return found


_HAPPENED = {
    "made": lazy_gettext("made the plan"),
    "copied": lazy_gettext("made it from an earlier plan"),
    "given": lazy_gettext("gave it to the unit"),
    "changed": lazy_gettext("changed it"),
    "submitted": lazy_gettext("submitted it"),
    "recalled": lazy_gettext("took it back"),
    "returned": lazy_gettext("returned it"),
    "approved": lazy_gettext("approved it"),
    "merged": lazy_gettext("A book was merged with another"),
    "parted": lazy_gettext("Two merged books are two again"),
}


def happened(change: ChangeView) -> str:
    """Say what somebody did."""
    return str(_HAPPENED[change.what])


def details(change: ChangeView) -> list[str]:
    """Say what moved in a change, a line each."""
    said: list[str] = []
    detail: dict[str, Any] = dict(change.detail)
    if "remark" in detail:
        said.append(str(detail["remark"]))
    if "title" in detail:
        said.append(
            gettext("Name: “%(before)s” became “%(after)s”", before=detail["title"][0], after=detail["title"][1])
        )
    if "span" in detail:
        days = [day_short(date.fromisoformat(day)) for day in detail["span"]]
        before, after = (f"{days[0]} – {days[1]}", f"{days[2]} – {days[3]}")
        said.append(gettext("Span: %(before)s became %(after)s", before=before, after=after))
    said += [gettext("Added: %(title)s", title=_named(title)) for title in detail.get("added", [])]
    said += [gettext("Left out: %(title)s", title=_named(title)) for title in detail.get("removed", [])]
    for title, before, after in detail.get("moved", []):
        days = [day_short(date.fromisoformat(day)) for day in (before, after)]
        said.append(
            gettext("%(title)s: %(before)s became %(after)s", title=_named(title), before=days[0], after=days[1])
        )
    for before, after in detail.get("amount", []):
        said.append(gettext("Number of books: %(before)s became %(after)s", before=before, after=after))
    return said


def _named(title: str) -> str:
    return title or str(gettext("a number of books"))
