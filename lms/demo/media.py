"""Small recordings made on the spot, so that the demonstration and the tests play real media without shipping any."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 640, 360
FRAMES_PER_SECOND = 2
SAMPLES_PER_SECOND = 22_050
AUDIO_BITS_PER_SECOND = 24_000
NOTES_HZ = (196.0, 220.0, 246.94, 293.66, 329.63)
NOTE_SECONDS = 2
LOUDNESS = 0.06
PAPER = (250, 248, 244)
INK = (35, 33, 29)
SEAL = (168, 50, 42)
BAMBOO = (47, 107, 80)

Picture = npt.NDArray[np.uint8]


def make_video(path: Path, seconds: int, title_lines: Sequence[str] = ("",), fast_start: bool = True) -> None:
    """Make an MP4 of H.264 and AAC: a quiet page whose bar grows with the time, and soft tones.

    The title is drawn as ruled lines as long as its words, because no font is at hand everywhere. With
    ``fast_start`` the index of the file comes first, as a player on the web needs it; without, last, as cameras write.
    """
    options = {"movflags": "+faststart"} if fast_start else {}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        video = container.add_stream(
            "libx264", rate=FRAMES_PER_SECOND, options={"preset": "ultrafast", "crf": "34", "g": "20"}
        )
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLES_PER_SECOND, bit_rate=AUDIO_BITS_PER_SECOND, layout="mono")
        tones = _tones(seconds, "fltp")
        page = _page(title_lines)
        for second in range(seconds):
            for part in range(FRAMES_PER_SECOND):
                number = second * FRAMES_PER_SECOND + part
                frame = av.VideoFrame.from_ndarray(_at(page, number / (seconds * FRAMES_PER_SECOND)), format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
                container.mux(video.encode(frame))
            container.mux(audio.encode(next(tones)))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def make_audio(path: Path, seconds: int) -> None:
    """Make an audio recording of soft tones: an MP3 or, for any other ending of the name, an M4A of AAC."""
    mp3 = path.suffix == ".mp3"
    options = {} if mp3 else {"movflags": "+faststart"}
    with av.open(str(path), "w", format="mp3" if mp3 else "ipod", options=options) as container:
        codec: Literal["libmp3lame", "aac"] = "libmp3lame" if mp3 else "aac"
        audio = container.add_stream(codec, rate=SAMPLES_PER_SECOND, bit_rate=AUDIO_BITS_PER_SECOND, layout="mono")
        for frame in _tones(seconds, "fltp"):
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))


def _tones(seconds: int, sample_format: str) -> Iterator[av.AudioFrame]:
    """Give one frame of sound for each second: a slow scale, each note swelling and fading."""
    for second in range(seconds):
        time = second + np.arange(SAMPLES_PER_SECOND) / SAMPLES_PER_SECOND
        note = NOTES_HZ[second // NOTE_SECONDS % len(NOTES_HZ)]
        swell = np.sin(np.pi * (time % NOTE_SECONDS) / NOTE_SECONDS) ** 2
        samples = (LOUDNESS * swell * np.sin(2 * np.pi * note * time)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format=sample_format, layout="mono")
        frame.sample_rate = SAMPLES_PER_SECOND
        frame.pts, frame.time_base = second * SAMPLES_PER_SECOND, Fraction(1, SAMPLES_PER_SECOND)
        yield frame


def _page(title_lines: Sequence[str]) -> Picture:
    page: Picture = np.empty((HEIGHT, WIDTH, 3), dtype=np.uint8)
    page[:] = PAPER
    page[48:72, 48:72] = SEAL
    for number, line in enumerate(title_lines[:5]):
        top = 110 + number * 36
        length = min(WIDTH - 96, 60 + 22 * len(line))
        page[top : top + (14 if number == 0 else 8), 48 : 48 + length] = INK
    page[312:316, 48 : WIDTH - 48] = (230, 223, 211)
    return page


def _at(page: Picture, share: float) -> Picture:
    """Draw the page as it is after a share of the time."""
    drawn = page.copy()
    end = 48 + int((WIDTH - 96) * share)
    drawn[310:318, 48 : max(end, 50)] = BAMBOO
    return drawn
