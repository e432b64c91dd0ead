"""The picture that stands for a video: one on which there is something to see."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from av.filter import Graph

from .looking import opened, streams
from .writing import drained, upright

WIDTH = 960
PLACES = (0.1, 0.2, 0.04, 0.35, 0.55, 0.8, 0.0)
AT_MOST_SECONDS = 300
DARK, FLAT = 28.0, 10.0  # of 255: the mean light below which a picture is dark, the spread below which it is empty
FRAMES_AFTER_A_SEEK = 40


def draw_poster(source: Path, media_type: str, seconds: float, target: Path) -> bool:
    """Save a picture of a video that is neither black nor blank, if there is one; else the one with most on it.

    A video of which no picture can be drawn does without.
    """
    best: Any = None
    best_spread = -1.0
    try:
        for frame in _candidates(source, media_type, seconds):
            light, spread = weigh(frame)
            if light >= DARK and spread >= FLAT:
                best = frame
                break
            if spread > best_spread:
                best, best_spread = frame, spread
        if best is None:
            return False
        _save(best, target)
    except (FFmpegError, ValueError):
        target.unlink(missing_ok=True)
        return False
    return True


def weigh(frame: Any) -> tuple[float, float]:
    """Give how light a picture is and how much there is on it: mean and spread of its brightness, of 255."""
    small = frame.reformat(width=64, height=36, format="gray").to_ndarray()
    return float(small.mean()), float(np.std(small))


def _candidates(source: Path, media_type: str, seconds: float) -> Iterator[Any]:
    for share in PLACES:
        with opened(source, media_type) as container:
            stream = streams(container)[0]
            stream.codec_context.thread_count = 1
            at = min(seconds * share, AT_MOST_SECONDS)
            container.seek(int(at * av.time_base))
            for number, frame in enumerate(container.decode(stream)):
                if frame.time is None or frame.time >= at or number >= FRAMES_AFTER_A_SEEK:
                    yield frame
                    break


def _save(frame: Any, target: Path) -> None:
    frame = _upright(frame)
    width = max(2, min(WIDTH, frame.width) // 2 * 2)
    height = max(2, round(frame.height * width / frame.width) // 2 * 2)
    with av.open(str(target), "w", format="mjpeg") as output:
        stream = output.add_stream("mjpeg", rate=1, options={"qmin": "4", "qmax": "6"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        picture = frame.reformat(width=width, height=height, format="yuvj420p")
        picture.pts, picture.time_base = 0, Fraction(1, 1)
        output.mux(stream.encode(picture))
        output.mux(stream.encode(None))


def _upright(frame: Any) -> Any:
    turns = upright(frame.rotation)
    if not turns:
        return frame
    graph = Graph()
    chain = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25))]
    chain += [graph.add(*turn) for turn in turns]
    chain.append(graph.add("buffersink"))
    for one, other in pairwise(chain):
        one.link_to(other)
    graph.configure()
    graph.push(frame)
    return next(drained(graph), frame)
