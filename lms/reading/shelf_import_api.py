"""Taking in one's own shelf by the API."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import File, Integer, List, Nested, String

from lms.reading import shelf_import
from lms.web.i18n import words
from lms.web.signin import actor

api = APIBlueprint("shelf_import_api", __name__, url_prefix="/api/v1", tag="Reading")


class ShelfIn(Schema):
    """An export of Goodreads (CSV) or Douban (XLSX)."""

    file = File(required=True)


class RefusedOut(Schema):
    """A row that was not taken."""

    row = Integer()
    title = String()
    text = String()


class TakenOut(Schema):
    """What came of it; ``missing`` are titles that the catalogue does not have."""

    noted = Integer()
    known = Integer()
    missing = List(String())
    refused = List(Nested(RefusedOut))


@api.post("/reading/import")
@api.input(ShelfIn, location="form_and_files", arg_name="form")
@api.output(TakenOut)
@api.doc(summary="Take in my shelf from an export of Goodreads or Douban")
def take_shelf(form: dict[str, Any]) -> dict[str, Any]:
    """Log what the export says of books that the catalogue has."""
    taken = shelf_import.take_shelf(actor(), form["file"].stream)
    return {
        "noted": taken.noted,
        "known": taken.known,
        "missing": taken.missing,
        "refused": [{"row": number, "title": title, "text": words(error)} for number, title, error in taken.refused],
    }
