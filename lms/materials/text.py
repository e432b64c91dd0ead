"""From the bytes of a file to pages of clean text. Nothing here touches database or files."""

import codecs
import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt

from lms.chinese_markdown import WIDE, emphasis
from lms.errors import N_, InvalidInput

Section = tuple[str, str]

STRETCH = 1500
LONGEST_PARAGRAPH = 3000
LONGEST_SECTION = 30_000
MAX_PAGES = 5000
HEADING_CHARS = 200
FULL_LINE = 0.75

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff\ufffe\uffff]")
_UNTIDY = re.compile(_CONTROL.pattern[:-1] + r"\r\f\ud800-\udfff\u2e80-\u2fdf\ufb00-\ufb06]")
_BINARY = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKALIKE = re.compile(r"[\u2e80-\u2fdf\ufb00-\ufb06]")
_SENTENCE_END = re.compile(r"[\u3002\uff01\uff1f\uff1b.!?;:\uff1a\u2026][\u201d\u2019\u300d\u300f)\uff09]*$")
_CUT = re.compile(r"(?<=[\u3002\uff01\uff1f\uff1b.!?;\n])")
_CUTTING = ("h1", "h2", "h3")
_UNREADABLE = N_(
    "The text cannot be read in this encoding. Save the file as UTF-8 (Notepad: Save as, Encoding), then upload it."
)
_NO_TEXT = N_("This file is no text, whatever its name says. Taken are PDF, Markdown and plain text.")
_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
_parser.inline.ruler.at("emphasis", emphasis)


