"""Zip files from strangers: looked at before anything is unpacked, and then never unpacked beyond what was promised."""

import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO

from .limits import Refused

MAX_ENTRIES = 20_000
MAX_DIRECTORY = 8 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_TEXT_PART = 64 * 1024 * 1024
FREE_UNPACKED = 32 * 1024 * 1024
MAX_RATIO = 120
_END = b"PK\x05\x06"
_LOCAL = struct.Struct("<4s2xH18xHH")
_LOCAL_MARK = b"PK\x03\x04"
_LOCKED, _NAMED_IN_UTF8 = 0x1, 0x800
_PACKED_EXTRA = 4096
_END_TAIL = 22 + 65_536
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, struct.error)


def open_archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip file and look over its directory.

    Raises Refused: "broken", "encrypted" with a password, "climbs" when a name leads out of the archive's own folder,
    "bomb" when it would swell to more than 1 GiB, or to more than 32 MiB at over 120 times its size, or when its parts
    lie over each other.
    """
    _check_directory(stream)
    try:
        archive = zipfile.ZipFile(stream)
    except _DAMAGE as error:
        raise Refused("broken") from error
    _check_entries(archive.infolist())
    _check_apart(archive.infolist())
    return archive


def _check_directory(stream: IO[bytes]) -> None:
    """Look at the size of the directory before it is read: each entry costs memory."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END_TAIL))
    tail = stream.read(_END_TAIL)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Refused("broken")
    count, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if (count > MAX_ENTRIES and count != 0xFFFF) or (length > MAX_DIRECTORY and length != 0xFFFFFFFF):
        raise Refused("bomb")
    if count == 0xFFFF or length == 0xFFFFFFFF:  # zip64: no document has so many parts
        raise Refused("bomb")
    stream.seek(0)


def _check_entries(entries: Iterable[zipfile.ZipInfo]) -> None:
    packed = unpacked = 0
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise Refused("climbs")
        if entry.flag_bits & _LOCKED:
            raise Refused("encrypted")
        packed += entry.compress_size
        unpacked += entry.file_size
    if unpacked > MAX_UNPACKED or (unpacked > FREE_UNPACKED and unpacked > MAX_RATIO * max(packed, 1)):
        raise Refused("bomb")


def _check_apart(entries: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse parts that lie over each other: so a small file promises much at a ratio that looks harmless."""
    end = 0
    for start, size in sorted((entry.header_offset, entry.compress_size) for entry in entries):
        if start < end:
            raise Refused("bomb")
        end = start + _LOCAL.size + size


def read_part(archive: zipfile.ZipFile, name: str, limit: int = MAX_TEXT_PART) -> bytes:
    """Unpack one part, whatever its header promised at most ``limit`` bytes. Raises KeyError, Refused."""
    info = archive.getinfo(name)
    if info.file_size > limit:
        raise Refused("heavy")
    try:
        content = _unpacked(archive, info)
        if content is None:
            with archive.open(info) as part:
                content = part.read(limit + 1)
    except _DAMAGE as error:
        raise Refused("broken") from error
    if len(content) > limit:
        raise Refused("bomb")
    return content


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    """Unpack a part in one go, with the checks that ``zipfile`` makes; None for one that is not written plainly.

    A book has hundreds of small parts: to make a file object for each takes longer than to unpack it.
    """
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return None
    if info.compress_size > info.file_size + _PACKED_EXTRA or archive.fp is None:
        return None
    archive.fp.seek(info.header_offset)
    mark, flags, name_size, extra_size = _LOCAL.unpack(archive.fp.read(_LOCAL.size))
    tail = archive.fp.read(name_size + extra_size + info.compress_size)
    if mark != _LOCAL_MARK or flags & _LOCKED or len(tail) != name_size + extra_size + info.compress_size:
        raise zipfile.BadZipFile("a part is not where the directory says")
    if tail[:name_size] != info.orig_filename.encode("utf-8" if flags & _NAMED_IN_UTF8 else "cp437"):
        raise zipfile.BadZipFile("a part has another name than the directory says")
    packed = tail[name_size + extra_size :]
    if info.compress_type == zipfile.ZIP_STORED:
        content = packed
    else:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, info.file_size + 1)
    if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
        raise zipfile.BadZipFile("a part is not as long, or not what, the directory says")
    return content


def find_part(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """Unpack one part, None when it is not there. Raises Refused."""
    try:
        return read_part(archive, name)
    except KeyError:
        return None
