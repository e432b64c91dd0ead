"""Word, PowerPoint, EPUB, HTML and pictures: what is taken out, how it is shown, and what hostile files come to."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from lms.errors import InvalidInput
from lms.materials import extraction, kinds
from lms.materials.documents import SOURCE
from lms.materials.models import Material, MaterialPage
from lms.members.models import Member
from tests.browser_like import Browser
from tests.factories import Make
from tests.materials.office import LAUGHS, chapter, make_docx, make_epub, make_pptx, make_zip

Send = Callable[..., Material]
Open = Callable[[Member | None], Browser]


def pages_of(material: Material) -> list[tuple[str, str]]:
    rows = MaterialPage.select(MaterialPage.heading, MaterialPage.text).where(MaterialPage.material == material)
    return list(rows.order_by(MaterialPage.number).tuples())


def test_a_word_document_is_cut_at_its_headings_and_shown_with_emphasis_list_and_table(
    upload: Send, browser: Open, make: Make
) -> None:
    material = upload(make_docx(), "rules.docx")
    assert (material.state, material.failure) == ("ready", "")
    assert pages_of(material) == [
        ("社区议事规则 · 第一章 总则", "议事要公开，人人<都>可以说话。\n提前三天通知"),
        ("第二章 表决", "事项 票数\n修路 过半数"),
    ]
    window = browser(make.member())
    first = window.get(f"/materials/{material.id}/pages/1").text
    assert "议事要<strong>公开</strong>，人人&lt;都&gt;可以说话。" in first
    assert "<li>提前三天通知</li>" in first
    assert "<th>事项</th>" in window.get(f"/materials/{material.id}/pages/2").text
    assert [place.place for place in SOURCE.load(material.id)] == ["", "1", "2"]


def test_each_slide_is_a_page_with_its_points_table_and_what_the_speaker_says(upload: Send, browser: Open) -> None:
    material = upload(make_pptx(2), "slides.pptx")
    assert material.page_count == 2
    heading, text = pages_of(material)[1]
    assert heading == "第2讲 垃圾分类"
    assert text.split("\n") == ["第2讲 垃圾分类", "可回收物", "废纸和塑料", "类别 桶色", "厨余 绿", "讲解备注2"]
    page = browser(Member.get()).get(f"/materials/{material.id}/pages/2").text
    assert "<ul><li>可回收物</li><ul><li>废纸和塑料</li></ul></ul>" in page
    assert "<blockquote>讲解备注2</blockquote>" in page


def test_an_e_book_is_cut_where_its_contents_lead(upload: Send) -> None:
    book = make_epub(
        [
            chapter('<h1 id="a">开头</h1><p>甲&nbsp;文</p><h2 id="b">中间</h2><p>乙<i>文</i></p>'),
            chapter("<p>丙文</p>", "无名"),
        ],
        [("text/c1.xhtml", "第一章"), ("text/c1.xhtml#b", "第二节"), ("text/c2.xhtml", "尾声")],
    )
    assert pages_of(upload(book, "book.epub")) == [
        ("第一章", "开头\n甲 文"),
        ("第二节", "中间\n乙文"),
        ("尾声", "丙文"),
    ]


def test_an_e_book_without_contents_is_cut_at_its_headings_and_bad_markup_is_read_all_the_same(upload: Send) -> None:
    book = make_epub([chapter("<h1>一</h1><p>甲</p><h2>二</h2><p>乙<br>丙</p>"), chapter("<p>丁</p>", "附录")])
    assert pages_of(upload(book, "book.epub")) == [("一", "甲"), ("二", "乙\n丙"), ("附录", "丁")]


def test_a_chapter_that_a_book_names_once_for_each_place_in_it_is_read_once(upload: Send) -> None:
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="c" href="text/c1.xhtml"/>'
        '<item id="c#a" href="text/c1.xhtml#a"/></manifest><spine><itemref idref="c"/><itemref idref="c#a"/>'
        "</spine></package>"
    )
    book = make_epub([chapter('<h1>一</h1><p id="a">甲</p>')], **{"OEBPS__book.opf": package})
    assert pages_of(upload(book, "book.epub")) == [("一", "甲")]


def test_a_saved_web_page_keeps_its_words_and_loses_all_that_runs(upload: Send, browser: Open, make: Make) -> None:
    page = (
        "<!DOCTYPE html><html><head><meta charset=gb2312><title>通知</title><script>alert(1)</script></head><body>"
        '<nav>首页 关于</nav><h1>关于防汛</h1><p onclick="x()">大家<b>注意</b>&lt;script&gt;</p>'
        '<iframe src="https://x"></iframe><svg><script>2</script></svg><ul><li>沙袋</ul>'
        '<img src=x onerror=1 alt="地图">'
    )
    material = upload(page.encode("gb18030"), "notice.html")
    assert pages_of(material) == [("关于防汛", "大家注意<script>\n沙袋\n[地图]")]
    shown = browser(make.member()).get(f"/materials/{material.id}/pages/1").text
    assert "大家<strong>注意</strong>&lt;script&gt;" in shown
    for gone in ("alert(1)", 'onclick="x', "https://x", "onerror"):
        assert gone not in shown
    with browser(make.member()).get(f"/materials/{material.id}/file") as sent:
        assert sent.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in sent.headers["Content-Security-Policy"]


def test_markup_that_was_put_into_the_database_is_cleaned_before_it_is_shown(
    upload: Send, browser: Open, make: Make
) -> None:
    material = upload(make_docx(), "rules.docx")
    MaterialPage.update(markup='<p onclick="x">好<script>evil()</script><img src=x></p>').execute()
    shown = browser(make.member()).get(f"/materials/{material.id}/pages/1").text
    assert '<p>好<img loading="lazy"></p>' in shown


def test_a_picture_is_shown_and_found_by_what_is_said_about_it(upload: Send, browser: Open, make: Make) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "PNG")
    material = upload(out.getvalue(), "photo.png", title="老街", summary="一九五三年的青禾老街")
    assert (material.state, material.page_count, material.media_type) == ("ready", 0, "image/png")
    assert [(place.title, place.body) for place in SOURCE.load(material.id)] == [("老街", "一九五三年的青禾老街")]
    window = browser(make.member())
    assert (
        f'<img src="/materials/{material.id}/file" alt="一九五三年的青禾老街">'
        in window.get(f"/materials/{material.id}").text
    )
    with window.get(f"/materials/{material.id}/file") as sent:
        assert sent.headers["Content-Type"] == "image/png"
    with pytest.raises(InvalidInput, match="not a picture"):
        upload(b"\x89PNG\r\n\x1a\n broken", "photo.png")


def lying(archive: bytes) -> bytes:
    """An archive whose directory says that its first part is of four bytes only."""
    at = archive.index(b"PK\x01\x02")
    return archive[: at + 24] + (4).to_bytes(4, "little") + archive[at + 28 :]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (make_epub([chapter("甲")], **{"..__..__etc__passwd": "root"}), "climbs.epub", "own folder"),
        (make_epub([chapter("甲")], **{"C:__autoexec": "x"}), "climbs.epub", "own folder"),
        (make_zip({"word/document.xml": b"<w>" + b"a" * 60_000_000}), "swells.docx", "swell"),
        (make_docx()[:-300], "torn.docx", "damaged"),
        (make_zip({"word/document.xml": "<w/>"} | {f"p/{n}": "" for n in range(20_001)}), "parts.docx", "swell"),
    ],
)
def test_a_harmful_or_torn_archive_is_refused_at_the_door(upload: Send, content: bytes, name: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        upload(content, name)
    assert Material.select().count() == 0


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (make_zip({"word/document.xml": f"<?xml version='1.0'?>{LAUGHS}<w>&d;</w>"}), "laughs.docx", "multiplies"),
        (make_epub([chapter("甲").replace('"-//', '"x" [<!ENTITY a "b">] "-//')]), "laughs.epub", "multiplies"),
        (make_zip({"word/document.xml": "<w:document"}), "broken.docx", "damaged"),
        (lying(make_zip({"word/document.xml": b"<w>" + b" " * 30_000_000})), "lies.docx", "damaged"),
        (make_zip({"ppt/presentation.xml": "<p/>" * 3}), "broken.pptx", "damaged"),
        (
            make_epub(
                [chapter("甲")],
                **{
                    "META-INF__encryption.xml": "<e><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes256-cbc'/></e>"
                },
            ),
            "locked.epub",
            "password",
        ),
        (b"<!DOCTYPE html><html>" + b"<div>" * 50_000 + "深".encode(), "deep.html", ""),
    ],
)
def test_a_hostile_inside_fails_in_a_process_of_its_own_with_a_reason(
    upload: Send, content: bytes, name: str, says: str
) -> None:
    material = upload(content, name)
    assert material.state == ("failed" if says else "ready")
    assert says in material.failure


def test_a_reader_that_takes_too_long_leaves_a_reason_and_the_next_file_is_read(
    upload: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "READ_SECONDS", 0.001)
    assert upload(make_docx(), "a.docx").failure == kinds.REASONS["heavy"]
    monkeypatch.setattr(extraction, "READ_SECONDS", 60.0)
    assert upload(make_pptx(1), "b.pptx").state == "ready"  # the process that waits for files was ended with it
