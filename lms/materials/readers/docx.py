"""DOCX: paragraphs, headings, lists and tables of a Word document, cut at its headings of the first three levels."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from .archive import find_part, open_archive
from .flow import Flow, Run, Section, picture_run, plain, tidy
from .limits import Refused
from .markup import parse_xml
from .pictures import of_archive

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
VML, OFFICE = "{urn:schemas-microsoft-com:vml}", "{urn:schemas-microsoft-com:office:office}"
RELATIONS = "word/_rels/document.xml.rels"
DOCUMENT, STYLES, FOOTNOTES = "word/document.xml", "word/styles.xml", "word/footnotes.xml"
CUT = 3
MAX_COLUMNS = 200
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_OFF = ("0", "false", "off", "none")


def read(stream: IO[bytes]) -> tuple[list[Section], list[bytes]]:
    """Give the sections of a Word document, and its pictures. Raises Refused."""
    archive = open_archive(stream)
    content = find_part(archive, DOCUMENT)
    if content is None:
        raise Refused("broken")
    styles = _Styles(find_part(archive, STYLES))
    root = parse_xml(content)
    body = root.find(f"{W}body")
    flow, shown = Flow(), _Shown(archive)
    for block in _blocks(body if body is not None else root):
        if block.tag == f"{W}p":
            _paragraph(block, styles, flow, shown)
        else:
            flow.table(_rows(block))
    _footnotes(archive, flow)
    return flow.finish(), shown.pictures.taken


def _blocks(parent: Any) -> Iterator[Any]:
    """Walk over the paragraphs and tables, also those in content controls and in changes that were added."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}smartTag", f"{W}customXml"):
            yield from _blocks(child)


class _Styles:
    """Which styles are headings, by their name or outline level, and which lists; those based on one included."""

    def __init__(self, content: bytes | None) -> None:
        self.levels: dict[str, int] = {}
        self.lists: dict[str, int] = {}
        based: dict[str, str] = {}
        for style in parse_xml(content).iter(f"{W}style") if content else ():
            ident = style.get(f"{W}styleId", "")
            self._note(style, ident)
            base = style.find(f"{W}basedOn")
            if base is not None:
                based[ident] = base.get(f"{W}val", "")
        for ident, base_id in based.items():
            if base_id in self.levels:
                self.levels.setdefault(ident, self.levels[base_id])
            if base_id in self.lists:
                self.lists.setdefault(ident, self.lists[base_id])

    def _note(self, style: Any, ident: str) -> None:
        name = style.find(f"{W}name")
        said = name.get(f"{W}val", "") if name is not None else ""
        found = _HEADING.search(said)
        outline = _outline(style)
        if said.lower() == "title":
            self.levels[ident] = 1
        elif found:
            self.levels[ident] = int(found[1])
        elif outline:
            self.levels[ident] = outline
        elif style.find(f"{W}pPr/{W}numPr") is not None:
            self.lists[ident] = int(said[-1]) if said[-1:].isdigit() else 1


def _outline(element: Any) -> int:
    """Give the level of a heading that an outline level stands for, 0 for text."""
    outline = element.find(f"{W}pPr/{W}outlineLvl")
    value = outline.get(f"{W}val", "9") if outline is not None else "9"
    return int(value) + 1 if value.isdigit() and int(value) < 9 else 0


def _paragraph(paragraph: Any, styles: _Styles, flow: Flow, shown: "_Shown") -> None:
    runs = list(_runs(paragraph, shown))
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    ident = style.get(f"{W}val", "") if style is not None else ""
    level = _outline(paragraph) or styles.levels.get(ident, 0)
    if level:
        words = tidy(plain(runs))
        if words and level <= CUT:
            flow.begin(words)
        elif words:
            flow.heading(level - CUT, [Run(words)])
        return
    depth = _depth(paragraph) or styles.lists.get(ident, 0)
    if depth:
        flow.item(runs, depth)
    else:
        flow.paragraph(runs)


def _depth(paragraph: Any) -> int:
    """Give how deep in a list a paragraph stands, 0 for none."""
    numbered = paragraph.find(f"{W}pPr/{W}numPr")
    if numbered is None:
        return 0
    level = numbered.find(f"{W}ilvl")
    value = level.get(f"{W}val", "0") if level is not None else "0"
    return int(value) + 1 if value.isdigit() else 1


class _Shown:
    """The pictures of a document by the ids that its text uses."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.pictures = of_archive(archive)
        content = find_part(archive, RELATIONS)
        self._parts = {
            relation.get("Id", ""): posixpath.normpath(posixpath.join("word", relation.get("Target", ""))).lstrip("/")
            for relation in (parse_xml(content) if content else ())
            if relation.get("TargetMode") != "External"
        }

    def runs(self, run: Any) -> Iterator[Run]:
        """Give the pictures of a run, with their words; those of older documents stand in another drawing language."""
        for drawing in run.iter(f"{W}drawing"):
            said = next(drawing.iter(f"{WP}docPr"), None)
            for blip in drawing.iter(f"{A}blip"):
                yield self._picture(blip.get(f"{R}embed", ""), said.get("descr", "") if said is not None else "")
        for image in run.iter(f"{VML}imagedata"):
            yield self._picture(image.get(f"{R}id", ""), image.get(f"{OFFICE}title", ""))

    def _picture(self, ident: str, words: str) -> Run:
        return picture_run(self.pictures.find(self._parts.get(ident, "")), words)


def _runs(paragraph: Any, shown: _Shown | None = None) -> Iterator[Run]:
    for run in paragraph.iter(f"{W}r"):
        if any(above.tag in (FALLBACK, f"{W}del", f"{W}moveFrom") for above in run.iterancestors()):
            continue
        text = "".join(_letters(run))
        if text:
            yield Run(text, _is_on(run, "b"), _is_on(run, "i"))
        if shown is not None:
            yield from shown.runs(run)


def _letters(run: Any) -> Iterator[str]:
    for part in run:
        if part.tag == f"{W}t":
            yield part.text or ""
        elif part.tag == f"{W}tab":
            yield " "
        elif part.tag in (f"{W}br", f"{W}cr"):
            yield "\n"
        elif part.tag == f"{W}noBreakHyphen":
            yield "-"


def _is_on(run: Any, name: str) -> bool:
    mark = run.find(f"{W}rPr/{W}{name}")
    return mark is not None and mark.get(f"{W}val", "1") not in _OFF


def _rows(table: Any) -> Iterator[list[str]]:
    for row in table.iter(f"{W}tr"):
        cells = [cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row]
        yield [" ".join(plain(list(_runs(p))) for p in cell.iter(f"{W}p")) for cell in cells[:MAX_COLUMNS]]


def _footnotes(archive: zipfile.ZipFile, flow: Flow) -> None:
    content = find_part(archive, FOOTNOTES)
    if content is None:
        return
    notes = [
        plain([run for p in note.iter(f"{W}p") for run in _runs(p)]) for note in parse_xml(content).iter(f"{W}footnote")
    ]
    for note in notes:
        if note:
            flow.paragraph([Run(note)])
