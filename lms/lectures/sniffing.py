"""Telling a recording by its first bytes: a name or a declared type proves nothing."""

from typing import BinaryIO

from lms.errors import N_, InvalidInput

HEAD_BYTES = 1024
PICTURE_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis", b"crx "}
AUDIO_BRANDS = {b"M4A ", b"M4B "}
QUICKTIME_BOXES = {b"moov", b"mdat", b"wide"}
ASF_GUID = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
EBML, MPEG_PACK, MPEG_SEQUENCE = b"\x1a\x45\xdf\xa3", b"\0\0\x01\xba", b"\0\0\x01\xb3"
TS_PACKET = 188
SYNC_BITS = 0xFFE0
REFUSED = N_(
    "This is not a recording (MP4, MOV, MKV, WebM, AVI, FLV, WMV, MPEG, MP3, M4A, AAC, WAV, FLAC, OGG), "
    "whatever its name says. Please choose another file."
)


def media_type_of(stream: BinaryIO) -> str:
    """Give the media type a recording seems to have, and leave the stream at its beginning.

    Raises InvalidInput for an empty file and for anything but a recording, whatever its name. Whether it can be
    played, only looking into it tells (``lms.lectures.preparing``).
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if not head:
        raise InvalidInput(N_("This file is empty."), field="file")
    found = _of_mp4(head) or _of_container(head) or _of_sound(head)
    if not found:
        raise InvalidInput(REFUSED, field="file")
    return found


def _of_mp4(head: bytes) -> str:
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp" and brand not in PICTURE_BRANDS:
        return "audio/mp4" if brand in AUDIO_BRANDS else "video/mp4"
    return "video/quicktime" if box in QUICKTIME_BOXES and head[:1] < b" " else ""


def _of_container(head: bytes) -> str:
    if head.startswith(EBML):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head.startswith(b"RIFF"):
        return {b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head.startswith(ASF_GUID):
        return "video/x-ms-asf"
    if head.startswith(b"FLV\x01"):
        return "video/x-flv"
    if head.startswith((MPEG_PACK, MPEG_SEQUENCE)):
        return "video/mpeg"
    packets = head[::TS_PACKET][:4]
    return "video/mp2t" if len(packets) == 4 and set(packets) == {0x47} else ""


def _of_sound(head: bytes) -> str:
    if head.startswith(b"ID3") or _is_mpeg_audio(head):
        return "audio/mpeg"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"fLaC"):
        return "audio/flac"
    if head.startswith(b"#!AMR"):
        return "audio/amr"
    return "audio/aac" if len(head) > 7 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 else ""


def _is_mpeg_audio(head: bytes) -> bool:
    """Say whether the bytes begin with the header of an MPEG audio frame of layer III."""
    if len(head) < 4 or int.from_bytes(head[:2], "big") & SYNC_BITS != SYNC_BITS:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bitrate not in (0, 15) and rate != 3
