"""E-books for ``benchmarks/ingest.py``: one as publishers make them, and the peers that take the text out of any."""

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import unquote

from ebooklib import epub
from lxml import etree
from lxml import html as lxml_html
from PIL import Image, ImageDraw

Section = Mapping[str, Any]

CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">\n'
    '  <rootfiles>\n    <rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>\n'
    "  </rootfiles>\n</container>\n"
)
STYLE = """@charset "utf-8";
body { margin: 0 2%; line-height: 1.75; text-align: justify; font-family: "SimSun", serif; }
p.normaltext { text-indent: 2em; margin: 0.3em 0; }
p.imgdescript { text-indent: 0; text-align: center; font-size: 0.85em; }
p.note { font-size: 0.85em; text-indent: 0; }
h1.firsttitle { font-size: 1.5em; text-align: center; margin: 2em 0; }
h2.secondtitle { font-size: 1.2em; margin: 1.2em 0 0.6em; }
span.kaiti { font-family: "KaiTi", serif; }
sup.footnote { font-size: 0.75em; vertical-align: super; }
"""
CHAPTERS = 40
_WORD = re.compile(r"[\u4e00-\u9fff]{2,12}|\b[A-Za-z]{4,20}\b")


def make_published(title: str, sections: Sequence[Section], *, pictures: bool = True) -> bytes:
    """Make an e-book as publishers do: a section is a page, and 40 long chapters hold them.

    With metadata, a cover, a style sheet, classes, spans, a picture and footnotes in each chapter, and contents of both
    forms with the chapters' parts.
    """
    size = -(-len(sections) // CHAPTERS)
    chapters = [sections[at : at + size] for at in range(0, len(sections), size)]
    parts: dict[str, str | bytes] = {
        "OEBPS/Styles/main.css": STYLE,
        "OEBPS/Images/cover.jpg": _picture(title, 600, 800),
    }
    for number, pages in enumerate(chapters, start=1):
        parts[f"OEBPS/Text/chapter{number:02d}.xhtml"] = _chapter(number, pages, pictures=pictures)
        if pictures:
            parts[f"OEBPS/Images/figure{number:02d}.jpg"] = _picture(f"{title} {number}", 320, 200)
    parts["OEBPS/Text/nav.xhtml"] = _page("目录", f'<nav epub:type="toc" id="toc"><h1>目录</h1>{_nav(chapters)}</nav>')
    parts["OEBPS/toc.ncx"] = _ncx(title, chapters)
    parts["OEBPS/content.opf"] = _package(title, len(chapters), pictures=pictures)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", CONTAINER)
        for name, content in parts.items():
            book.writestr(name, content)
    return out.getvalue()


def _page(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="zh-CN">\n<head>\n'
        f'  <title>{escape(title)}</title>\n  <link href="../Styles/main.css" rel="stylesheet" type="text/css"/>\n'
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _chapter(number: int, pages: Sequence[Section], *, pictures: bool) -> str:
    lines = [f'<h1 class="firsttitle" id="ch{number}">第{number}章 {escape(pages[0]["heading"])}</h1>']
    notes = []
    for at, page in enumerate(pages, start=1):
        lines.append(f'<h2 class="secondtitle" id="sec{at}">{escape(page["heading"])}</h2>')
        for place, text in enumerate(page["text"]):
            words = escape(text)
            if place == 0:
                words = (
                    f'<span class="kaiti">{escape(text[:12])}</span>{escape(text[12:])}<sup class="footnote">'
                    f'<a epub:type="noteref" href="#note{at}" id="ref{at}">[{at}]</a></sup>'
                )
                said = escape(text[30:40])
                notes.append(f'<p class="note" id="note{at}"><a href="#ref{at}">[{at}]</a> 见{said}。</p>')
            lines.append(f'<p class="normaltext">{words}</p>')
    picture = f'<img alt="图{number}" src="../Images/figure{number:02d}.jpg"/>'
    if pictures:
        lines.append(f'<div class="picture">{picture}<p class="imgdescript">图{number}</p></div>')
    return _page(f"第{number}章", "\n".join([*lines, '<hr class="line"/>', *notes]))


def _nav(chapters: Sequence[Sequence[Section]]) -> str:
    items = []
    for number, pages in enumerate(chapters, start=1):
        inner = "".join(
            f'<li><a href="chapter{number:02d}.xhtml#sec{at}">{escape(page["heading"])}</a></li>\n'
            for at, page in enumerate(pages, start=1)
        )
        items.append(f'<li><a href="chapter{number:02d}.xhtml">第{number}章</a>\n<ol>\n{inner}</ol></li>\n')
    return f"<ol>\n{''.join(items)}</ol>"


def _ncx(title: str, chapters: Sequence[Sequence[Section]]) -> str:
    points = "".join(
        f'<navPoint id="p{number}" playOrder="{number}"><navLabel><text>第{number}章</text></navLabel>'
        f'<content src="Text/chapter{number:02d}.xhtml"/></navPoint>\n'
        for number in range(1, len(chapters) + 1)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">\n'
        f"<docTitle><text>{escape(title)}</text></docTitle>\n<navMap>\n{points}</navMap>\n</ncx>\n"
    )


def _package(title: str, chapters: int, *, pictures: bool) -> str:
    numbers = [f"{number:02d}" for number in range(1, chapters + 1)]
    items = "".join(
        f'    <item id="c{n}" href="Text/chapter{n}.xhtml" media-type="application/xhtml+xml"/>\n' for n in numbers
    )
    if pictures:
        items += '    <item id="cover" href="Images/cover.jpg" media-type="image/jpeg" properties="cover-image"/>\n'
        items += "".join(
            f'    <item id="f{n}" href="Images/figure{n}.jpg" media-type="image/jpeg"/>\n' for n in numbers
        )
    spine = "".join(f'    <itemref idref="c{n}"/>\n' for n in numbers)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="BookId">\n  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f"    <dc:title>{escape(title)}</dc:title>\n    <dc:creator>编写组</dc:creator>\n"
        "    <dc:publisher>社区出版社</dc:publisher>\n    <dc:language>zh-CN</dc:language>\n"
        '    <dc:identifier id="BookId">urn:isbn:9787000000000</dc:identifier>\n'
        '    <meta name="cover" content="cover"/>\n  </metadata>\n  <manifest>\n'
        '    <item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>\n'
        '    <item id="nav" href="Text/nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>\n'
        '    <item id="css" href="Styles/main.css" media-type="text/css"/>\n'
        f'{items}  </manifest>\n  <spine toc="ncx">\n{spine}  </spine>\n</package>\n'
    )


def _picture(words: str, width: int, height: int) -> bytes:
    image = Image.new("RGB", (width, height), "#f5efe0")
    draw = ImageDraw.Draw(image)
    for at in range(0, height, 16):
        draw.line((0, at, width, height - at), fill=("#8a2be2", "#2e6b4f", "#a63d2f")[(at + len(words)) % 3])
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def bare_epub(content: bytes) -> int:
    """Take the text out with zipfile and lxml alone: the chapters that the book names, in its order."""
    return sum(len("".join(_tree(raw).itertext())) for raw in _chapters(content))


def _chapters(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        container = etree.fromstring(book.read("META-INF/container.xml"))
        name = next(container.iter("{*}rootfile")).get("full-path", "")
        package = etree.fromstring(book.read(name))
        parts = {item.get("id"): item.get("href", "") for item in package.iter("{*}item")}
        names = [parts[item.get("idref")] for item in package.iter("{*}itemref")]
        folder = posixpath.dirname(name)
        if folder:
            names = [f"{folder}/{name}" for name in names]
        if any("%" in name or "#" in name for name in names):
            names = list(dict.fromkeys(unquote(name.partition("#")[0]) for name in names))
        return [book.read(name) for name in names]


def _tree(raw: bytes) -> Any:
    try:
        return etree.fromstring(raw)
    except etree.XMLSyntaxError:
        return lxml_html.fromstring(raw)


def library_epub(content: bytes) -> int:
    """Take the text out with EbookLib as its documentation shows: the book is read, then the body of each chapter.

    It gives bodies as HTML; their text is lxml's, quicker than the BeautifulSoup that most take for it.
    """
    book = epub.read_epub(io.BytesIO(content))
    bodies = [book.get_item_with_id(name).get_body_content() for name, _ in book.spine]
    return sum(len(lxml_html.fromstring(body).text_content()) for body in bodies if body.strip())


def markup_share(content: bytes) -> float:
    """Give how many characters of the chapters are markup, for each that is text."""
    raw = text = 0
    for chapter in _chapters(content):
        body = next(_tree(chapter).iter("{*}body", "body"), None)
        raw += len(chapter.decode("utf-8", "replace"))
        text += len("".join("".join(body.itertext()).split())) if body is not None else 0
    return (raw - text) / max(text, 1)


def last_word(content: bytes) -> str:
    """Give a word of the last chapter that has some, the rarest there: what is looked for."""
    for chapter in reversed(_chapters(content)):
        body = next(_tree(chapter).iter("{*}body", "body"), None)
        words = _WORD.findall(" ".join(body.itertext())) if body is not None else []
        if words:
            return min(Counter(words).items(), key=lambda counted: (counted[1], -len(counted[0])))[0]
    raise SystemExit("no chapter of this book holds a word")


def stamped(content: bytes, turn: int) -> bytes:
    """Give a book with a part more that nobody reads: another file, so that it is stored anew in each round."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("META-INF/turn.txt", str(turn))
    return out.getvalue()


Peer = tuple[str, Callable[[bytes], object]]
PEERS: tuple[Peer, ...] = (("zipfile + lxml alone", bare_epub), ("EbookLib alone", library_epub))
