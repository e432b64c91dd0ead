"""Rows of the table of access: boards and frozen periods."""

from datetime import date

from lms.board.models import FrozenPeriod
from lms.progress.models import Requirement
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, Row, everyone, liaisons, row
from tests.web.world import World

UNIT = "<int(max=2147483647):unit_id>"
FROZEN = "<int(max=2147483647):frozen_id>"
PAST = {"period": "month", "day": "2025-03-01"}
UNITS_OWN = 777_001
EMPTY = '{"form":1,"members":0,"asked":0,"met":0,"late":0,"lines":[],"units":[],"unit_rules":[]}'


def furnish(world: World) -> None:
    """Freeze a month of the unit."""
    frozen = FrozenPeriod.create(
        unit=world.ids["unit"], kind="month", since=date(2025, 1, 1), until=date(2025, 1, 31), figures=EMPTY
    )
    world.ids["frozen"] = frozen.id
    Requirement.create(
        id=UNITS_OWN,
        title="集体学习",
        unit=world.ids["unit"],
        measure="group_study_held",
        amount=1,
        period="month",
        since=date(2025, 1, 1),
        subject="unit",
        spec='{"subject":"unit","where":"inside"}',
        series=UNITS_OWN,
    )


def of_the_unit(method: str, rule: str, outsider: str = FORBIDDEN, **sent: object) -> Row:
    """Open to who looks after the unit; to the liaison of another unit it is refused, or not there."""
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        member=outsider,
        lecturer=outsider,
        liaison=OK,
        other_liaison=outsider,
        administrator=OK,
        **sent,
    )


ROWS = [
    liaisons("GET", "/board"),
    everyone("GET", f"/progress/units/{UNIT}"),
    *[
        of_the_unit("GET", f"/board/{UNIT}{view}")
        for view in (
            "",
            "/report",
            "/people",
            "/members",
            "/members.csv",
            "/units",
            "/trend",
            "/table.csv",
            "/table.xlsx",
            "/frozen",
        )
    ],
    of_the_unit("GET", f"/board/{UNIT}/facts", query={"rule": str(UNITS_OWN)}),
    of_the_unit("GET", f"/api/v1/board/{UNIT}/facts", query={"requirement": str(UNITS_OWN)}),
    of_the_unit("POST", f"/board/{UNIT}/frozen", form=PAST),
    of_the_unit("GET", f"/board/frozen/{FROZEN}", MISSING),
    of_the_unit("POST", f"/board/frozen/{FROZEN}/lift", MISSING, form={"why": "补录"}),
    *[of_the_unit("GET", f"/api/v1/board/{UNIT}{view}") for view in ("", "/people", "/members", "/units", "/frozen")],
    of_the_unit("POST", f"/api/v1/board/{UNIT}/frozen", json=PAST),
    of_the_unit("GET", f"/api/v1/board/frozen/{FROZEN}", MISSING),
    of_the_unit("POST", f"/api/v1/board/frozen/{FROZEN}/lift", MISSING, json={"why": "补录"}),
]
