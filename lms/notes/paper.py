"""Notes as a Word file, as they are handed in on paper: a title, a block of who and when, then the text.

Made from the Markdown's tokens: headings, lists, quotations, tables, code, weight and images. What a token has no
counterpart for comes out as its words. Fonts are named by their English names, which every Word on earth knows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_NESTING = 20
BODY_FONT = "SimSun"
HEAD_FONT = "SimHei"
LATIN_FONT = "Times New Roman"
BODY_SIZE = Pt(12)
IMAGE_WIDTH = Cm(14)
LIST_DEPTH = 3
_parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": MAX_NESTING}).enable(
    ["table", "strikethrough"]
)


@dataclass(frozen=True)
class Sheet:
    """A note for paper: ``facts`` are pairs of label and value, ``sections`` pairs of heading (or "") and Markdown."""

    title: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, str]]


FindImage = Callable[[str], Path | None]


def make(sheets: Iterable[Sheet], find_image: FindImage) -> bytes:
    """Make one Word file of notes, each from a new page on.

    ``find_image`` gives the file behind an image's address, None for what is not to be shown: its words stand there
    then.
    """
    word = Document()
    _dress(word)
    for number, sheet in enumerate(sheets):
        if number:
            word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _head(word, sheet)
        for heading, text in sheet.sections:
            if heading:
                word.add_heading(heading, level=1)
            _Writer(word, find_image).write(_parser.parse(text))
    packed = BytesIO()
    word.save(packed)
    return packed.getvalue()


def _dress(word: Word) -> None:
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "Heading 4"):
        style: Any = word.styles[name]
        chinese = BODY_FONT if name == "Normal" else HEAD_FONT
        style.font.name = LATIN_FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), chinese)
        fonts.set(qn("w:hAnsi"), LATIN_FONT)
        style.font.color.rgb = None
    normal: Any = word.styles["Normal"]
    normal.font.size = BODY_SIZE
    normal.paragraph_format.line_spacing = 1.5
    normal.paragraph_format.space_after = Pt(6)
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(3)


def _head(word: Word, sheet: Sheet) -> None:
    title = word.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(_clean(sheet.title))
    run.bold = True
    run.font.size = Pt(20)
    table = word.add_table(rows=0, cols=4)
    table.style = "Table Grid"
    facts = [(label, value) for label, value in sheet.facts if value]
    for start in range(0, len(facts), 2):
        cells = table.add_row().cells
        for offset, (label, value) in enumerate(facts[start : start + 2]):
            cells[2 * offset].paragraphs[0].add_run(_clean(label)).bold = True
            cells[2 * offset + 1].paragraphs[0].add_run(_clean(value))
        if start + 1 == len(facts):
            cells[1].merge(cells[3])
    word.add_paragraph()


class _Writer:
    """Walks over the tokens of one text and writes paragraphs as it goes."""

    def __init__(self, word: Word, find_image: FindImage) -> None:
        self._word = word
        self._find_image = find_image
        self._lists: list[str] = []
        self._quotes = 0
        self._heading = 0

    def write(self, tokens: Sequence[Token]) -> None:
        """Write block tokens."""
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.type == "table_open":
                end = next(n for n in range(position, len(tokens)) if tokens[n].type == "table_close")
                self._table(tokens[position:end])
                position = end
            else:
                self._block(token)
            position += 1

    def _block(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._heading = int(token.tag[1:])
            case "heading_close":
                self._heading = 0
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "bullet_list_open":
                self._lists.append("List Bullet")
            case "ordered_list_open":
                self._lists.append("List Number")
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "fence" | "code_block":
                paragraph = self._paragraph()
                self._lines(paragraph, token.content.rstrip("\n"), "Consolas")
            case "hr":
                self._paragraph().add_run("* * *")
            case "inline":
                self._inline(self._paragraph(), token.children or [])

    def _paragraph(self) -> Paragraph:
        if self._heading:
            return self._word.add_heading("", level=min(self._heading, 4))
        style = self._list_style()
        paragraph = self._word.add_paragraph(style=style)
        shape = paragraph.paragraph_format
        if self._quotes:
            shape.left_indent = Cm(1.2 * self._quotes)
            shape.right_indent = Cm(0.8)
        elif style is None:
            shape.first_line_indent = BODY_SIZE * 2
        return paragraph

    def _list_style(self) -> str | None:
        if not self._lists:
            return None
        depth = min(len(self._lists), LIST_DEPTH)
        return self._lists[-1] if depth == 1 else f"{self._lists[-1]} {depth}"

    def _inline(self, paragraph: Paragraph, tokens: Sequence[Token]) -> None:
        bold = italic = struck = 0
        for token in tokens:
            match token.type:
                case "strong_open" | "strong_close":
                    bold += token.nesting
                case "em_open" | "em_close":
                    italic += token.nesting
                case "s_open" | "s_close":
                    struck += token.nesting
                case "softbreak" | "hardbreak":
                    paragraph.add_run().add_break()
                case "image":
                    self._image(paragraph, token)
                case "text" | "code_inline":
                    run = paragraph.add_run(_clean(token.content))
                    run.bold = bool(bold) or None
                    run.italic = bool(italic or self._quotes) or None
                    run.font.strike = bool(struck) or None

    def _image(self, paragraph: Paragraph, token: Token) -> None:
        found = self._find_image(str(token.attrs.get("src", "")))
        if found is None:
            paragraph.add_run(_clean(token.content))
            return
        paragraph.paragraph_format.first_line_indent = None
        try:
            picture = paragraph.add_run().add_picture(str(found))
        except (UnrecognizedImageError, OSError):
            paragraph.add_run(_clean(token.content))
            return
        if picture.width > IMAGE_WIDTH:
            picture.height = Emu(picture.height * IMAGE_WIDTH // picture.width)
            picture.width = IMAGE_WIDTH

    def _table(self, tokens: Sequence[Token]) -> None:
        rows: list[list[Token]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token)
        table = self._word.add_table(rows=0, cols=max(map(len, rows)))
        table.style = "Table Grid"
        for row in rows:
            cells = table.add_row().cells
            for cell, token in zip(cells, row, strict=False):
                self._inline(cell.paragraphs[0], token.children or [])
        self._word.add_paragraph()

    def _lines(self, paragraph: Paragraph, text: str, font: str) -> None:
        paragraph.paragraph_format.first_line_indent = None
        for number, line in enumerate(text.split("\n")):
            run = paragraph.add_run(_clean(line))
            run.font.name = font
            if number < text.count("\n"):
                run.add_break()


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(char for char in text if char in "\t\n" or " " <= char <= "\ud7ff" or char >= "\ue000")
