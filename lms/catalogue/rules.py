"""What holds for books: ISBNs, classes of the Chinese Library Classification, what may stand in a field."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lms.errors import N_, Conflict, InvalidInput

# The oldest dated printed book, the Diamond Sutra, is of 868.
FIRST_YEAR = 868
MOST_PAGES = 20_000
SUMMARY_CHARS = 4000
SORT_CHARS = 24

# ISO 639 codes; "mul" is a book in several languages.
LANGUAGES = {
    "zh": N_("Chinese"),
    "en": N_("English"),
    "ja": N_("Japanese"),
    "ru": N_("Russian"),
    "fr": N_("French"),
    "de": N_("German"),
    "es": N_("Spanish"),
    "mul": N_("Several languages"),
}

# The 22 main classes of the Chinese Library Classification, fifth edition. L, M, W and Y are not in use.
CLC_CLASSES = {
    "A": N_("Marxism-Leninism, Mao Zedong Thought"),
    "B": N_("Philosophy and religion"),
    "C": N_("Social sciences in general"),
    "D": N_("Politics and law"),
    "E": N_("Military affairs"),
    "F": N_("Economics"),
    "G": N_("Culture, science, education, sport"),
    "H": N_("Languages"),
    "I": N_("Literature"),
    "J": N_("Art"),
    "K": N_("History and geography"),
    "N": N_("Natural sciences in general"),
    "O": N_("Mathematics, physics, chemistry"),
    "P": N_("Astronomy and earth sciences"),
    "Q": N_("Life sciences"),
    "R": N_("Medicine and health"),
    "S": N_("Agriculture"),
    "T": N_("Industry and technology"),
    "U": N_("Transport"),
    "V": N_("Aviation and space"),
    "X": N_("Environment and safety"),
    "Z": N_("General works"),
}

_CLC = re.compile(r"[A-Z]{1,2}[0-9.\-=+:/()<>\[\]\"a-z]*")
_ISBN_LABEL = re.compile(r"^ISBN(-?1[03])?[:\s]*", re.IGNORECASE)
_BRACKETED = re.compile(
    r"[\[(\N{LEFT BLACK LENTICULAR BRACKET}\N{LEFT TORTOISE SHELL BRACKET}].*?"
    r"[\])\N{RIGHT BLACK LENTICULAR BRACKET}\N{RIGHT TORTOISE SHELL BRACKET}]"
)
_BETWEEN_NAMES = re.compile(r"[,;/&\N{IDEOGRAPHIC COMMA}]")
_TITLE_MARKS = ("\N{LEFT DOUBLE ANGLE BRACKET}", "\N{RIGHT DOUBLE ANGLE BRACKET}")


@dataclass(frozen=True)
class BookDraft:
    """A book as somebody describes it, before or after it was checked."""

    title: str = ""
    subtitle: str = ""
    authors: str = ""
    translators: str = ""
    publisher: str = ""
    year: int | None = None
    isbn: str | None = None
    language: str = "zh"
    clc: str = ""
    subjects: str = ""
    pages: int | None = None
    summary: str = ""


@dataclass(frozen=True)
class Twin:
    """A book of the catalogue that another one may be the same as."""

    id: int
    title: str
    authors: str
    publisher: str
    year: int | None


class BookRefused(InvalidInput):
    """Some values of a book cannot be taken. ``problems`` has one for each field; the error itself is the first."""

    def __init__(self, problems: Sequence[InvalidInput]) -> None:
        first = problems[0]
        super().__init__(first.message, field=first.field, **first.values)
        self.problems = tuple(problems)


class LikelyDuplicate(Conflict):
    """The catalogue has a book like this one already; ``twins`` says which. Saving all the same is allowed."""

    def __init__(self, twins: Sequence[Twin]) -> None:
        super().__init__(
            N_("The catalogue already has a book like this one: %(title)s, %(authors)s."),
            title=twins[0].title,
            authors=twins[0].authors,
        )
        self.twins = tuple(twins)


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


def clc_class(code: str) -> str:
    """Give the letter of the main class a CLC number belongs to; empty when there is none."""
    return code[:1] if code[:1] in CLC_CLASSES else ""


def parse_clc(text: str) -> str:
    """Read a CLC number such as I247.5 or D2-0. Raises InvalidInput when no main class begins so."""
    code = "".join(unicodedata.normalize("NFKC", text).split())
    code = re.sub(r"^[a-z]{1,2}", lambda letters: letters.group().upper(), code)
    if code and (not clc_class(code) or not _CLC.fullmatch(code)):
        raise InvalidInput(N_("A CLC number begins with the letter of its class, for example I247.5."), field="clc")
    return _within(code, "clc", 20)


def line(text: str | None, field: str, limit: int) -> str:
    """Take one line of text: spaces tidied, nothing invisible. Raises InvalidInput, also past ``limit`` characters."""
    tidy = " ".join((text or "").replace("\t", " ").replace("\r", " ").replace("\n", " ").split())
    return _within(_visible(tidy, field), field, limit)


def block(text: str | None, field: str, limit: int) -> str:
    """Take a text of several lines. Raises InvalidInput for control characters and past ``limit`` characters."""
    tidy = (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()
    return _within(_visible(tidy, field), field, limit)


def _visible(text: str, field: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise InvalidInput(
            N_("There are characters in this text that cannot be shown. Please type it anew."), field=field
        )
    return text


def _within(text: str, field: str, limit: int) -> str:
    if len(text) > limit:
        raise InvalidInput(
            N_("This is too long: at most %(limit)s characters, not %(length)s."),
            field=field,
            limit=limit,
            length=len(text),
        )
    return text


def clean_title(text: str | None) -> str:
    """Take a title; one pair of title marks around the whole of it is left off. Raises InvalidInput when empty."""
    title = line(text, "title", 200)
    opening, closing = _TITLE_MARKS
    if title.startswith(opening) and title.find(closing) == len(title) - 1:
        title = title[1:-1].strip()
    if not title:
        raise InvalidInput(N_("Please give the title."), field="title")
    return title


def check_book(draft: BookDraft, this_year: int) -> BookDraft:
    """Give the draft tidied as it is to be stored. Raises BookRefused with everything that is wrong at once."""
    problems: list[InvalidInput] = []

    def take(parse: Callable[[], Any]) -> Any:
        try:
            return parse()
        except InvalidInput as error:
            problems.append(error)
            return None

    checked = {
        "title": take(lambda: clean_title(draft.title)),
        "subtitle": take(lambda: line(draft.subtitle, "subtitle", 200)),
        "authors": take(lambda: _named(line(draft.authors, "authors", 200))),
        "translators": take(lambda: line(draft.translators, "translators", 200)),
        "publisher": take(lambda: line(draft.publisher, "publisher", 100)),
        "year": take(lambda: _between(draft.year, "year", FIRST_YEAR, this_year + 1)),
        "isbn": take(lambda: parse_isbn(draft.isbn)),
        "language": take(lambda: _known_language(draft.language)),
        "clc": take(lambda: parse_clc(draft.clc)),
        "subjects": take(lambda: line(draft.subjects, "subjects", 200)),
        "pages": take(lambda: _between(draft.pages, "pages", 1, MOST_PAGES)),
        "summary": take(lambda: block(draft.summary, "summary", SUMMARY_CHARS)),
    }
    if problems:
        raise BookRefused(problems)
    return replace(draft, **checked)


def _named(authors: str) -> str:
    if not authors:
        raise InvalidInput(N_("Please name the author, or the body that edited the book."), field="authors")
    return authors


def _between(value: int | None, field: str, low: int, high: int) -> int | None:
    if value is not None and not low <= value <= high:
        raise InvalidInput(N_("Please enter a whole number from %(low)s to %(high)s."), field=field, low=low, high=high)
    return value


def _known_language(code: str) -> str:
    if code not in LANGUAGES:
        raise InvalidInput(N_("Please choose one of the languages."), field="language")
    return code


def folded(text: str) -> str:
    """Give a text with case, width, spaces and punctuation taken away, to compare titles and names by."""
    kept = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in kept if unicodedata.category(c)[0] in "LN")


def first_name(authors: str) -> str:
    """Give the first of the authors, folded, without a country in brackets before the name."""
    bare = _BRACKETED.sub("", unicodedata.normalize("NFKC", authors))
    return folded(_BETWEEN_NAMES.split(bare)[0])


def _same_author(one: str, other: str) -> bool:
    # One record may add the author's part in the book to the name: "written by", "editor".
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def twins_of(draft: BookDraft, candidates: Iterable[tuple[Twin, str | None]]) -> list[Twin]:
    """Give the candidates (a book and its ISBN) that the draft is likely the same book as.

    The same ISBN, or the same title by the same first author. A blank ISBN matches nothing.
    """
    title, author = folded(draft.title), first_name(draft.authors)
    return [
        twin
        for twin, isbn in candidates
        if (draft.isbn and isbn == draft.isbn)
        or (folded(twin.title) == title and _same_author(first_name(twin.authors), author))
    ]


def sort_key(title: str) -> str:
    """Give a title's place among titles as ASCII text, the same in every database.

    The code of GB 18030 puts Latin letters first, then the 3,755 common characters in the order of their pinyin.
    """
    start = folded(title)[:SORT_CHARS] or title[:SORT_CHARS]
    return start.encode("gb18030", errors="replace").hex()
