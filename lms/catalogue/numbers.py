"""The numbers and dates of a book: ISBN, the unified book number of older Chinese books, the date it was published."""

import re
import unicodedata
from datetime import date

from lms.errors import N_, InvalidInput

# The oldest dated printed book, the Diamond Sutra, is of 868.
FIRST_YEAR = 868

_ISBN_LABEL = re.compile(r"^ISBN(-?1[03])?[:\s]*", re.IGNORECASE)
_YEAR_MARK, _MONTH_MARK = "\N{CJK UNIFIED IDEOGRAPH-5E74}", "\N{CJK UNIFIED IDEOGRAPH-6708}"
_DAY_MARK = "[\N{CJK UNIFIED IDEOGRAPH-65E5}\N{CJK UNIFIED IDEOGRAPH-53F7}]"
_PUBLISHED = re.compile(
    rf"(\d{{3,4}}){_YEAR_MARK}?(?:(?<={_YEAR_MARK})|[-./]|$)"
    rf"(?:(\d{{1,2}}){_MONTH_MARK}?(?:(?<={_MONTH_MARK})|[-./]|$))?"
    rf"(?:(\d{{1,2}}){_DAY_MARK}?)?(?:T?0{{1,2}}(?::00)*)?"
)
_UNIFIED = re.compile(r"(\d{1,2})\.?(\d{3})[.\-](\d{1,5})")
_MIDDLE_DOTS = str.maketrans(
    {
        "\N{MIDDLE DOT}": ".",
        "\N{KATAKANA MIDDLE DOT}": ".",
        "\N{BULLET}": ".",
        "\N{HYPHENATION POINT}": ".",
        "\N{DOT OPERATOR}": ".",
        "\N{IDEOGRAPHIC FULL STOP}": ".",
    }
)


def isbn10_check_digit(first_nine: str) -> str:
    """Compute the last place of an ISBN-10 from its first nine digits (ISO 2108:1992): modulus 11, X for ten."""
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), first_nine, strict=True))
    rest = -total % 11
    return "X" if rest == 10 else str(rest)


def isbn13_check_digit(first_twelve: str) -> str:
    """Compute the last digit of an ISBN-13 from its first twelve (ISO 2108:2017): weights 1 and 3, modulus 10."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(first_twelve))
    return str(-total % 10)


def isbn13_of(isbn10: str) -> str:
    """Turn a valid ISBN-10 into the ISBN-13 of the same book."""
    stem = "978" + isbn10[:9]
    return stem + isbn13_check_digit(stem)


def parse_isbn(text: str | None) -> str | None:
    """Read an ISBN as people type it and give its 13 digits; None for nothing typed.

    Hyphens of any kind, spaces, full-width digits and a leading "ISBN" are passed over; an ISBN-10 becomes the
    ISBN-13 of the same book, so that one book never stands under two numbers. Raises InvalidInput.
    """
    folded = unicodedata.normalize("NFKC", text or "").strip()
    bare = _ISBN_LABEL.sub("", folded)
    digits = "".join(c for c in bare if not c.isspace() and unicodedata.category(c) not in ("Pd", "Cf")).upper()
    digits = digits.replace("\N{MINUS SIGN}", "")
    if not digits:
        if folded:
            raise InvalidInput(N_("An ISBN has 10 or 13 digits."), field="isbn")
        return None
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        if isbn10_check_digit(digits[:9]) != digits[9]:
            raise _wrong_check_digit()
        return isbn13_of(digits)
    if not re.fullmatch(r"97[89][0-9]{10}", digits):
        raise InvalidInput(N_("An ISBN has 10 or 13 digits; one of 13 begins with 978 or 979."), field="isbn")
    if isbn13_check_digit(digits[:12]) != digits[12]:
        raise _wrong_check_digit()
    return digits


def _wrong_check_digit() -> InvalidInput:
    return InvalidInput(N_("The last digit of this ISBN does not fit the others. Please check it."), field="isbn")


def parse_unified(text: str | None) -> str:
    """Read a unified book number, as Chinese books bore from 1956 to 1987, and give it as printed: 10019.1977 as
    10019 with a middle dot and 1977.

    Class (one or two digits), publisher (three), then the title's number behind a dot. Raises InvalidInput.
    """
    folded = unicodedata.normalize("NFKC", (text or "").translate(_MIDDLE_DOTS))
    bare = "".join(folded.split()).translate(_MIDDLE_DOTS)
    if not bare:
        return ""
    found = _UNIFIED.fullmatch(bare)
    if found is None:
        raise InvalidInput(N_("A unified book number looks like 10019·1977."), field="unified")
    return f"{found[1]}{found[2]}\N{MIDDLE DOT}{found[3]}"


def parse_published(text: str | None, today: date) -> str:
    """Read when a book was published and give it as YYYY, YYYY-MM or YYYY-MM-DD; empty for nothing typed.

    2012-8, 2012.8.1, 2012/08 and the Chinese way of writing are read; a time of day of a table's date is passed over.
    A book may be announced for the year to come. Raises InvalidInput.
    """
    bare = "".join(unicodedata.normalize("NFKC", text or "").split())
    if not bare:
        return ""
    found = _PUBLISHED.fullmatch(bare)
    if found is None:
        raise InvalidInput(N_("Please enter a year such as 2012, a month such as 2012-08 or a day."), field="published")
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if not FIRST_YEAR <= year <= today.year + 1:
        raise InvalidInput(
            N_("The year must be from %(low)s to %(high)s."), field="published", low=FIRST_YEAR, high=today.year + 1
        )
    try:
        date(year, month or 1, day or 1)
    except ValueError as error:
        problem = N_("There is no such day. Please check the month and the day.")
        raise InvalidInput(problem, field="published") from error
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def year_of(published: str) -> int | None:
    """Give the year of a date of publication."""
    return int(published[:4]) if published else None
