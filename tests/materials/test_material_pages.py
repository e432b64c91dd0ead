"""The pages of materials as a person meets them."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from playhouse.test_utils import count_queries

from lms.materials import versions
from lms.materials.models import Material
from lms.members.access import Actor
from lms.members.models import Member, Unit
from tests.browser_like import Browser
from tests.factories import Make
from tests.materials.pdf import make_pdf

Open = Callable[[Member | None], Browser]
Send = Callable[..., Material]


def form(unit: Unit, content: bytes = b"words", name: str = "guide.txt", **values: str) -> dict[str, Any]:
    facts = {"title": "读书指南", "summary": "怎样读", "category": "business", "audience": "everyone"}
    return {**facts, "unit": str(unit.id), "file": (BytesIO(content), name), **values}


def test_a_lecturer_uploads_and_everybody_reads(
    browser: Open, make: Make, lecturer: Member, unit: Unit, work: Callable[[], None]
) -> None:
    teacher = browser(lecturer)
    sent = teacher.post("/materials/new", form(unit, "# 一\n\n**重点：**多读。".encode(), "指南.md"))
    assert sent.status_code == 303
    address = sent.headers["Location"]
    assert "正在" in teacher.get(address).get_data(as_text=True)
    work()
    reader = browser(make.member())
    assert "读书指南" in reader.get("/materials").get_data(as_text=True)
    page = reader.get(f"{address}/pages/1").get_data(as_text=True)
    assert "<strong>重点：</strong>多读。" in page


def test_a_refused_upload_keeps_what_was_typed_and_says_what_is_wrong_at_the_file(
    browser: Open, lecturer: Member, unit: Unit
) -> None:
    response = browser(lecturer).post("/materials/new", form(unit, b"PK\x03\x04...word/document.xml", "信.docx"))
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'value="读书指南"' in page
    assert "怎样读</textarea>" in page
    assert re.search(r'id="f-file-error"[^>]*>[^<]*《信.docx》没有收下：[^<]*已损坏', page)
    assert "Traceback" not in page
    assert Material.select().count() == 0


def test_all_that_is_wrong_in_the_form_is_said_at_once(browser: Open, lecturer: Member, unit: Unit) -> None:
    response = browser(lecturer).post(
        "/materials/new", {"title": "字" * 201, "category": "", "audience": "x", "unit": "abc"}
    )
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    for field in ("title", "category", "audience", "unit", "file"):
        assert f'href="#f-{field}"' in page


def test_a_name_with_path_separators_is_kept_as_its_last_part(browser: Open, lecturer: Member, unit: Unit) -> None:
    browser(lecturer).post("/materials/new", form(unit, name="..\\..//etc/passwd"))
    assert Material.get().file_name == "passwd.txt"


def test_the_list_is_narrowed_by_category_kind_and_owner(browser: Open, upload: Send, make: Make, unit: Unit) -> None:
    upload(title="安全生产", category="culture")
    upload(make_pdf(["民法"]), "law.pdf", title="民法典", category="law")
    liaison = browser(make.member(unit, "liaison"))
    shown = {
        query: [title for title in ("安全生产", "民法典") if title in liaison.get(f"/materials?{query}").text]
        for query in ("", "category=law", "kind=text/markdown", "mine=1", "category=nonsense", "page=99")
    }
    assert shown == {
        "": ["安全生产", "民法典"],
        "category=law": ["民法典"],
        "kind=text/markdown": ["安全生产"],
        "mine=1": [],
        "category=nonsense": ["安全生产", "民法典"],
        "page=99": [],
    }


def test_a_material_for_a_unit_is_not_there_for_others(browser: Open, upload: Send, make: Make) -> None:
    material = upload(audience="unit", title="只给桂花社区")
    stranger = browser(make.member())
    for address in ("", "/pages/1", "/file"):
        assert stranger.get(f"/materials/{material.id}{address}").status_code == 404
    assert "只给桂花社区" not in stranger.get("/materials").text


def test_what_is_being_prepared_or_failed_is_shown_to_its_uploader_only(
    browser: Open, upload: Send, make: Make, lecturer: Member
) -> None:
    material = upload(done=False, title="还没好")
    assert browser(make.member()).get(f"/materials/{material.id}").status_code == 404
    assert browser(lecturer).get(f"/materials/{material.id}").status_code == 200
    versions.note_failure(material.id, 1, "This PDF is damaged and cannot be read.")
    assert f'action="/materials/{material.id}/retry"' in browser(lecturer).get(f"/materials/{material.id}").text


def test_each_page_leads_to_its_neighbours_and_to_the_page_of_the_pdf(browser: Open, upload: Send, make: Make) -> None:
    material = upload(make_pdf(["甲", "乙", "丙"]), "a.pdf")
    reader = browser(make.member())
    middle = reader.get(f"/materials/{material.id}/pages/2").text
    for href in ("/pages/1", "/pages/3", "/file#page=2"):
        assert f'href="/materials/{material.id}{href}"' in middle
    assert 'rel="prev"' not in reader.get(f"/materials/{material.id}/pages/1").text
    assert 'rel="next"' not in reader.get(f"/materials/{material.id}/pages/3").text
    assert reader.get(f"/materials/{material.id}/pages/4").status_code == 404


def test_what_somebody_uploads_never_runs_in_the_page(browser: Open, upload: Send, make: Make) -> None:
    evil = "<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](https://evil.example/pixel.png)"
    reader = browser(make.member())
    for name in ("evil.md", "evil.txt"):
        material = upload(evil.encode(), name, title="<b>题</b>")
        page = reader.get(f"/materials/{material.id}/pages/1").text
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert "<img" not in page
        assert "<b>题</b>" not in page


def test_editing_archiving_and_bringing_back(browser: Open, upload: Send, make: Make, lecturer: Member) -> None:
    material = upload(title="旧名")
    teacher, reader = browser(lecturer), browser(make.member())
    here = f"/materials/{material.id}"
    facts = {"title": "新名", "summary": "", "category": "law", "audience": "everyone"}
    assert teacher.post(f"{here}/edit", facts).status_code == 303
    assert "新名" in reader.get(here).text
    refused = teacher.post(f"{here}/edit", {**facts, "title": " ", "summary": "留着"})
    assert (refused.status_code, "留着</textarea>" in refused.text) == (422, True)
    teacher.post(f"{here}/archive")
    assert reader.get(here).status_code == 404
    assert "新名" not in teacher.get("/materials").text
    assert "新名" in teacher.get("/materials?archived=1").text
    teacher.post(f"{here}/restore")
    assert reader.get(here).status_code == 200


def test_a_reader_may_not_change_a_material(browser: Open, upload: Send, make: Make) -> None:
    material = upload()
    reader = browser(make.member())
    for action in ("edit", "archive", "restore", "retry", "charset"):
        assert reader.post(f"/materials/{material.id}/{action}").status_code == 403
    assert "/edit" not in reader.get(f"/materials/{material.id}").text


@pytest.mark.parametrize("query", ["category='--", "kind=%00", "sort=drop", "page=0", "page=-1", "page=x", "mine=2"])
def test_an_odd_address_shows_a_list_all_the_same(browser: Open, upload: Send, make: Make, query: str) -> None:
    upload(title="还在")
    assert "还在" in browser(make.member()).get(f"/materials?{query}").text


def test_an_empty_room_says_what_comes_here(browser: Open, lecturer: Member, make: Make) -> None:
    assert 'href="/materials/new"' in browser(lecturer).get("/materials").text
    assert 'href="/materials/new"' not in browser(make.member()).get("/materials").text


def test_no_page_asks_the_database_more_than_ten_times(
    browser: Open, upload: Send, lecturer: Member, actor: Actor
) -> None:
    for number in range(30):
        upload(f"# 题\n\n正文 {number}".encode(), f"{number}.md", done=number == 0)
    teacher = browser(lecturer)
    first = Material.select().order_by(Material.id).get().id
    for address in ("/materials", "/materials/new", f"/materials/{first}", f"/materials/{first}/pages/1"):
        teacher.get(address)
        with count_queries() as counted:
            assert teacher.get(address).status_code == 200
        assert counted.count <= 10, address
