"""A program of its own that looks into an uploaded recording, and makes it ready for the web.

It runs apart from the worker, with limits on memory and time, because what it opens came from outside and is read by
a large C library: a file made to harm can end this process, not the worker. It knows nothing of the service.

    python probe.py SOURCE FOLDER KIND LIMIT_BYTES

KIND is "mp4" or "mp3". What was found is printed as one JSON object (see ``Found``); FOLDER receives ``ready.mp4``
when the file had to be written anew, and ``poster.jpg`` for a video.
"""

import errno
import json
import resource
import struct
import sys
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 15 * 60
SPARE_BYTES = 64 * 1024**2
DEMUXERS = {"mp4": "mov", "mp3": "mp3"}
VIDEO_CODECS = {"h264", "av1", "vp9"}
AUDIO_CODECS = {"aac", "mp3", "opus", "flac"}
PIXEL_FORMATS = {"yuv420p", "yuvj420p"}
WEB_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4A ", b"M4V ", b"dash"}
POSTER_WIDTH = 960
POSTER_AT_SHARE = 0.1
POSTER_AT_MOST_SECONDS = 20
TRIED_FRAMES = 5
MOST_SECONDS = 24 * 3600
OUT_OF_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM)


@dataclass
class Found:
    """What there is to say of a recording. ``problem`` names what is wrong, with its ``detail``; empty if all is well.

    Problems: "broken", "cut_off", "empty", "too_long", "video_codec", "pixel_format", "audio_codec".
    """

    problem: str = ""
    detail: str = ""
    media_type: str = ""
    duration_ms: int = 0
    rewritten: bool = False
    poster: bool = False


class Refused(Exception):
    """The recording cannot be used; the first argument is a problem of ``Found``, the second its detail."""


def limit_resources(output_bytes: int) -> None:
    """Take away from this process what it does not need: endless memory, time and disk."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes + SPARE_BYTES, output_bytes + SPARE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def examine(source: Path, folder: Path, kind: str) -> Found:
    """Look into a recording, write it anew where a player on the web needs that, and draw a poster of a video."""
    try:
        boxes = top_boxes(source) if kind == "mp4" else []
        return _examine(source, folder, kind, boxes)
    except Refused as refused:
        problem, detail = refused.args
        return Found(problem=problem, detail=detail)
    except (FFmpegError, ValueError, OverflowError) as error:
        if getattr(error, "errno", None) in OUT_OF_ROOM:
            raise
        return Found(problem="broken", detail=type(error).__name__)


def _examine(source: Path, folder: Path, kind: str, boxes: list[bytes]) -> Found:
    with av.open(str(source), "r", format=DEMUXERS[kind]) as container:
        video, audio = _streams(container)
        _check_codecs(video, audio)
        _try_decoding(container, video or audio)
    seconds = _length(source, kind, video, audio)
    found = Found(duration_ms=int(seconds * 1000))
    found.media_type = "audio/mpeg" if kind == "mp3" else "video/mp4" if video else "audio/mp4"
    if kind == "mp4" and not _plays_from_the_start(source, boxes):
        rewrite(source, folder / "ready.mp4")
        found.rewritten = True
    if video:
        found.poster = _draw_poster(source, folder / "poster.jpg", seconds)
    return found


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
                raise Refused("cut_off", "")
            types.append(kind)
            place += length
    if b"moov" not in types:
        raise Refused("cut_off", "")
    return types


def _streams(container: Any) -> tuple[Any, Any]:
    pictures = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    sounds = list(container.streams.audio)
    if not pictures and not sounds:
        raise Refused("empty", "")
    return pictures[0] if pictures else None, sounds[0] if sounds else None


def _check_codecs(video: Any, audio: Any) -> None:
    if video is not None and video.codec_context.name not in VIDEO_CODECS:
        raise Refused("video_codec", video.codec_context.codec.canonical_name)
    if video is not None and video.codec_context.pix_fmt not in PIXEL_FORMATS:
        raise Refused("pixel_format", str(video.codec_context.pix_fmt))
    if audio is not None and audio.codec_context.codec.canonical_name not in AUDIO_CODECS:
        raise Refused("audio_codec", audio.codec_context.codec.canonical_name)


def _try_decoding(container: Any, stream: Any) -> None:
    """Decode a few frames: a name of a codec in a header proves nothing."""
    stream.codec_context.thread_count = 1
    seen = 0
    for packet in container.demux(stream):
        seen += len(packet.decode())
        if seen >= TRIED_FRAMES:
            return
    if not seen:
        raise Refused("empty", "")


def _length(source: Path, kind: str, video: Any, audio: Any) -> float:
    """Measure the length in seconds; of an MP3 by its packets, because its header only estimates."""
    with av.open(str(source), "r", format=DEMUXERS[kind]) as container:
        if kind == "mp3":
            stream = container.streams.audio[0]
            ticks = sum(packet.duration or 0 for packet in container.demux(stream))
            seconds = float(ticks * (stream.time_base or 0))
        else:
            seconds = (container.duration or 0) / av.time_base
    if seconds <= 0:
        raise Refused("empty", "")
    if seconds > MOST_SECONDS:
        raise Refused("too_long", str(MOST_SECONDS // 3600))
    return seconds


def _plays_from_the_start(source: Path, boxes: list[bytes]) -> bool:
    """Say whether the index stands before the media, in a file that calls itself MP4 (not QuickTime, not fragments)."""
    with source.open("rb") as file:
        brand = file.read(12)[8:12]
    if b"moof" in boxes or b"mdat" not in boxes:
        return False
    return brand in WEB_BRANDS and boxes.index(b"moov") < boxes.index(b"mdat")


def rewrite(source: Path, target: Path) -> None:
    """Copy picture and sound, unchanged, into an MP4 whose index comes first; all other tracks are left behind."""
    with (
        av.open(str(source), "r", format="mov") as old,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as new,
    ):
        kept = [stream for stream in _streams(old) if stream is not None]
        copies = {stream.index: new.add_stream_from_template(stream) for stream in kept}
        for packet in old.demux(*kept):
            if packet.dts is None:
                continue
            packet.stream = copies[packet.stream.index]
            new.mux(packet)


def _draw_poster(source: Path, target: Path, seconds: float) -> bool:
    """Save a picture from near the beginning. A video of which none can be drawn does without."""
    try:
        with av.open(str(source), "r", format="mov") as container:
            stream = _streams(container)[0]
            stream.codec_context.thread_count = 1
            at = min(seconds * POSTER_AT_SHARE, POSTER_AT_MOST_SECONDS)
            container.seek(int(at / stream.time_base), stream=stream)
            frame = next(container.decode(stream))
        _save_jpeg(frame, target)
    except (FFmpegError, StopIteration, ValueError):
        target.unlink(missing_ok=True)
        return False
    return True


def _save_jpeg(frame: Any, target: Path) -> None:
    width = min(POSTER_WIDTH, frame.width) // 2 * 2
    height = max(2, round(frame.height * width / frame.width) // 2 * 2)
    with av.open(str(target), "w", format="mjpeg") as output:
        stream = output.add_stream("mjpeg", rate=1, options={"qmin": "4", "qmax": "6"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        picture = frame.reformat(width=width, height=height, format="yuvj420p")
        picture.pts, picture.time_base = 0, Fraction(1, 1)
        output.mux(stream.encode(picture))
        output.mux(stream.encode(None))


def main(arguments: list[str]) -> int:
    """Run as a program."""
    source, folder, kind, limit = arguments
    limit_resources(int(limit))
    sys.stdout.write(json.dumps(asdict(examine(Path(source), Path(folder), kind))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
