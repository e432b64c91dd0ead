"""What the tags of a book mean in the stream of its words: looked up by the bytes of the whole tag, each only once.

Most tags of a book are the same few, letter for letter, so that thousands of them cost a look into a dictionary each.
The marks are control characters, which a chapter that holds one itself is not read with.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html.entities import html5
from typing import NamedTuple

from .hypertext import BLOCKS, HEADINGS, LISTS, SKIPPED

BLOCK, SIGN, LINE_END, SHOWN = "\x01", "\x02", "\x03", "\x04"
"""Between two blocks; in place of what is put in by itself; a line end of the author; a picture that is shown."""
NOTHING, BLOCK_MARK, LINE_END_MARK = b"", BLOCK.encode(), LINE_END.encode()
_BLOCKS = BLOCKS | {"li", "blockquote", "hr"}
_SPECIAL = SKIPPED | HEADINGS.keys() | {"pre", "table", "img", "body"}
_WELLFORMED = re.compile(rb"""/?[^ =<>/"'&;!?]+(?: +[^ =<>/"'&]+ *= *(?:"[^"]*"|'[^']*'))* */?""")
_SPACES = bytes.maketrans(b"\n\t", b"  ")
_ATTRIBUTE = re.compile(rb""" ([^ =]+) *= *(?:"([^"]*)"|'([^']*)')""")
_QUOTED = re.compile(rb""""[^"]*"|'[^']*'""")
_PREFIX = re.compile(rb"([^ =:/]+):")
_REFERENCE = re.compile(rb"&(?:([A-Za-z][A-Za-z0-9]{1,31});|#([0-9]{1,7});|#x([0-9A-Fa-f]{1,6});)?")
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Unusual(Exception):
    """The chapter is to be walked through element by element."""


class Tag(NamedTuple):
    """A tag: its name in small letters without a namespace, and what stands in the stream for it.

    The mark is None where that depends on what stands around it. ``ident`` is its id, or else its name, where that may
    be a place at which a section begins.
    """

    name: str
    closes: bool
    whole: bool
    mark: bytes | None
    ident: str = ""


class Tags(dict[bytes, bytes | None]):
    """Gives for a tag, without its brackets, what stands in the stream for it: None for those that are ``special``.

    ``elements`` gives a number to each name as it is written: positive where a tag begins such an element, negative
    where it ends one. ``prefixes`` are the names of namespaces that hold, ``places`` the ids at which a section begins
    anywhere in the book. Raises Unusual, for what is not well-formed, too.
    """

    def __init__(self, prefixes: Iterable[bytes] = (), places: Iterable[str] = ()) -> None:
        """Begin with nothing known."""
        super().__init__()
        self.special: dict[bytes, Tag] = {}
        self.elements: dict[bytes, int] = {}
        self._named: dict[bytes, tuple[Tag, int]] = {}
        self._numbers: dict[bytes, int] = {}
        self._prefixes = {*prefixes, b"xml", b"xmlns"}
        self._places = {*places}
        self._written_places = {place.encode("utf-8", "replace") for place in self._places}

    def __missing__(self, tag: bytes) -> bytes | None:
        written, space, attributes = tag.partition(b" ")
        known = self._named.get(written)
        ident = self._usual_ident(attributes) if known is not None and space else None
        if known is None or ident is None:
            known, ident = self._looked_at(tag)
        seen, self.elements[tag] = known
        mark = self[tag] = None if ident else seen.mark
        if mark is None:
            self.special[tag] = seen._replace(ident=ident) if ident else seen
        return mark

    def _usual_ident(self, attributes: bytes) -> str | None:
        """Give the place that attributes make, "" for none; None for attributes that are written in no usual way."""
        if b"&" in attributes or b"'" in attributes or b"\n" in attributes or b"\t" in attributes:
            return None
        pieces = attributes.split(b'"')
        if len(pieces) % 2 == 0 or pieces[-1] or (b":" in attributes and b":" in b"".join(pieces[::2])):
            return None
        if self._written_places.isdisjoint(pieces):
            return ""
        values = dict(zip(pieces[::2], pieces[1::2], strict=False))
        found = values.get(b"id=") or values.get(b" id=")
        return found.decode("utf-8", "replace") if found in self._written_places else None

    def _looked_at(self, tag: bytes) -> tuple[tuple[Tag, int], str]:
        tag = tag.translate(_SPACES)
        if not _WELLFORMED.fullmatch(tag):
            raise Unusual
        written = tag.partition(b" ")[0]
        if written != tag and tag.endswith(b"/"):
            written += b"/"
        if b":" in tag:
            self._check_prefixes(_QUOTED.sub(b"", tag))
        known = self._named.get(written) or self._by_name(written)
        return known, self._ident(tag) if self._places and not known[0].closes else ""

    def _ident(self, tag: bytes) -> str:
        attributes = attributes_of(tag)
        ident = attributes.get("id") or attributes.get("name") or ""
        return ident if ident in self._places else ""

    def _by_name(self, written: bytes) -> tuple[Tag, int]:
        seen = _seen(written)
        number = self._numbers.setdefault(written.removeprefix(b"/"), len(self._numbers) + 1)
        found = self._named[written] = seen, 0 if seen.whole else -number if seen.closes else number
        return found

    def _check_prefixes(self, names: bytes) -> None:
        if not self._prefixes.issuperset(_PREFIX.findall(names)):
            raise Unusual


