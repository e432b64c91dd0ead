"""The worker takes the text out: pages, failures that say what to do, doing it twice."""

from collections.abc import Callable
from datetime import date

import pytest

from lms.errors import Conflict, InvalidInput
from lms.jobs.models import Job
from lms.jobs.queue import ask, run
from lms.materials import jobs, loading, service
from lms.materials.documents import SOURCE
from lms.materials.models import Material, MaterialPage
from lms.members.access import Actor
from lms.members.models import Unit
from lms.search.models import OutboxRow
from lms.storage import files
from tests.materials.pdf import encrypted_pdf, make_pdf

Send = Callable[..., Material]


def pages_of(material: Material) -> list[tuple[int, str, str]]:
    rows = MaterialPage.select(MaterialPage.number, MaterialPage.heading, MaterialPage.text)
    return list(rows.where(MaterialPage.material == material).order_by(MaterialPage.number).tuples())


def test_each_page_of_a_pdf_becomes_a_page(upload: Send) -> None:
    material = upload(make_pdf(["第一章 总则\n民法调整平等主体之间的关系。", "", "第三页"]), "civil.pdf")
    assert (material.state, material.page_count, material.failure) == ("ready", 3, "")
    assert pages_of(material) == [
        (1, "第一章 总则", "第一章 总则\n民法调整平等主体之间的关系。"),
        (2, "", ""),
        (3, "第三页", "第三页"),
    ]


def test_markdown_becomes_its_sections_and_text_its_stretches(upload: Send) -> None:
    assert [heading for _, heading, _ in pages_of(upload())] == ["读书笔记", "摘录", "感想"]
    long_text = ("春风又绿江南岸。" * 50 + "\n") * 12
    assert len(pages_of(upload(long_text.encode("gb18030"), "poems.txt"))) == 3


def test_a_pdf_of_pictures_is_ready_and_says_that_it_has_no_words(upload: Send) -> None:
    material = upload(make_pdf(["", ""]), "scan.pdf")
    assert (material.state, material.page_count) == ("ready", 2)
    assert "pictures" in material.failure


@pytest.mark.parametrize(
    ("content", "says"), [(encrypted_pdf(["x"], "pw"), "password"), (b"%PDF-1.4 broken", "damaged"), (None, "missing")]
)
def test_a_file_that_cannot_be_read_fails_with_what_to_do_and_the_job_is_done(
    upload: Send, work: Callable[[], None], content: bytes | None, says: str
) -> None:
    material = upload(make_pdf(["文"]), "a.pdf", done=False)
    path = files().path(material.file_key)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    work()
    material = Material.get_by_id(material.id)
    assert material.state == "failed"
    assert says in material.failure
    assert [job.state for job in Job.select().where(Job.task.startswith("materials."))] == ["done"]


def test_taking_the_text_out_twice_leaves_the_same_pages(upload: Send) -> None:
    material = upload()
    before = pages_of(material)
    run(ask(jobs.EXTRACT, material.id).id)
    assert pages_of(material) == before


def test_work_for_a_material_that_is_gone_is_done(service: object) -> None:
    job = ask(jobs.EXTRACT, 4711)
    run(job.id)
    assert Job.get_by_id(job.id).state == "done"


def test_the_outbox_hears_of_new_text_in_the_same_transaction(upload: Send) -> None:
    material = upload(done=False)
    assert OutboxRow.select().count() == 0
    jobs.extract(material.id)
    assert [(row.kind, row.ref) for row in OutboxRow.select()] == [("material", material.id)]


def test_a_failed_material_can_be_tried_again_and_a_ready_one_not(
    upload: Send, actor: Actor, work: Callable[[], None]
) -> None:
    material = upload(make_pdf(["文字"]), "a.pdf", done=False)
    path = files().path(material.file_key)
    whole = path.read_bytes()
    path.write_bytes(b"%PDF-1.7 torn")
    work()
    path.write_bytes(whole)
    service.retry_material(actor, material.id)
    work()
    assert Material.get_by_id(material.id).state == "ready"
    with pytest.raises(Conflict):
        service.retry_material(actor, material.id)


