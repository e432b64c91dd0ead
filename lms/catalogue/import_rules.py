"""What a row of a table says of a book, and what is to happen with it. Pure: no database, no clock."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from lms.catalogue import columns, names, rules
from lms.catalogue.columns import OWN, Layout
from lms.catalogue.numbers import parse_isbn
from lms.catalogue.rules import BookDraft, BookRefused
from lms.errors import N_, InvalidInput

# A cell of Goodreads holds ="0306406152", so that Excel leaves the digits alone.
_QUOTED_FORMULA = re.compile(r'^="?(.*?)"?$')
_DATE_PIECE = re.compile(r"\d{4}([-./]\d{1,2}){0,2}|\d{4}\N{CJK UNIFIED IDEOGRAPH-5E74}.*")
_PRICE = re.compile(r"\D{0,4}\d+(\.\d+)?\s*\S{0,3}")
_NUMBER = re.compile(r"\s*(\d{1,12})(?:\.0+)?\s*[^\d\s]{0,2}\s*")
# Goodreads writes the series behind the title: "Dune (Dune #1)".
_SERIES = re.compile(r"\s*\([^()]*#[\d.\-]+\)$")
COMPARED = tuple(
    field.name for field in fields(BookDraft) if field.name not in ("authors", "translators", "contributors", "year")
)


@dataclass(frozen=True)
class Note:
    """What is wrong with a row, or worth knowing: the heading of the column ("" for the row), a msgid, its values."""

    column: str
    message: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Given:
    """What a row says: the fields that are not empty, as text, and what could not be taken from it."""

    values: Mapping[str, str]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Known:
    """A book of the catalogue that a row may be about."""

    id: int
    draft: BookDraft
    withdrawn: bool


@dataclass(frozen=True)
class Decision:
    """What is to happen with a row: one of models.ACTIONS; the book it is about; the draft to store."""

    action: str
    book: int | None = None
    draft: BookDraft | None = None
    notes: tuple[Note, ...] = ()


def given_by(layout: Layout, cells: Sequence[str]) -> Given:
    """Read a row by its layout: what each field is given, shaped as our own template would have it."""
    extra = [cell for cell in cells[len(layout.fields) :] if cell]
    if extra:
        note = Note("", N_("This row has more cells than there are headings: %(extra)s."), {"extra": extra[0][:40]})
        return Given({}, (note,))
    values = {name: cell for name, cell in zip(layout.fields, cells, strict=False) if name and cell}
    if layout.source == columns.GOODREADS:
        values = _from_goodreads(values)
    elif layout.source == columns.DOUBAN:
        values = _from_imprint(values)
    elif layout.source == columns.STORYGRAPH:
        values = _from_storygraph(values)
    if "language" in values:
        values["language"] = columns.language_of(values["language"])
    return Given(values)


def _from_goodreads(values: Mapping[str, str]) -> dict[str, str]:
    bare = {name: (found[1] if (found := _QUOTED_FORMULA.match(cell)) else cell) for name, cell in values.items()}
    more = bare.pop("more_authors", "")
    ten, first = bare.pop("isbn_ten", ""), bare.pop("first_published", "")
    if more:
        bare["authors"] = "; ".join(part for part in (bare.get("authors", ""), *more.split(",")) if part)
    if not bare.get("isbn") and ten:
        bare["isbn"] = ten
    if not bare.get("published") and first:
        bare["published"] = first
    bare["title"] = _SERIES.sub("", bare.get("title", ""))
    if bare.get("pages") == "0":
        del bare["pages"]
    bare.setdefault("language", "en" if bare["title"].isascii() else "zh")
    return {name: cell for name, cell in bare.items() if cell}


def _from_storygraph(values: Mapping[str, str]) -> dict[str, str]:
    """Take an ISBN from the column that holds one or a number of the service's own; editions say no language."""
    taken = dict(values)
    number = taken.pop("isbn_any", "")
    if isbn_of(number):
        taken["isbn"] = number
    taken.setdefault("language", "en" if taken.get("title", "").isascii() else "zh")
    return taken


