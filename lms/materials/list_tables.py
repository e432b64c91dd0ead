"""Lists of materials and of readers as files to take along, for pages and API."""

from werkzeug.wrappers import Response

from lms.categories.words import category_words
from lms.materials import exporting, required_queries, words
from lms.materials.list_queries import Wanted
from lms.members.access import Action, Actor, require
from lms.web.i18n import gettext
from lms.web.profile import profile
from lms.web.table_files import table_file


def materials_table(actor: Actor, wanted: Wanted, form: str) -> Response:
    """Answer with the list as "csv" or "xlsx". Raises Forbidden for who may not upload."""
    require(actor, Action.MATERIAL_UPLOAD)
    heads = [
        gettext("Title"),
        gettext("What it is about"),
        gettext("Category"),
        gettext("Kind of file"),
        gettext("Pages"),
        gettext("Bytes"),
        gettext("Unit"),
        gettext("Uploaded by"),
        gettext("Uploaded on"),
        gettext("State"),
        gettext("Address"),
    ]
    said = {"category": category_words, "media": words.media_words, "state": words.state_words}
    return table_file(
        form, gettext("Materials"), heads, exporting.rows_of_materials(actor, wanted, said), real=(4, 5, 8)
    )


def readers_table(actor: Actor, request_id: int, form: str) -> Response:
    """Answer with who has read what was asked, as "csv" or "xlsx". Raises NotFound, Forbidden."""
    asked = required_queries.get_kept(actor, request_id)
    heads = [gettext("Name"), gettext("Unit"), gettext("How it stands"), gettext("Read through on")]
    rows = exporting.rows_of_readers(actor, request_id, words.reader_words, profile())
    return table_file(form, asked.title, heads, rows, real=(3,))
