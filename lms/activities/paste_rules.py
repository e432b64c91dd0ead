"""Reading rows pasted from a spreadsheet: who, when, what, how much, a remark. Pure."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from lms.activities import rules
from lms.activities.rules import KINDS, ActivityRefused, Draft
from lms.errors import N_, InvalidInput
from lms.members.rules import closed_up

COLUMNS = ("who", "day", "kind", "amount", "title", "category", "until", "place", "starts", "text", "link")
MOST_ROWS = 1000
MOST_CHARS = 500_000
# Days since 30 December 1899 are how a spreadsheet keeps a day; these stand for the years 2000 to 2100.
EXCEL_EPOCH, EXCEL_FIRST, EXCEL_LAST = date(1899, 12, 30), 36526, 73415
_YEAR, _MONTH, _DAY = "\u5e74", "\u6708", "[\u65e5\u53f7]?"
_FULL = re.compile(
    rf"(\d{{4}})\s*(?:[-/.]|{_YEAR})\s*(\d{{1,2}})\s*(?:[-/.]|{_MONTH})\s*(\d{{1,2}})\s*{_DAY}(?:[T ].*)?"
)
_SHORT = re.compile(rf"(\d{{1,2}})\s*(?:[-/.]|{_MONTH})\s*(\d{{1,2}})\s*{_DAY}")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_BETWEEN = re.compile("\\s*(?:\u81f3|\u5230|~|\uff5e|\u2014+|\u2013)\\s*")
_WITH_MORE = re.compile("(.+?)\\s*[(\uff08\u00b7:\uff1a]\\s*(.+?)\\s*[)\uff09]?")
_TIME = re.compile("(\\d{1,2})\\s*[:\uff1a\u65f6\u70b9]\\s*(\\d{1,2})?\\s*(?:\u5206|:\\d{2})?")
_FOLDED = str.maketrans(
    "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0d\uff0f\uff0e\u3000", "0123456789-/. "
)


@dataclass(frozen=True)
class Names:
    """What sheets call things, in lower case: the kind by each of its names, the kind of training, the column.

    ``usual`` is the kind where a row names none, ``usual_category`` the kind of training where one names none.
    """

    kinds: Mapping[str, str]
    categories: Mapping[str, str]
    heads: Mapping[str, str]
    usual: str = ""
    usual_category: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row, and in which of COLUMNS."""

    column: str
    error: InvalidInput


@dataclass(frozen=True)
class PastedRow:
    """A row with what was understood of it; ``number`` counts lines from 1 on, ``raw`` are its cells by COLUMNS."""

    number: int
    raw: str
    who: str
    draft: Draft
    problems: tuple[Problem, ...] = field(default=())


def read_day(text: str, today: date) -> date | None:
    """Read a day as people and spreadsheets write it; without a year it is the latest such day up to today.

    2026-3-5, 2026/3/5, 2026.3.5, 20260305, with the Chinese words for year, month and day, 3/5, and the number by which
    a spreadsheet keeps a day. None for anything else.
    """
    tidy = text.translate(_FOLDED).strip()
    if tidy.isascii() and tidy.isdigit() and EXCEL_FIRST <= int(tidy) <= EXCEL_LAST:
        return EXCEL_EPOCH + timedelta(days=int(tidy))
    found = _FULL.fullmatch(tidy) or _DIGITS.fullmatch(tidy)
    if found:
        return _day(*(int(part) for part in found.groups()))
    found = _SHORT.fullmatch(tidy)
    if not found:
        return None
    month, number = (int(part) for part in found.groups())
    for year in range(today.year, today.year - 5, -1):
        day = _day(year, month, number)
        if day is not None and day <= today:
            return day
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_span(text: str, today: date) -> tuple[date | None, date | None]:
    """Read one day, or the first and last of some."""
    parts = _BETWEEN.split(text.strip(), maxsplit=1)
    first = read_day(parts[0], today)
    if len(parts) == 1 or first is None:
        return first, None
    rest = parts[1]
    if rest.translate(_FOLDED).strip().rstrip("\u65e5\u53f7").isdigit() and len(rest.strip()) <= 3:
        number = int(rest.translate(_FOLDED).strip().rstrip("\u65e5\u53f7"))
        return first, _day(first.year, first.month, number)
    last = read_day(rest, today)
    return (first, last) if last is not None else (None, None)


