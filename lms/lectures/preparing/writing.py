"""Writing what browsers play: the same picture and sound in an MP4 whose index comes first, or converted ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
from av.audio.resampler import AudioResampler
from av.error import FFmpegError, InvalidDataError
from av.filter import Graph

from .found import MP3, OUT_OF_ROOM, READERS, VIDEO, Refused
from .looking import WITHOUT_TIMES, Plan, opened, streams

Tell = Callable[[float], None]

FAST_START = {"movflags": "+faststart"}
CLOCK = 90_000
LONGEST_SIDE = 1920
SECONDS_BETWEEN_KEYS = 4
PICTURE = {"preset": "veryfast", "crf": "24", "profile": "high"}
MOST_RATE = 48_000
SOUND_RATE = 32_000
SOUND_BITS = 48_000
THIN_ENOUGH_BITS = 72_000
MOST_BAD_SHARE = 0.5
FEW_BAD = 20
MOST_WAITING = 32


def write(source: Path, media_type: str, plan: Plan, target: Path, threads: int, tell: Tell) -> Plan:
    """Write the recording as the plan says and give the plan that was followed; ``tell`` hears the share done.

    Some old containers hold good pictures with times that no MP4 can have: those are converted after all.
    """
    everything = replace(
        plan, convert_video=plan.media_type == VIDEO, convert_audio=not plan.silent and plan.media_type != MP3
    )
    try:
        _write(source, media_type, plan, target, threads, tell)
        return plan
    except (FFmpegError, ValueError) as error:
        if plan == everything or getattr(error, "errno", None) in OUT_OF_ROOM:
            raise
    _write(source, media_type, everything, target, threads, tell)
    return everything


def _write(source: Path, media_type: str, plan: Plan, target: Path, threads: int, tell: Tell) -> None:
    first = _first_frame(source, media_type) if plan.convert_video else None
    with (
        opened(source, media_type) as old,
        av.open(str(target), "w", format="mp4", options=FAST_START) as new,
    ):
        video, audio = streams(old)
        lines: dict[int, Any] = {}
        if video is not None:
            lines[video.index] = (
                Picture(new, video, first, threads, steady=READERS[media_type] in WITHOUT_TIMES)
                if plan.convert_video
                else Copy(new, video)
            )
        if audio is not None:
            lines[audio.index] = Sound(new, audio) if plan.convert_audio else Copy(new, audio)
        for packet in old.demux([stream for stream in (video, audio) if stream is not None]):
            new.mux(lines[packet.stream.index].take(packet))
            when = packet.pts if packet.pts is not None else packet.dts
            if when is not None:
                tell(float(when * packet.time_base) / plan.seconds)
        for line in lines.values():
            new.mux(line.finish())


def _first_frame(source: Path, media_type: str) -> Any:
    """Give the first picture that can be shown: its size is needed before anything is written."""
    with opened(source, media_type) as container:
        video = streams(container)[0]
        decoding = Decoding()
        for packet in container.demux(video):
            for frame in decoding.frames(packet):
                return frame
    raise Refused("empty")


def write_sound(source: Path, media_type: str, seconds: float, target: Path, tell: Tell) -> bool:
    """Write the version to listen to only: AAC of at most 72 kbit/s as it is, all else at 48 kbit/s in one channel.

    Give False when there is no sound in the recording.
    """
    with (
        opened(source, media_type) as old,
        av.open(str(target), "w", format="ipod", options=FAST_START) as new,
    ):
        audio = streams(old)[1]
        if audio is None:
            return False
        thin = audio.codec_context.name == "aac" and 0 < (audio.bit_rate or 0) <= THIN_ENOUGH_BITS
        line = Copy(new, audio) if thin else Sound(new, audio, rate=SOUND_RATE, bits=SOUND_BITS, layout="mono")
        for packet in old.demux(audio):
            new.mux(line.take(packet))
            if packet.pts is not None:
                tell(float(packet.pts * packet.time_base) / seconds)
        new.mux(line.finish())
    return True


class Copy:
    """A track that is taken over unchanged.

    Matroska does not store in which order frames are decoded: the first packets then come without that time, and get
    it from the first one that has it.
    """

    def __init__(self, new: Any, stream: Any) -> None:
        """Make room for it in the new file."""
        self._stream = new.add_stream_from_template(stream, opaque=True)
        self._is_video = stream.type == "video"
        rate = getattr(stream, "average_rate", None)
        self._step = max(1, round(1 / rate / stream.time_base)) if rate else 1
        self._waiting: list[Any] = []
        self._last: int | None = None

    def take(self, packet: Any) -> list[Any]:
        """Give the packets that can go into the new file now. Raises ValueError for a frame without its time."""
        if not packet.size:
            return []
        if packet.pts is None:
            if self._is_video or packet.dts is None:
                raise ValueError("a packet without its time")
            packet.pts = packet.dts
        self._waiting.append(packet)
        if packet.dts is None and len(self._waiting) <= MOST_WAITING:
            return []
        return self._released(packet.dts)

    def finish(self) -> list[Any]:
        """Give what is left."""
        return self._released(None)

    def _released(self, known: int | None) -> list[Any]:
        """Give the waiting packets, the last of which is decoded at ``known``, each at a time after the one before."""
        ready, self._waiting = self._waiting, []
        for behind, packet in enumerate(reversed(ready)):
            if packet.dts is None:
                packet.dts = packet.pts if known is None else known - behind * self._step
        for packet in ready:
            if self._last is not None and packet.dts <= self._last:
                packet.dts = self._last + 1
            if packet.pts < packet.dts:
                packet.pts = packet.dts
            self._last = packet.dts
            packet.stream = self._stream
        return ready


class Decoding:
    """Frames out of packets; a few that are damaged are passed over, many are not."""

    def __init__(self) -> None:
        """Begin."""
        self._good = self._bad = 0

    def frames(self, packet: Any) -> Iterator[Any]:
        """Give the frames of a packet. Raises Refused when most are damaged."""
        try:
            found = packet.decode()
            self._good += len(found)
            yield from found
        except InvalidDataError:
            self._bad += 1
            if self._bad > FEW_BAD and self._bad > (self._good + self._bad) * MOST_BAD_SHARE:
                raise Refused("broken", "damaged") from None


class Picture:
    """A video track converted to H.264 in 8-bit 4:2:0: upright, square pixels, no more than 1920 on its long side.

    Times are kept as they are, so that a variable frame rate stays one and voice and lips stay together; ``steady``
    counts frames instead, for a container that does not say when each is shown.
    """

    def __init__(self, new: Any, stream: Any, first: Any, threads: int, *, steady: bool) -> None:
        """Make room for it in the new file; ``first`` is its first frame."""
        rate = Fraction(stream.average_rate or 25)
        self._rate = rate if 1 <= rate <= 60 else Fraction(25)
        self._new = new.add_stream("libx264", rate=self._rate, options=PICTURE)
        self._new.codec_context.thread_count = threads
        self._new.codec_context.time_base = Fraction(1, CLOCK)
        self._new.codec_context.gop_size = max(1, round(self._rate * SECONDS_BETWEEN_KEYS))
        stream.codec_context.thread_count = threads
        stream.thread_type = "AUTO"
        self._source = stream
        self._decoding = Decoding()
        self._size(first)
        self._graph = self._make_graph(first)
        self._steady, self._shown = steady, 0
        self._last = -1

    def take(self, packet: Any) -> list[Any]:
        """Give the packets that come of a packet of the old file."""
        made: list[Any] = []
        for frame in self._decoding.frames(packet):
            self._graph.push(frame)
            made += self._encode_ready()
        return made

    def _encode_ready(self) -> list[Any]:
        made: list[Any] = []
        for shown in drained(self._graph):
            if shown.pts is None or shown.time_base is None:
                continue
            ticks = int(shown.pts * shown.time_base * CLOCK)
            if self._steady:
                ticks, self._shown = int(self._shown / self._rate * CLOCK), self._shown + 1
            if ticks <= self._last:
                continue
            shown.pts, shown.time_base, self._last = ticks, Fraction(1, CLOCK), ticks
            shown.pict_type = 0
            made += self._new.encode(shown)
        return made

    def _make_graph(self, first: Any) -> Graph:
        graph = Graph()
        chain = [graph.add_buffer(template=self._source)]
        if first.interlaced_frame:
            chain.append(graph.add("yadif"))
        for turn in upright(first.rotation):
            chain.append(graph.add(*turn))
        bound = f"min(1,{LONGEST_SIDE}/max(iw*sar,ih))"
        size = f"w='max(2,trunc(iw*sar*{bound}/2)*2)':h='max(2,trunc(ih*{bound}/2)*2)'"
        chain += [graph.add("scale", size), graph.add("setsar", "1"), graph.add("format", "yuv420p")]
        chain.append(graph.add("buffersink"))
        for one, other in pairwise(chain):
            one.link_to(other)
        graph.configure()
        return graph

    def _size(self, first: Any) -> None:
        """Tell the encoder the size that the filters give."""
        ratio = self._source.codec_context.sample_aspect_ratio or self._source.sample_aspect_ratio
        wide, high = first.width * float(ratio or 1), float(first.height)
        if abs(first.rotation) % 180 == 90:
            wide, high = first.height / float(ratio or 1), float(first.width)
        bound = min(1.0, LONGEST_SIDE / max(wide, high))
        self._new.width, self._new.height = (max(2, int(side * bound / 2) * 2) for side in (wide, high))
        self._new.pix_fmt = "yuv420p"

    def finish(self) -> list[Any]:
        """Give what is left."""
        self._graph.push(None)
        return [*self._encode_ready(), *self._new.encode(None)]


def drained(graph: Graph) -> Iterator[Any]:
    """Give the frames that a graph has ready."""
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def upright(rotation: int) -> list[tuple[str, str]]:
    """Give the filters that turn a picture whose camera was held turned by some degrees."""
    turns = {90: [("transpose", "cclock")], 270: [("transpose", "clock")], 180: [("hflip", ""), ("vflip", "")]}
    return turns.get(rotation % 360, [])


def in_samples(frame: Any) -> Any:
    """Give a frame of sound whose time counts samples.

    An AVI may count packets, of 1536 samples each for AC-3: pieces of 1024 would have no times of their own in that.
    """
    if frame.pts is not None and frame.time_base is not None:
        frame.pts = round(frame.pts * frame.time_base * frame.sample_rate)
        frame.time_base = Fraction(1, frame.sample_rate)
    return frame


class Sound:
    """A sound track converted to AAC."""

    def __init__(self, new: Any, stream: Any, rate: int = 0, bits: int = 0, layout: str = "") -> None:
        """Make room for it in the new file; what is not given is taken from the old, in at most two channels."""
        context = stream.codec_context
        self._rate = rate or min(context.sample_rate or MOST_RATE, MOST_RATE)
        layout = layout or ("mono" if context.layout.nb_channels == 1 else "stereo")
        bits = bits or (80_000 if layout == "mono" else 128_000)
        self._new = new.add_stream("aac", rate=self._rate, bit_rate=bits, layout=layout)
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=self._rate, frame_size=1024)
        self._decoding = Decoding()
        self._heard = False

    def take(self, packet: Any) -> list[Any]:
        """Give the packets that come of a packet of the old file."""
        made: list[Any] = []
        for frame in self._decoding.frames(packet):
            self._heard = True
            for piece in self._resampler.resample(in_samples(frame)):
                made += self._new.encode(piece)
        return made

    def finish(self) -> list[Any]:
        """Give what is left. Raises Refused when nothing could be heard."""
        if not self._heard:
            raise Refused("broken", "sound")
        made: list[Any] = []
        for piece in self._resampler.resample(None):
            made += self._new.encode(piece)
        return made + list(self._new.encode(None))
