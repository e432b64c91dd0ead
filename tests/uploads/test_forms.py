"""Forms and pages with files that arrived in pieces."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

from playhouse.test_utils import count_queries

from lms import clock
from lms.activities.models import Activity, ActivityFile
from lms.lectures import destinations
from lms.lectures.models import Lecture, Recording
from lms.materials.models import Material
from lms.members.models import Member, Unit
from lms.storage import files
from lms.uploads.models import Quota, Upload
from tests.browser_like import Browser
from tests.factories import Make
from tests.materials.pdf import encrypted_pdf
from tests.uploads.sending import Sender, sound

MIB = 1024 * 1024


def lecture(unit: Unit, **more: Any) -> dict[str, Any]:
    return {"title": "带着问题读书", "speaker": "陈志远", "unit": unit.id, "audience": "everyone", **more}


def test_a_lecture_takes_a_file_that_arrived_in_pieces_and_a_refused_form_keeps_it(
    sender: Sender, unit: Unit, lecturer: Member
) -> None:
    token = sender.whole(sound(50))
    refused = sender.browser.post("/lectures/new", lecture(unit, title="", upload=token))
    assert refused.status_code == 422
    assert f'name="upload" value="{token}"' in refused.text
    assert "再选" not in refused.text.split("<form")[-1]
    assert sender.browser.post("/lectures/new", lecture(unit, upload=token)).status_code == 303
    recording = Recording.get()
    assert (recording.file_name, recording.file_size) == ("课.mp3", len(sound(50)))
    assert files().path(recording.file_key).read_bytes() == sound(50)
    assert Upload.get().state == "used"
    again = sender.browser.post("/lectures/new", lecture(unit, upload=token))
    assert (again.status_code, "已被使用" in again.text) == (422, True)
    assert Lecture.select().count() == 1


def test_a_file_half_way_or_of_another_or_of_nobody_is_refused_beside_the_field(sender: Sender, unit: Unit) -> None:
    half = sender.begin(1000).headers["Location"].rpartition("/")[2]
    for token, said in ((half, "还没有传完"), ("0" * 16, "已不存在"), ("../../etc/passwd", "已不存在")):
        refused = sender.browser.post("/lectures/new", lecture(unit, upload=token))
        assert (refused.status_code, said in refused.text) == (422, True), token


def test_a_further_recording_and_the_api_take_one_too(sender: Sender, unit: Unit) -> None:
    first, second, third = (sender.whole(sound(2, seed)) for seed in (1, 2, 3))
    made = sender.browser.client.post(
        "/api/v1/lectures", data=lecture(unit, upload=first), headers={"X-CSRFToken": sender.browser.token()}
    )
    assert made.status_code == 201
    number = made.json["id"]
    assert sender.browser.post(f"/lectures/{number}/recordings", {"upload": second}).status_code == 303
    added = sender.browser.client.post(
        f"/api/v1/lectures/{number}/recordings",
        data={"upload": third},
        headers={"X-CSRFToken": sender.browser.token()},
    )
    assert added.status_code == 201
    assert Recording.select().count() == 3
    nothing = sender.browser.client.post(
        "/api/v1/lectures", data=lecture(unit), headers={"X-CSRFToken": sender.browser.token()}
    )
    assert nothing.status_code == 422


def test_a_material_refused_for_what_is_in_it_does_not_stand_on_the_form_as_arrived(sender: Sender, unit: Unit) -> None:
    facts = {"title": "我写的题目", "category": "other", "audience": "everyone", "unit": unit.id}
    locked = encrypted_pdf(["x"], "secret")
    material = material_of(sender.browser, unit)
    for path, values in (("/materials/new", facts), (f"/materials/{material}/versions", {"remark": "我写的题目"})):
        token = sender.whole(locked, purpose="material", name="上锁.pdf")
        refused = sender.browser.post(path, {**values, "upload": token})
        assert (refused.status_code, "密码保护" in refused.text, "我写的题目" in refused.text) == (422, True, True)
        assert (token in refused.text, Upload.select().count()) == (False, 0)
        form = {**values, "upload": sender.whole(locked, purpose="material", name="上锁.pdf")}
        headers = {"X-CSRFToken": sender.browser.token()}
        told = sender.browser.client.post(f"/api/v1{path.removesuffix('/new')}", data=form, headers=headers)
        assert (told.status_code, Upload.select().count()) == (422, 0), told.text
    # What was sent for something else is refused as well, but it is good for that.
    other = sender.whole(sound(3))
    assert sender.browser.post("/materials/new", {**facts, "upload": other}).status_code == 422
    assert Upload.get().token == other


class Line(BytesIO):
    """A body that notes when somebody begins to read it."""

    def __init__(self) -> None:
        super().__init__()
        self.was_read = False

    def read(self, size: int | None = -1) -> bytes:
        self.was_read = True
        return super().read(size)


def declare(who: Browser, path: str, megabytes: int, method: str = "POST") -> tuple[int, str, bool]:
    """Declare a form of a length; give the status, what was said, and whether the body was looked at."""
    line = Line()
    answer = who.client.open(
        path,
        method=method,
        input_stream=line,
        headers={"Content-Type": "multipart/form-data; boundary=x", "X-CSRFToken": who.token()},
        environ_overrides={"CONTENT_LENGTH": str(megabytes * MIB)},
    )
    said = answer.json["detail"] if path.startswith("/api/") else answer.text
    return answer.status_code, said, line.was_read


def failed_recording(sender: Sender, unit: Unit, megabytes: int) -> tuple[int, int]:
    """Make a lecture whose recording of a size has failed; give both ids."""
    sender.browser.post("/lectures/new", lecture(unit, upload=sender.whole(sound(5))))
    Recording.update(state="failed", failure="broken", file_size=megabytes * MIB).execute()
    recording = Recording.get()
    return recording.lecture, recording.id


def test_a_form_that_cannot_fit_in_the_share_is_refused_before_its_bytes_are_read(
    sender: Sender, unit: Unit, lecturer: Member
) -> None:
    number, recording = failed_recording(sender, unit, 3)
    me = sender.browser
    material = material_of(me, unit)
    record = activity_of(me)
    Quota.create(member=lecturer, mib=10)
    sender.begin(MIB - 10_000)
    # Almost 4 of 10 MB are used; a form holds up to one besides its file. A failed recording goes when another comes.
    for path, fits in (
        ("/lectures/new", 7),
        ("/materials/new", 7),
        (f"/lectures/{number}/recordings", 7),
        (f"/materials/{material}/versions", 7),
        ("/activities/new", 7),
        (f"/activities/{record}/files", 7),
        (f"/recordings/{recording}/file", 10),
    ):
        for where in (path, f"/api/v1{path.removesuffix('/new')}"):
            if where == "/api/v1/activities":
                continue  # takes no file
            method = "PUT" if where == f"/api/v1/recordings/{recording}/file" else "POST"
            status, said, was_read = declare(me, where, fits + 1, method)
            assert (status, "共 10 MB" in said, was_read) == (413, True, False), where
            # It could fit: so it is read, and is no form at all.
            assert declare(me, where, fits, method)[0] in (400, 422), where


def material_of(who: Browser, unit: Unit) -> int:
    text = {"title": "议事", "summary": "", "category": "other", "audience": "everyone", "unit": unit.id}
    who.post("/materials/new", {**text, "file": (BytesIO("先听再说。\n".encode()), "a.txt")})
    return int(Material.get().id)


def activity_of(who: Browser) -> int:
    typed = {"kind": "field_research", "title": "走访", "day": "2026-01-20", "amount": "0.5", "place": "桂花"}
    with clock.at(datetime(2026, 1, 28, 2)):
        who.post("/activities/new", typed)
    return int(Activity.get().id)


def test_the_share_of_the_unit_that_a_file_is_for_is_looked_at_before_its_bytes_are_read(
    sender: Sender, make: Make, unit: Unit, lecturer: Member
) -> None:
    number, recording = failed_recording(sender, unit, 3)
    me = sender.browser
    material, record = material_of(me, unit), activity_of(me)
    Quota.create(unit=unit, mib=5)
    paths = (
        "/lectures/new",
        "/materials/new",
        f"/lectures/{number}/recordings",
        f"/materials/{material}/versions",
        f"/activities/{record}/files",
    )
    for path in paths:
        status, said, was_read = declare(me, path, 4)
        assert (status, "单位的存储空间不足：共 5 MB" in said, was_read) == (413, True, False), path
    assert declare(me, f"/recordings/{recording}/file", 6)[::2] == (413, False)
    assert declare(me, f"/recordings/{recording}/file", 5)[0] == 400  # read, and no form at all
    for target in (f"lecture:{number}", f"material:{material}"):
        purpose = "material" if target.startswith("material") else "recording"
        refused = sender.begin(3 * MIB, purpose=purpose, target=target)
        assert (refused.status_code, "单位的存储空间不足" in refused.json["detail"]) == (413, True), target
    # Another file for the failed recording may be as large as what is left together with the failed one.
    assert sender.begin(5 * MIB, target=f"recording:{recording}").status_code == 413
    begun = sender.begin(4 * MIB, target=f"recording:{recording}")
    assert begun.status_code == 201
    assert Upload.get(Upload.token == begun.headers["Location"].rpartition("/")[2]).unit == unit.id
    # A new lecture may be for another unit that has room: only when the file has come does it show which.
    below = make.unit("桂花社区三组", unit)
    assert declare(me, "/lectures/new", 4)[0] == 400
    assert below.id in [there.unit for there in destinations.of_new(make.actor(lecturer))]


def test_what_a_file_is_for_decides_who_may_send_it(
    sender: Sender, browser: Callable[[Member | None], Browser], make: Make, unit: Unit
) -> None:
    number, recording = failed_recording(sender, unit, 1)
    stranger = Sender(browser(make.member(make.unit(), "lecturer")))
    assert stranger.begin(1000, target=f"lecture:{number}").status_code == 403
    assert stranger.begin(1000, target="recording:999").status_code == 404
    assert sender.begin(1000, target=f"lecture:{number}").status_code == 201
    for odd in ("recording", "recording:x", "nothing:1", f"material:{number}", "recording:-1"):
        assert sender.begin(1000, target=odd).status_code == 422, odd
    Recording.update(state="ready").execute()
    assert sender.begin(1000, target=f"recording:{recording}").status_code == 409
    assert declare(sender.browser, f"/recordings/{recording}/file", 5)[::2] == (409, False)
    page = sender.browser.get(f"/lectures/{number}/recordings").text
    assert f'data-target="lecture:{number}"' in page
    Recording.update(state="failed").execute()
    token = sender.whole(sound(9), target=f"recording:{recording}")
    there = f"/lectures/{number}?part={recording}&upload={token}"
    assert there.replace("&", "&amp;") in sender.browser.get("/uploads").text
    assert f'value="{token}"' in sender.browser.get(there).text
    assert sender.browser.post(f"/recordings/{recording}/file", {"upload": token}).status_code == 303
    assert (Recording.get().state, Recording.get().file_size) == ("preparing", len(sound(9)))


def test_evidence_is_weighed_against_both_shares_and_the_record_stands(
    sender: Sender, unit: Unit, lecturer: Member
) -> None:
    me = sender.browser
    record = activity_of(me)
    pdf = b"%PDF-1.4 " + bytes(5000)
    on_its_way = sender.begin(MIB - 1000).headers["Location"]
    assert 'data-left="' in me.get("/activities/new?kind=field_research").text
    for day, share in (("2026-01-21", {"member": lecturer}), ("2026-01-22", {"unit": unit})):
        quota = Quota.create(mib=1, **share)
        said = me.post(f"/activities/{record}/files", {"file": (BytesIO(pdf), "记录.pdf")}, follow_redirects=True).text
        assert ("“记录.pdf”：" in said, "存储空间不足：共 1 MB" in said) == (True, True), share
        typed = {"kind": "field_research", "title": "再访", "day": day, "amount": "0.5", "place": "桂花"}
        with clock.at(datetime(2026, 1, 28, 2)):
            said = me.post(
                "/activities/new", {**typed, "file": [(BytesIO(pdf), "记录.pdf")]}, follow_redirects=True
            ).text
        assert ("再访" in said, "存储空间不足：共 1 MB" in said) == (True, True), share
        assert (ActivityFile.select().count(), list(files().keys())) == (0, [])
        quota.delete_instance()
    Quota.create(member=lecturer, mib=1)
    sender.call("DELETE", on_its_way)
    me.post(f"/activities/{record}/files", {"file": (BytesIO(pdf), "记录.pdf")})
    assert [row.size for row in ActivityFile.select()] == [len(pdf)]


def test_a_whole_file_in_a_form_is_weighed_against_both_shares_and_nothing_of_it_stays(
    sender: Sender, unit: Unit, lecturer: Member
) -> None:
    me = sender.browser
    on_its_way = sender.begin(MIB - len(sound(10))).headers["Location"]

    def file(name: str, seed: int = 0) -> tuple[BytesIO, str]:
        return BytesIO(sound(10, seed)), name

    text = {"title": "也留下", "summary": "", "category": "other", "audience": "everyone", "unit": unit.id}
    for share in ({"member": lecturer}, {"unit": unit}):
        quota = Quota.create(mib=1, **share)
        refused = me.post("/lectures/new", lecture(unit, title="留下的标题", file=(BytesIO(sound(20)), "课.mp3")))
        assert (refused.status_code, "留下的标题" in refused.text, "1 MB" in refused.text) == (413, True, True)
        refused = me.post("/materials/new", {**text, "file": (BytesIO("先听再说。\n".encode() * 500), "a.txt")})
        assert (refused.status_code, "也留下" in refused.text, "1 MB" in refused.text) == (413, True, True)
        assert (Lecture.select().count(), list(files().keys())) == (0, [])
        quota.delete_instance()
    Quota.create(member=lecturer, mib=1)
    assert me.post("/lectures/new", lecture(unit, file=file("课.mp3"))).status_code == 303
    number = Lecture.get().id
    refused = me.post(f"/lectures/{number}/recordings", {"part_title": "第二讲", "file": file("二.mp3", 1)})
    assert (refused.status_code, "第二讲" in refused.text, "1 MB" in refused.text) == (413, True, True)
    recording = Recording.get()
    Recording.update(state="failed", failure="broken").execute()
    me.post(f"/recordings/{recording.id}/file", {"file": (BytesIO(sound(30)), "太大.mp3")})
    assert Recording.get().file_name == "课.mp3"
    me.post(f"/recordings/{recording.id}/file", {"file": file("再.mp3", 2)})
    assert Recording.get().file_name == "再.mp3"
    assert sender.call("DELETE", on_its_way).status_code == 204


def test_a_file_begun_for_one_unit_is_weighed_again_by_the_unit_it_goes_to(
    sender: Sender, make: Make, unit: Unit
) -> None:
    below = make.unit("桂花社区三组", unit)
    Quota.create(unit=below, mib=1)
    assert sender.begin(MIB - 1000, unit=str(below.id)).status_code == 201
    token = sender.whole(sound(10))
    refused = sender.browser.post("/lectures/new", lecture(below, upload=token))
    assert (refused.status_code, "1 MB" in refused.text) == (413, True)
    assert Upload.get(Upload.token == token).state == "ready"
    assert sender.browser.post("/lectures/new", lecture(unit, upload=token)).status_code == 303


def test_the_page_of_uploads_shows_how_far_each_is_and_throws_away(sender: Sender, unit: Unit) -> None:
    content = sound(100)
    path = sender.begin(len(content), name="<b>半程.mp3").headers["Location"]
    sender.piece(path, 0, content[:20_000])
    ready = sender.whole(sound(1))
    text = sender.whole("# 邻里议事\n".encode(), purpose="material", name="议事.md")
    with count_queries() as counter:
        shown = sender.browser.get("/uploads").text
    assert counter.count <= 12
    assert f"/materials/new?upload={text}" in shown
    assert f'value="{text}"' in sender.browser.get(f"/materials/new?upload={text}").text
    sender.browser.post(f"/uploads/{text}/remove")
    assert all(word in shown for word in ("&lt;b&gt;半程", "未传完", "已传完，尚未使用", "我的空间", "桂花社区"))
    assert f"/lectures/new?upload={ready}" in shown
    assert f'value="{ready}"' in sender.browser.get(f"/lectures/new?upload={ready}").text
    assert sender.browser.post(f"/uploads/{path.rpartition('/')[2]}/remove").status_code == 303
    assert "半程" not in sender.browser.get("/uploads").text.split("</nav>")[-1].replace("已放弃", "")
    sender.browser.post(f"/uploads/{ready}/remove")
    assert "没有未完成的上传" in sender.browser.get("/uploads").text


def test_of_several_materials_that_arrived_in_pieces_each_refused_one_is_named_and_thrown_away(
    sender: Sender, unit: Unit
) -> None:
    good = sender.whole("先听再说。\n".encode(), purpose="material", name="议事.md")
    bad = [sender.whole(b"%PDF-1.7 " + bytes([n]), purpose="material", name=f"坏{n}.pdf") for n in (1, 2)]
    typed = {"category": "other", "audience": "everyone", "unit": unit.id}
    refused = sender.browser.post("/materials/new", {**typed, "upload": bad})
    assert (refused.status_code, "坏1.pdf》没有收下" in refused.text, "坏2.pdf》没有收下" in refused.text) == (
        422,
        True,
        True,
    )
    assert [row.token for row in Upload.select()] == [good]
    third = sender.whole(b"%PDF-1.7 " + bytes([3]), purpose="material", name="坏3.pdf")
    page = sender.browser.post("/materials/new", {**typed, "upload": [third, good]}, follow_redirects=True).text
    assert "坏3.pdf》没有收下" in page and "坏2.pdf" not in page
    assert [row.state for row in Upload.select()] == ["used"]
    assert [row.title for row in Material.select()] == ["议事"]
