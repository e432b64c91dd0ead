"""Telling a recording by its first bytes: a name or a declared type proves nothing."""

from typing import BinaryIO

from lms.errors import N_, InvalidInput

HEAD_BYTES = 16
PICTURE_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis", b"crx "}
AUDIO_BRANDS = {b"M4A ", b"M4B "}
SYNC_BITS = 0xFFE0


def media_type_of(stream: BinaryIO) -> str:
    """Give the media type a recording seems to have, and leave the stream at its beginning.

    Raises InvalidInput for an empty file and for anything but MP4, M4A and MP3, whatever its name.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if not head:
        raise InvalidInput(N_("This file is empty."), field="file")
    if head[4:8] == b"ftyp" and head[8:12] not in PICTURE_BRANDS:
        return "audio/mp4" if head[8:12] in AUDIO_BRANDS else "video/mp4"
    if head.startswith(b"ID3") or _is_mpeg_audio(head):
        return "audio/mpeg"
    raise InvalidInput(
        N_("This is not an MP4, M4A or MP3 recording, whatever its name says. Please choose another file."),
        field="file",
    )


def _is_mpeg_audio(head: bytes) -> bool:
    """Say whether the bytes begin with the header of an MPEG audio frame of layer III."""
    if len(head) < 4 or int.from_bytes(head[:2], "big") & SYNC_BITS != SYNC_BITS:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bitrate not in (0, 15) and rate != 3
