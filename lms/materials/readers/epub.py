"""EPUB 2 and 3: the chapters of the spine, named and cut by the book's own table of contents."""

import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import IO, Any, NamedTuple
from urllib.parse import unquote

from .archive import find_part, open_archive, read_part
from .flow import Flow, Section, tidy
from .hypertext import Walker
from .limits import MAX_SECTIONS, Refused
from .markup import local, parse_xhtml, parse_xml
from .pictures import Pictures, of_archive

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
FONT_HIDING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
CUT = 2
_WINDING = re.compile(r"(?:^|/)\.{0,2}(?:/|$)")
Named = dict[str, str]
Contents = dict[str, Named]


def read(stream: IO[bytes]) -> tuple[list[Section], list[bytes]]:
    """Give the chapters of a book, and its pictures. Raises Refused."""
    archive = open_archive(stream)
    flow, pictures = Flow(), of_archive(archive)
    for content, name, named in chapters_of(archive, open_book(archive)):
        _chapter(parse_xhtml(content), name, named, flow, pictures)
    return flow.finish(), pictures.taken


class Book(NamedTuple):
    """The parts that are a book's chapters, in their order, and for each the headings by their targets."""

    parts: list[str]
    contents: Contents


def open_book(archive: zipfile.ZipFile) -> Book:
    """Read what a book says of its chapters. Raises Refused."""
    _refuse_locked(archive)
    package_name = _package_name(archive)
    package = parse_xml(_part(archive, package_name), doctype=True)
    folder = posixpath.dirname(posixpath.normpath(package_name)).lstrip("/")
    manifest = {item.get("id", ""): item for item in package.iter("{*}item") if item.get("href") is not None}
    spine = [item.get("idref", "") for item in package.iter("{*}itemref")]
    if not spine:
        raise Refused("broken")
    if len(spine) > MAX_SECTIONS:
        raise Refused("pages")
    contents = _contents(archive, folder, manifest, package)
    items = [item for item in map(manifest.get, spine) if item is not None]
    parts = [resolve(folder, item.get("href")) for item in items if item.get("media-type", PAGES[0]) in PAGES]
    return Book(list(dict.fromkeys(parts)), contents)  # some books name a chapter once for each place in it


def chapters_of(archive: zipfile.ZipFile, book: Book) -> Iterator[tuple[bytes, str, Named]]:
    """Give the chapters that are there: the bytes of each, its name, and its headings by their targets.

    Raises Refused.
    """
    for name in book.parts:
        content = find_part(archive, name)
        if content is not None:
            yield content, name, book.contents.get(name, {})


def _refuse_locked(archive: zipfile.ZipFile) -> None:
    """Refuse a book whose chapters are encrypted; hidden fonts do not matter."""
    content = find_part(archive, ENCRYPTION)
    if content is None:
        return
    methods = [
        element.get("Algorithm", "") for element in parse_xml(content).iter() if local(element) == "encryptionmethod"
    ]
    if any(method not in FONT_HIDING for method in methods):
        raise Refused("encrypted")


def _package_name(archive: zipfile.ZipFile) -> str:
    container = parse_xml(_part(archive, CONTAINER), doctype=True)
    name = next((found.get("full-path") for found in container.iter() if local(found) == "rootfile"), None)
    if not name:
        raise Refused("broken")
    return str(name)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return read_part(archive, name)
    except KeyError as error:
        raise Refused("broken") from error


def resolve(folder: str, href: str) -> str:
    """Give the name of the part that an address within the book leads to; never one outside the archive."""
    name = href.partition("#")[0]
    if "%" in name:
        name = unquote(name)
    if not _WINDING.search(name):
        return f"{folder}/{name}" if folder else name
    return posixpath.normpath(posixpath.join(folder, name)).lstrip("/")


