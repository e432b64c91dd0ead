"""What a file is, judged by what is in it: never by its name or by what the browser declares.

Only both ends of a file and the directory of an archive are looked at; nothing is unpacked here.
"""

import re
from pathlib import PurePosixPath
from typing import IO

from lms.errors import N_, InvalidInput
from lms.materials.readers.archive import open_archive
from lms.materials.readers.limits import Refused
from lms.materials.rules import DOCX, EPUB, GIF, HTML, JPEG, MARKDOWN, PDF, PLAIN, PNG, PPTX, WEBP

HEAD = 4096
TAIL = 65_536
NAME_CHARS = 200
MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown")
SUFFIXES = {
    PDF: (".pdf",),
    MARKDOWN: MARKDOWN_SUFFIXES,
    PLAIN: (".txt", ".text"),
    HTML: (".html", ".htm", ".xhtml"),
    EPUB: (".epub",),
    DOCX: (".docx",),
    PPTX: (".pptx",),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg", ".jpe"),
    GIF: (".gif",),
    WEBP: (".webp",),
}
REASONS = {
    "encrypted": N_("This file is protected by a password. Save a copy without protection and upload that."),
    "broken": N_("This file is damaged: it cannot be opened. Save it again from where it was made, then upload it."),
    "pages": N_("This file has more than 5,000 chapters or slides. Please split it and upload the parts."),
    "heavy": N_("This file is too heavy to read its text. Please split it and upload the parts."),
    "bomb": N_(
        "This file swells to many times its size when it is opened, as harmful files do. "
        "If you made it, save it again where it was made and upload that; if not, do not open it."
    ),
    "climbs": N_(
        "This file holds parts whose names lead out of its own folder, as harmful files do. "
        "If you made it, save it again where it was made and upload that; if not, do not open it."
    ),
    "entities": N_(
        "This file defines text that multiplies itself when it is read, as harmful files do. "
        "If you made it, save it again where it was made and upload that; if not, do not open it."
    ),
}

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (_OLD_OFFICE, "Word/Excel/PowerPoint 97-2003"),
    (b"{\\rtf", "RTF"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "GZIP"),
    (b"\xfd7zXZ\x00", "XZ"),
    (b"BZh", "BZIP2"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"AT&TFORM", "DjVu"),
    (b"%!PS", "PostScript"),
)
_RECORDINGS = frozenset({"MP4", "WAV/AVI", "Ogg", "MP3", "WebM"})
_HTML = re.compile(rb"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*(<!doctype html|<html[\s>])", re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"\s*<(\?xml|!doctype|svg[\s>])", re.IGNORECASE)
_CLAIMS_OTHER = re.compile(
    r"\.(pdf|docx?|wps|xlsx?|et|pptx?|dps|epub|mobi|azw3?|zip|rar|7z|jpe?g|png|gif|webp|mp[34]|m4a|exe)$", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[/\\]")
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_RESERVED = re.compile(r'[<>:"|?*]')


def look(head: bytes, name: str) -> None:
    """Look at the first bytes of a file that is still on its way. Raises InvalidInput for what is never taken."""
    if head.strip() and not head.startswith(_ZIP):
        _refuse_others(head, b"")


def judge(stream: IO[bytes], name: str) -> str:
    """Say what a file is, as a media type of ``rules``; the stream is left at its start.

    Raises InvalidInput naming the kind of a file that is not taken, and for an empty, damaged or harmful one.
    """
    head, tail = _ends(stream)
    if not head.strip():
        raise InvalidInput(N_("This file is empty. Please choose another one."), field="file")
    if head.startswith(_ZIP):
        return _judge_archive(stream)
    _refuse_others(head, tail)
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"RIFF"):
        return WEBP
    picture = next((media_type for magic, media_type in _PICTURES if head.startswith(magic)), None)
    if picture:
        return picture
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return HTML
    return text_kind(name)


def _ends(stream: IO[bytes]) -> tuple[bytes, bytes]:
    stream.seek(0)
    head = stream.read(HEAD)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    tail = stream.read(TAIL)
    stream.seek(0)
    return head, tail


def _judge_archive(stream: IO[bytes]) -> str:
    """Tell documents that are archives by their parts."""
    try:
        with open_archive(stream) as archive:
            names = {entry.filename for entry in archive.infolist()}
            first = archive.infolist()[0] if names else None
    except Refused as refused:
        raise InvalidInput(REASONS[str(refused)], field="file") from refused
    finally:
        stream.seek(0)
    if "META-INF/container.xml" in names and (first is None or first.filename == "mimetype" or "mimetype" in names):
        return EPUB
    if any(name.endswith("vbaProject.bin") for name in names):
        raise InvalidInput(
            N_("This file holds macros (programs). Save it without macros and upload that."), field="file"
        )
    if "word/document.xml" in names:
        return DOCX
    if "ppt/presentation.xml" in names:
        return PPTX
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        raise _refusal("Excel (XLSX)")
    raise _refusal("OpenDocument" if "content.xml" in names and "meta.xml" in names else "ZIP")


def _refuse_others(head: bytes, tail: bytes) -> None:
    if head.startswith(_OLD_OFFICE) and (_LOCKED_OFFICE in head or _LOCKED_OFFICE in tail):
        raise InvalidInput(REASONS["encrypted"], field="file")
    kind = _other_kind(head)
    if kind:
        raise _refusal(kind)


def _refusal(kind: str) -> InvalidInput:
    if kind in _RECORDINGS:
        return InvalidInput(
            N_("This is a recording (%(kind)s). Upload it as a lecture: there it can be played."),
            field="file",
            kind=kind,
        )
    return InvalidInput(
        N_(
            "This is a file of the kind %(kind)s. Taken are PDF, Word (DOCX), PowerPoint (PPTX), EPUB, web pages, "
            "Markdown, plain text and pictures: save it as one of these first."
        ),
        field="file",
        kind=kind,
    )


def _other_kind(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "HEIC" if head[8:12] in (b"heic", b"heix", b"mif1") else "MP4"
    if head.startswith(b"RIFF") and head[8:12] != b"WEBP":
        return "WAV/AVI"
    start = head.removeprefix(b"\xef\xbb\xbf")
    if _XML.match(start) and not _HTML.match(start):
        return "XML"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")


def text_kind(name: str) -> str:
    """Tell Markdown from plain text, for which the name is the only hint.

    Raises InvalidInput when the name claims to be something that the content is not.
    """
    claimed = _CLAIMS_OTHER.search(name)
    if claimed:
        raise InvalidInput(
            N_("The name ends in %(suffix)s, but what is in the file is plain text. Please check whether it is whole."),
            field="file",
            suffix=claimed[0],
        )
    return MARKDOWN if name.lower().endswith(MARKDOWN_SUFFIXES) else PLAIN


def clean_name(raw: str, media_type: str) -> str:
    """Give a file name that is safe to show and to save under, with an ending that fits the content.

    Only the last part of a path stays; characters that steer the display (among them those that turn the direction of
    writing and so hide the real ending) go.
    """
    name = _SEPARATORS.split(raw)[-1]
    name = _RESERVED.sub("_", _UNSAFE.sub("", name)).strip(" .") or "material"
    suffixes = SUFFIXES[media_type]
    if not name.lower().endswith(suffixes):
        name += suffixes[0]
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    return stem[: NAME_CHARS - len(suffix)] + suffix


def title_of(name: str) -> str:
    """Make a title from a cleaned file name."""
    return " ".join(PurePosixPath(name).stem.replace("_", " ").split())[:NAME_CHARS]
