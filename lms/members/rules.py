"""Pure decisions about people: names, numbers, paths of the tree, who outranks whom, when guessing must pause."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from lms.errors import N_, Conflict, InvalidInput

LONGEST_PATH = 255
ACCOUNT_TRIES = 5
ADDRESS_TRIES = 40
TRIES_WINDOW = timedelta(minutes=15)
EARLIEST_DAY = date(1949, 10, 1)
DAYS_AHEAD = 366
OLDEST_YEARS = 120
RANK = {"member": 0, "lecturer": 1, "liaison": 2, "administrator": 3}


def clean_line(raw: str, field: str, longest: int) -> str:
    """Give one line of text with its spaces put right; empty when nothing was typed.

    Raises InvalidInput for control characters (PostgreSQL takes no NUL) and for more than ``longest`` characters.
    """
    text = " ".join(unicodedata.normalize("NFC", raw).split())
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise InvalidInput(N_("This holds characters that cannot be kept."), field=field)
    # Marks that cannot be seen (zero-width spaces, changes of direction) would make two names look the same.
    text = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    if len(text) > longest:
        raise InvalidInput(N_("Please keep this to %(n)s characters."), field=field, n=longest)
    return text


def required_line(raw: str, field: str, longest: int) -> str:
    """Give one line of text. Raises InvalidInput also when nothing was typed."""
    text = clean_line(raw, field, longest)
    if not text:
        raise InvalidInput(N_("Please fill this in."), field=field)
    return text


# Lists set names of two characters apart so that they end below those of three; the person is the same.
_GAP_IN_CHINESE = re.compile("(?<=[\u3400-\u9fff\U00020000-\U0003ffff])\\s+(?=[\u3400-\u9fff\U00020000-\U0003ffff])")


def closed_up(name: str) -> str:
    """Give a person's name without spaces between Chinese characters; those between other words stay."""
    return _GAP_IN_CHINESE.sub("", name)


def person_name(raw: str, field: str, longest: int) -> str:
    """Give a person's name as it is kept and compared. Raises InvalidInput when nothing was typed, or too much."""
    return closed_up(required_line(raw, field, longest))


def clean_phone(raw: str, field: str = "phone") -> str | None:
    """Give a phone number as its digits, without spaces, hyphens and the Chinese country code; None for nothing.

    Raises InvalidInput unless 5 to 20 digits remain.
    """
    text = unicodedata.normalize("NFKC", raw)
    text = "".join(char for char in text if char not in " -()\t").strip()
    text = text.removeprefix("+86").removeprefix("0086")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 5 <= len(text) <= 20):
        raise InvalidInput(N_("Please enter a phone number of 5 to 20 digits."), field=field)
    return text


def check_birth_year(year: int | None, today: date) -> None:
    """Raise InvalidInput unless a year of birth is one that a living reader can have."""
    low, high = today.year - OLDEST_YEARS, today.year
    if year is not None and not low <= year <= high:
        raise InvalidInput(N_("Please enter a year from %(low)s to %(high)s."), field="birth_year", low=low, high=high)


NO_BIRTH = N_("“%(text)s” is no year or date of birth. Write it as 1958 or 1958-03-12.")
_BIRTH = re.compile(r"(\d{4})(?:\u5e74|[-./](?:0?[1-9]|1[0-2])|\u5e74(?:0?[1-9]|1[0-2])\u6708?)?")
_WHOLE_DAY = re.compile(r"(\d{4})(?:[-./\u5e74](\d{1,2})[-./\u6708](\d{1,2})\u65e5?|(\d\d)(\d\d))")


def read_day(raw: str) -> date | None:
    """Read a whole day as cells of a table hold it: 1958-03-12, 1958.3.12, 19580312, or written out in Chinese."""
    found = _WHOLE_DAY.fullmatch(unicodedata.normalize("NFKC", raw).strip())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        return None


def check_born(year: int | None, day: date | None, today: date) -> None:
    """Raise InvalidInput unless a year and date of birth agree and are those of a living reader."""
    check_birth_year(year if day is None else day.year, today)
    if day is not None and day > today:
        raise InvalidInput(N_("This day is yet to come."), field="birth_date")
    if day is not None and year not in (None, day.year):
        raise InvalidInput(N_("The year and the date of birth do not agree."), field="birth_date")


def read_born(raw: str) -> tuple[int, date | None] | None:
    """Read a year of birth (1958) or a date (1958-03-12, 19580312, or written out in Chinese); None for neither.

    Of a year and a month the year is kept.
    """
    text = unicodedata.normalize("NFKC", raw).strip().removesuffix("\u751f").removesuffix(" 00:00:00")
    born = read_day(text)
    if born is not None:
        return born.year, born
    part = _BIRTH.fullmatch(text)
    return (int(part[1]), None) if part is not None else None


def check_day(day: date, today: date, field: str) -> None:
    """Raise InvalidInput unless a day lies in the span in which memberships are kept."""
    if not EARLIEST_DAY <= day <= today + timedelta(days=DAYS_AHEAD):
        raise InvalidInput(N_("Please enter a day between 1949 and one year from now."), field=field)


def child_path(parent: str, unit: int) -> str:
    """Give the path of a unit below a parent's path ("/" for a root)."""
    return f"{parent}{unit}/"


def check_move(path: str, new_parent: str, longest_below: int) -> None:
    """Raise Conflict when a subtree would hang below itself, or its paths would outgrow their column.

    ``longest_below`` is the length of the longest path in the subtree.
    """
    if new_parent.startswith(path):
        raise Conflict(N_("A unit cannot be moved below itself."), field="parent")
    own = path.rstrip("/").rpartition("/")[2]
    if len(new_parent) + len(own) + 1 + longest_below - len(path) > LONGEST_PATH:
        raise Conflict(N_("The tree of units would become too deep."), field="parent")


def may_grant(held: Iterable[tuple[str, str]], role: str, path: str) -> bool:
    """Say whether roles held, as pairs of role and path, allow to give or take a role on the unit at ``path``.

    Only an administrator of the unit or of one above it may; so nobody gives more, or further, than they hold.
    """
    return any(RANK[own] >= RANK["administrator"] >= RANK[role] and path.startswith(reach) for own, reach in held)


def outranked(admin_paths: Sequence[str], granted_paths: Iterable[str]) -> bool:
    """Say whether a member holds a role beyond the units that an administrator reaches.

    Whoever could set such a member's password would gain that role.
    """
    return any(not any(path.startswith(reach) for reach in admin_paths) for path in granted_paths)


def day_before(day: date) -> date:
    """Give the last day of what ends when something else begins on ``day``; of the first day there is, itself."""
    return day if day == date.min else day - timedelta(days=1)


def overlaps(since: date, until: date | None, other_since: date, other_until: date | None) -> bool:
    """Say whether two memberships share a day; None means no end."""
    return (until is None or other_since <= until) and (other_until is None or since <= other_until)


def wait_minutes(failures: Sequence[datetime], limit: int, now: datetime, window: timedelta = TRIES_WINDOW) -> int:
    """Give the whole minutes to wait before the next guess; 0 when it may come now.

    A guess may come when fewer than ``limit`` of the wrong ones lie within the last ``window``.
    """
    recent = sorted(at for at in failures if now - at < window)
    if len(recent) < limit:
        return 0
    seconds = (recent[-limit] + window - now).total_seconds()
    return max(1, -(-int(seconds) // 60))
