"""Rows of the table of access: notes. The one note belongs to the member and is shared with the unit."""

from lms.notes.models import Note
from tests.web.access_table import MISSING, OK, SIGN_IN, Row, everyone, row
from tests.web.world import World

NOTE = "<int(max=2147483647):note_id>"
WRITTEN = {"title": "读后", "body": "田野里的差序格局。", "audience": "me"}
CHANGED = {**WRITTEN, "version": 1}


def furnish(world: World) -> None:
    """Write a note for the unit."""
    note = Note.create(
        member=world.ids["member"], unit=world.ids["unit"], title="读后", body="一段话。", chars=4, audience="unit"
    )
    world.ids["note"] = note.id


def of_the_writer(method: str, rule: str, **sent: object) -> Row:
    """Open to the writer only; to everybody else the note is not there to change."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=OK,
        lecturer=MISSING,
        liaison=MISSING,
        other_liaison=MISSING,
        administrator=MISSING,
        **sent,
    )


ROWS = [
    everyone("GET", "/notes"),
    everyone("GET", "/notes/new"),
    everyone("POST", "/notes/new", form=WRITTEN),
    everyone("GET", f"/notes/{NOTE}", other_liaison=MISSING),
    of_the_writer("GET", f"/notes/{NOTE}/edit"),
    of_the_writer("POST", f"/notes/{NOTE}/edit", form=CHANGED),
    of_the_writer("POST", f"/notes/{NOTE}/delete"),
    of_the_writer("POST", f"/notes/{NOTE}/restore"),
    everyone("GET", "/api/v1/notes"),
    everyone("POST", "/api/v1/notes", json=WRITTEN),
    everyone("GET", f"/api/v1/notes/{NOTE}", other_liaison=MISSING),
    of_the_writer("PUT", f"/api/v1/notes/{NOTE}", json=CHANGED),
    of_the_writer("DELETE", f"/api/v1/notes/{NOTE}"),
    of_the_writer("POST", f"/api/v1/notes/{NOTE}/restore"),
]
