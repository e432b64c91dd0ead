"""Rows of the table of access for uploads: an unfinished upload is its sender's alone."""

import base64
from datetime import timedelta

from lms import clock
from lms.uploads.models import Upload
from tests.web.access_table import MISSING, OK, SIGN_IN, administrators, everyone, row, staff
from tests.web.world import World

ONE = "/uploads/<string(length=16):upload>"
TUS = {"Tus-Resumable": "1.0.0"}
SAID = "purpose " + base64.b64encode(b"recording").decode()
PIECE = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
OWN = {
    "signed_out": SIGN_IN,
    "member": MISSING,
    "lecturer": OK,
    "liaison": MISSING,
    "other_liaison": MISSING,
    "administrator": MISSING,
}


def furnish(world: World) -> None:
    """Make an upload of the lecturer's that has just begun."""
    world.ids["upload"] = Upload.create(
        token="00112233445566aa",
        member=world.ids["lecturer"],
        unit=world.ids["unit"],
        purpose="recording",
        name="课.mp4",
        length=1000,
        expires_at=clock.now() + timedelta(days=1),
    ).token


ROWS = [
    everyone("GET", "/uploads"),
    row("POST", ONE + "/remove", **OWN),
    administrators("GET", "/uploads/shares"),
    administrators("POST", "/uploads/shares", form={"unit": "1", "gib": "9"}),
    administrators("PUT", "/api/v1/upload-shares", json={"unit": 1, "gib": 9}),
    everyone("GET", "/api/v1/uploads"),
    staff("POST", "/api/v1/uploads", headers={**TUS, "Upload-Length": "10", "Upload-Metadata": SAID}),
    row("GET", "/api/v1" + ONE, **OWN),
    row("PATCH", "/api/v1" + ONE, headers=PIECE, **OWN),
    row("POST", "/api/v1" + ONE, headers={**PIECE, "X-HTTP-Method-Override": "PATCH"}, **OWN),
    row("DELETE", "/api/v1" + ONE, headers=TUS, **OWN),
]