def guess_charset(data: bytes) -> str:
    """Say how bytes are to be read as text: by their byte order mark, as strict UTF-8, else as strict GB18030.

    No statistics: they take short GB18030 texts for other encodings. Raises InvalidInput for what is no text in these.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif data.startswith(codecs.BOM_UTF8):
        tried = ["utf-8"]
    else:
        tried = ["utf-8", "gb18030"]
    for charset in tried:
        try:
            content = _decoded(data, charset)
        except UnicodeError:
            continue
        _refuse_binary(content)
        return charset
    if b"\0" in data:
        raise InvalidInput(_NO_TEXT, field="file")
    raise InvalidInput(_UNREADABLE, field="file")


def decode(data: bytes, charset: str) -> str:
    """Read bytes as text, strictly. Raises InvalidInput for another encoding and for what is no text at all."""
    try:
        content = _decoded(data, charset)
    except UnicodeError as error:
        raise InvalidInput(_UNREADABLE, field="file") from error
    _refuse_binary(content)
    return content


def _decoded(data: bytes, charset: str) -> str:
    return data.decode("utf-8-sig" if charset == "utf-8" else charset)


def _refuse_binary(content: str) -> None:
    if "\0" in content or len(_BINARY.findall(content)) * 1000 > len(content):
        raise InvalidInput(_NO_TEXT, field="file")


def clean(text: str) -> str:
    """Normalise a text for keeping: NFC, line feeds, no control characters, no half of a surrogate pair.

    PDFs of some makers spell common characters with look-alikes of the radicals' block, which no search would find.
    """
    if _UNTIDY.search(text):
        text = text.encode("utf-8", "replace").decode("utf-8")
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
        text = _CONTROL.sub("", text)
        text = _LOOKALIKE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip("\n ")


def clean_all(written: str, between: str) -> list[str]:
    """Clean the texts that lie in one with a control character between them, as ``clean`` does each of them."""
    texts = written.split(between)
    plain = "".join(texts) if between in written else written
    if _UNTIDY.search(plain) or not unicodedata.is_normalized("NFC", written):
        return [clean(text) for text in texts]
    return [text.strip("\n ") for text in texts]


def join_lines(text: str) -> str:
    """Put the lines of a printed page together into paragraphs.

    A line that runs to the edge and ends no sentence goes on in the next; shorter ones are titles or last lines.
    """
    lines = [line.strip() for line in text.split("\n")]
    edge = FULL_LINE * max(map(_width, lines), default=0)
    joined: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and line:
            joined[-1] = _joined(joined[-1], line)
        else:
            joined.append(line)
        goes_on = bool(line) and _width(line) >= edge and not _SENTENCE_END.search(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(joined)).strip("\n")


def _width(line: str) -> int:
    return len(line) + len(WIDE.findall(line))


def _joined(before: str, after: str) -> str:
    if before.endswith("-") and before[-2:-1].isalpha() and after[0].islower():
        return before[:-1] + after
    if WIDE.match(before[-1]) or WIDE.match(after[0]):
        return before + after
    return f"{before} {after}"


def printed_pages(texts: list[str]) -> list[Section]:
    """Make the pages of a PDF, with the first line as heading where it is short enough to be one."""
    pages = []
    for raw in texts:
        text = join_lines(clean(raw))
        pages.append((_first_line(text), text))
    return pages


def _first_line(text: str) -> str:
    line = text.split("\n", 1)[0].strip()
    return line if len(line) <= 40 and not _SENTENCE_END.search(line) and not line.isdigit() else ""


def markdown_sections(text: str) -> list[Section]:
    """Cut Markdown at its headings of the first three levels; a heading without text leads the one below it.

    Headings inside code, lists and quotations are no headings of the document.
    """
    text = clean(text)
    lines = text.split("\n")
    sections: list[Section] = []
    leading = ""
    for heading, body in _at_headings(lines, _headings(text)):
        if not body and heading:
            leading = _heading(leading, heading)
            continue
        sections.extend((_heading(leading, heading), part) for part in _parts(body, LONGEST_SECTION))
        leading = ""
    if leading:
        sections.append((leading, ""))
    return sections[:MAX_PAGES]


def _heading(leading: str, heading: str) -> str:
    return (f"{leading} · {heading}" if leading and heading else leading or heading)[:HEADING_CHARS]


def _headings(text: str) -> list[tuple[int, int, str]]:
    tokens = _parser.parse(text)
    return [
        (token.map[0], token.map[1], _plain(tokens[index + 1].content))
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.tag in _CUTTING and token.map
    ]


def _plain(source: str) -> str:
    inline = _parser.parseInline(source)[0].children or []
    return " ".join("".join(token.content for token in inline).split())


def _at_headings(lines: list[str], headings: list[tuple[int, int, str]]) -> Iterator[Section]:
    starts = [(0, 0, ""), *headings]
    ends = [start for start, _, _ in starts[1:]] + [len(lines)]
    for (_, after, heading), end in zip(starts, ends, strict=True):
        body = "\n".join(lines[after:end]).strip("\n")
        if body or heading:
            yield heading, body


def plain_stretches(text: str) -> list[Section]:
    """Cut plain text into stretches of about ``STRETCH`` characters, at the ends of paragraphs."""
    return [("", part) for part in _parts(clean(text), STRETCH)][:MAX_PAGES]


def _parts(text: str, size: int) -> list[str]:
    parts: list[str] = []
    held: list[str] = []
    length = 0
    for paragraph in _paragraphs(text, max(size, LONGEST_PARAGRAPH)):
        held.append(paragraph)
        length += len(paragraph)
        if length >= size:
            parts.append("".join(held).strip("\n"))
            held, length = [], 0
    rest = "".join(held).strip("\n")
    if rest and parts and length < size // 5:
        parts[-1] = f"{parts[-1]}\n{rest}"
    elif rest:
        parts.append(rest)
    return parts or [""]


def _paragraphs(text: str, longest: int) -> Iterator[str]:
    for paragraph in text.splitlines(keepends=True):
        while len(paragraph) > longest:
            cut = _cut_at(paragraph, longest)
            yield paragraph[:cut]
            paragraph = paragraph[cut:]
        yield paragraph


def _cut_at(paragraph: str, longest: int) -> int:
    ends = [found.start() for found in _CUT.finditer(paragraph, 1, longest)]
    return ends[-1] if ends else longest
