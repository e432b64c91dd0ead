"""Pictures within documents: shown where they stand, to who may see the document, and none that does harm."""

import base64
import io
import struct
import zlib

import pytest
from docx import Document
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

from lms.materials import queries
from lms.materials.models import Material, MaterialPage, MaterialPicture
from lms.materials.readers import pictures
from lms.members.models import Member
from lms.storage import files
from tests.factories import Make
from tests.materials.office import chapter, make_epub
from tests.materials.test_formats import Open, Send

TALL = "<p>图注<img src='../art/%s' alt='老街一角'/>旁</p>"


def photo(width: int = 60, height: int = 40, kind: str = "JPEG", colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def huge_png() -> bytes:
    """A picture of a few bytes that says it is 60,000 pixels on a side."""

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"x")) + part(b"IEND", b"")


def shown_in(material: Material) -> list[str]:
    rows = MaterialPicture.select(MaterialPicture.file_key).where(MaterialPicture.material == material.id)
    return [key for (key,) in rows.order_by(MaterialPicture.number).tuples()]


def markup_of(material: Material) -> str:
    return "".join(
        page.markup
        for page in MaterialPage.select().where(MaterialPage.material == material.id).order_by(MaterialPage.number)
    )


def test_pictures_of_an_e_book_stand_where_they_were_and_are_stored_small_and_once(
    upload: Send, browser: Open, make: Make
) -> None:
    cover = "<svg><script>evil()</script><image xlink:href='../art/a.jpg' xmlns:xlink='http://www.w3.org/1999/xlink'/></svg>"
    body = cover + TALL % "a.jpg" + TALL % "b.png"
    art = {"OEBPS__art__a.jpg": photo(3000, 2000), "OEBPS__art__b.png": photo(30, 30, "PNG")}
    material = upload(make_epub([chapter(body)], **art), "book.epub", audience="unit")
    first, second = shown_in(material)
    with Image.open(files().path(first)) as stored:
        assert (stored.format, stored.size) == ("JPEG", (1600, 1067))
    assert set(queries.used_keys()) >= {first, second}
    assert MaterialPage.get().text == "图注 [老街一角] 旁\n图注 [老街一角] 旁"
    reader = browser(make.member(make.unit("别处社区")))
    assert reader.get(f"/materials/{material.id}/pictures/1").status_code == 404
    uploader = browser(Member.get_by_id(material.uploader))
    page = uploader.get(f"/materials/{material.id}/pages/1").text
    here = f"/materials/{material.id}/pictures"
    assert page.count(f'<img src="{here}/1"') == 2
    assert f'<img src="{here}/2" alt="老街一角" width="30" height="30" loading="lazy">旁' in page
    assert "evil" not in page
    with uploader.get(f"{here}/1") as sent:
        assert sent.headers["Content-Type"] == "image/jpeg"
        assert "default-src 'none'" in sent.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawn.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>evil()</script></svg>"),
        ("huge.png", huge_png()),
        ("torn.jpg", photo()[:200]),
        ("page.jpg", b"<html><script>evil()</script></html>"),
        ("spacer.png", photo(1, 1, "PNG")),
    ],
)
def test_what_is_no_picture_or_a_huge_one_leaves_only_its_words(upload: Send, name: str, content: bytes) -> None:
    outside = "<img src='../../../../etc/passwd' alt='外'/><img src='https://example.org/x.png' alt='远'/>"
    material = upload(make_epub([chapter(TALL % name + outside)], **{f"OEBPS__art__{name}": content}), "book.epub")
    assert material.state == "ready"
    assert shown_in(material) == []
    assert "<img" not in markup_of(material)
    assert MaterialPage.get().text == "图注 [老街一角] 旁\n[外] [远]"


def test_pictures_of_word_and_slides_are_shown_with_their_words(upload: Send) -> None:
    document = Document()
    document.add_paragraph("前")
    document.add_picture(io.BytesIO(photo()))
    document.element.body.xpath(".//wp:docPr")[0].set("descr", "会场")
    out = io.BytesIO()
    document.save(out)
    material = upload(out.getvalue(), "a.docx")
    assert len(shown_in(material)) == 1
    assert '<p><img src="1" alt="会场" width="60" height="40"></p>' in markup_of(material)

    deck = Presentation()
    for _ in range(2):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_picture(io.BytesIO(photo(kind="PNG")), Inches(1), Inches(1)).name = "图"
    out = io.BytesIO()
    deck.save(out)
    material = upload(out.getvalue(), "b.pptx")
    assert (material.page_count, len(shown_in(material))) == (2, 1)
    assert markup_of(material).count('<img src="1"') == 2


def test_a_saved_web_page_shows_the_pictures_that_it_holds_itself(upload: Send) -> None:
    held = base64.b64encode(photo(kind="PNG")).decode()
    shown, bad = f"<img src='data:image/png;base64,{held}'>", "<img src='data:text/html;base64,PGI+' alt='坏'>"
    page = f"<!DOCTYPE html><p>图{shown}{bad}</p>"
    material = upload(page.encode(), "page.html")
    assert len(shown_in(material)) == 1
    assert markup_of(material) == '<p>图<img src="1" alt="" width="60" height="40"> [坏] </p>'


def test_a_document_shows_so_many_pictures_and_so_many_bytes_at_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    art = {f"{number}.jpg": photo(colour=colour) for number, colour in enumerate(("red", "green", "blue"))}
    monkeypatch.setattr(pictures, "MOST_PICTURES", 2)
    found = pictures.Pictures(art.get)
    assert [bool(found.find(name)) for name in (*art, "0.jpg", "none.jpg")] == [True, True, False, True, False]
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    assert pictures.Pictures(art.get).find("0.jpg") is None
