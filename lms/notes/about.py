"""What a note is about: a book, a page of a material, a second of a lecture, or nothing."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lms.catalogue.models import Book
from lms.errors import N_, InvalidInput
from lms.members.access import Actor
from lms.things import find_thing

HIGHEST = 2**31 - 1
_SUBJECT = re.compile(r"(book|material|lecture):([1-9][0-9]{0,9})(?::([0-9]{1,9}))?")


@dataclass(frozen=True)
class Subject:
    """What a note is about. ``place`` is the page of a material or the second of a lecture, None for the whole."""

    kind: str = ""
    ref: int | None = None
    place: int | None = None

    @property
    def book(self) -> int | None:
        """Give the book's id, None when it is about something else."""
        return self.ref if self.kind == "book" else None

    def columns(self) -> dict[str, object]:
        """Give the columns of a note that say it."""
        if self.kind in ("", "book"):
            return {"book": self.ref, "about_kind": "", "about_ref": None, "about_place": None}
        return {"book": None, "about_kind": self.kind, "about_ref": self.ref, "about_place": self.place}

    def __str__(self) -> str:
        """Give it as one word: "book:5", "material:3:12", "" for nothing."""
        return ":".join(str(part) for part in (self.kind, self.ref, self.place) if part not in ("", None))


NOTHING = Subject()


def parse(raw: str) -> Subject:
    """Read what ``str(subject)`` gives. Raises InvalidInput for anything else."""
    if not raw:
        return NOTHING
    found = _SUBJECT.fullmatch(raw)
    if found is None or int(found[2]) > HIGHEST or int(found[3] or 0) > HIGHEST or (found[1] == "book" and found[3]):
        raise _unknown()
    return Subject(found[1], int(found[2]), int(found[3]) if found[3] else None)


def of_columns(book: int | None, kind: str, ref: int | None, place: int | None) -> Subject:
    """Make it of a note's columns."""
    if book is not None:
        return Subject("book", book)
    return Subject(kind, ref, place) if kind else NOTHING


def thing_of(book: int | None, kind: str, ref: int | None) -> str:
    """Name the whole thing a note is about, without the place in it: "book:5", "material:3", "" for nothing."""
    return str(of_columns(book, kind, ref, None))


def require_title(actor: Actor, subject: Subject) -> str:
    """Give the title of what is written about, "" for nothing. Raises InvalidInput when the actor may not see it."""
    if subject == NOTHING:
        return ""
    found = titles(actor, [subject]).get(subject)
    if found is None:
        raise _unknown()
    return found


def titles(actor: Actor, subjects: Iterable[Subject]) -> Mapping[Subject, str]:
    """Give the titles of those that the actor may see: one statement for each kind among them."""
    found: dict[Subject, str] = {}
    wanted = {subject for subject in subjects if subject.ref is not None}
    for kind in {subject.kind for subject in wanted}:
        those = [subject for subject in wanted if subject.kind == kind]
        names = _titles_of(actor, kind, sorted({subject.ref for subject in those if subject.ref is not None}))
        found.update({subject: names[subject.ref] for subject in those if subject.ref and subject.ref in names})
    return found


def _titles_of(actor: Actor, kind: str, refs: list[int]) -> Mapping[int, str]:
    if kind == "book":
        return dict(Book.select(Book.id, Book.title).where(Book.id.in_(refs)).tuples())
    thing = find_thing(kind)
    return thing.titles(actor, refs) if thing else {}


def _unknown() -> InvalidInput:
    return InvalidInput(N_("What the note is about is not there, or you may not see it."), field="about")
