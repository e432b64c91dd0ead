"""The JSON API of materials."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from lms.materials.models import Material
from lms.members.models import Member, Unit
from tests.browser_like import Browser
from tests.factories import Make
from tests.materials.pdf import make_pdf

Open = Callable[[Member | None], Browser]
Send = Callable[..., Material]


def send(who: Browser, unit: Unit, content: bytes, name: str, **values: Any) -> Any:
    facts = {"category": "law", "unit": unit.id, "file": (BytesIO(content), name), **values}
    return who.client.post("/api/v1/materials", data=facts, headers={"X-CSRFToken": who.token()})


def test_a_program_uploads_and_reads_the_pages(
    browser: Open, lecturer: Member, unit: Unit, work: Callable[[], None]
) -> None:
    program = browser(lecturer)
    made = send(program, unit, make_pdf(["第一页", "第二页"]), "a.pdf", title="条例")
    assert (made.status_code, made.json["state"], made.json["title"]) == (201, "preparing", "条例")
    address = made.headers["Location"]
    work()
    assert program.get(address).json["state"] == "ready"
    pages = program.get(f"{address}/pages?per_page=1&page=2").json
    assert pages == {"items": [{"number": 2, "heading": "第二页", "text": "第二页"}], "page": 2, "pages": 2, "total": 2}
    assert program.get(f"{address}/pages/1").json["text"] == "第一页"
    assert program.get(f"{address}/file", buffered=True).mimetype == "application/pdf"
    listed = program.get("/api/v1/materials?category=law").json
    assert [row["title"] for row in listed["items"]] == ["条例"]
    assert listed["items"][0]["created_at"].endswith("+00:00")


def test_a_refused_file_is_a_problem_with_its_field(browser: Open, lecturer: Member, unit: Unit) -> None:
    refused = send(browser(lecturer), unit, b"PK\x03\x04", "a.pdf")
    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    assert list(refused.json["errors"]) == ["file"] and "《a.pdf》没有收下" in refused.json["detail"]
    assert Material.select().count() == 0


def test_without_the_csrf_token_nothing_is_taken(browser: Open, lecturer: Member, unit: Unit) -> None:
    program = browser(lecturer)
    facts = {"category": "law", "unit": unit.id, "file": (BytesIO(b"words"), "a.txt")}
    assert program.client.post("/api/v1/materials", data=facts).status_code == 400
    assert Material.select().count() == 0


def test_changing_one_fact_leaves_the_others(browser: Open, upload: Send, lecturer: Member) -> None:
    material = upload(title="旧名", summary="原样")
    program = browser(lecturer)
    changed = program.api("PATCH", f"/materials/{material.id}", {"title": "新名"}).json
    assert (changed["title"], changed["summary"], changed["category"]) == ("新名", "原样", "business")
    assert program.api("PATCH", f"/materials/{material.id}", {"category": "x"}).status_code == 422
    assert program.api("PATCH", f"/materials/{material.id}", {"title": ""}).status_code == 422


def test_what_is_archived_is_listed_for_its_uploader_only(
    browser: Open, upload: Send, lecturer: Member, make: Make
) -> None:
    material = upload()
    program, reader = browser(lecturer), browser(make.member())
    assert program.api("POST", f"/materials/{material.id}/archive").json["archived_at"]
    assert reader.get(f"/api/v1/materials/{material.id}").status_code == 404
    assert program.get("/api/v1/materials?archived=true").json["total"] == 1
    assert reader.get("/api/v1/materials?archived=true").json["total"] == 0
    assert program.api("POST", f"/materials/{material.id}/restore").json["archived_at"] is None


def test_an_impossible_page_number_is_refused(browser: Open, lecturer: Member) -> None:
    for query in ("page=0", "page=x", "per_page=1000", "category=nothing"):
        assert browser(lecturer).get(f"/api/v1/materials?{query}").status_code == 422


def test_the_list_is_handed_out_as_the_table_of_the_pages(upload: Send, browser: Open, lecturer: Member) -> None:
    upload(title="议事规则", category="law")
    upload(title="读书笔记")
    window = browser(lecturer)
    sent = window.get("/api/v1/materials/list.csv?category=law")
    assert sent.data == window.get("/materials/list.csv?category=law").data
    assert "议事规则" in sent.text
    assert "读书笔记" not in sent.text
    book = window.get("/api/v1/materials/list.xlsx")
    assert book.mimetype.endswith("spreadsheetml.sheet")
    assert book.data.startswith(b"PK")
