"""Rows of the table of access for categories."""

from lms.categories.models import UnitCategory
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, liaisons, row
from tests.web.world import World

CATEGORY = "/categories/<int(max=2147483647):category_id>"
PARAMS = {"category_id": "category"}


def furnish(world: World) -> None:
    """Make a category of the unit."""
    world.ids["category"] = UnitCategory.create(unit=world.ids["unit"], name="垃圾分类").id


def _keepers(method: str, rule: str, **sent: object) -> Row:
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=FORBIDDEN,
        liaison=OK,
        other_liaison=MISSING,
        administrator=OK,
        params=PARAMS,
        **sent,
    )


ROWS = [
    liaisons("GET", "/categories"),
    liaisons("POST", "/categories/new", form={"name": "村史", "unit": "2"}, other_liaison=FORBIDDEN),
    _keepers("POST", CATEGORY + "/rename", form={"name": "分类投放"}),
    _keepers("POST", CATEGORY + "/retire"),
    _keepers("POST", CATEGORY + "/restore"),
    everyone("GET", "/api/v1/categories"),
    liaisons("POST", "/api/v1/categories", json={"name": "村史", "unit": 2}, other_liaison=FORBIDDEN),
    _keepers("PATCH", "/api/v1" + CATEGORY, json={"name": "分类投放"}),
    _keepers("POST", "/api/v1" + CATEGORY + "/retire"),
    _keepers("POST", "/api/v1" + CATEGORY + "/restore"),
]
