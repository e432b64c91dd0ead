"""From preset to board: an index of weighted rates (U15) and the demonstration units that reach it (U14)."""

import io
import re
from collections.abc import Callable
from datetime import date
from html import unescape

from openpyxl import load_workbook

from lms.members.models import Member
from lms.progress import booking
from lms.progress.models import Requirement
from tests.board.conftest import Town
from tests.browser_like import Browser

Open = Callable[[Member | None], Browser]
YEAR = "period=year&day=2026-11-20"


def shown(browser: Browser, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200, path
    return unescape(response.get_data(as_text=True))


def saved(browser: Browser, preset: str, **form: object) -> int:
    """Take a preset over as its form offers it, after looking what it would mean; gives its series."""
    answer = browser.post("/progress/requirements/new", {"preset": preset, **form, "step": "look"})
    assert answer.status_code == 200, unescape(answer.get_data(as_text=True))
    assert browser.post("/progress/requirements/new", {"preset": preset, **form}).status_code == 303
    return int(Requirement.get(Requirement.preset == preset).series)


def test_an_index_is_made_of_weights_in_the_form_and_opens_its_parts_and_the_units_that_reach_it(
    town: Town, browser: Open
) -> None:
    chief, unit = browser(town.chief), town.root.id
    year = {"unit": unit, "period": "year", "since": "2026-01-01"}
    took = saved(chief, "U12", title="参与率", measure="took_part", amount=1, coverage=40, **year)
    books = saved(chief, "Q04", title="全年读书", measure="book_finished", amount=1, **year)
    held = saved(
        chief, "U05", title="集体学习", measure="group_study_held", amount=2, subject="unit", where="inside",
        kinds="community", **year,
    )  # fmt: skip
    form = shown(chief, f"/progress/requirements/new?preset=U15&unit={unit}")
    assert re.search(rf'name="parts" value="{took}" checked', form)
    assert re.search(rf'name="weight_{took}"[^>]*value="30"', form)
    weights = {"parts": [took, books, held], f"weight_{took}": 30, f"weight_{books}": 50, f"weight_{held}": 20}
    index = {"subject": "index", "measure": "rate_index", "kinds": ["village", "community"], **weights, **year}
    refused = chief.post("/progress/requirements/new", {**index, "title": "指数", "amount": 101})
    assert refused.status_code == 422
    series = saved(chief, "U15", title="学习型社区指数", amount=60, **index)
    share = {"subject": "share", "measure": "units_reached", "period": "dates", "unit": unit, "parts": series}
    saved(chief, "U14", title="示范单位过半", amount=50, since="2026-01-01", until="2026-12-31", **share)

    neighbour = town.make.member(town.second, name="赵红")
    for measure in ("took_part", "book_finished"):
        town.book(town.liaison, date(2026, 5, 1), measure)
    town.book(neighbour, date(2026, 6, 1), "took_part")
    booking.book_for_unit(town.first.id, "group_study_held", 1, date(2026, 3, 1), "held:1", ("made", 1))

    board = shown(chief, f"/board/{unit}?{YEAR}")
    # First community: 30 * 1/1 + 50 * 1/1 + 20 * 1/2 = 90; second: 30 * 1/1 + 50 * 0/1 + 20 * 0/2 = 30.
    rows = re.findall(r'<tr role="row">(.*?)</tr>', board, re.DOTALL)
    first = next(row for row in rows if "桂花社区" in row and "参与率" in row)
    assert all(said in first for said in (">90<", "目标 60%", "权重 50", "1 / 2", "达到"))
    second = next(row for row in rows if "临江社区" in row and "参与率" in row)
    assert ">30<" in second and "0 / 1" in second
    demonstration = next(row for row in rows if "1 / 2" in row and "目标 50%" in row)
    assert demonstration.index("桂花社区") < demonstration.index("临江社区"), "those that reached it come first"
    link = re.search(r'href="([^"]*)">全年读书', first)
    assert link is not None
    assert "刘敏" in shown(chief, link[1])
    unit_link = next(row for row in rows if f"/board/{town.first.id}/facts" in row)
    facts = re.search(r'href="([^"]*facts[^"]*)"', unit_link)
    assert facts is not None
    assert "合计：" in shown(chief, facts[1])

    book = load_workbook(io.BytesIO(chief.get(f"/board/{unit}/table.xlsx?{YEAR}").get_data()))
    sheet = {(row[0], row[1]): row[3:5] for row in book["对单位的要求"].iter_rows(min_row=2, values_only=True)}
    assert sheet["学习型社区指数", "桂花社区"] == (90, 60)
    assert sheet["集体学习", "桂花社区"] == (1, 2)
    assert sheet["示范单位过半", "青禾街道办事处"] == (0.5, 0.5)

    api = chief.api("GET", f"/board/{unit}?{YEAR}").json["of_units"]
    found = {line["title"]: {one["unit"]: one for one in line["figures"]} for line in api}
    assert found["学习型社区指数"][town.first.id]["index"] == 90.0
    assert found["学习型社区指数"][town.second.id]["parts"][1] == {"series": books, "weight": 50, "met": 0, "asked": 1}
    assert found["示范单位过半"][unit]["reached"] == [town.first.id]
    rows_of = chief.api("GET", f"/board/{town.first.id}/facts?{YEAR}&requirement={held}").json
    assert (rows_of["sum"], [one["day"] for one in rows_of["items"]]) == (1, ["2026-03-01"])
    assert chief.api("GET", f"/board/{town.first.id}/facts?{YEAR}&requirement={books}").status_code == 404
