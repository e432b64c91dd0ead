"""Rows of the table of access for uploads: an unfinished upload is its sender's alone."""

import base64
from datetime import timedelta

from lms import clock
from lms.uploads.models import QuotaChange, Upload
from tests.web.access_table import MISSING, OK, SIGN_IN, administrators, everyone, row, staff
from tests.web.world import World

CHANGE = "/uploads/shares/changes/<int(max=2147483647):change>"
ONE = "/uploads/<string(length=16):upload>"
THIS = {"change": "share_change"}
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
    """Make an upload of the lecturer's that has just begun, and a share of the unit that was changed."""
    world.ids["share_change"] = QuotaChange.create(unit=world.ids["unit"], before=None, after=None).id
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
    administrators("GET", "/uploads/shares.csv"),
    administrators("GET", "/uploads/shares.xlsx"),
    administrators("GET", "/uploads/shares/change", query={"unit": 1}),
    administrators("POST", CHANGE + "/take-back", params=THIS),
    administrators("GET", "/api/v1/upload-shares"),
    administrators("GET", "/api/v1/upload-shares/changes", query={"unit": 1}),
    administrators("PUT", "/api/v1/upload-shares", json={"unit": 1, "gib": 9}),
    administrators("POST", f"/api/v1{CHANGE.replace('/uploads/shares', '/upload-shares')}/take-back", params=THIS),
    everyone("GET", "/api/v1/uploads"),
    staff("POST", "/api/v1/uploads", headers={**TUS, "Upload-Length": "10", "Upload-Metadata": SAID}),
    row("GET", "/api/v1" + ONE, **OWN),
    row("PATCH", "/api/v1" + ONE, headers=PIECE, **OWN),
    row("POST", "/api/v1" + ONE, headers={**PIECE, "X-HTTP-Method-Override": "PATCH"}, **OWN),
    row("DELETE", "/api/v1" + ONE, headers=TUS, **OWN),
]
