"""XML and HTML from strangers: no entity is expanded, nothing is fetched, no tree is too deep to walk."""

import re
from functools import cache, lru_cache
from html.entities import html5
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from .limits import Refused

_ENTITY_DECLARED = re.compile(rb"<!ENTITY", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_NAMED = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
PROLOGUE = 16_384


def parse_xml(content: bytes, *, doctype: bool = False) -> Any:
    """Parse a part of an office file. Raises Refused("entities") for one that declares any, else "broken"."""
    if _declares(content, _ENTITY_DECLARED) or (not doctype and _declares(content, _DOCTYPE)):
        raise Refused("entities")
    return _parsed(content)


def _parsed(content: bytes) -> Any:
    try:
        root = etree.fromstring(content, _xml_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused("broken") from error
    if root is None:
        raise Refused("broken")
    return root


def refuse_entities(content: bytes) -> None:
    """Raise Refused("entities") for a document that declares any."""
    if _declares(content, _ENTITY_DECLARED):
        raise Refused("entities")


def _declares(content: bytes, what: re.Pattern[bytes]) -> bool:
    """Look for a declaration in the beginning; most have none at all, which is seen much faster."""
    return content.find(b"<!", 0, PROLOGUE) >= 0 and what.search(content, 0, PROLOGUE) is not None


@cache
def _xml_parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )


def parse_xhtml(content: bytes) -> Any:
    """Parse a chapter: as XML with the names of HTML's characters, or as HTML when it is not well-formed.

    Raises Refused("entities") for one that declares its own.
    """
    root = parse_wellformed(content)
    return root if root is not None else parse_html(content)


def parse_wellformed(content: bytes) -> Any | None:
    """Parse a chapter as XML with the names of HTML's characters; None when it is not well-formed.

    Raises Refused("entities") for one that declares its own.
    """
    refuse_entities(content)
    try:
        return _parsed(_NAMED.sub(_character, content) if b"&" in content else content)
    except Refused:
        return None


def _character(found: re.Match[bytes]) -> bytes:
    known = html5.get(found[1].decode("ascii") + ";", "")
    return "".join(f"&#{ord(letter)};" for letter in known).encode() or b"&amp;" + found[0][1:]


def parse_html(content: bytes | str) -> Any:
    """Parse HTML as it comes. Raises Refused("broken") for what has no element."""
    options: dict[str, Any] = {"encoding": "utf-8"} if isinstance(content, bytes) else {}
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, **options)
    try:
        root = lxml_html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Refused("broken") from error
    return root


def local(element: Any) -> str:
    """Give the name of an element without its namespace, in small letters; "" for what is no element."""
    tag = element.tag
    return local_name(tag) if isinstance(tag, str) else ""


@lru_cache(1000)
def local_name(tag: str) -> str:
    """Give the name of a tag as lxml writes it, without its namespace, in small letters."""
    return tag.rpartition("}")[2].lower()
