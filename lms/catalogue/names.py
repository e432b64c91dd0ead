"""Who made a book, and in which part: names as they stand on title pages, taken apart and put together.

The words for the parts are data (``data/roles.toml``), because they are Chinese as often as not.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lms.errors import N_, InvalidInput

_FILE = Path(__file__).with_name("data") / "roles.toml"

AUTHOR, TRANSLATOR = "author", "translator"
SHARED = ("author", "editor", "compiler")
NAME_CHARS = 120
MOST_NAMES = 20

ROLE_WORDS = {
    "author": N_("author"),
    "editor": N_("editor"),
    "compiler": N_("compiler"),
    "translator": N_("translator"),
    "annotator": N_("annotator"),
    "illustrator": N_("illustrator"),
    "foreword": N_("foreword"),
}

# Characters that part one name from the next. A middle dot is part of a transliterated name.
BETWEEN = re.compile("[,;/&\N{IDEOGRAPHIC COMMA}\N{FULLWIDTH COMMA}\N{FULLWIDTH SEMICOLON}]")
BRACKETED = re.compile(
    r"[\[(\N{LEFT BLACK LENTICULAR BRACKET}\N{LEFT TORTOISE SHELL BRACKET}].*?"
    r"[\])\N{RIGHT BLACK LENTICULAR BRACKET}\N{RIGHT TORTOISE SHELL BRACKET}]"
)
_LAST_BRACKET = re.compile(r"^(.+?)\s*[(\N{FULLWIDTH LEFT PARENTHESIS}](.+?)[)\N{FULLWIDTH RIGHT PARENTHESIS}]$")
_AND_OTHERS = "\N{CJK UNIFIED IDEOGRAPH-7B49}"


_TABLE = tomllib.loads(_FILE.read_text(encoding="utf-8"))
_ROLE_OF: dict[str, str] = {word.casefold(): role for role, entry in _TABLE.items() for word in entry["words"]}
_FIRST_WORD: dict[str, str] = {role: entry["words"][0] for role, entry in _TABLE.items()}
ROLES = tuple(_TABLE)
_LONG_WORDS = sorted((word for word in _ROLE_OF if len(word) > 1 and not word.isascii()), key=len, reverse=True)


@dataclass(frozen=True)
class Contributor:
    """Somebody who had a part in a book: a person or a body, and one of ROLES."""

    name: str
    role: str = AUTHOR

    @property
    def key(self) -> str:
        """Give what this name is compared and looked up by."""
        return name_key(self.name)


def folded(text: str) -> str:
    """Give a text with case, width, spaces and punctuation taken away, to compare titles and names by."""
    kept = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in kept if unicodedata.category(c)[0] in "LN")


def name_key(name: str) -> str:
    """Give a name folded, without a country in brackets before it; a name that is only brackets is folded whole."""
    whole = unicodedata.normalize("NFKC", name)
    return (folded(BRACKETED.sub("", whole)) or folded(whole))[:NAME_CHARS]


def parse_names(line: str, field: str, otherwise: str = AUTHOR) -> list[Contributor]:
    """Take a line of names apart; a part that is written behind a name is its role, else ``otherwise`` is.

    Names without a part of their own before one that has it share it, as title pages have it: "A, B editors"; not
    that of the translator and the like, who stand behind an author of whom nothing is said. Raises InvalidInput for
    too many names or one that is too long.
    """
    found: list[Contributor] = []
    unsaid: list[str] = []
    for piece in BETWEEN.split(line):
        name, role = _name_and_role(" ".join(piece.split()))
        if not name:
            continue
        if role is None:
            unsaid.append(name)
            continue
        found += [Contributor(before, role if role in SHARED else otherwise) for before in unsaid]
        found.append(Contributor(name, role))
        unsaid.clear()
    found += [Contributor(name, otherwise) for name in unsaid]
    return check_names(found, field)


def _name_and_role(piece: str) -> tuple[str, str | None]:
    bracket = _LAST_BRACKET.match(piece)
    if bracket and bracket[2].strip().casefold() in _ROLE_OF:
        return bracket[1].strip(), _ROLE_OF[bracket[2].strip().casefold()]
    name, _, last = piece.rpartition(" ")
    word = last.casefold().rstrip(".")
    if name and word.startswith(_AND_OTHERS) and word[1:] in _ROLE_OF:
        return f"{name}{_AND_OTHERS}", _ROLE_OF[word[1:]]
    if name and word in _ROLE_OF:
        return name, _ROLE_OF[word]
    for long in _LONG_WORDS:
        if piece.endswith(long) and len(piece) - len(long) >= 2:
            return piece[: -len(long)].strip(), _ROLE_OF[long]
    return piece, None


def check_names(names: Iterable[Contributor], field: str) -> list[Contributor]:
    """Give the names once each. Raises InvalidInput for an unknown part, too many names or one that is too long."""
    kept = list(dict.fromkeys(names))
    if len(kept) > MOST_NAMES:
        raise InvalidInput(N_("At most %(limit)s names can be given."), field=field, limit=MOST_NAMES)
    for one in kept:
        if len(one.name) > NAME_CHARS:
            raise InvalidInput(N_("One name may have %(limit)s characters at most."), field=field, limit=NAME_CHARS)
        if one.role not in ROLES or not one.key:
            raise InvalidInput(N_("Please check this name and its part in the book."), field=field)
    return kept


def one_line(names: Sequence[Contributor], chinese: bool) -> str:
    """Write names one after the other as readers of the book's language do."""
    return ("\N{IDEOGRAPHIC COMMA}" if chinese else ", ").join(one.name for one in names)


def written_out(names: Sequence[Contributor], otherwise: str = AUTHOR) -> str:
    """Write names so that ``parse_names`` gives them back: with their parts as soon as one has a part of its own."""
    mark = "\N{IDEOGRAPHIC COMMA}"
    if all(one.role == otherwise for one in names):
        return mark.join(one.name for one in names)
    return mark.join(f"{one.name} {_FIRST_WORD[one.role]}" for one in names)


def split_subjects(line: str) -> list[str]:
    """Take a line of subjects apart, each once."""
    words = (" ".join(piece.split()) for piece in BETWEEN.split(line))
    return list({folded(word): word for word in words if folded(word)}.values())


def first_name(authors: str) -> str:
    """Give the first of the authors, folded, without a country in brackets before the name."""
    bare = BRACKETED.sub("", unicodedata.normalize("NFKC", authors))
    return folded(BETWEEN.split(bare)[0])