def _from_imprint(values: Mapping[str, str]) -> dict[str, str]:
    """Take the one line apart in which Douban says who wrote and published a book.

    Exports have "author / year / publisher", several authors with spaces between them; older ones, and the page of a
    book, "author / translator / publisher / date / price".
    """
    taken = dict(values)
    pieces = [piece.strip() for piece in taken.pop("imprint", "").split(" / ") if piece.strip()]
    at = next((place for place, piece in enumerate(pieces) if place and _DATE_PIECE.fullmatch(piece)), None)
    if at is None:
        if pieces:
            taken["authors"] = pieces[0]
        return taken
    taken["published"] = pieces[at]
    taken["authors"] = pieces[0]
    after = pieces[at + 1] if at + 1 < len(pieces) else ""
    between = pieces[1:at]
    if after and not _PRICE.fullmatch(after):
        taken["publisher"] = after
    elif between:
        taken["publisher"] = between.pop()
    if between:
        taken["translators"] = "\N{IDEOGRAPHIC COMMA}".join(between)
    return taken


def overlaid(stored: BookDraft | None, given: Mapping[str, str], gaps_only: bool) -> BookDraft:
    """Lay what a row gives over a book: an empty cell never erases. Raises InvalidInput for a number that is none.

    ``gaps_only`` fills what is empty and leaves the rest: what another service says does not overrule the catalogue.
    """
    base = stored or BookDraft()
    taken = {
        name: value
        for name, value in given.items()
        if name in BookDraft.__dataclass_fields__ and not (gaps_only and stored and getattr(stored, name))
    }
    if "authors" in taken or "translators" in taken:
        people = base.contributors
        kept_translators = (
            ""
            if "translators" in taken
            else names.written_out([one for one in people if one.role == names.TRANSLATOR], names.TRANSLATOR)
        )
        kept_authors = (
            ""
            if "authors" in taken
            else names.written_out([one for one in people if one.role != names.TRANSLATOR], names.AUTHOR)
        )
        taken = {"authors": kept_authors, "translators": kept_translators, **taken}
        base = replace(base, contributors=())
    pages = {"pages": _whole(taken.pop("pages"))} if "pages" in taken else {}
    if "published" in taken:
        base = replace(base, year=None)
    return replace(base, **taken, **pages)  # type: ignore[arg-type]


def _whole(text: str) -> int:
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        raise InvalidInput(N_("This is no whole number: %(text)s."), field="pages", text=text[:40])
    return int(found[1])


def decide(layout: Layout, given: Given, known: Sequence[Known], today: date, choice: str = "") -> Decision:
    """Say what is to happen with a row, given the books it may be about.

    The number of a book (our own export has it) names it, if title, author or ISBN agree. Else the same title by the
    same first author is the same book, when it is the only one; the same ISBN under another title is a doubt, which a
    person settles by ``choice``: "add" or "change".
    """
    if given.notes:
        return Decision("error", notes=given.notes)
    try:
        alone = rules.check_book(overlaid(None, given.values, gaps_only=False), today)
    except (BookRefused, InvalidInput) as error:
        numbered = given.values.get("id", "")
        if not numbered or "title" not in given.values:
            return _refused(layout, error)
        alone = None
    book, notes = _same(given, alone, known)
    if notes and notes[0].message == OTHER_NUMBER:
        return Decision("error", notes=notes)
    if choice == "add" and alone is not None:
        return Decision("add", draft=alone)
    if notes and choice != "change":
        return Decision("doubt", book.id if book else None, alone, notes)
    if book is None:
        return Decision("add", draft=alone) if alone is not None else _refused(layout, _missing(given, today))
    return _change(layout, given, book, today)


OTHER_NUMBER = N_("The number %(number)s is another book here. Empty the cell to add this one as new.")
SAME_ISBN = N_("The same ISBN as %(title)s, which may be another book.")
SEVERAL = N_("Several books of the catalogue look like this one.")
OTHER_EDITION = N_("The catalogue has another edition of this book: %(title)s, %(imprint)s.")
TWICE = N_("The same book as in row %(number)s.")


