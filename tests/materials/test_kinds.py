"""What a file is, judged by its content."""

import io
import zipfile

import pytest

from lms.errors import InvalidInput
from lms.materials import kinds
from lms.materials.rules import MARKDOWN, PDF, PLAIN
from tests.materials.pdf import make_pdf

OOXML = {"word/document.xml": "Word (DOCX)", "xl/workbook.xml": "Excel (XLSX)", "ppt/presentation.xml": "PowerPoint"}


def archive(name: str, content: bytes = b"<w/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        *[(archive(name), kind) for name, kind in OOXML.items()],
        (archive("holiday/photo.jpg"), "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Word/Excel/PowerPoint 97-2003"),
        (b"{\\rtf1\\ansi hello}", "RTF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"\xff\xd8\xff\xe0....", "JPEG"),
        (b"MZ\x90\0", "EXE"),
        (b"\0\0\0\x20ftypisom", "MP4"),
        (b"RIFF....WEBPVP8 ", "WebP"),
        (b"\xef\xbb\xbf  <!DOCTYPE HTML><html>", "HTML/XML"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
    ],
)
def test_other_kinds_are_refused_by_what_they_are(content: bytes, named: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        kinds.refuse_other_kinds(io.BytesIO(content))
    assert named in str(refused.value)
    assert "PDF, Markdown" in str(refused.value)


def test_an_empty_file_is_refused() -> None:
    for content in (b"", b" \n\n  "):
        with pytest.raises(InvalidInput, match="empty"):
            kinds.refuse_other_kinds(io.BytesIO(content))


def test_a_pdf_is_known_by_its_mark_and_the_stream_is_left_at_its_start() -> None:
    stream = io.BytesIO(b"\r\n" + make_pdf(["一"]))
    stream.seek(7)
    assert kinds.refuse_other_kinds(stream)
    assert stream.tell() == 0
    assert not kinds.refuse_other_kinds(io.BytesIO("纯文本".encode()))


def test_markdown_and_plain_text_differ_by_name_only() -> None:
    assert kinds.text_kind("笔记.MD") == MARKDOWN
    assert kinds.text_kind("笔记.txt") == kinds.text_kind("笔记") == PLAIN


def test_a_text_that_is_named_as_a_pdf_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"\.PDF"):
        kinds.text_kind("通知.PDF")


@pytest.mark.parametrize(
    ("raw", "media_type", "clean"),
    [
        ("../../etc/passwd", PLAIN, "passwd.txt"),
        ("C:\\Users\\王\\报告 (终稿).pdf", PDF, "报告 (终稿).pdf"),
        ("a/b\\c.md", MARKDOWN, "c.md"),
        ("发票\u202efdp.exe", PDF, "发票fdp.exe.pdf"),
        ("x\r\nSet-Cookie: a=b.txt", PLAIN, "xSet-Cookie_ a=b.txt"),
        ("", PDF, "material.pdf"),
        ("..", PLAIN, "material.txt"),
        ("a\0b.pdf", PDF, "ab.pdf"),
        ("字" * 300 + ".pdf", PDF, "字" * 196 + ".pdf"),
    ],
)
def test_a_file_name_keeps_nothing_dangerous(raw: str, media_type: str, clean: str) -> None:
    assert kinds.clean_name(raw, media_type) == clean