def read_time(text: str) -> str:
    """Read a time of day as people write it, 9:30 or nine o'clock in figures; anything else stays as it is."""
    found = _TIME.fullmatch(text.translate(_FOLDED).strip())
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}" if found else text.strip()


def read_kind(text: str, names: Names) -> tuple[str, str]:
    """Give the kind of activity that a cell names, and the kind of training where it says that as well; "" for none.

    "Training (away)" and the kind of training alone say both.
    """
    said = text.lower().strip()
    if said in names.kinds:
        return names.kinds[said], ""
    if said in names.categories:
        return "training", names.categories[said]
    parts = _WITH_MORE.fullmatch(said)
    if parts and names.kinds.get(parts[1]) == "training" and parts[2] in names.categories:
        return "training", names.categories[parts[2]]
    return "", ""


def read_rows(text: str, names: Names, today: date) -> list[PastedRow]:
    """Read pasted rows, tabs between their cells; gives each with what is wrong with it.

    Raises InvalidInput for nothing, or too much at once.
    """
    if len(text) > MOST_CHARS:
        raise InvalidInput(N_("That is too much at once. Please paste fewer rows."), field="rows")
    lines = [(number, cells) for number, cells in enumerate(_cells(text), start=1) if any(cells)]
    order: Sequence[str] = COLUMNS
    if lines and _heading(lines[0][1], names.heads):
        order = [names.heads.get(cell.lower(), "") for cell in lines[0][1]]
        lines = lines[1:]
    if not lines:
        raise InvalidInput(N_("Please paste at least one row."), field="rows")
    if len(lines) > MOST_ROWS:
        raise InvalidInput(N_("At most %(most)s rows at once, please."), field="rows", most=MOST_ROWS)
    return [_row(number, _said(cells, order), names, today) for number, cells in lines]


