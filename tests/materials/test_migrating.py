"""Materials of the first release are there afterwards: their pages, a first version, a category of the five."""

from pathlib import Path

import pytest

from lms.db import database
from lms.materials.models import Material, MaterialPage, MaterialVersion
from lms.search.models import OutboxRow
from tests.migrating import brought_up

BEFORE = "0009_create_outbox"
NOW = "2026-11-20 08:00:00"
MATERIAL = {
    "title": "t",
    "summary": "",
    "media_type": "application/pdf",
    "file_key": "ab",
    "file_name": "a.pdf",
    "file_size": 9,
    "charset": "",
    "page_count": 1,
    "state": "ready",
    "failure": "",
    "unit_id": 1,
    "audience": "everyone",
    "created_at": NOW,
    "updated_at": NOW,
}


@pytest.mark.sqlite_only
def test_materials_come_along_with_pages_versions_and_categories(tmp_path: Path) -> None:
    rows = [("unit", {"id": 1, "kind": "community", "name": "u", "path": "/1/", "created_at": NOW})]
    for ident, category in ((1, "skills"), (2, "health"), (3, "law")):
        rows.append(("material", {**MATERIAL, "id": ident, "category": category}))
        rows.append(("material_page", {"material_id": ident, "number": 1, "heading": "", "text": f"正文{ident}"}))
    brought_up(tmp_path / "old", BEFORE, rows)
    assert dict(Material.select(Material.id, Material.category).tuples()) == {1: "business", 2: "culture", 3: "law"}
    assert {row.media_type for row in Material.select()} == {"application/pdf"}
    assert all(row.published_at == row.created_at and row.version == 1 for row in Material.select())
    assert [page.text for page in MaterialPage.select().order_by(MaterialPage.id)] == ["正文1", "正文2", "正文3"]
    assert [(row.number, row.file_key, row.state) for row in MaterialVersion.select()] == [(1, "ab", "ready")] * 3
    assert {row.ref for row in OutboxRow.select() if row.kind == "material"} >= {1, 2}
    database.close()
