"""What a file is, judged by what is in it: never by its name or by what the browser declares.

Only the first and last bytes are looked at for what is refused; an archive is never unpacked, so that one made to
swell to gigabytes is nothing but an archive here.
"""

import re
from pathlib import PurePosixPath
from typing import IO

from lms.errors import N_, InvalidInput
from lms.materials.rules import MARKDOWN, PDF, PLAIN

HEAD = 4096
TAIL = 65_536
MAX_TEXT_BYTES = 20 * 1024 * 1024
NAME_CHARS = 200
MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown")
SUFFIXES = {PDF: (".pdf",), MARKDOWN: MARKDOWN_SUFFIXES, PLAIN: (".txt", ".text")}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Word/Excel/PowerPoint 97-2003"),
    (b"{\\rtf", "RTF"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "GZIP"),
    (b"\xfd7zXZ\x00", "XZ"),
    (b"BZh", "BZIP2"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"AT&TFORM", "DjVu"),
    (b"%!PS", "PostScript"),
)
_IN_ZIP: tuple[tuple[bytes, str], ...] = (
    (b"word/", "Word (DOCX)"),
    (b"xl/", "Excel (XLSX)"),
    (b"ppt/", "PowerPoint (PPTX)"),
    (b"application/epub+zip", "EPUB"),
    (b"application/vnd.oasis.opendocument", "OpenDocument"),
)
_HTML = re.compile(rb"\s*(<!doctype html|<html|<\?xml)", re.IGNORECASE)
_CLAIMS_OTHER = re.compile(
    r"\.(pdf|docx?|wps|xlsx?|et|pptx?|dps|epub|mobi|azw3?|zip|rar|7z|jpe?g|png|gif|webp|mp[34]|m4a|exe)$", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[/\\]")
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_RESERVED = re.compile(r'[<>:"|?*]')


def refuse_other_kinds(stream: IO[bytes]) -> bool:
    """Look at both ends of a file and say whether it presents itself as a PDF; the stream is left at its start.

    Raises InvalidInput naming the kind of a file that is not taken, and for an empty one.
    """
    head, tail = _ends(stream)
    if not head.strip():
        raise InvalidInput(N_("This file is empty. Please choose another one."), field="file")
    kind = _other_kind(head, tail)
    if kind:
        raise InvalidInput(
            N_("This is a file of the kind %(kind)s. Taken are PDF, Markdown and plain text: save it as PDF first."),
            field="file",
            kind=kind,
        )
    return b"%PDF-" in head[:1024]


def _ends(stream: IO[bytes]) -> tuple[bytes, bytes]:
    stream.seek(0)
    head = stream.read(HEAD)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    tail = stream.read(TAIL)
    stream.seek(0)
    return head, tail


def _other_kind(head: bytes, tail: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return next((kind for mark, kind in _IN_ZIP if mark in head or mark in tail), "ZIP")
    if head[4:8] == b"ftyp":
        return "MP4"
    if head.startswith(b"RIFF"):
        return "WebP" if head[8:12] == b"WEBP" else "WAV/AVI"
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "HTML/XML"
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