def _said(cells: Sequence[str], order: Sequence[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    for column, cell in zip(order, cells, strict=False):
        if column and cell:
            said.setdefault(column, cell)
    return said


def _cells(text: str) -> list[list[str]]:
    # A spreadsheet puts cells that hold a line break or a quotation mark into quotation marks.
    try:
        return [
            [" ".join(cell.split()) for cell in row]
            for row in csv.reader(io.StringIO(text), delimiter="\t", strict=True)
        ]
    except csv.Error:
        return [[" ".join(cell.split()) for cell in line.split("\t")] for line in text.splitlines()]


def _heading(cells: Sequence[str], heads: Mapping[str, str]) -> bool:
    named = [heads.get(cell.lower(), "") for cell in cells]
    return "who" in named and "day" in named


def _row(number: int, said: Mapping[str, str], names: Names, today: date) -> PastedRow:
    problems: list[Problem] = []
    raw, who = "\t".join(said.get(column, "") for column in COLUMNS).rstrip("\t"), closed_up(said.get("who", ""))
    day, until = read_span(said.get("day", ""), today)
    if day is None:
        problems.append(_problem("day", N_("This is no day that can be read: 2026-03-05 would be one.")))
    if said.get("until"):
        until = read_day(said["until"], today)
        if until is None:
            problems.append(_problem("until", N_("This is no day that can be read: 2026-03-05 would be one.")))
    if not who:
        problems.append(_problem("who", N_("There is no name or phone number.")))
    kind, category = read_kind(said["kind"], names) if said.get("kind") else (names.usual, "")
    if kind not in rules.PERSONAL:
        problems.append(_problem("kind", N_("There is no such kind of activity that a member can have done.")))
        return PastedRow(number, raw, who, Draft(kind=kind, day=day), tuple(problems))
    if "category" in KINDS[kind].fields:
        category = _category(said.get("category", ""), category, names, problems)
    amount, minutes = _figures(kind, said.get("amount", ""), problems)
    draft = _draft(kind, said, category, amount, minutes)
    draft = replace(draft, day=day, until=until)
    if day is not None and not problems:
        try:
            draft = rules.check_draft(draft, today)
        except ActivityRefused as refused:
            problems += [Problem(_column_of(error.field), error) for error in refused.problems]
    return PastedRow(number, raw, who, draft, tuple(problems))


def _category(said: str, of_kind: str, names: Names, problems: list[Problem]) -> str:
    """Give the kind of training: what its own column says, else what the kind said, else the usual one."""
    found = names.categories.get(said.lower(), "") if said else (of_kind or names.usual_category)
    if said and not found:
        message = N_("“%(text)s” is no kind of training that is known here.")
        problems.append(Problem("category", InvalidInput(message, field="category", text=said[:40])))
    elif not found:
        problems.append(_problem("category", N_("Please say what kind of training it was, such as on the job.")))
    return found


def _figures(kind: str, said: str, problems: list[Problem]) -> tuple[int | None, int | None]:
    """Give the amount in tenths and the minutes that a cell means for a kind."""
    try:
        if KINDS[kind].unit:
            return rules.tenths(said, "amount"), None
    except InvalidInput as error:
        problems.append(Problem("amount", error))
        return None, None
    return None, (int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0) if said else None


def _draft(kind: str, said: Mapping[str, str], category: str, amount: int | None, minutes: int | None) -> Draft:
    # What a form would ask for besides is taken from the remark, so that one line in a sheet is enough.
    title = said.get("title", "")
    place = said.get("place") or (title[: rules.PLACE_CHARS] if kind == "field_research" else "")
    return Draft(
        kind,
        title,
        starts=read_time(said.get("starts", "")),
        place=place,
        minutes=minutes,
        amount=amount,
        category=category,
        text=said.get("text", ""),
        link=said.get("link", ""),
    )


def _column_of(name: str | None) -> str:
    if name == "minutes":
        return "amount"
    return name if name in COLUMNS else "title"


def _problem(column: str, message: str) -> Problem:
    return Problem(column, InvalidInput(message, field=column))


@dataclass(frozen=True)
class PastedMark:
    """A line of a pasted register: who, the state, whether the member spoke; ``error`` says what is wrong with it."""

    number: int
    who: str
    state: str = ""
    spoke: bool = False
    error: InvalidInput | None = None


PRESENT_SIGNS = frozenset({"", "\u221a", "\u2713", "\u2714", "1", "y", "yes", "v"})
ABSENT_SIGNS = frozenset({"\u00d7", "x", "0", "n", "no", "-"})


def read_register(text: str, states: Mapping[str, str], spoke: frozenset[str]) -> list[PastedMark]:
    """Read a pasted register: a name or phone in each row, then the state (nothing: present), then whether they spoke.

    ``states`` gives the state by each of its names in lower case, ``spoke`` are the words for having spoken; ticks and
    crosses do as well. Raises InvalidInput for nothing, or too much at once.
    """
    if len(text) > MOST_CHARS:
        raise InvalidInput(N_("That is too much at once. Please paste fewer rows."), field="rows")
    rows = [(number, cells) for number, cells in enumerate(_cells(text), start=1) if any(cells)]
    if not rows:
        raise InvalidInput(N_("Please paste at least one row."), field="rows")
    return [_mark(number, cells, states, spoke) for number, cells in rows]


def _mark(number: int, cells: Sequence[str], states: Mapping[str, str], spoke: frozenset[str]) -> PastedMark:
    who, said, more = (*cells, "", "", "")[:3]
    who = closed_up(who)
    sign = said.lower()
    state = states.get(sign) or ("present" if sign in PRESENT_SIGNS else "absent" if sign in ABSENT_SIGNS else "")
    if not state and sign in spoke:
        return PastedMark(number, who, "present", spoke=True)
    if not state:
        message = N_("Row %(row)s: “%(state)s” is none of present, leave, absent.")
        return PastedMark(number, who, error=InvalidInput(message, field="rows", row=number, state=said))
    talked = more.lower() in spoke or (bool(more) and more.lower() in PRESENT_SIGNS)
    return PastedMark(number, who, state, spoke=talked and state == "present")
