"""PPTX: a page for each slide, with its title, what stands on it, its pictures, and what the speaker notes below."""

import posixpath
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from .archive import find_part, open_archive
from .flow import Flow, Run, Section, picture_run, plain, tidy
from .limits import MAX_SECTIONS, Refused
from .markup import parse_xml
from .pictures import Pictures, Shown, of_archive

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PRESENTATION = "ppt/presentation.xml"
TITLES = ("title", "ctrTitle")
QUIET = ("sldNum", "dt", "ftr", "hdr")
MAX_COLUMNS = 200


def read(stream: IO[bytes]) -> tuple[list[Section], list[bytes]]:
    """Give the slides of a presentation, an empty section for an empty one, and the pictures. Raises Refused."""
    archive = open_archive(stream)
    content = find_part(archive, PRESENTATION)
    if content is None:
        raise Refused("broken")
    targets = _relations(archive, PRESENTATION)
    names = [targets.get(slide.get(f"{R}id", ""), ("", ""))[0] for slide in parse_xml(content).iter(f"{P}sldId")]
    if len(names) > MAX_SECTIONS:
        raise Refused("pages")
    pictures = of_archive(archive)
    return [_slide(archive, name, pictures) for name in names if name], pictures.taken


def _relations(archive: zipfile.ZipFile, name: str) -> dict[str, tuple[str, str]]:
    """Give what a part refers to: the name of the part and the kind of relation, by its id."""
    folder, file = posixpath.split(name)
    content = find_part(archive, f"{folder}/_rels/{file}.rels")
    if content is None:
        return {}
    return {
        found.get("Id", ""): (
            posixpath.normpath(posixpath.join(folder, found.get("Target", ""))).lstrip("/"),
            found.get("Type", "").rpartition("/")[2],
        )
        for found in parse_xml(content)
        if found.get("TargetMode") != "External"
    }


def _slide(archive: zipfile.ZipFile, name: str, pictures: Pictures) -> Section:
    content = find_part(archive, name)
    if content is None:
        return Section()
    root = parse_xml(content)
    flow = Flow()
    title = ""
    relations = _relations(archive, name)
    for shape in _shapes(root):
        if shape.tag == f"{A}tbl":
            flow.table(_rows(shape))
        elif shape.tag == f"{P}pic":
            flow.paragraph([picture_run(*_picture(shape, relations, pictures))])
        elif _kind(shape) in TITLES and not title:
            title = tidy(" ".join(plain(_runs(p)) for p in shape.iter(f"{A}p")))
        elif _kind(shape) not in QUIET:
            _paragraphs(shape, flow)
    notes = next((part for part, kind in relations.values() if kind == "notesSlide"), None)
    if notes:
        _notes(archive, notes, flow)
    sections = flow.finish()
    whole = Section(title)
    for section in sections:
        whole.lines += section.lines
        whole.pieces += section.pieces
    if title:
        whole.lines.insert(0, title)
    return whole


def _shapes(root: Any) -> Iterator[Any]:
    """Walk over shapes with words and over tables, those in groups too, in the order of the slide."""
    for element in root.iter(f"{P}sp", f"{A}tbl", f"{P}pic"):
        if not any(above.tag == FALLBACK for above in element.iterancestors()):
            yield element


def _picture(shape: Any, relations: dict[str, tuple[str, str]], pictures: Pictures) -> tuple[Shown | None, str]:
    """Give a picture as it is shown, and its words."""
    blip, said = next(shape.iter(f"{A}blip"), None), next(shape.iter(f"{P}cNvPr"), None)
    part = relations.get(blip.get(f"{R}embed", ""), ("", ""))[0] if blip is not None else ""
    return pictures.find(part), str(said.get("descr", "")) if said is not None else ""


def _kind(shape: Any) -> str:
    holder = next(shape.iter(f"{P}ph"), None)
    return str(holder.get("type", "body")) if holder is not None else ""


def _paragraphs(shape: Any, flow: Flow) -> None:
    in_list = _kind(shape) in ("body", "obj", "subTitle")
    paragraphs = list(shape.iter(f"{A}p"))
    for paragraph in paragraphs:
        runs = _runs(paragraph)
        level = paragraph.find(f"{A}pPr")
        depth = level.get("lvl", "0") if level is not None else "0"
        if in_list and len(paragraphs) > 1:
            flow.item(runs, (int(depth) if depth.isdigit() else 0) + 1)
        else:
            flow.paragraph(runs)


def _runs(paragraph: Any) -> list[Run]:
    runs = []
    for part in paragraph:
        if part.tag == f"{A}br":
            runs.append(Run("\n"))
        elif part.tag in (f"{A}r", f"{A}fld"):
            look = part.find(f"{A}rPr")
            text = "".join(letters.text or "" for letters in part.iter(f"{A}t")).replace("\v", "\n")
            bold, italic = (look.get("b") == "1", look.get("i") == "1") if look is not None else (False, False)
            runs.append(Run(text, bold, italic))
    return runs


def _rows(table: Any) -> Iterator[list[str]]:
    for row in table.iter(f"{A}tr"):
        cells = list(row.iter(f"{A}tc"))[:MAX_COLUMNS]
        yield [" ".join(plain(_runs(p)) for p in cell.iter(f"{A}p")) for cell in cells]


def _notes(archive: zipfile.ZipFile, name: str, flow: Flow) -> None:
    content = find_part(archive, name)
    if content is None:
        return
    for shape in parse_xml(content).iter(f"{P}sp"):
        if _kind(shape) == "body":
            for paragraph in shape.iter(f"{A}p"):
                flow.paragraph(_runs(paragraph), "blockquote")
