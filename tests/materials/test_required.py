"""Required reading: what a unit asks, who has read it; many materials changed at once; lists to take along; links."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from lms import clock
from lms.errors import Conflict, Forbidden, InvalidInput
from lms.materials import bulk, reading_service, required, required_queries, uploading
from lms.materials.documents import SOURCE
from lms.materials.models import Material
from lms.materials.required_rules import RequestRefused, Wish
from lms.members.access import Actor
from lms.members.models import Accreditation, Member, Unit
from lms.notices.models import Notice
from tests.browser_like import Browser
from tests.factories import Make

Send = Callable[..., Material]
Open = Callable[[Member | None], Browser]
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 4, 0)


def ask(actor: Actor, material: Material, unit: Unit, days: int = 10, since: date = TODAY) -> int:
    return required.ask_to_read(actor, material.id, Wish(unit.id, since, since + timedelta(days=days), "重点看第二章"))


def test_what_a_unit_asks_is_due_for_its_members_and_those_below_and_ends_by_itself(
    upload: Send, make: Make, unit: Unit
) -> None:
    with clock.at(NOW):
        material = upload(title="民法典导读")
        liaison = make.actor(make.member(unit, "liaison"))
        below, beside = make.member(make.unit("一网格", unit)), make.member()
        ask(liaison, material, unit)
        ask(liaison, upload("另一份".encode(), "b.txt"), unit, since=TODAY + timedelta(days=3))
        due = required_queries.list_due(make.actor(below))
        assert [(row.title, row.days_left, row.note, row.finished) for row in due] == [
            ("民法典导读", 10, "重点看第二章", False)
        ]
        assert required_queries.list_due(make.actor(beside)) == []
        reading_service.note_read_on_paper(make.actor(below), material.id)
        assert required_queries.list_due(make.actor(below)) == []
        assert required_queries.list_due(make.actor(below), finished=True)[0].finished
    with clock.at(NOW + timedelta(days=11)):
        assert [row.title for row in required_queries.list_due(liaison)] == ["b"]


def test_the_liaison_sees_who_has_read_it_and_takes_the_table_along(
    upload: Send, make: Make, unit: Unit, browser: Open
) -> None:
    with clock.at(NOW):
        material = upload(title="消防安全")
        keeper = make.member(unit, "liaison", name="刘敏")
        reader, waiting = make.member(unit, name="王淑兰"), make.member(unit, name="=1+1")
        asked = ask(make.actor(keeper), material, unit)
        reading_service.note_read_on_paper(make.actor(reader), material.id)
        rows = required_queries.list_readers(make.actor(keeper), asked, 1, "community").items
        assert rows[-1].name == "王淑兰"
        assert {row.name for row in rows if row.finished_on is None} >= {"刘敏", "=1+1"}
        by_name = required_queries.list_readers(make.actor(keeper), asked, 1, "government").items
        assert [row.name for row in by_name] == ["=1+1", "陈志远", "刘敏", "王淑兰"]
        window = browser(keeper)
        page = window.get(f"/materials/required/{asked}").text
        assert "纸上已读" in page
        assert "1 / " in window.get("/materials/required").text
        table = window.get(f"/materials/required/{asked}/readers.csv").get_data().decode("utf-8-sig")
        assert "王淑兰" in table
        assert ",=1+1" not in table.replace("\n", ",")
        for stranger in (reader, make.member(role="liaison")):
            assert browser(stranger).get(f"/materials/required/{asked}").status_code in (403, 404)
        window.post(f"/materials/required/{asked}/end")
        assert required_queries.list_due(make.actor(waiting)) == []
        window.post(f"/materials/required/{asked}/renew")
        assert len(required_queries.list_due(make.actor(waiting))) == 1


def test_a_request_that_makes_no_sense_is_refused_with_all_that_is_wrong(
    upload: Send, make: Make, unit: Unit, browser: Open
) -> None:
    with clock.at(NOW):
        material, only_here = upload(), upload("甲".encode(), "a.txt", audience="unit")
        keeper = make.member(unit, "liaison")
        sent = browser(keeper).post(
            f"/materials/{material.id}/require", {"unit": str(unit.id), "since": "2026-12-01", "until": "2026-11-25"}
        )
        assert sent.status_code == 422
        assert "截止日期不能早于开始日期" in sent.text
        assert 'value="2026-12-01"' in sent.text
        days = {"since": "2026-11-25", "until": "2026-12-01"}
        nowhere = browser(keeper).api("POST", f"/materials/{material.id}/requests", {"unit": 987654, **days})
        assert (nowhere.status_code, list(nowhere.get_json()["errors"])) == (422, ["unit"])
        ask(make.actor(keeper), material, unit)
        with pytest.raises(Conflict):
            ask(make.actor(keeper), material, unit, since=TODAY + timedelta(days=2))
        with pytest.raises(Forbidden):
            ask(make.actor(make.member(unit, "lecturer")), material, unit)
        above = Unit.get_by_id(unit.parent)
        with pytest.raises(RequestRefused, match="cannot see"):
            ask(make.actor(make.member(above, "administrator")), only_here, above)


def test_members_are_told_once_when_a_request_begins(upload: Send, make: Make, unit: Unit) -> None:
    with clock.at(NOW):
        material = upload(title="防汛手册")
        member = make.member(unit)
        ask(make.actor(make.member(unit, "liaison")), material, unit, since=TODAY + timedelta(days=1))
        assert required.announce_due() == 0
    with clock.at(NOW + timedelta(days=1)):
        assert (required.announce_due(), required.announce_due()) == (1, 0)
    notice = Notice.get(Notice.member == member)
    assert (notice.kind, notice.href) == ("reading_required", f"/materials/{material.id}")


def test_the_door_shows_what_is_due_and_can_be_narrowed_to_it(
    upload: Send, make: Make, unit: Unit, browser: Open
) -> None:
    with clock.at(NOW):
        material = upload(title="垃圾分类指南")
        upload("别的".encode(), "b.txt", title="与此无关")
        ask(make.actor(make.member(unit, "liaison")), material, unit, days=0)
        window = browser(make.member(unit))
        page = window.get("/materials").text
        assert "必读资料" in page
        assert "今天截止" in page
        narrowed = window.get("/materials?required=1").text
        assert "垃圾分类指南" in narrowed
        assert "与此无关" not in narrowed
        assert "要求在" in window.get(f"/materials/{material.id}").text
        assert window.get("/api/v1/materials/due").json["items"][0]["title"] == "垃圾分类指南"


def test_all_of_a_list_of_several_pages_is_changed_at_once_as_it_is_narrowed(
    make: Make, unit: Unit, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = browser(make.member(unit, "liaison"))
    rows = [
        {"title": f"{'学法' if n < 30 else '其他'}{n:02}", "unit": unit, "media_type": "text/plain", "file_key": "1",
         "file_name": "x", "file_size": 1, "state": "ready", "category": "law", "page_count": 1}
        for n in range(60)
    ]  # fmt: skip
    Material.insert_many(rows).execute()
    page = window.get("/materials?q=学法&sort=title").text
    assert "选中列表中全部 30 份（包括其他页）" in page
    kept = unescape(page.split('name="list" value="')[1].split('"')[0])
    sent = {"all": "1", "list": kept, "what": "category", "category": "local", "next": "/materials"}
    back = window.post("/materials/bulk", sent)
    changed = [row.title for row in Material.select().where(Material.category == "local").order_by(Material.title)]
    assert changed == [f"学法{n:02}" for n in range(30)]
    undo = window.get(back.headers["Location"]).text.split("/materials/bulk/")[1].split("/")[0]
    window.post(f"/materials/bulk/{undo}/undo", {})
    assert {row.category for row in Material.select()} == {"law"}
    assert "选中列表中全部" not in window.get("/materials?q=学法01").text, "one page"
    monkeypatch.setattr(bulk, "MOST", 20)
    assert "缩小到 20 份以内" in window.get("/materials?q=学法").text
    assert window.post("/materials/bulk", sent).status_code == 422


def test_many_are_changed_at_once_and_that_is_undone(
    upload: Send, make: Make, actor: Actor, lecturer: Member, browser: Open
) -> None:
    mine = [upload(f"文 {n}".encode(), f"{n}.txt", category="law", title=f"资料{n}") for n in range(3)]
    other = make.actor(make.member(role="lecturer"))
    done = bulk.change_many(other, [row.id for row in mine], "archive")
    assert (done.changed, done.skipped) == (0, 3)
    window = browser(lecturer)
    sent = window.post(
        "/materials/bulk",
        {
            "material": [str(row.id) for row in mine[:2]],
            "what": "category",
            "category": "local",
            "next": "/materials?sort=title",
        },
    )
    assert [row.category for row in Material.select().order_by(Material.id)] == ["local", "local", "law"]
    page = window.get(sent.headers["Location"]).text
    undo = page.split("/materials/bulk/")[1].split("/")[0]
    window.post(f"/materials/bulk/{undo}/undo", {})
    assert {row.category for row in Material.select()} == {"law"}
    assert window.post(f"/materials/bulk/{undo}/undo", {}).status_code == 409
    away = bulk.change_many(actor, [row.id for row in mine], "archive")
    assert "资料1" not in window.get("/materials").text
    bulk.undo(actor, away.id)
    assert "资料1" in window.get("/materials").text
    for ids, what, value in (([], "archive", ""), ([mine[0].id], "category", "nothing"), ([mine[0].id], "delete", "")):
        with pytest.raises(InvalidInput):
            bulk.change_many(actor, ids, what, value)


def test_the_list_is_taken_along_as_shown_and_no_cell_is_a_formula(
    upload: Send, lecturer: Member, browser: Open
) -> None:
    upload("甲".encode(), "a.txt", title='=HYPERLINK("x")', category="law")
    upload("乙".encode(), "b.txt", title="乙类", category="local")
    window = browser(lecturer)
    with window.get("/materials/list.xlsx?category=law") as sent:
        rows = list(load_workbook(BytesIO(sent.get_data())).active.values)
    assert [row[0] for row in rows][1:] == ['=HYPERLINK("x")']
    assert rows[1][2] == "法律法规"
    with window.get("/materials/list.csv") as sent:
        text = sent.get_data().decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "乙类" in text


def test_several_files_are_taken_at_once_and_each_refused_one_is_named(
    lecturer: Member, unit: Unit, browser: Open
) -> None:
    form = {"title": "不用这个", "summary": "", "category": "law", "audience": "everyone", "unit": str(unit.id)}
    files = [
        (BytesIO("甲".encode()), "甲.txt"),
        (BytesIO("# 乙".encode()), "乙.md"),
        (BytesIO(b"MZ\x90\0"), "病毒.pdf"),
    ]
    window = browser(lecturer)
    sent = window.post("/materials/new", {**form, "file": files})
    assert sent.headers["Location"] == "/materials?mine=1"
    page = window.get("/materials?mine=1").text
    assert page.count("《病毒.pdf》没有收下") == 1
    none = window.post("/materials/new", {**form, "file": [(BytesIO(b"MZ\x90\0"), "甲.pdf"), (BytesIO(b""), "空.txt")]})
    assert none.status_code == 422 and "《甲.pdf》没有收下" in none.text and "《空.txt》没有收下" in none.text
    assert [row.title for row in Material.select().order_by(Material.id)] == ["甲", "乙"]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "ftp://x.cn/a", "https://", "https://u:p@x.cn/", "http://x.cn/a b", "data:text/html,x"],
)
def test_an_address_that_leads_astray_is_refused(lecturer: Member, actor: Actor, unit: Unit, url: str) -> None:
    said = uploading.Said("题", "讲什么", "law", "everyone", unit.id)
    with pytest.raises(InvalidInput):
        uploading.add_link(actor, said, url)


def test_a_web_link_opens_in_a_new_tab_and_says_that_it_leaves_the_garden(
    lecturer: Member, unit: Unit, browser: Open, make: Make
) -> None:
    form = {
        "title": "法规库",
        "summary": "国家法律法规数据库",
        "category": "law",
        "audience": "everyone",
        "unit": str(unit.id),
    }
    made = browser(lecturer).post("/materials/link", {**form, "url": "flk.npc.gov.cn/index"})
    page = browser(make.member()).get(made.headers["Location"]).text
    assert 'href="https://flk.npc.gov.cn/index" target="_blank" rel="noopener noreferrer external"' in page
    assert "点开就离开学习园地" in page
    assert "flk.npc.gov.cn，是另一家网站" in page
    material = Material.get()
    assert browser(lecturer).get(f"/materials/{material.id}/file").status_code == 404
    assert browser(lecturer).post("/materials/link", {**form, "url": "x"}).status_code == 422


def test_what_a_lecturer_without_accreditation_uploads_waits_until_it_is_published(
    upload: Send, make: Make, unit: Unit, lecturer: Member, browser: Open
) -> None:
    Accreditation.delete().execute()
    material = upload(title="未经聘任")
    window, reader = browser(lecturer), browser(make.member(unit))
    assert "未发布" in window.get("/materials").text
    assert reader.get(f"/materials/{material.id}").status_code == 404
    assert list(SOURCE.load(material.id)) == []
    assert window.post(f"/materials/{material.id}/publish", {}).status_code == 403
    keeper = browser(make.member(unit, "liaison"))
    keeper.post(f"/materials/{material.id}/publish", {})
    assert reader.get(f"/materials/{material.id}").status_code == 200
    assert len(list(SOURCE.load(material.id))) > 1
    sent = window.post(f"/materials/{material.id}/versions", {"file": (BytesIO("新".encode()), "n.txt")})
    assert sent.status_code == 403
