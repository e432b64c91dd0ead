"""Study materials made on the spot: real files of every kind, from sections of plain text."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from docx import Document
from docx.shared import Cm
from PIL import Image, ImageDraw
from pptx import Presentation

Section = Mapping[str, Any]
LINE_CHARS, LINE_HEIGHT = 34, 22
CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def make_docx(title: str, sections: Sequence[Section]) -> bytes:
    """Make a Word document: a heading for each section, its paragraphs below it, a plan of the room in the first."""
    document = Document()
    document.add_heading(title, 0)
    for number, section in enumerate(sections):
        document.add_heading(section["heading"], 1)
        if number == 0:
            document.add_picture(io.BytesIO(make_png(title, ())), width=Cm(12))
        for text in section["text"]:
            document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_pptx(title: str, sections: Sequence[Section]) -> bytes:
    """Make slides: one with the title, one for each section with its points and what the speaker says."""
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = title
    for section in sections:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = section["heading"]
        slide.placeholders[1].text_frame.text = "\n".join(section["text"])
        slide.notes_slide.notes_text_frame.text = section.get("notes", "")
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _page(title: str, body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{escape(title)}'
        f"</title></head><body>{body}</body></html>"
    )


def _block(section: Section) -> str:
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in section["text"])
    return f"<h2>{escape(section['heading'])}</h2>{paragraphs}"


def make_html(title: str, sections: Sequence[Section]) -> bytes:
    """Make a web page."""
    body = f"<h1>{escape(title)}</h1>" + "".join(map(_block, sections))
    return ("<!DOCTYPE html>\n" + _page(title, body).partition("?>")[2]).encode()


def make_epub(title: str, sections: Sequence[Section]) -> bytes:
    """Make an e-book with a chapter for each section and a table of contents."""
    numbers = range(1, len(sections) + 1)
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers)
    spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    links = "".join(
        f'<li><a href="c{n}.xhtml">{escape(section["heading"])}</a></li>'
        for n, section in zip(numbers, sections, strict=True)
    )
    nav = f'<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><ol>{links}</ol></nav>'
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">{escape(title)}</dc:identifier><dc:title>{escape(title)}</dc:title>'
        "<dc:language>zh</dc:language></metadata><manifest>"
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        f"{items}</manifest><spine>{spine}</spine></package>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("book.opf", package)
        book.writestr("nav.xhtml", _page(title, nav))
        for n, section in zip(numbers, sections, strict=True):
            book.writestr(f"c{n}.xhtml", _page(section["heading"], _block(section)))
    return out.getvalue()


def make_txt(title: str, sections: Sequence[Section]) -> bytes:
    """Make a text as old programs in China wrote it."""
    parts = [title, *(text for section in sections for text in (section["heading"], *section["text"]))]
    return "\r\n\r\n".join(parts).encode("gb18030")


def make_png(title: str, sections: Sequence[Section]) -> bytes:
    """Draw a plan of a room in the colours of the garden; without words, for no font is at hand everywhere."""
    picture = Image.new("RGB", (960, 600), (250, 248, 244))
    pen = ImageDraw.Draw(picture)
    ink, bamboo, seal = (35, 33, 29), (47, 107, 80), (168, 50, 42)
    pen.rectangle((40, 40, 920, 560), outline=ink, width=6)
    for number in range(8):
        pen.rectangle((70 + number * 60, 60, 120 + number * 60, 110), fill=bamboo if number % 3 else seal)
    pen.rounded_rectangle((250, 260, 650, 350), 18, outline=ink, width=5)
    for number in range(6):
        pen.ellipse((265 + number * 64, 205, 305 + number * 64, 245), outline=ink, width=4)
        pen.ellipse((265 + number * 64, 365, 305 + number * 64, 405), outline=ink, width=4)
    pen.rectangle((860, 150, 920, 400), fill=(214, 226, 235), outline=ink, width=4)
    pen.ellipse((90, 440, 240, 530), fill=(246, 227, 168), outline=ink, width=4)
    pen.arc((640, 470, 800, 630), 180, 270, fill=ink, width=5)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def make_pdf(title: str, sections: Sequence[Section]) -> bytes:
    """Make a PDF with a page for each section, in the Chinese font that every viewer has; its text can be taken out."""
    pages = [([] if number else [title, ""]) + _lines(section) for number, section in enumerate(sections)]
    characters = sorted({character for page in pages for line in page for character in line})
    chunks = [characters[start : start + 100] for start in range(0, len(characters), 100)]
    maps = "".join(
        f"{len(chunk)} beginbfchar\n" + "".join(f"<{ord(c):04X}> <{ord(c):04X}>\n" for c in chunk) + "endbfchar\n"
        for chunk in chunks
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Demo def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{maps}endcmap\nend\nend"
    ).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R]"
            b" /ToUnicode 6 0 R >>"
        ),
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
            b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap),
    ]
    kids = []
    for page in pages:
        content = _drawn(page)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _whole(objects)


def _lines(section: Section) -> list[str]:
    lines = [section["heading"], ""]
    for text in section["text"]:
        lines += [text[start : start + LINE_CHARS] for start in range(0, len(text), LINE_CHARS)]
    return lines


def _drawn(lines: Sequence[str]) -> bytes:
    shown = [f"<{line.encode('utf-16-be').hex()}> Tj 0 -{LINE_HEIGHT} Td" for line in lines]
    return f"BT /F1 14 Tf 60 770 Td {' '.join(shown)} ET".encode()


def _whole(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


MAKERS: Mapping[str, Callable[[str, Sequence[Section]], bytes]] = {
    "docx": make_docx,
    "pptx": make_pptx,
    "epub": make_epub,
    "pdf": make_pdf,
    "html": make_html,
    "txt": make_txt,
    "png": make_png,
}
