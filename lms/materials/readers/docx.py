"""DOCX: paragraphs, headings, lists and tables of a Word document, cut at its headings of the first three levels."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from .archive import find_part, open_archive
from .flow import Flow, Run, Section, plain, tidy
from .limits import Refused
from .markup import parse_xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
DOCUMENT, STYLES, FOOTNOTES = "word/document.xml", "word/styles.xml", "word/footnotes.xml"
CUT = 3
MAX_COLUMNS = 200
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_OFF = ("0", "false", "off", "none")


def read_docx(stream: IO[bytes]) -> list[Section]:
    """Give the sections of a Word document. Raises Refused."""
    archive = open_archive(stream)
    content = find_part(archive, DOCUMENT)
    if content is None:
        raise Refused("broken")
    levels = _heading_levels(archive)
    root = parse_xml(content)
    body = root.find(f"{W}body")
    flow = Flow()
    for block in _blocks(body if body is not None else root):
        if block.tag == f"{W}p":
            _paragraph(block, levels, flow)
        else:
            flow.table(_rows(block))
    _footnotes(archive, flow)
    return flow.finish()


def _blocks(parent: Any) -> Iterator[Any]:
    """Walk over the paragraphs and tables, also those in content controls and in changes that were added."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}smartTag", f"{W}customXml"):
            yield from _blocks(child)


def _heading_levels(archive: zipfile.ZipFile) -> Mapping[str, int]:
    """Read which styles are headings, by their name or their outline level, those based on one included."""
    content = find_part(archive, STYLES)
    if content is None:
        return {}
    levels: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in parse_xml(content).iter(f"{W}style"):
        ident = style.get(f"{W}styleId", "")
        name = style.find(f"{W}name")
        found = _HEADING.search(name.get(f"{W}val", "") if name is not None else "")
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        base = style.find(f"{W}basedOn")
        if name is not None and name.get(f"{W}val", "").lower() == "title":
            levels[ident] = 1
        elif found:
            levels[ident] = int(found[1])
        elif outline is not None and outline.get(f"{W}val", "9").isdigit() and int(outline.get(f"{W}val", "9")) < 9:
            levels[ident] = int(outline.get(f"{W}val")) + 1
        elif base is not None:
            based[ident] = base.get(f"{W}val", "")
    for ident, base_id in based.items():
        if base_id in levels:
            levels.setdefault(ident, levels[base_id])
    return levels


def _paragraph(paragraph: Any, levels: Mapping[str, int], flow: Flow) -> None:
    runs = list(_runs(paragraph))
    level = _level(paragraph, levels)
    if level:
        words = tidy(plain(runs))
        if words and level <= CUT:
            flow.begin(words)
        elif words:
            flow.heading(level - CUT, [Run(words)])
        return
    numbered = paragraph.find(f"{W}pPr/{W}numPr")
    if numbered is not None:
        depth = numbered.find(f"{W}ilvl")
        value = depth.get(f"{W}val", "0") if depth is not None else "0"
        flow.item(runs, int(value) + 1 if value.isdigit() else 1)
    else:
        flow.paragraph(runs)


def _level(paragraph: Any, levels: Mapping[str, int]) -> int:
    outline = paragraph.find(f"{W}pPr/{W}outlineLvl")
    if outline is not None and outline.get(f"{W}val", "9").isdigit() and int(outline.get(f"{W}val", "9")) < 9:
        return int(outline.get(f"{W}val")) + 1
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return levels.get(style.get(f"{W}val", ""), 0) if style is not None else 0


def _runs(paragraph: Any) -> Iterator[Run]:
    for run in paragraph.iter(f"{W}r"):
        if any(above.tag in (FALLBACK, f"{W}del", f"{W}moveFrom") for above in run.iterancestors()):
            continue
        text = "".join(_letters(run))
        if text:
            yield Run(text, _is_on(run, "b"), _is_on(run, "i"))


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
