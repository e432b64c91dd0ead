"""What holds for books: ISBNs, classes of the Chinese Library Classification, what may stand in a field."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lms.catalogue.names import (
    AUTHOR,
    TRANSLATOR,
    Contributor,
    check_names,
    first_name,
    folded,
    one_line,
    parse_names,
    split_subjects,
)
from lms.catalogue.numbers import FIRST_YEAR, parse_isbn, parse_published, parse_unified, year_of
from lms.errors import N_, Conflict, InvalidInput, Refused
from lms.name_order import order_key

MOST_PAGES = 20_000
SUMMARY_CHARS = 4000
LINE_CHARS = 400  # of names or subjects as typed, before they are put together

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
_TITLE_MARKS = ("\N{LEFT DOUBLE ANGLE BRACKET}", "\N{RIGHT DOUBLE ANGLE BRACKET}")


@dataclass(frozen=True)
class BookDraft:
    """A book as somebody describes it, before or after it was checked.

    ``authors`` and ``translators`` are lines of names, with a name's part behind it where it has one of its own;
    ``contributors``, when given, stands for both. ``published`` is a year, month or day; ``year`` alone does as well.
    """

    title: str = ""
    subtitle: str = ""
    original_title: str = ""
    authors: str = ""
    translators: str = ""
    publisher: str = ""
    published: str = ""
    year: int | None = None
    edition: str = ""
    isbn: str | None = None
    unified: str = ""
    language: str = "zh"
    clc: str = ""
    subjects: str = ""
    pages: int | None = None
    summary: str = ""
    contributors: tuple[Contributor, ...] = ()


@dataclass(frozen=True)
class Twin:
    """A book of the catalogue that another one may be the same as."""

    id: int
    title: str
    authors: str
    publisher: str
    year: int | None


class BookRefused(Refused):
    """Some values of a book cannot be taken."""


class LikelyDuplicate(Conflict):
    """The catalogue has a book like this one already; ``twins`` says which. Saving all the same is allowed."""

    def __init__(self, twins: Sequence[Twin]) -> None:
        super().__init__(
            N_("The catalogue already has a book like this one: %(title)s, %(authors)s."),
            title=twins[0].title,
            authors=twins[0].authors,
        )
        self.twins = tuple(twins)


class BookChanged(Conflict):
    """Somebody else changed the book while it was being edited; ``version`` is the one that is stored now."""

    def __init__(self, version: int) -> None:
        super().__init__(N_("Somebody else has changed this book meanwhile. Nothing of yours is lost."))
        self.version = version


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


def check_book(draft: BookDraft, today: date) -> BookDraft:
    """Give the draft tidied as it is to be stored. Raises BookRefused with everything that is wrong at once."""
    problems: list[InvalidInput] = []

    def take(parse: Callable[[], Any], instead: Any = None) -> Any:
        try:
            return parse()
        except InvalidInput as error:
            problems.append(error)
            return instead

    language = take(lambda: _known_language(draft.language))
    names = take(lambda: _contributors(draft), [])
    authors, translators = _lines(names, chinese=language in ("zh", "ja"))
    published = take(lambda: _published(draft, today), "")
    checked = {
        "title": take(lambda: clean_title(draft.title)),
        "subtitle": take(lambda: line(draft.subtitle, "subtitle", 200)),
        "original_title": take(lambda: line(draft.original_title, "original_title", 200)),
        "authors": take(lambda: _within(authors, "authors", 200)),
        "translators": take(lambda: _within(translators, "translators", 200)),
        "publisher": take(lambda: line(draft.publisher, "publisher", 100)),
        "published": published,
        "year": year_of(published),
        "edition": take(lambda: line(draft.edition, "edition", 60)),
        "isbn": take(lambda: parse_isbn(draft.isbn)),
        "unified": take(lambda: parse_unified(draft.unified)),
        "language": language,
        "clc": take(lambda: parse_clc(draft.clc)),
        "subjects": take(lambda: _joined_subjects(draft.subjects, language)),
        "pages": take(lambda: _between(draft.pages, "pages", 1, MOST_PAGES)),
        "summary": take(lambda: block(draft.summary, "summary", SUMMARY_CHARS)),
        "contributors": tuple(names),
    }
    if problems:
        raise BookRefused(problems)
    return replace(draft, **checked)


def _published(draft: BookDraft, today: date) -> str:
    if draft.published or draft.year is None:
        return parse_published(draft.published, today)
    year = _between(draft.year, "year", FIRST_YEAR, today.year + 1)
    return f"{year:04d}"


def _contributors(draft: BookDraft) -> list[Contributor]:
    if draft.contributors:
        named = [replace(one, name=line(one.name, "contributors", 200)) for one in draft.contributors]
        found = check_names(named, "contributors")
    else:
        authors = line(draft.authors, "authors", LINE_CHARS)
        translators = line(draft.translators, "translators", LINE_CHARS)
        named = parse_names(authors, "authors", AUTHOR) + parse_names(translators, "translators", TRANSLATOR)
        found = list(dict.fromkeys(named))
    if all(one.role == TRANSLATOR for one in found):
        raise InvalidInput(N_("Please name the author, or the body that edited the book."), field="authors")
    return found


def with_names(draft: BookDraft, names: Sequence[Contributor]) -> BookDraft:
    """Give a stored draft with the rows of its names; without any they are read from its lines."""
    return replace(draft, contributors=tuple(names or _contributors(draft)))


def _lines(names: Sequence[Contributor], chinese: bool) -> tuple[str, str]:
    authors = [one for one in names if one.role != TRANSLATOR]
    translators = [one for one in names if one.role == TRANSLATOR]
    return one_line(authors, chinese), one_line(translators, chinese)


def _joined_subjects(subjects: str, language: str | None) -> str:
    words = split_subjects(line(subjects, "subjects", LINE_CHARS))
    return _within((", " if language == "en" else "\N{IDEOGRAPHIC COMMA}").join(words), "subjects", 200)


def _between(value: int | None, field: str, low: int, high: int) -> int | None:
    if value is not None and not low <= value <= high:
        raise InvalidInput(N_("Please enter a whole number from %(low)s to %(high)s."), field=field, low=low, high=high)
    return value


def _known_language(code: str) -> str:
    if code not in LANGUAGES:
        raise InvalidInput(N_("Please choose one of the languages."), field="language")
    return code


def _same_author(one: str, other: str) -> bool:
    # One record may add the author's part in the book to the name: "written by", "editor".
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def twins_of(draft: BookDraft, candidates: Iterable[tuple[Twin, str | None]]) -> list[Twin]:
    """Give the candidates (a book and its ISBN) that the draft is likely the same book as.

    The same ISBN, or the same title by the same first author. A blank ISBN matches nothing.
    """
    return [
        twin
        for twin, isbn in candidates
        if (draft.isbn and isbn == draft.isbn) or same_work(draft.title, draft.authors, twin.title, twin.authors)
    ]


def same_work(title: str, authors: str, other_title: str, other_authors: str) -> bool:
    """Say whether two records speak of the same title by the same first author, however they are written."""
    return folded(title) == folded(other_title) and _same_author(first_name(authors), first_name(other_authors))


def sort_key(title: str) -> str:
    """Give a title's place among titles, without its marks."""
    return order_key(folded(title) or title)