def test_a_text_read_in_the_wrong_encoding_can_be_read_in_another(
    upload: Send, actor: Actor, work: Callable[[], None]
) -> None:
    material = upload("\u6e2c\u8a66\u6587\u4ef6".encode("big5"), "old.txt")
    assert pages_of(material)[0][2] != "\u6e2c\u8a66\u6587\u4ef6"
    service.read_as(actor, material.id, "big5")
    work()
    assert pages_of(material)[0][2] == "\u6e2c\u8a66\u6587\u4ef6"
    with pytest.raises(InvalidInput):
        service.read_as(actor, material.id, "klingon")
    service.read_as(actor, material.id, "utf-16")
    work()
    assert Material.get_by_id(material.id).state in ("failed", "ready")


def test_a_pdf_has_no_encoding_to_choose(upload: Send, actor: Actor) -> None:
    material = upload(make_pdf(["文"]), "a.pdf")
    with pytest.raises(Conflict):
        service.read_as(actor, material.id, "utf-8")


def test_each_page_with_text_is_a_place_of_its_own_in_search(upload: Send) -> None:
    material = upload(make_pdf(["甲", "", "丙"]), "a.pdf", title="三页", audience="unit")
    places = list(SOURCE.load(material.id))
    assert [(place.key, place.place, place.body) for place in places] == [
        (f"material:{material.id}", "", material.summary),
        (f"material:{material.id}:1", "1", "甲"),
        (f"material:{material.id}:3", "3", "丙"),
    ]
    assert [place.title for place in places] == ["三页", "三页 · 甲", "三页 · 丙"]
    assert places[1].facets == {"category": material.category, "unit": str(material.unit)}
    assert {place.group for place in places} == {f"material:{material.id}"}
    assert places[0].audience == tuple(sorted((f"m{material.uploader}", f"u{material.unit}")))


def test_a_pdf_of_pictures_is_found_by_what_is_said_about_it(upload: Send) -> None:
    material = upload(make_pdf([""]), "scan.pdf", title="老照片", summary="社区旧影")
    assert [(place.key, place.title, place.body) for place in SOURCE.load(material.id)] == [
        (f"material:{material.id}", "老照片", "社区旧影")
    ]


def test_what_is_not_ready_or_archived_gives_nothing_to_search(upload: Send, actor: Actor) -> None:
    waiting, away = upload(done=False), upload("别的".encode(), "b.txt")
    service.archive_material(actor, away.id)
    Material.update(state="preparing").where(Material.id == waiting.id).execute()
    assert [list(SOURCE.load(ref)) for ref in (waiting.id, away.id, 999_999)] == [[], [], []]
    assert list(SOURCE.all_refs()) == []
    service.restore_material(actor, away.id)
    assert list(SOURCE.all_refs()) == [away.id]


def test_loading_a_known_text_makes_pages_at_once_and_only_once(unit: Unit) -> None:
    articles = [(f"第{number}条", f"正文{number}\0") for number in range(1, 901)]
    first = loading.load_text_material(unit.id, "民法典", articles, "law:1", date(2021, 1, 1), category="law")
    again = loading.load_text_material(unit.id, "民法典", articles, "law:1", date(2021, 1, 1), category="law")
    assert (first[1], again) == (True, (first[0], False))
    material = Material.get_by_id(first[0])
    assert (material.state, material.page_count, material.media_type) == ("ready", 900, "text/markdown")
    assert pages_of(material)[899] == (900, "第900条", "正文900")
    assert files().path(material.file_key).read_text(encoding="utf-8").startswith("# 民法典\n\n## 第1条\n\n正文1\n")
    assert [row.ref for row in OutboxRow.select()] == [material.id]
