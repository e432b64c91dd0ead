"""Draw how the figures of search grow with the number of passages, as an SVG that reads on light and on dark."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from figures import Figure

OURS_COLOUR, PEER_COLOUR, INK = "#2f8f5b", "#c2703d", "#7a7f85"
WIDTH, HEIGHT = 330, 230
LEFT, RIGHT, ABOVE, BELOW = 58, 26, 48, 34
COLUMNS = 3

Grown = Mapping[int, Sequence[Figure]]


@dataclass(frozen=True)
class Line:
    """One figure as it grows."""

    case: str
    metric: str
    ours: bool
    dashed: bool = False
    peer: str = "tantivy"


@dataclass(frozen=True)
class Panel:
    """Lines that share an axis."""

    title: str
    unit: str
    lines: Sequence[Line]


def _pair(case: str, metric: str, *, dashed: bool = False) -> list[Line]:
    return [Line(case, metric, ours, dashed) for ours in (True, False)]


def _asked(case: str) -> list[Line]:
    return [
        *_pair(case, "processor, median, 1st pass"),
        *_pair(case, "processor, p95, 1st pass", dashed=True),
    ]


def panels(grown: Grown) -> list[Panel]:
    """Return what is drawn; the questions are those of the last file."""
    questions = [figure.case for figure in next(iter(grown.values())) if figure.metric == "MRR@10"][-1]
    return [
        Panel("A question, asked first (processor)", "ms", _asked(questions)),
        Panel("Keywords, asked first (processor)", "ms", _asked("keywords")),
        Panel("First query of a new process", "ms", _pair("opening", "open and first query")),
        Panel(
            "Commit of one document",
            "ms",
            [
                *_pair("change", "commit of one document, median"),
                *_pair("change", "commit of one document, p95", dashed=True),
            ],
        ),
        Panel("Indexing", "passages/s", _pair("build", "indexing")),
        Panel("Memory, all warm, over idle", "MiB", _pair("memory", "all warm over idle, Pss")),
    ]


def rows(grown: Grown) -> list[Figure]:
    """Return the figures of all sizes, the size in the name of the case."""
    return [replace(figure, case=f"{size:,}: {figure.case}") for size, figures in grown.items() for figure in figures]


def draw(
    grown: Grown,
    shown: Sequence[Panel] = (),
    said: str = "Figures of search by number of passages",
    peer: str = "tantivy",
    strokes: tuple[str, str] = ("median or the only figure", "p95"),
) -> str:
    """Return the plot: one panel a figure, both axes logarithmic; by default the panels of search.

    ``strokes`` say what whole and dashed lines are.
    """
    drawn = []
    shown = shown or panels(grown)
    for number, panel in enumerate(shown):
        row, column = divmod(number, COLUMNS)
        drawn.append(f'<g transform="translate({column * WIDTH} {row * HEIGHT})">{_panel(panel, grown)}</g>')
    height = math.ceil(len(shown) / COLUMNS) * HEIGHT + 34
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH} {height}" role="img"'
        f' aria-label="{escape(said)}" font-family="system-ui, sans-serif" font-size="11">\n'
        + "\n".join(drawn)
        + f"\n{_legend(height - 12, peer, strokes)}\n</svg>\n"
    )


def _values(line: Line, grown: Grown) -> list[tuple[float, float]]:
    found = []
    for size, figures in grown.items():
        for figure in figures:
            value = figure.ours if line.ours else figure.theirs
            if (figure.case, figure.metric) == (line.case, line.metric) and figure.peer == line.peer and value:
                found.append((float(size), max(value, 0.01)))
    return found


def _panel(panel: Panel, grown: Grown) -> str:
    lines = [(line, _values(line, grown)) for line in panel.lines]
    everything = [value for _, values in lines for _, value in values]
    sizes = [float(size) for size in grown]
    low, high = _decades(everything)
    across, up = _scale(min(sizes), max(sizes), LEFT + 8, WIDTH - RIGHT - 8), _scale(low, high, HEIGHT - BELOW, ABOVE)
    parts = [f'<text x="{LEFT}" y="22" font-size="13" font-weight="600" fill="{INK}">{escape(panel.title)}</text>']
    parts.append(f'<text x="{LEFT}" y="38" fill="{INK}">{escape(panel.unit)}</text>')
    for tick in _ticks(low, high):
        parts.append(
            f'<path d="M{LEFT} {up(tick):.1f}H{WIDTH - RIGHT}" stroke="{INK}" stroke-opacity=".25"/>'
            f'<text x="{LEFT - 6}" y="{up(tick) + 4:.1f}" text-anchor="end" fill="{INK}">{_label(tick)}</text>'
        )
    for size in sizes:
        parts.append(
            f'<text x="{across(size):.1f}" y="{HEIGHT - BELOW + 18}" text-anchor="middle"'
            f' fill="{INK}">{size:,.0f}</text>'
        )
    for line, values in lines:
        parts.append(_drawn(line, [(across(size), up(value)) for size, value in values]))
    return "".join(parts)


def _drawn(line: Line, points: Sequence[tuple[float, float]]) -> str:
    colour = OURS_COLOUR if line.ours else PEER_COLOUR
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>{dots}'


def _legend(y: int, peer: str, strokes: tuple[str, str]) -> str:
    entries = [
        ("ours", OURS_COLOUR, ""),
        (peer, PEER_COLOUR, ""),
        (strokes[0], INK, ""),
        (strokes[1], INK, ' stroke-dasharray="5 4"'),
    ]
    parts, x = [], LEFT
    for name, colour, dash in entries:
        parts.append(f'<path d="M{x} {y - 4}h26" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<text x="{x + 32}" y="{y}" fill="{INK}">{name}</text>')
        x += 60 + 7 * len(name)
    return "".join(parts)


def _scale(low: float, high: float, start: float, end: float) -> "_Scale":
    return _Scale(math.log10(low), math.log10(high), start, end)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self.low) / ((self.high - self.low) or 1)
        return self.start + share * (self.end - self.start)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """Return bounds at a 1, 2 or 5 around the values, at least a decade apart."""
    low = max(tick for tick in _steps() if tick <= min(values))
    high = min(tick for tick in _steps() if tick >= max(values))
    while high / low < 10:
        low, high = low / 2, high * 2
    return low, high


def _steps() -> list[float]:
    return [step * 10.0**power for power in range(-3, 8) for step in (1, 2, 5)]


def _ticks(low: float, high: float) -> list[float]:
    inside = [step for step in _steps() if low * 0.999 <= step <= high * 1.001]
    return inside if len(inside) <= 7 else [tick for tick in inside if f"{tick:e}".startswith("1")]


def _label(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
