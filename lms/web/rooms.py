"""The rooms of the house that have pages or an API."""

from apiflask import APIFlask

from lms.catalogue.api import api as catalogue_api
from lms.catalogue.pages import pages as catalogue_pages
from lms.lectures.api import api as lectures_api
from lms.lectures.pages import pages as lectures_pages
from lms.materials.api import api as materials_api
from lms.materials.pages import pages as materials_pages
from lms.members.api import api as members_api
from lms.members.pages import pages as members_pages
from lms.members.people_pages import pages as people_pages
from lms.members.unit_pages import pages as unit_pages
from lms.notes.api import api as notes_api
from lms.notes.pages import pages as notes_pages
from lms.operating.api import api as operating_api
from lms.operating.pages import pages as operating_pages
from lms.progress.api import api as progress_api
from lms.progress.pages import pages as progress_pages
from lms.reading.api import api as reading_api
from lms.reading.pages import pages as reading_pages
from lms.search.api import api as search_api
from lms.search.pages import pages as search_pages
from lms.web.apidocs import pages as apidocs_pages
from lms.web.preferences import pages as web_pages

BLUEPRINTS = (
    web_pages,
    apidocs_pages,
    catalogue_pages,
    catalogue_api,
    lectures_pages,
    lectures_api,
    materials_pages,
    materials_api,
    members_pages,
    members_api,
    people_pages,
    unit_pages,
    notes_pages,
    notes_api,
    operating_pages,
    operating_api,
    progress_pages,
    progress_api,
    reading_pages,
    reading_api,
    search_pages,
    search_api,
)


def register(app: APIFlask) -> None:
    """Register every room's pages and API."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
