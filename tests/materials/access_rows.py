"""Rows of the table of access for materials."""

from datetime import date
from io import BytesIO

from lms.materials.models import (
    Material,
    MaterialBulkEdit,
    MaterialPage,
    MaterialPicture,
    MaterialVersion,
    RequiredReading,
)
from lms.storage import MIB, files
from tests.web.access_table import (
    CONFLICT,
    FORBIDDEN,
    FORM,
    MISSING,
    OK,
    SIGN_IN,
    Row,
    everyone,
    liaisons,
    row,
    staff,
)
from tests.web.world import World

TEXT = "物业服务合同示范文本。".encode()
PARAMS = {"material_id": "material"}
PAGE = {"material_id": "material", "number": "material_page"}
HIDDEN = {"material_id": "unit_material"}
MEMBERS = ("member", "lecturer", "liaison", "other_liaison", "administrator")
FACTS = {"title": "合同示范文本", "summary": "", "category": "law", "audience": "everyone"}


def furnish(world: World) -> None:
    """Make a material for everyone, uploaded by the lecturer, and one for the unit only."""
    stored = files().put(BytesIO(TEXT), MIB)
    for name, audience in (("material", "everyone"), ("unit_material", "unit")):
        material = Material.create(
            title="合同示范文本",
            category="law",
            media_type="text/plain",
            file_key=stored.key,
            file_name="contract.txt",
            file_size=stored.size,
            charset="utf-8",
            page_count=1,
            state="ready",
            uploader=world.ids["lecturer"],
            unit=world.ids["unit"],
            audience=audience,
        )
        MaterialPage.create(material=material, number=1, text=TEXT.decode())
        file = {"media_type": "text/plain", "file_key": stored.key, "file_name": "contract.txt", "charset": "utf-8"}
        for number in (1, 2):
            MaterialVersion.create(material=material, number=number, file_size=stored.size, state="ready", **file)
        MaterialPicture.create(material=material, number=1, file_key=stored.key)
        world.ids[name] = material.id
    world.ids["material_page"] = 1
    world.ids["material_version"] = 2
    world.ids["material_picture"] = 1
    world.ids["reading_request"] = RequiredReading.create(
        material=world.ids["material"],
        unit=world.ids["unit"],
        since=date(2026, 1, 1),
        until=date(2099, 12, 31),
        made_by=world.ids["liaison"],
    ).id
    world.ids["bulk_edit"] = MaterialBulkEdit.create(member=world.ids["lecturer"], what="archive", before="[]").id


def _managers(method: str, rule: str, last: str = OK, **sent: object) -> Row:
    """Who may change the material: its uploader, the liaison of its unit, the administrator above."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=last,
        liaison=last,
        other_liaison=FORBIDDEN,
        administrator=last,
        params=PARAMS,
        **sent,
    )


def _uploaders(rule: str) -> Row:
    """Who may upload is let in; the form is refused because no file comes with it."""
    return staff("POST", rule, form=FACTS, lecturer=FORM, liaison=FORM, other_liaison=FORM, administrator=FORM)


def _askers(method: str, rule: str, last: str = OK, **sent: object) -> Row:
    """Who may ask the members of the unit to read: its liaison and those above."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=FORBIDDEN,
        liaison=last,
        other_liaison=MISSING,
        administrator=last,
        params={"request_id": "reading_request"},
        **sent,
    )


