"""The recommended lists of the demo organisation."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lms import clock
from lms.demo.content_files import Row, rows
from lms.demo.library import BookInCatalogue
from lms.demo.people import People
from lms.lists import service
from lms.lists.rules import ListDraft, Recommended
from lms.members.access import Action, Actor, may
from lms.members.models import Unit


def create(now: datetime, people: People, books: Mapping[str, BookInCatalogue]) -> None:
    """Make and issue the lists, each by who looks after its unit, on the day it was issued."""
    today = clock.local(now).date()
    for row in rows("lists"):
        with clock.at(now - timedelta(days=row["issued"])):
            maker = _maker(row, people)
            draft = ListDraft(
                row["title"],
                row["intro"],
                people.units[row["unit"]],
                today + timedelta(days=row["starts"]),
                today + timedelta(days=row["ends"]),
            )
            made = service.make_list(maker, draft)
            wanted = [
                Recommended(books[book["title"]].id, book["required"], book["reason"])
                for book in row["books"]
                if book["title"] in books
            ]
            service.set_books(maker, made, wanted)
            service.issue_list(maker, made)


def _maker(row: Row, people: People) -> Actor:
    person = people.by_name.get(row.get("maker", ""))
    path = Unit.select(Unit.path).where(Unit.id == people.units[row["unit"]]).scalar()
    return person.actor if person and may(person.actor, Action.LIST_EDIT, path) else people.administrator
