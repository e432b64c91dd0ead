"""Looking into a recording: is it whole, what is in it, how long it is, and what must be done with it."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from .found import MP3, READERS, SOUND, VIDEO, Refused

VIDEO_CODECS = {"h264", "av1", "vp9"}
AUDIO_CODECS = {"aac", "mp3", "opus", "flac"}
PIXEL_FORMATS = {"yuv420p", "yuvj420p"}
WEB_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4A ", b"M4V ", b"dash"}
WITHOUT_TIMES = ("avi",)  # says in which order frames are decoded, not when each is shown
TRIED_FRAMES = 5
MOST_SECONDS = 24 * 3600
MOST_PIXELS = 8192 * 4320
CUT_OFF_SHARE, CUT_OFF_SECONDS = 0.95, 3.0


@dataclass(frozen=True)
class Plan:
    """What must be done: convert the picture, convert the sound, or only copy both into an MP4 (``rewrite``)."""

    media_type: str
    seconds: float
    silent: bool
    convert_video: bool
    convert_audio: bool
    rewrite: bool

    @property
    def work(self) -> str:
        """Say in a word what will be done, as ``Found.work``."""
        if self.convert_video or self.convert_audio:
            return "converted"
        return "copied" if self.rewrite else ""


@contextmanager
def opened(source: Path, media_type: str) -> Iterator[Any]:
    """Open a recording by the reader of its kind, which is never guessed."""
    with av.open(str(source), "r", format=READERS[media_type]) as container:
        yield container


def look(source: Path, media_type: str) -> Plan:
    """Say what must be done with a recording. Raises Refused when nothing can be made of it."""
    boxes = top_boxes(source) if READERS[media_type] == "mov" else []
    with opened(source, media_type) as container:
        video, audio = streams(container)
        if video is not None and not 0 < video.codec_context.width * video.codec_context.height <= MOST_PIXELS:
            raise Refused("picture_size", f"{video.codec_context.width} x {video.codec_context.height}")
        _try_decoding(container, video or audio)
        reordered = READERS[media_type] in WITHOUT_TIMES and video is not None and video.codec_context.has_b_frames
        convert_video = video is not None and (not _is_shown(video) or bool(reordered))
        convert_audio = audio is not None and audio.codec_context.codec.canonical_name not in AUDIO_CODECS
    seconds = _length(source, media_type, audio_only=video is None)
    is_mp3 = media_type == MP3 and not convert_audio
    plain = is_mp3 or (bool(boxes) and _plays_from_the_start(source, boxes))
    return Plan(
        media_type=VIDEO if video is not None else MP3 if is_mp3 else SOUND,
        seconds=seconds,
        silent=audio is None,
        convert_video=convert_video,
        convert_audio=convert_audio or (media_type in ("audio/wav", "audio/flac") and audio is not None),
        rewrite=not plain,
    )


def top_boxes(source: Path) -> list[bytes]:
    """List the types of an MP4's outermost boxes in order.

    Raises Refused when one reaches beyond the end of the file, or when the index ("moov") is missing: it was cut off.
    """
    size = source.stat().st_size
    types: list[bytes] = []
    with source.open("rb") as file:
        place = 0
        while place + 8 <= size:
            file.seek(place)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            elif length == 0:
                length = size - place
            if length < 8 or place + length > size:
                raise Refused("cut_off")
            types.append(kind)
            place += length
    if b"moov" not in types:
        raise Refused("cut_off")
    return types


def streams(container: Any) -> tuple[Any, Any]:
    """Give the first picture and the first sound of a recording; a cover of an album is no picture."""
    pictures = [
        s
        for s in container.streams.video
        if not s.disposition & av.stream.Disposition.attached_pic and s.codec_context is not None
    ]
    sounds = [s for s in container.streams.audio if s.codec_context is not None]
    if not pictures and not sounds:
        raise Refused("empty")
    return pictures[0] if pictures else None, sounds[0] if sounds else None


def _is_shown(video: Any) -> bool:
    """Say whether browsers can show this kind of picture in these colours."""
    return video.codec_context.codec.canonical_name in VIDEO_CODECS and video.codec_context.pix_fmt in PIXEL_FORMATS


def _try_decoding(container: Any, stream: Any) -> None:
    """Decode a few frames: a name of a codec in a header proves nothing."""
    stream.codec_context.thread_count = 1
    seen = 0
    for packet in container.demux(stream):
        seen += len(packet.decode())
        if seen >= TRIED_FRAMES:
            return
    if not seen:
        raise Refused("empty")


def _length(source: Path, media_type: str, *, audio_only: bool) -> float:
    """Measure the length in seconds; by the packets where a header only estimates it or does not say it."""
    with opened(source, media_type) as container:
        seconds = (container.duration or 0) / av.time_base
        if media_type in (MP3, "audio/aac", "audio/amr") or seconds <= 0:
            seconds = _by_packets(container)
        elif READERS[media_type] in ("matroska", "avi", "flv", "asf", "ogg") and not audio_only:
            _refuse_cut_off(container, seconds)
    if seconds <= 0:
        raise Refused("empty")
    if seconds > MOST_SECONDS:
        raise Refused("too_long", str(MOST_SECONDS // 3600))
    return seconds


def _by_packets(container: Any) -> float:
    """Give the second at which the last packet ends, or the sum of lengths where packets have no times."""
    last = spoken = 0.0
    for packet in container.demux():
        if packet.time_base is None or packet.stream.type not in ("video", "audio"):
            continue
        length = float((packet.duration or 0) * packet.time_base)
        when = packet.pts if packet.pts is not None else packet.dts
        if packet.stream.type == "audio":
            spoken += length
        if when is not None:
            last = max(last, float(when * packet.time_base) + length)
    return last or spoken


def _refuse_cut_off(container: Any, promised: float) -> None:
    """Refuse a file that ends long before its header says; the header of one being written may say more than there is.

    Only the end is looked at: a seek to it lands where the packets stop.
    """
    container.seek(int(promised * av.time_base))
    last = _by_packets(container)
    if 0 < last < min(promised * CUT_OFF_SHARE, promised - CUT_OFF_SECONDS):
        raise Refused("cut_off")


def _plays_from_the_start(source: Path, boxes: list[bytes]) -> bool:
    """Say whether the index stands before the media, in a file that calls itself MP4 (not QuickTime, not fragments)."""
    with source.open("rb") as file:
        brand = file.read(12)[8:12]
    if b"moof" in boxes or b"mdat" not in boxes:
        return False
    return brand in WEB_BRANDS and boxes.index(b"moov") < boxes.index(b"mdat")
