"""The texts of the demo organisation: TOML and Markdown in ``content/``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "content"
GUIDE_MARK = "+++\n"

Row = Mapping[str, Any]


@cache
def _file(name: str) -> Row:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def rows(kind: str, file: str = "") -> list[Row]:
    """Give the rows of a kind ("units", "members", "books", "lectures" ...), from the file of its name or another."""
    found: list[Row] = _file("lectures/lectures.toml" if kind == "lectures" else f"{file or kind}.toml")[kind]
    return found


def demo() -> Row:
    """Give what holds for the demo organisation as a whole."""
    return _file("demo.toml")


def reading() -> Row:
    """Give what members remark while reading, and the plans given to units."""
    return _file("reading.toml")


def gatherings() -> Row:
    """Give the sessions of units, what members did outside the service, and funds."""
    return _file("gatherings.toml")


def study_materials() -> Row:
    """Give the materials of every kind, own categories, what is asked to be read, and who has looked at what."""
    return _file("materials.toml")


def guides() -> list[tuple[Row, Path, str]]:
    """Give the study guides: front matter, file and Markdown."""
    found: list[tuple[Row, Path, str]] = []
    for path in sorted((FOLDER / "guides").glob("*.md")):
        _, front, body = path.read_text(encoding="utf-8").split(GUIDE_MARK, 2)
        found.append((tomllib.loads(front), path, body.lstrip("\n")))
    return found


def transcript(lecture: Row) -> Path:
    """Give the WebVTT file of a lecture."""
    return FOLDER / "lectures" / str(lecture["transcript"])


def translation(name: str) -> bytes:
    """Give the content of a transcript in another language."""
    return (FOLDER / "lectures" / name).read_bytes()
