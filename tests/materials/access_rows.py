"""Rows of the table of access for materials."""

from io import BytesIO

from lms.materials.models import Material, MaterialPage
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
    row,
    staff,
)
from tests.web.world import World

TEXT = "物业服务合同示范文本。".encode()
PARAMS = {"material_id": "material"}
PAGE = {"material_id": "material", "number": "material_page"}
HIDDEN = {"material_id": "unit_material"}
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
        world.ids[name] = material.id
    world.ids["material_page"] = 1


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


PATH = "/materials/<int(max=2147483647):material_id>"
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
    _managers("GET", PATH + "/edit"),
    _managers("POST", PATH + "/edit", form=FACTS),
    _managers("POST", PATH + "/archive"),
    _managers("POST", PATH + "/restore"),
    _managers("POST", PATH + "/charset", form={"charset": "gb18030"}),
    _managers("POST", PATH + "/retry", CONFLICT),
    everyone("GET", "/api/v1/materials"),
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
