"""The pictures of a document: each taken once, within limits. What cannot be shown is left out; its words stay."""

import zipfile
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from .archive import find_part
from .limits import Refused

MOST_PICTURES = 500
MOST_PART = 24 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024


class Shown(NamedTuple):
    """A picture that is shown; ``number`` counts from 1."""

    number: int
    width: int
    height: int


class Pictures:
    """Takes the pictures of one document, each once: at most 500 of them, and 64 MiB together."""

    def __init__(self, load: Callable[[str], bytes | None]) -> None:
        """Ask ``load`` for the bytes of a picture by its name."""
        self._load = load
        self._known: dict[str, Shown | None] = {}
        self._bytes = 0
        self.taken: list[bytes] = []

    def find(self, name: str) -> Shown | None:
        """Give the picture of a name as it is shown, None for one that cannot be."""
        if name not in self._known:
            self._known[name] = self._take(name)
        return self._known[name]

    def _take(self, name: str) -> Shown | None:
        if not name or len(self.taken) >= MOST_PICTURES:
            return None
        content = self._load(name)
        # Only now: to load what decodes pictures takes longer than to read a document without any.
        packed = import_module(".painting", __package__).packed(content) if content else None
        if packed is None or self._bytes + len(packed[0]) > MOST_BYTES:
            return None
        self._bytes += len(packed[0])
        self.taken.append(packed[0])
        return Shown(len(self.taken), packed[1], packed[2])


def of_archive(archive: zipfile.ZipFile) -> Pictures:
    """Take pictures from the parts of an archive."""

    def load(name: str) -> bytes | None:
        try:
            info = archive.getinfo(name)
            return find_part(archive, name) if info.file_size <= MOST_PART else None
        except (KeyError, Refused):
            return None

    return Pictures(load)
