"""HTML files: a saved page, cut at its headings."""

import base64
import binascii
import codecs
import re
from typing import IO

from .flow import Flow, Section, tidy
from .hypertext import Walker
from .markup import local, parse_html
from .pictures import Pictures

CUT = 2
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_DATA = re.compile(r"\s*data:image/[a-z.+-]{1,20};base64,", re.IGNORECASE)
_ALIKE = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252"}


def decode_html(content: bytes) -> str:
    """Read bytes as text: by their mark, as strict UTF-8, by what the page declares, else as GB18030."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    found = _DECLARED.search(content[:4096])
    name = found[1].decode("ascii").lower() if found else "gb18030"
    name = _ALIKE.get(name, name)
    try:
        return content.decode(name, "replace" if found and name != "utf-8" else "strict")
    except (LookupError, UnicodeDecodeError):
        return content.decode("gb18030", "replace")


def read(stream: IO[bytes]) -> tuple[list[Section], list[bytes]]:
    """Give the sections of a page, and the pictures that it holds itself. Raises Refused."""
    text = decode_html(stream.read()).replace("\0", "")
    root = parse_html(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    flow = Flow()
    title = next((element for element in root.iter() if local(element) == "title"), None)
    headings = any(local(element) == "h1" for element in root.iter())
    if title is not None and not headings:
        flow.begin(tidy("".join(title.itertext())))
    pictures = Pictures(_held)
    Walker(flow, CUT, None, pictures.find).walk(root)
    return flow.finish(), pictures.taken


def _held(address: str) -> bytes | None:
    """Give a picture that stands in its own address; one that is elsewhere is never fetched."""
    found = _DATA.match(address)
    try:
        return base64.b64decode(address[found.end() :], validate=False) if found else None
    except binascii.Error:
        return None
