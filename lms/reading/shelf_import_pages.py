"""The page on which a member takes in an own shelf from elsewhere."""

from flask import Blueprint, render_template, request

from lms.errors import N_, InvalidInput, TooLarge, Unavailable
from lms.reading import shelf_import
from lms.reading.shelf_import import ShelfTaken
from lms.web import i18n
from lms.web.errors import status_of
from lms.web.signin import actor

pages = Blueprint("shelf_import", __name__)


@pages.get("/reading/import")
def new_import() -> str:
    """Show how to take a shelf in."""
    return _page({}, None)


@pages.post("/reading/import")
def take_shelf() -> str | tuple[str, int]:
    """Take a shelf in and say what came of it."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise InvalidInput(N_("Please choose a file."), field="file")
        return _page({}, shelf_import.take_shelf(actor(), file.stream))
    except (InvalidInput, TooLarge, Unavailable) as error:
        return _page({error.field or "": i18n.words(error)}, None), status_of(error)


def _page(errors: dict[str, str], taken: ShelfTaken | None) -> str:
    refused = [(number, title, i18n.words(error)) for number, title, error in taken.refused] if taken else []
    return render_template("reading/shelf_import.html", errors=errors, taken=taken, refused=refused)
