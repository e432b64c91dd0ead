"""Who keeps how much of the store, and shares of their own: found by name, given, taken back."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook
from peewee import fn
from PIL import Image
from playhouse.test_utils import count_queries

from lms.catalogue.models import BookFile
from lms.lectures.models import Lecture, Recording
from lms.materials.models import Material, MaterialVersion
from lms.members.models import Member, RoleGrant, Unit
from lms.notes.models import NoteImage
from lms.storage import files
from lms.uploads.models import Quota, QuotaChange
from lms.uploads.queries import get_rooms
from lms.web.uploads import UploadRequest
from tests.browser_like import Browser
from tests.factories import Make
from tests.uploads.sending import Sender, sound

MIB = 1024 * 1024
Open = Callable[[Member | None], Browser]


@pytest.fixture
def admin(browser: Open, make: Make, unit: Unit) -> Browser:
    return browser(make.member(unit, "administrator", name="周正"))


def keep(sender: Sender, unit: Unit, megabytes: int) -> None:
    """Have the lecturer keep a recording of a size."""
    typed = {"title": "读书", "speaker": "陈志远", "unit": unit.id, "audience": "everyone"}
    sender.browser.post("/lectures/new", {**typed, "upload": sender.whole(sound(3))})
    Recording.update(file_size=megabytes * MIB).execute()


def order(page: str, *names: str) -> list[str]:
    """Give the names in the order in which the list shows them."""
    listed = page.partition("<tbody")[2].partition("</tbody")[0]
    return sorted((name for name in names if name in listed), key=listed.index)


def test_an_administrator_gives_a_share_of_its_own_within_their_reach_only(
    admin: Browser, make: Make, unit: Unit, lecturer: Member
) -> None:
    assert admin.post("/uploads/shares", {"unit": unit.id, "gib": "9"}).status_code == 303
    assert admin.api("PUT", "/upload-shares", {"member": lecturer.id, "gib": 0}).status_code == 204
    assert "9 GB" in admin.get("/uploads/shares?of=units").text
    assert lecturer.name in admin.get("/uploads/shares").text
    assert admin.post("/uploads/shares", {"unit": unit.id, "member": lecturer.id, "gib": "9"}).status_code == 422
    assert admin.post("/uploads/shares", {"unit": unit.id, "gib": "viel"}).status_code == 422
    for there in ({"unit": make.unit().id}, {"member": make.member().id}):
        assert admin.post("/uploads/shares", {**there, "gib": "9"}).status_code in (403, 404)
        assert admin.get("/uploads/shares/change", query_string=there).status_code in (403, 404)
        assert admin.api("GET", "/upload-shares/changes", query_string=there).status_code in (403, 404)
    assert admin.post("/uploads/shares", {"unit": unit.id, "gib": ""}).status_code == 303
    assert [row.mib for row in Quota.select()] == [0]


def test_a_person_is_found_by_name_or_phone_given_a_share_and_it_is_taken_back(
    admin: Browser, make: Make, unit: Unit, lecturer: Member
) -> None:
    make.member(unit, name="王淑兰", phone="13800000001")
    for words in ("王淑", "1380000"):
        found = admin.get("/uploads/shares", query_string={"q": words}).text
        assert "王淑兰" in found, words
    assert lecturer.name not in admin.get("/uploads/shares?q=王淑兰").text.partition("<tbody")[2]
    assert "没有符合的人员" in admin.get("/uploads/shares?q=谁也不是").text
    here = f"/uploads/shares/change?member={lecturer.id}"
    assert here.replace("&", "&amp;") in admin.get(f"/people/{lecturer.id}").text
    form = admin.get(here).text
    assert "按系统设置：50 GB" in form
    refused = admin.post("/uploads/shares", {"member": lecturer.id, "how": "own", "gib": "12.5"})
    assert (refused.status_code, 'value="12.5"' in refused.text, 'id="f-gib-error"' in refused.text) == (
        422,
        True,
        True,
    )
    assert admin.post("/uploads/shares", {"member": lecturer.id, "how": "own", "gib": ""}).status_code == 422
    page = admin.post(
        "/uploads/shares", {"member": lecturer.id, "how": "own", "gib": "200"}, follow_redirects=True
    ).text
    assert all(word in page for word in ("存储空间已保存", "200 GB", "单独设定", "撤销"))
    first = QuotaChange.get()
    assert (first.before, first.after) == (None, 200 * 1024)
    assert "按系统设置 → 200 GB" in admin.get(here).text
    admin.post("/uploads/shares", {"member": lecturer.id, "how": "any"})
    late = admin.post(f"/uploads/shares/changes/{first.id}/take-back", {"of": "people"})
    assert (late.status_code, Quota.get().mib) == (409, 0)
    last = QuotaChange.select().order_by(QuotaChange.id.desc()).get().id
    assert admin.post(f"/uploads/shares/changes/{last}/take-back", {"of": "people", "q": "陈"}).status_code == 303
    assert Quota.get().mib == 200 * 1024
    changes = admin.api("GET", f"/upload-shares/changes?member={lecturer.id}").json["items"]
    assert [(one["before"], one["after"], one["made_by"]) for one in changes] == [
        (0, 204800, "周正"),
        (204800, 0, "周正"),
        (None, 204800, "周正"),
    ]
    assert admin.api("POST", f"/upload-shares/changes/{changes[0]['id']}/take-back").status_code == 204
    assert Quota.get().mib == 0
    admin.post("/uploads/shares", {"member": lecturer.id, "how": "settings"})
    assert Quota.select().count() == 0


def test_the_list_shows_who_keeps_how_much_in_each_order_and_as_a_table(
    admin: Browser, sender: Sender, make: Make, unit: Unit, lecturer: Member
) -> None:
    keep(sender, unit, 30)
    sender.begin(10 * MIB)
    idle, full = make.member(unit, name="乙无"), make.member(unit, name="甲满")
    Quota.create(member=full, mib=0)
    Quota.create(member=lecturer, mib=40)
    beside = make.member(make.unit(), name="别处")
    Quota.create(member=beside, mib=1)
    admin.get("/uploads")
    with count_queries() as counter:
        page = admin.get("/uploads/shares").text
    assert counter.count <= 12
    names = ("甲满", "乙无", lecturer.name, "别处")
    assert order(page, *names) == [lecturer.name, "甲满"]
    assert "40 MB" in page and "已满" in page and "列表中共 2 人，合计已用 40 MB" in page
    assert order(admin.get("/uploads/shares?which=all&sort=name").text, "甲满", "乙无") == ["乙无", "甲满"]
    assert order(admin.get("/uploads/shares?sort=share").text, *names) == ["甲满", lecturer.name]
    assert order(admin.get("/uploads/shares?which=own&sort=full").text, *names) == [lecturer.name, "甲满"]
    units = admin.get("/uploads/shares?of=units").text
    assert "桂花社区" in units and "40 MB" in units
    listed = admin.api("GET", "/upload-shares?which=all&sort=name").json
    assert [row["used"] for row in listed["items"] if row["id"] in (lecturer.id, idle.id)].count(40 * MIB) == 1
    assert listed["used"] == 40 * MIB
    for said in (admin.api("GET", "/upload-shares?which=all&q=%00 甲%00满"), admin.get("/uploads/shares?q=甲%00")):
        assert said.status_code == 200  # no database takes a NUL, whichever way it came
    sheet = load_workbook(BytesIO(admin.get("/uploads/shares.xlsx?which=all").data)).active
    assert sheet is not None
    assert list(list(sheet.values)[1])[:3] == [lecturer.name, "桂花社区", 40 * MIB]
    warned = admin.post("/uploads/shares", {"unit": unit.id, "how": "own", "gib": "1"}, follow_redirects=True).text
    assert "已存的内容超过" not in warned


def test_who_holds_a_role_beyond_the_administrators_reach_is_listed_without_a_way_to_change(
    browser: Open, make: Make, unit: Unit, lecturer: Member
) -> None:
    below = make.unit("桂花社区三组", unit)
    member = make.member(below, name="吴主任")
    RoleGrant.create(member=member, unit=unit, role="liaison")
    local = browser(make.member(below, "administrator"))
    page = local.get("/uploads/shares?which=all").text
    assert "吴主任" in page and f"member={member.id}" not in page
    assert local.post("/uploads/shares", {"member": member.id, "gib": "1"}).status_code == 403
    assert f"change?member={member.id}" not in local.get(f"/people/{member.id}").text


def test_a_file_counts_in_the_share_of_who_sends_it_whosever_the_lecture_is(
    sender: Sender, browser: Open, make: Make, unit: Unit, lecturer: Member
) -> None:
    liaison = make.member(unit, "liaison", name="刘敏")
    keep(sender, unit, 900)
    helper = Sender(browser(liaison))
    Quota.create(member=lecturer, mib=900)
    lecture, first = Lecture.get(), Recording.get()
    page = f"/lectures/{lecture.id}/recordings"
    assert f"不占用{lecturer.name}的空间" in helper.browser.get(page).text
    assert "不占用" not in sender.browser.get(page).text
    assert sender.begin(len(sound(5, 1)), target=f"lecture:{lecture.id}").status_code == 413, "the lecturer's is full"
    sent = helper.whole(sound(5, 1), target=f"lecture:{lecture.id}")
    assert helper.browser.post(page, {"part_title": "下", "upload": sent}).status_code == 303
    later = Recording.get(Recording.title == "下")
    assert (first.sent_by, later.sent_by) == (lecturer.id, liaison.id)
    Recording.update(file_size=7 * MIB, state="failed", failure="broken").where(Recording.id == later.id).execute()
    assert [get_rooms(who.id, None)[0].used // MIB for who in (lecturer, liaison)] == [900, 7]
    assert get_rooms(None, unit.id)[1].used // MIB == 907
    Quota.create(member=liaison, mib=7)
    another = f"recording:{first.id}"
    Recording.update(state="failed", failure="broken").where(Recording.id == first.id).execute()
    assert helper.begin(MIB, target=another).status_code == 413, "what goes was not the liaison's"
    assert helper.begin(MIB, target=f"recording:{later.id}").status_code == 201
    answer = sender.browser.api("PUT", f"/recordings/{first.id}/file", data={"file": (BytesIO(sound(5, 2)), "再.mp3")})
    assert answer.status_code in (200, 202, 204), answer.text
    assert get_rooms(lecturer.id, None)[0].used < MIB


def test_files_of_books_and_pictures_in_notes_count_for_who_puts_them_there(
    browser: Open, make: Make, unit: Unit
) -> None:
    liaison, book = make.member(unit, "liaison"), make.book()
    one = browser(liaison)
    pdf = b"%PDF-1.4\n" + bytes(9000)
    picture = BytesIO()
    Image.effect_noise((90, 90), 90).save(picture, "PNG")
    assert "计入您的存储空间" in one.get(f"/books/{book.id}/attachments").text

    def add() -> int:
        return one.post(f"/books/{book.id}/files", {"file": (BytesIO(pdf), "书.pdf")}).status_code

    def put() -> int:
        sent = {"file": (BytesIO(picture.getvalue()), "图.png")}
        return one.api("POST", "/notes/images", data=sent).status_code

    quota = Quota.create(member=liaison, mib=1)
    BookFile.create(book=book, kind="pdf", file_key="1" * 64, file_name="旧.pdf", file_size=MIB, added_by=liaison)
    assert (add(), put(), list(files().keys())) == (413, 413, [])
    quota.delete_instance()
    assert (add(), put()) == (303, 201)
    kept = BookFile.select(fn.SUM(BookFile.file_size)).scalar() + NoteImage.get().size
    assert get_rooms(liaison.id, None)[0].used == kept
    assert get_rooms(None, unit.id)[1].used == 0


def test_a_form_without_scripts_is_weighed_before_it_is_read_whatever_the_number_of_units(
    browser: Open, make: Make, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.web.uploads.FIELDS_BYTES", 0)
    many = [unit, *(make.unit(f"第{number}组", unit) for number in range(12))]
    liaison = make.member(unit, "liaison")
    for each in many:
        Quota.create(unit=each, mib=1)
        Material.create(title="满", unit=each, media_type="text/plain", file_key="1", file_name="x", file_size=MIB)
    for material in Material.select():
        MaterialVersion.create(
            material=material, number=1, media_type="text/plain", file_key="1", file_name="x", file_size=MIB
        )
    begun: list[str] = []
    monkeypatch.setattr(UploadRequest, "_get_file_stream", lambda *_, **__: begun.append("read") or BytesIO())
    sent = {"title": "读书", "speaker": "陈志远", "unit": many[-1].id, "audience": "everyone"}
    refused = browser(liaison).post("/lectures/new", {**sent, "file": (BytesIO(sound(9)), "大.mp3")})
    assert (refused.status_code, "单位" in refused.text, begun) == (413, True, [])
    Quota.update(mib=0).where(Quota.unit == many[-1]).execute()
    browser(liaison).post("/lectures/new", {**sent, "file": (BytesIO(sound(9)), "大.mp3")})
    assert begun == ["read"], "it fits in one of them"
