"""Materials in a real browser: a page counts while it is looked at, arrow keys turn, many are changed and undone."""

from io import BytesIO

import pytest

from lms.materials.models import Material, MaterialPage, MaterialReading
from lms.storage import MIB, files
from tests.browser.garden import Garden, wait_for
from tests.materials.pdf import make_pdf

pytestmark = pytest.mark.browser


def put(garden: Garden, title: str, unit: object, uploader: object) -> int:
    """Put a PDF of two short pages into the garden, its text taken out."""
    stored = files().put(BytesIO(make_pdf([f"{title}甲", f"{title}乙"])), MIB)
    made = Material.create(
        title=title,
        category="law",
        media_type="application/pdf",
        file_key=stored.key,
        file_name="a.pdf",
        file_size=stored.size,
        page_count=2,
        state="ready",
        unit=unit,
        uploader=uploader,
    )
    for number in (1, 2):
        MaterialPage.create(material=made, number=number, text=f"第{number}页")
    return int(made.id)


def test_a_page_counts_while_it_is_looked_at_and_the_arrow_keys_turn(garden: Garden) -> None:
    unit = garden.make.unit()
    material = put(garden, "防汛手册", unit, None)
    reader = garden.person(unit=unit)
    desk = garden.visit(reader, viewport={"width": 1400, "height": 900})
    page = desk.open(f"/materials/{material}/pages/1")
    assert page.locator(".pdf-page iframe").is_visible()
    row = MaterialReading.select().where(MaterialReading.member == reader.id)
    wait_for(lambda: row.exists() and row.get().pages == "1", "the first page is counted")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/pages/2")
    wait_for(lambda: row.get().finished_on is not None, "the material is read through")
    page.wait_for_selector("[data-read-status]:has-text('读完')")


def test_many_materials_are_archived_from_the_list_and_brought_back(garden: Garden) -> None:
    unit = garden.make.unit()
    keeper = garden.person(role="liaison", unit=unit)
    for number in range(3):
        put(garden, f"旧文件{number}", unit, keeper)
    desk = garden.visit(keeper)
    page = desk.open(f"/materials?unit={unit.id}")
    page.locator("input[name=material]").nth(0).check()
    page.locator("input[name=material]").nth(1).check()
    assert page.inner_text("[data-chosen]") == "2"
    page.click("button[value=archive]")
    desk.shown(".flash.success")
    away = Material.select().where(Material.unit == unit, Material.archived_at.is_null(False))
    assert away.count() == 2
    page.click(".flash button.link")
    wait_for(lambda: away.count() == 0, "both are brought back")
    page.wait_for_selector("body:has-text('恢复原样')")
