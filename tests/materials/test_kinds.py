"""What a file is, judged by its content."""

import io
import zipfile

import pytest

from lms.errors import InvalidInput
from lms.materials import kinds
from lms.materials.rules import DOCX, EPUB, GIF, HTML, JPEG, MARKDOWN, PDF, PLAIN, PNG, PPTX, WEBP


def archive(*names: str, content: bytes = b"<w/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("[Content_Types].xml", *names):
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (archive("word/document.xml"), DOCX),
        (archive("ppt/presentation.xml"), PPTX),
        (archive("mimetype", "META-INF/container.xml"), EPUB),
        (b"\r\n%PDF-1.7 ...", PDF),
        (b"\x89PNG\r\n\x1a\n....", PNG),
        (b"\xff\xd8\xff\xe0....", JPEG),
        (b"GIF89a....", GIF),
        (b"RIFF....WEBPVP8 ", WEBP),
        (b"\xef\xbb\xbf  <!DOCTYPE HTML><html>", HTML),
        (b'<?xml version="1.0"?>\n<!-- saved -->\n<html xmlns="http://www.w3.org/1999/xhtml">', HTML),
        ("纯文本".encode(), PLAIN),
    ],
)
def test_a_file_is_what_it_holds_whatever_its_name(content: bytes, media_type: str) -> None:
    stream = io.BytesIO(content)
    stream.seek(3)
    assert kinds.judge(stream, "报告") == media_type
    assert stream.tell() == 0
    assert kinds.clean_name("x", media_type).startswith("x.")
    assert kinds.title_of(kinds.clean_name("学习_材料", media_type)) == "学习 材料"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (archive("xl/workbook.xml"), "Excel (XLSX)"),
        (archive("content.xml", "meta.xml"), "OpenDocument"),
        (archive("holiday/photo.jpg"), "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Word/Excel/PowerPoint 97-2003"),
        (b"{\\rtf1\\ansi hello}", "RTF"),
        (b"MZ\x90\0", "EXE"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "XML"),
    ],
)
def test_other_kinds_are_refused_by_what_they_are(content: bytes, named: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        kinds.judge(io.BytesIO(content), "报告.pdf")
    assert named in str(refused.value)
    assert "Taken are PDF" in str(refused.value)


@pytest.mark.parametrize(("content", "named"), [(b"\0\0\0\x20ftypisom", "MP4"), (b"RIFF....WAVEfmt ", "WAV")])
def test_a_recording_is_sent_to_the_lectures(content: bytes, named: str) -> None:
    with pytest.raises(InvalidInput, match="Upload it as a lecture") as refused:
        kinds.judge(io.BytesIO(content), "第一讲.pdf")
    assert named in str(refused.value)


def test_an_office_file_with_a_password_or_with_macros_says_so() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(InvalidInput, match="password"):
        kinds.judge(io.BytesIO(locked), "a.docx")
    with pytest.raises(InvalidInput, match="macros"):
        kinds.judge(io.BytesIO(archive("word/document.xml", "word/vbaProject.bin")), "a.docx")


def test_the_first_bytes_of_an_upload_are_enough_to_refuse_what_is_never_taken() -> None:
    kinds.look(archive("word/document.xml")[:40], "a.docx")
    kinds.look(b"%PDF-1.7", "a.pdf")
    with pytest.raises(InvalidInput, match="MP4"):
        kinds.look(b"\0\0\0\x20ftypisom", "a.pdf")


def test_an_empty_file_is_refused() -> None:
    for content in (b"", b" \n\n  "):
        with pytest.raises(InvalidInput, match="empty"):
            kinds.judge(io.BytesIO(content), "a.pdf")


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