def _version(method: str, rule: str) -> Row:
    """Who may reach the versions of the material: those who may change it."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=OK,
        liaison=OK,
        other_liaison=FORBIDDEN,
        administrator=OK,
        params=OF_VERSION,
    )


def _own_bulk(rule: str) -> Row:
    """Who may take a change of many back: only who made it."""
    found = dict.fromkeys(("member", "liaison", "other_liaison", "administrator"), MISSING)
    return row("POST", rule, signed_out=SIGN_IN, lecturer=OK, params={"edit_id": "bulk_edit"}, **found)


PATH = "/materials/<int(max=2147483647):material_id>"
VERSION = PATH + "/versions/<int(max=2147483647):number>"
REQUEST = "/materials/required/<int(max=2147483647):request_id>"
API_REQUEST = "/api/v1/reading-requests/<int(max=2147483647):request_id>"
OF_VERSION = {"material_id": "material", "number": "material_version"}
DAYS = {"since": "2026-01-01", "until": "2099-12-31", "note": ""}
WISH = {"unit": "2", "since": "2026-01-01", "until": "2027-01-01", "note": ""}
LINK = {**FACTS, "unit": "2", "url": "https://example.org/", "summary": "讲什么"}
PICTURE = "/pictures/<int(max=2147483647):number>"
PICTURED = {"material_id": "material", "number": "material_picture"}
NUMBERED = "/pages/<int(max=2147483647):number>"

ROWS = [
    everyone("GET", "/materials"),
    staff("GET", "/materials/new"),
    staff(
        "POST", "/materials/new", form=FACTS, lecturer="422", liaison="422", other_liaison="422", administrator="422"
    ),
    everyone("GET", PATH, params=PARAMS),
    everyone("GET", PATH, params=HIDDEN, other_liaison=MISSING),
    everyone("GET", PATH + NUMBERED, params=PAGE),
    everyone("GET", PATH + "/file", params=PARAMS),
    everyone("GET", PATH + "/file", params=HIDDEN, other_liaison=MISSING),
    everyone("GET", PATH + PICTURE, params=PICTURED),
    everyone("GET", PATH + PICTURE, params={**PICTURED, **HIDDEN}, other_liaison=MISSING),
    everyone("GET", "/api/v1" + PATH + PICTURE, params=PICTURED),
    _managers("GET", PATH + "/edit"),
    _managers("POST", PATH + "/edit", form=FACTS),
    _managers("POST", PATH + "/publish"),
    _managers("POST", "/api/v1" + PATH + "/publish"),
    _managers("POST", PATH + "/archive"),
    _managers("POST", PATH + "/restore"),
    _managers("POST", PATH + "/charset", form={"charset": "gb18030"}),
    _managers("POST", PATH + "/retry", CONFLICT),
    staff("GET", "/materials/link"),
    staff("POST", "/materials/link", form=LINK, other_liaison=FORBIDDEN),
    staff("GET", "/materials/list.csv"),
    staff("GET", "/materials/list.xlsx"),
    everyone("POST", "/materials/bulk", form={"what": "archive"}, **dict.fromkeys(MEMBERS, FORM)),
    _own_bulk("/materials/bulk/<int(max=2147483647):edit_id>/undo"),
    _managers("GET", PATH + "/versions"),
    _managers("POST", PATH + "/versions", FORM),
    _version("POST", VERSION + "/use"),
    _version("GET", VERSION + "/file"),
    everyone("POST", PATH + NUMBERED + "/seen", params=PAGE, **dict.fromkeys(MEMBERS, FORM)),
    everyone("POST", PATH + "/on-paper", params=PARAMS),
    liaisons("GET", "/materials/required"),
    liaisons("GET", PATH + "/require", params=PARAMS),
    liaisons(
        "POST", PATH + "/require", params=PARAMS, form=WISH, other_liaison=FORBIDDEN, liaison=FORM, administrator=FORM
    ),
    _askers("GET", REQUEST),
    _askers("POST", REQUEST, form={**DAYS, "until": "2027-06-01"}),
    _askers("POST", REQUEST + "/end"),
    _askers("POST", REQUEST + "/renew"),
    _askers("GET", REQUEST + "/readers.csv"),
    _askers("GET", REQUEST + "/readers.xlsx"),
    everyone("GET", "/api/v1/materials"),
    everyone("GET", "/api/v1/materials/due"),
    staff("GET", "/api/v1/materials/list.csv"),
    staff("GET", "/api/v1/materials/list.xlsx"),
    _askers("GET", API_REQUEST + "/readers.csv"),
    _askers("GET", API_REQUEST + "/readers.xlsx"),
    staff("POST", "/api/v1/materials/links", json={**LINK, "unit": 2}, other_liaison=FORBIDDEN),
    everyone(
        "POST", "/api/v1" + PATH + NUMBERED + "/seen", params=PAGE, json={"token": "x"}, **dict.fromkeys(MEMBERS, FORM)
    ),
    everyone("PUT", "/api/v1" + PATH + "/on-paper", params=PARAMS),
    everyone("DELETE", "/api/v1" + PATH + "/on-paper", params=PARAMS),
    everyone("POST", "/api/v1/materials/bulk", json={"materials": [1], "what": "archive"}),
    _own_bulk("/api/v1/materials/bulk/<int(max=2147483647):edit_id>/undo"),
    _managers("GET", "/api/v1" + PATH + "/versions"),
    _managers("POST", "/api/v1" + PATH + "/versions", FORM, form={"remark": "新版"}),
    _version("POST", "/api/v1" + VERSION + "/use"),
    _version("GET", "/api/v1" + VERSION + "/file"),
    liaisons(
        "POST",
        "/api/v1" + PATH + "/requests",
        params=PARAMS,
        json={**WISH, "unit": 2},
        other_liaison=FORBIDDEN,
        liaison=CONFLICT,
        administrator=CONFLICT,
    ),
    liaisons("GET", "/api/v1/reading-requests"),
    _askers("GET", API_REQUEST),
    _askers("PUT", API_REQUEST, json={**DAYS, "until": "2027-06-01"}),
    _askers("POST", API_REQUEST + "/end"),
    _askers("POST", API_REQUEST + "/renew"),
    _askers("GET", API_REQUEST + "/readers"),
    _uploaders("/api/v1/materials"),
    everyone("GET", "/api/v1" + PATH, params=PARAMS),
    everyone("GET", "/api/v1" + PATH, params=HIDDEN, other_liaison=MISSING),
    everyone("GET", "/api/v1" + PATH + "/pages", params=PARAMS),
    everyone("GET", "/api/v1" + PATH + "/pages", params=HIDDEN, other_liaison=MISSING),
    everyone("GET", "/api/v1" + PATH + NUMBERED, params=PAGE),
    everyone("GET", "/api/v1" + PATH + "/file", params=PARAMS),
    everyone("GET", "/api/v1" + PATH + "/file", params=HIDDEN, other_liaison=MISSING),
    _managers("PATCH", "/api/v1" + PATH, json={"title": "新的题目"}),
    _managers("POST", "/api/v1" + PATH + "/archive"),
    _managers("POST", "/api/v1" + PATH + "/restore"),
    _managers("POST", "/api/v1" + PATH + "/retry", CONFLICT),
    _managers("PUT", "/api/v1" + PATH + "/charset", json={"charset": "gb18030"}),
]