def _chapter(root: Any, name: str, named: Named, flow: Flow, pictures: Pictures) -> None:
    begin_chapter(named, flow, lambda: title_of(root))
    beside = posixpath.dirname(name)

    def shown(address: str) -> tuple[int, int, int] | None:
        return pictures.find(resolve(beside, address)) if address else None

    Walker(flow, cut_of(named), targets_of(named), shown).walk(body_of(root))


def body_of(root: Any) -> Any:
    """Give the body of a chapter, or all of it."""
    return next(root.iter("{*}body"), root)


def begin_chapter(named: Named, flow: Flow, own: Callable[[], str]) -> None:
    """Begin a section under the name that a chapter has in the contents, or else its own."""
    flow.begin(named.get("", "") or (own() if not named else ""))


def cut_of(named: Named) -> int:
    """Give the lowest heading that begins a section: none where the contents say what does."""
    return 0 if named else CUT


def targets_of(named: Named) -> Named:
    """Give the places within a chapter that the contents lead to, with the heading of each."""
    return {target: title for target, title in named.items() if target}


def title_of(root: Any) -> str:
    """Give a chapter without a name in the contents its own: "" where a heading of its first levels will."""
    if next(root.iter("{*}h1", "{*}h2", "{*}H1", "{*}H2"), None) is not None:
        return ""
    title = next(root.iter("{*}title", "{*}TITLE"), None)
    return tidy("".join(title.itertext())) if title is not None else ""


def _contents(archive: zipfile.ZipFile, folder: str, manifest: dict[str, Any], package: Any) -> Contents:
    """Read the table of contents, the newer form before the older: for each part the headings by their target.

    A book without one is read by the headings of its chapters.
    """
    found: Contents = defaultdict(dict)
    part_of = cache(resolve)
    try:
        for beside, href, title in _entries(archive, folder, manifest, package):
            name, _, target = href.partition("#")
            found[part_of(beside, name)].setdefault(unquote(target) if "%" in target else target, title)
    except Refused as refused:
        if str(refused) == "entities":
            raise
        return {}
    return found


def _entries(
    archive: zipfile.ZipFile, folder: str, manifest: dict[str, Any], package: Any
) -> Iterator[tuple[str, str, str]]:
    """Give the entries of the contents: the folder beside which the address of each is, the address, and the title."""
    nav = next((item for item in manifest.values() if "nav" in (item.get("properties") or "").split()), None)
    if nav is not None:
        yield from _from_nav(archive, resolve(folder, nav.get("href")))
        return
    spine = next(package.iter("{*}spine"), None)
    ncx = manifest.get(spine.get("toc", "")) if spine is not None else None
    ncx = (
        ncx
        if ncx is not None
        else next((item for item in manifest.values() if item.get("media-type") == "application/x-dtbncx+xml"), None)
    )
    if ncx is not None:
        yield from _from_ncx(archive, resolve(folder, ncx.get("href")))


def _from_nav(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, str, str]]:
    content = find_part(archive, name)
    if content is None:
        return
    navs = list(parse_xhtml(content).iter("{*}nav"))
    kinds = "{http://www.idpf.org/2007/ops}type"
    toc = next(
        (nav for nav in navs if "toc" in (nav.get(kinds) or nav.get("epub:type") or "")), navs[0] if navs else None
    )
    folder = posixpath.dirname(name)
    for link in toc.iter("{*}a") if toc is not None else ():
        href = link.get("href")
        if href:
            words = "".join(link.itertext()) if len(link) else link.text or ""
            yield folder, href, tidy(words)


def _from_ncx(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, str, str]]:
    content = find_part(archive, name)
    if content is None:
        return
    folder = posixpath.dirname(name)
    for point in parse_xml(content, doctype=True).iter("{*}navPoint", "{*}navpoint"):
        label, target = _child(point, "navLabel"), _child(point, "content")
        address = target.get("src") if target is not None else None
        if label is not None and address:
            yield folder, address, tidy("".join(label.itertext()))


def _child(element: Any, name: str) -> Any:
    found = element.find(f"{{*}}{name}")
    return found if found is not None else element.find(f"{{*}}{name.lower()}")
