"""Kinds of activity, what of a record counts, and what may stand in one: pure decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from lms.activities.kinds import HELD, KINDS, PERSONAL, TOOK_PART, Amount, Count, Kind, Whose
from lms.catalogue.rules import block, line
from lms.errors import N_, InvalidInput, Refused

TITLE_CHARS, PLACE_CHARS, TEXT_CHARS, LINK_CHARS, REASON_CHARS, REMARK_CHARS = 200, 120, 20_000, 500, 200, 2000
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
LONGEST = timedelta(days=731)
MOST_MINUTES, MOST_TENTHS, MOST_FEN = 1440, 10_000, 2_000_000_000
HALF_DAY, DAY = 5, 10
HALF_DAY_MINUTES = 240
__all__ = ("HELD", "KINDS", "PERSONAL")
TRAININGS = ("before_job", "on_job", "transfer", "half_time", "away", "rotation")


class State(StrEnum):
    """Where a record is on its way; only a confirmed one counts."""

    PLANNED = "planned"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Draft:
    """What is said of a record. ``amount`` is in the smallest unit of its kind: tenths, or fen."""

    kind: str = ""
    title: str = ""
    day: date | None = None
    until: date | None = None
    starts: str = ""
    place: str = ""
    minutes: int | None = None
    amount: int | None = None
    category: str = ""
    text: str = ""
    link: str = ""


@dataclass(frozen=True)
class Mark:
    """How a member stands in a register."""

    member: int
    state: str = "present"
    spoke: bool = False
    made_up_on: date | None = None


@dataclass(frozen=True)
class Part:
    """A part of a record that counts: ``name`` is unique within the record."""

    name: str
    measure: str
    member: int | None
    amount: int
    day: date
    category: str = ""
    size: int = 0


MARKS = ("present", "leave", "absent")


class ActivityRefused(Refused):
    """Some values of a record cannot be taken."""


def attended(mark: Mark) -> bool:
    """Say whether a session counts as attended: present, or away with leave asked beforehand and made up since."""
    return mark.state == "present" or (mark.state == "leave" and mark.made_up_on is not None)


def parts_of(draft: Draft, register: Sequence[Mark]) -> list[Part]:
    """Give what of a record counts, for the unit and for each member of its register.

    A record about one member has a register of that one. What was made up counts on the day of the session itself, so
    that attended and expected meet in the same period; a training on its last day, when its summary falls due.
    """
    kind = KINDS[draft.kind]
    day = (draft.until or draft.day) if draft.kind == "training" else draft.day
    if day is None:
        raise ValueError("a record that counts has a day")
    parts: list[Part] = []
    for count in kind.counts:
        amount = 1 if count.amount is Amount.ONE else (draft.amount or 0)
        if not amount:
            continue
        category = draft.kind if count is TOOK_PART else draft.category
        for name, member in _counted(count, register):
            key = f"{count.measure}:{name}"
            parts.append(Part(key, count.measure, member, amount, day, category, draft.minutes or 0))
    return parts


def _counted(count: Count, register: Sequence[Mark]) -> Iterable[tuple[str, int | None]]:
    if count.whose is Whose.UNIT:
        yield "unit", None
        return
    for mark in register:
        spoke = count.whose is Whose.SPOKE and mark.state == "present" and mark.spoke
        if spoke or count.whose is Whose.NAMED or (count.whose is Whose.ATTENDED and attended(mark)):
            yield f"m{mark.member}", mark.member


def moved(before: Iterable[Part], after: Iterable[Part]) -> tuple[list[Part], list[Part]]:
    """Give the parts to withdraw and those to count anew, so that what did not change is not touched."""
    old, new = {part.name: part for part in before}, {part.name: part for part in after}
    gone = [part for name, part in old.items() if new.get(name) != part]
    come = [part for name, part in new.items() if old.get(name) != part]
    return gone, come


def asked_beforehand(asked: datetime, day: date, starts: str) -> bool:
    """Say whether leave was asked before a session began; ``asked`` is local. Without a time it begins with the day."""
    hour = time.fromisoformat(starts) if starts else time(0, 0)
    return asked < datetime.combine(day, hour)


def rate(marks: Iterable[Mark]) -> tuple[int, int]:
    """Give how many sessions of a register count as attended, and of how many."""
    listed = list(marks)
    return sum(attended(mark) for mark in listed), len(listed)


def check_draft(draft: Draft, today: date, *, planned: bool = False) -> Draft:
    """Give a draft tidied, fields that its kind does not ask for emptied. Raises ActivityRefused with all at once."""
    kind = KINDS.get(draft.kind)
    if kind is None:
        raise ActivityRefused([InvalidInput(N_("Please choose what kind of activity it was."), field="kind")])
    problems: list[InvalidInput] = []
    texts = _checked_texts(draft, problems)
    asked = {name: getattr(draft, name) for name in ("until", "starts", "minutes", "amount", "category")}
    kept = {name: value if name in kind.fields else None for name, value in asked.items()}
    tidy = replace(
        draft,
        title=texts["title"],
        text=texts["text"],
        link=texts["link"],
        place=texts["place"] if "place" in kind.fields else "",
        until=kept["until"],
        minutes=kept["minutes"],
        amount=kept["amount"],
        category=kept["category"] or "",
        starts=(kept["starts"] or "").strip(),
    )
    problems += _wrong_days(tidy, today, planned=planned)
    problems += _wrong_figures(tidy, kind)
    problems += _missing(tidy, kind, {problem.field for problem in problems}, planned=planned)
    if problems:
        raise ActivityRefused(problems)
    if draft.kind == "group_study" and tidy.amount is None:
        return replace(tidy, amount=default_days(tidy.minutes))
    return tidy


def default_days(minutes: int | None) -> int:
    """Give the tenths of days that a session counts as unless it is said: less than four hours are half a day."""
    return HALF_DAY if minutes is not None and minutes < HALF_DAY_MINUTES else DAY


def _checked_texts(draft: Draft, problems: list[InvalidInput]) -> dict[str, str]:
    texts = {"title": "", "place": "", "text": "", "link": ""}
    checks = (
        ("title", line, TITLE_CHARS),
        ("place", line, PLACE_CHARS),
        ("text", block, TEXT_CHARS),
        ("link", line, LINK_CHARS),
    )
    for name, check, most in checks:
        try:
            texts[name] = check(getattr(draft, name), name, most)
        except InvalidInput as error:
            problems.append(error)
    if texts["link"] and not _is_address(texts["link"]):
        problems.append(InvalidInput(N_("An address begins with http:// or https://."), field="link"))
    if not texts["title"] and not any(problem.field == "title" for problem in problems):
        problems.append(InvalidInput(N_("Please say in a few words what it was about."), field="title"))
    return texts


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in text


def _wrong_days(draft: Draft, today: date, *, planned: bool) -> list[InvalidInput]:
    problems = []
    if draft.starts and not _is_time(draft.starts):
        problems.append(InvalidInput(N_("Please enter a time such as 09:30."), field="starts"))
    if draft.day is None:
        return [*problems, InvalidInput(N_("Please enter a date such as 2026-05-31."), field="day")]
    if not FIRST_DAY <= draft.day <= LAST_DAY:
        problems.append(InvalidInput(N_("Please choose a day between 2000 and 2100."), field="day"))
    elif not planned and draft.day > today:
        problems.append(
            InvalidInput(N_("This day has not come yet. Only what has happened can be entered."), field="day")
        )
    if draft.until is not None:
        if draft.until < draft.day:
            problems.append(InvalidInput(N_("The last day is before the first."), field="until"))
        elif draft.until - draft.day > LONGEST:
            problems.append(InvalidInput(N_("From the first to the last day it is two years at most."), field="until"))
        elif not planned and draft.until > today:
            problems.append(
                InvalidInput(N_("This day has not come yet. Only what has happened can be entered."), field="until")
            )
    return problems


def _is_time(text: str) -> bool:
    hours, colon, minutes = text.partition(":")
    whole = len(text) == 5 and colon == ":" and text.isascii() and hours.isdigit() and minutes.isdigit()
    return whole and int(hours) < 24 and int(minutes) < 60


def _wrong_figures(draft: Draft, kind: Kind) -> list[InvalidInput]:
    problems = []
    if draft.minutes is not None and not 1 <= draft.minutes <= MOST_MINUTES:
        problems.append(_out_of_bounds("minutes", 1, MOST_MINUTES))
    if draft.amount is not None:
        problems += _wrong_amount(draft, draft.amount, kind.unit)
    if draft.category and draft.category not in TRAININGS:
        problems.append(InvalidInput(N_("Please choose one of these."), field="category"))
    return problems


def _wrong_amount(draft: Draft, amount: int, unit: str) -> list[InvalidInput]:
    if unit == "yuan":
        return [] if 1 <= amount <= MOST_FEN else [_out_of_bounds("amount", 1, MOST_FEN // 100)]
    if not 1 <= amount <= MOST_TENTHS:
        return [_out_of_bounds("amount", 1, MOST_TENTHS // 10)]
    if unit == "days" and draft.day is not None and "until" in KINDS[draft.kind].fields:
        most = ((draft.until or draft.day) - draft.day).days + 1
        if most > 0 and amount > most * DAY:
            return [
                InvalidInput(N_("From the first to the last day it is only %(days)s days."), field="amount", days=most)
            ]
    return []


def _out_of_bounds(field: str, low: int, high: int) -> InvalidInput:
    return InvalidInput(N_("Please enter a number from %(low)s to %(high)s."), field=field, low=low, high=high)


def _missing(draft: Draft, kind: Kind, wrong: set[str | None], *, planned: bool) -> list[InvalidInput]:
    needed = [name for name in kind.needed if not (planned and name == "minutes")]
    return [
        InvalidInput(N_("Please fill this in."), field=name)
        for name in needed
        if name not in wrong and getattr(draft, name) in (None, "")
    ]


def tenths(text: str, field: str) -> int | None:
    """Read a number with at most one place behind the point as tenths; None for nothing. Raises InvalidInput."""
    return _decimal(text, field, 1)


def fen(text: str, field: str) -> int | None:
    """Read yuan with at most two places behind the point as fen; None for nothing. Raises InvalidInput."""
    return _decimal(text.replace(",", "").replace("\N{FULLWIDTH COMMA}", ""), field, 2)


def _decimal(text: str, field: str, places: int) -> int | None:
    tidy = text.strip()
    if not tidy:
        return None
    whole, _, rest = tidy.partition(".")
    sound = whole.isascii() and whole.isdigit() and len(whole) <= 9
    if not sound or (rest and not (rest.isascii() and rest.isdigit())) or len(rest.rstrip("0")) > places:
        message = (
            N_("Please enter a number such as 1.5.") if places == 1 else N_("Please enter an amount such as 128.50.")
        )
        raise InvalidInput(message, field=field)
    return int(whole) * 10**places + int(rest[:places].ljust(places, "0") or "0")
