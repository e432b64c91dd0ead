"""A line on the terminal that says how far a long command is, how fast it goes and how long it still takes."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

WIDTH = 30
REDRAW_SECONDS = 0.2


class ProgressBar:
    """Show progress on standard error; on something that is no terminal, one line every ten seconds."""

    def __init__(self, noun: str, total: int = 0, stream: TextIO | None = None) -> None:
        """Count ``noun``; without a ``total`` neither bar nor time left can be shown."""
        self._noun = noun
        self._total = total
        self._stream = stream or sys.stderr
        self._redraw = REDRAW_SECONDS if self._stream.isatty() else 10.0
        self._started = time.monotonic()
        self._first: int | None = None
        self._drawn = 0.0
        self._done = 0

    def __enter__(self) -> Self:
        """Begin to count time."""
        self._started = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw the last state and end the line."""
        self._draw()
        self._stream.write("\n")

    def show(self, done: int) -> None:
        """Say how many are done; work done before this run counts as done but not towards the rate."""
        if self._first is None:
            self._first = done
        self._done = done
        if time.monotonic() - self._drawn >= self._redraw:
            self._draw()

    def text(self, seconds: float) -> str:
        """Give the line for a state reached after some seconds."""
        rate = (self._done - (self._first or 0)) / seconds if seconds > 0 else 0.0
        line = f"{self._done:,} {self._noun}, {rate:,.0f}/s"
        if self._total:
            share = min(self._done / self._total, 1.0)
            filled = int(share * WIDTH)
            left = (self._total - self._done) / rate if rate else 0.0
            line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {line}, {_clock(left)} left"
        return line

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        end = "" if self._stream.isatty() else "\n"
        start = "\r\x1b[K" if self._stream.isatty() else ""
        self._stream.write(start + self.text(self._drawn - self._started) + end)
        self._stream.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
