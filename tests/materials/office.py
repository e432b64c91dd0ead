"""Files for tests: real ones made by the libraries that people's programs use, and hostile ones made by hand."""

import io
import zipfile
from collections.abc import Mapping, Sequence

from docx import Document
from pptx import Presentation
from pptx.util import Inches

CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


def make_docx() -> bytes:
    """A Word document with headings of three levels, emphasis, a list and a table."""
    document = Document()
    document.add_heading("社区议事规则", 0)
    document.add_heading("第一章 总则", 1)
    paragraph = document.add_paragraph("议事要")
    paragraph.add_run("公开").bold = True
    paragraph.add_run("，人人<都>可以说话。")
    document.add_paragraph("提前三天通知", style="List Bullet")
    document.add_heading("第二章 表决", 2)
    table = document.add_table(rows=2, cols=2)
    for row, cells in enumerate((("事项", "票数"), ("修路", "过半数"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_pptx(slides: int = 2) -> bytes:
    """Slides with a title, points on two levels, a table and what the speaker says."""
    deck = Presentation()
    for number in range(1, slides + 1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"第{number}讲 垃圾分类"
        frame = slide.placeholders[1].text_frame
        frame.text = "可回收物"
        below = frame.add_paragraph()
        below.text, below.level = "废纸和塑料", 1
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(4), Inches(6), Inches(1)).table
        for row, cells in enumerate((("类别", "桶色"), ("厨余", "绿"))):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        slide.notes_slide.notes_text_frame.text = f"讲解备注{number}"
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def make_zip(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def chapter(body: str, title: str = "") -> str:
    """A chapter of an e-book."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://x/y.dtd">'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title><script/></head><body>{body}</body></html>'
    )


def make_epub(chapters: Sequence[str], contents: Sequence[tuple[str, str]] = (), **more: str | bytes) -> bytes:
    """An e-book of these chapters (c1.xhtml ...), with a table of contents of (address, title) when one is given."""
    items = "".join(
        f'<item id="c{n}" href="text/c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(1, len(chapters) + 1)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(1, len(chapters) + 1))
    nav = '<item id="nav" properties="nav" href="nav.xhtml" media-type="application/xhtml+xml"/>' if contents else ""
    links = "".join(f'<li><a href="{href}">{title}</a></li>' for href, title in contents)
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": (
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>'
            f"{nav}{items}</manifest><spine>{spine}</spine></package>"
        ),
        "OEBPS/nav.xhtml": chapter(
            f'<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><ol>{links}</ol></nav>'
        ),
        **{f"OEBPS/text/c{n}.xhtml": body for n, body in enumerate(chapters, start=1)},
        **{name.replace("__", "/"): content for name, content in more.items()},
    }
    return make_zip(parts)
