"""What every program here reports: rows of the same shape, as a table and as JSON."""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its peer's. ``ratio`` is ours / theirs, None where there is no peer."""

    case: str
    metric: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None

    @property
    def ratio(self) -> float | None:
        """Give ours / theirs."""
        return round(self.ours / self.theirs, 3) if self.theirs else None

    def row(self) -> dict[str, object]:
        """Give the figure as the JSON file holds it."""
        values = asdict(self)
        return {
            **values,
            "ours": round(self.ours, 3),
            "theirs": self.theirs and round(self.theirs, 3),
            "ratio": self.ratio,
        }


def write(figures: Iterable[Figure], path: Path | None) -> None:
    """Write the figures as JSON; without a path nothing is written."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [figure.row() for figure in figures]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten: {path}")


def show(figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    rows = [("case", "metric", "unit", "ours", "peer", "theirs", "ratio")]
    rows += [(f.case, f.metric, f.unit, _number(f.ours), f.peer, _number(f.theirs), _number(f.ratio)) for f in figures]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            " " * (width - _width(cell)) + cell if column in (3, 5, 6) else cell + " " * (width - _width(cell))
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--json FILE``."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