def _same(given: Given, alone: BookDraft | None, known: Sequence[Known]) -> tuple[Known | None, tuple[Note, ...]]:
    number = given.values.get("id", "")
    if number:
        named = next((book for book in known if str(book.id) == number), None)
        if named is not None:
            if alone is None or _agrees(alone, named.draft):
                return named, ()
            return named, (Note("", OTHER_NUMBER, {"number": number}),)
    if alone is None:
        return None, ()
    works = [book for book in known if _same_work(alone, book.draft)]
    exact = [book for book in works if _one_edition(alone, book.draft)]
    if len(exact) == 1:
        return exact[0], ()
    if len(exact) > 1:
        return exact[0], (Note("", SEVERAL, {}),)
    if works:
        found = works[0].draft
        imprint = " ".join(part for part in (found.publisher, found.published) if part)
        return works[0], (Note("", OTHER_EDITION, {"title": found.title, "imprint": imprint}),)
    shared = [book for book in known if alone.isbn and book.draft.isbn == alone.isbn]
    if shared:
        return shared[0], (Note("", SAME_ISBN, {"title": shared[0].draft.title}),)
    return None, ()


def same_book(given: Given, known: Sequence[Known]) -> Known | None:
    """Give the one book that a row surely is about: to note that somebody read it, another edition does as well.

    Of several editions it is the one with the same ISBN, else the first. None when there is no such book, or only one
    with the same ISBN under another title.
    """
    title = given.values.get("title", "")
    alike = [
        book
        for book in known
        if rules.same_work(title, given.values.get("authors", ""), book.draft.title, book.draft.authors)
    ]
    if len(alike) > 1:
        number = isbn_of(given.values.get("isbn"))
        alike = [book for book in alike if number and book.draft.isbn == number] or alike[:1]
    return alike[0] if alike else None


def _same_work(one: BookDraft, other: BookDraft) -> bool:
    return rules.same_work(one.title, one.authors, other.title, other.authors)


def _one_edition(one: BookDraft, other: BookDraft) -> bool:
    """Say whether nothing speaks against two records of a title being of one edition: what only one says does not."""
    if one.isbn and other.isbn:
        return one.isbn == other.isbn
    pairs = ((one.year, other.year), (names.folded(one.publisher), names.folded(other.publisher)))
    return all(mine == theirs for mine, theirs in pairs if mine and theirs)


def _agrees(one: BookDraft, other: BookDraft) -> bool:
    return (
        bool(one.isbn and one.isbn == other.isbn)
        or names.folded(one.title) == names.folded(other.title)
        or names.first_name(one.authors) == names.first_name(other.authors)
    )


def _change(layout: Layout, given: Given, book: Known, today: date) -> Decision:
    try:
        draft = rules.check_book(overlaid(book.draft, given.values, gaps_only=layout.source != OWN), today)
    except (BookRefused, InvalidInput) as error:
        return _refused(layout, error, book.id)
    changed = [name for name in COMPARED if getattr(draft, name) != getattr(book.draft, name)]
    if draft.contributors != book.draft.contributors:
        changed.append("authors")
    if not changed:
        return Decision("same", book.id, draft)
    note = Note("", N_("Changes: %(columns)s."), {"columns": [layout.heading(name) or name for name in changed]})
    return Decision("change", book.id, draft, (note,))


def _missing(given: Given, today: date) -> InvalidInput:
    try:
        rules.check_book(overlaid(None, given.values, gaps_only=False), today)
    except (BookRefused, InvalidInput) as error:
        return error
    return InvalidInput(N_("There is no such book in the catalogue."))


def _refused(layout: Layout, error: InvalidInput, book: int | None = None) -> Decision:
    problems = error.problems if isinstance(error, BookRefused) else (error,)
    notes = tuple(
        Note(layout.heading(problem.field or ""), problem.message, dict(problem.values)) for problem in problems
    )
    return Decision("error", book, notes=notes)


def isbn_of(text: str | None) -> str | None:
    try:
        return parse_isbn(text)
    except InvalidInput:
        return None


def twin_key(draft: BookDraft) -> tuple[str, ...]:
    """Give what two rows of one table would share if they spoke of one book."""
    return (names.folded(draft.title), names.first_name(draft.authors), draft.isbn or "", draft.edition)