class Meanings:
    """What tags mean for all chapters of a book in which the same prefixes are declared, as nearly always in all."""

    def __init__(self, places: Iterable[str]) -> None:
        """Take the ids at which sections begin."""
        self._places = list(places)
        self._prefixes: set[bytes] = set()
        self._tags = Tags(places=self._places)

    def where(self, prefixes: Iterable[bytes]) -> Tags:
        """Give what tags mean where some prefixes are declared."""
        if self._prefixes != set(prefixes):
            self._prefixes = set(prefixes)
            self._tags = Tags(self._prefixes, self._places)
        return self._tags


def seen_by_name(tag: bytes) -> Tag:
    """Give what a tag is by its name and its slashes."""
    written = tag.split(None, 1)[0]
    return _seen(written + b"/" if tag.endswith(b"/") and written != tag else written)


@lru_cache(2000)
def _seen(written: bytes) -> Tag:
    name = written.strip(b"/").rpartition(b":")[2].decode("utf-8", "replace").lower()
    closes, whole = written.startswith(b"/"), written.endswith(b"/")
    return Tag(name, closes, whole, _mark(name, closes, whole))


def _mark(name: str, closes: bool, whole: bool) -> bytes | None:
    if name in LISTS or (name in _SPECIAL and not closes):
        return None
    if name == "br":
        return LINE_END_MARK if whole else NOTHING if closes else None
    return usual_mark(name)


def usual_mark(name: str) -> bytes:
    """Give what stands in the stream for a tag of which nothing depends on its place."""
    return BLOCK_MARK if name in _BLOCKS else NOTHING


def attributes_of(tag: bytes) -> Mapping[str, str]:
    """Give the attributes of a tag."""
    found = _ATTRIBUTE.findall(tag.translate(_SPACES))
    return {name.decode(): text_of(one or other) for name, one, other in found}


def text_of(written: bytes) -> str:
    """Read text or an attribute. Raises Unusual."""
    try:
        return resolved(written).decode()
    except UnicodeDecodeError as error:
        raise Unusual from error


def resolved(written: bytes) -> bytes:
    """Put characters in place of their numbers, and of their names in HTML. Raises Unusual for what is neither."""
    return _REFERENCE.sub(_referred, written) if b"&" in written else written


def _referred(found: re.Match[bytes]) -> bytes:
    return _character(found[0])


@lru_cache(2000)
def _character(reference: bytes) -> bytes:
    name = reference[1:-1].decode()
    if not name.startswith("#"):
        if not name:
            raise Unusual
        return html5.get(f"{name};", f"&{name};").encode()
    code = int(name[2:], 16) if name.startswith("#x") else int(name[1:])
    if code > 0x10FFFF or _NO_CHARACTER.match(chr(code)):
        raise Unusual
    return chr(code).encode()
