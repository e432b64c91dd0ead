"""Small recordings of many kinds, made on the spot: old containers, odd codecs, frames at uneven times, no sound."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

SIZE = 64
RATE = 22_050


def make_film(
    path: Path,
    container: str = "mp4",
    video: str = "libx264",
    audio: str = "aac",
    seconds: float = 2,
    *,
    pixels: str = "yuv420p",
    times: Sequence[float] | None = None,
    black_until: float = 0,
    size: tuple[int, int] = (SIZE, SIZE),
    options: dict[str, str] | None = None,
) -> Path:
    """Make a recording; ``times`` are the seconds at which its frames stand, five a second unless given.

    An empty ``video`` or ``audio`` leaves that track out. Frames are black before ``black_until``.
    """
    with av.open(str(path), "w", format=container, options=options or {}) as output:
        quiet = {"x265-params": "log-level=none"} if video == "libx265" else {}
        picture: Any = (
            output.add_stream(video, rate=25 if video == "mpeg2video" else 5, options=quiet) if video else None
        )  # type: ignore[call-overload]
        rate = 48_000 if audio in ("libopus", "ac3") else 44_100 if container == "flv" else RATE
        sound: Any = output.add_stream(audio, rate=rate, layout="mono", bit_rate=32_000) if audio else None  # type: ignore[call-overload]
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = *size, pixels
            if times is not None:
                picture.codec_context.time_base = Fraction(1, 1000)
            for number, at in enumerate(times if times is not None else np.arange(0, seconds, 0.2)):
                frame = _frame(number, at < black_until, size).reformat(format=pixels)
                frame.pts, frame.time_base = round(float(at) * 1000), Fraction(1, 1000)
                output.mux(picture.encode(frame))
        if sound is not None:
            _speak(output, sound, rate, seconds)
        for stream in (picture, sound):
            if stream is not None:
                output.mux(stream.encode(None))
    return path


def _frame(number: int, black: bool, size: tuple[int, int]) -> Any:
    drawn = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    if not black:
        drawn[:] = 200
        drawn[: size[1] // 2, : size[0] // 2] = (number * 20 % 120, 60, 30)
    return av.VideoFrame.from_ndarray(drawn, format="rgb24")


def _speak(output: Any, sound: Any, rate: int, seconds: float) -> None:
    wanted = sound.codec_context.format.name
    resampler = av.AudioResampler(
        format=wanted, layout="mono", rate=rate, frame_size=sound.codec_context.frame_size or 0
    )
    for second in range(int(seconds)):
        wave = 0.2 * np.sin(2 * np.pi * 220 * np.arange(rate) / rate)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[np.newaxis, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, second * rate, Fraction(1, rate)
        for piece in resampler.resample(frame):
            output.mux(sound.encode(piece))
    for piece in resampler.resample(None):
        output.mux(sound.encode(piece))


def make_endless_sound(path: Path, hours: int) -> Path:
    """Make hours of sound in a moment: one encoded packet every eight seconds."""
    rate, step = 8000, 8
    with av.open(str(path), "w", format="ipod") as output:
        sound = output.add_stream("aac", rate=rate, layout="mono", bit_rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        content = bytes([*sound.encode(frame), *sound.encode(None)][-1])
        for number in range(hours * 3600 // step):
            packet = av.Packet(content)
            packet.pts = packet.dts = number * step * rate
            packet.time_base, packet.duration, packet.stream = Fraction(1, rate), step * rate, sound
            output.mux(packet)
    return path
