"""Drawing coverage over past periods as an SVG of bars; its colours come from the stylesheet. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 320, 132
LEFT, RIGHT, ABOVE, BELOW = 4, 4, 22, 20
MOST_LABELS = 12


@dataclass(frozen=True)
class Bar:
    """One period: its name in short, its share from 0 to 1 (None where nobody was asked), whether it still runs."""

    label: str
    share: float | None
    running: bool = False


def bars(points: Sequence[Bar], said: str, target: int = 0) -> str:
    """Draw bars side by side with their percentages, and a line at a target in percent; ``said`` is read aloud."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    width = min(34.0, step * 0.62)
    every = -(-len(points) // MOST_LABELS)
    parts = [
        _bar(point, LEFT + step * (number + 0.5), width, labelled=(len(points) - 1 - number) % every == 0)
        for number, point in enumerate(points)
    ]
    ground = f'<path class="ground" d="M{LEFT} {HEIGHT - BELOW}H{WIDTH - RIGHT}"/>'
    line = f'<path class="target" d="M{LEFT} {_up(target / 100):.1f}H{WIDTH - RIGHT}"/>' if target else ""
    return (
        f'<svg class="bars" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}" focusable="false">'
        f"{ground}{''.join(parts)}{line}</svg>"
    )


def _up(share: float) -> float:
    return HEIGHT - BELOW - share * (HEIGHT - ABOVE - BELOW)


def _bar(point: Bar, middle: float, width: float, *, labelled: bool) -> str:
    name = (
        f'<text x="{middle:.1f}" y="{HEIGHT - 5}" text-anchor="middle">{escape(point.label)}</text>' if labelled else ""
    )
    if point.share is None:
        return f'{name}<text class="none" x="{middle:.1f}" y="{HEIGHT - BELOW - 5}" text-anchor="middle">–</text>'
    top = _up(point.share)
    kind = "bar running" if point.running else "bar"
    figure = (
        f'<text class="figure" x="{middle:.1f}" y="{top - 5:.1f}" text-anchor="middle">{int(point.share * 100)}</text>'
        if labelled
        else ""
    )
    return (
        f'<rect class="{kind}" x="{middle - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}"'
        f' height="{max(1.0, HEIGHT - BELOW - top):.1f}" rx="2"/>{figure}{name}'
    )
