"""A cover drawn from title and author, for books without a picture: an SVG for readers outside our pages.

Our own pages draw the same in CSS (``templates/_partials/cover.html``); this one serves the API, feeds and exports.
"""

import unicodedata
from html import escape

WIDTH, HEIGHT = 240, 336
INK = "#fbf7ee"
# The cloth of each main class, as c-A to c-Z in the stylesheet have it.
CLOTHS = {
    "A": "#8a2a26",
    "B": "#3d3450",
    "C": "#27454f",
    "D": "#7d2a2a",
    "E": "#47492c",
    "F": "#5a4a1f",
    "G": "#2c5046",
    "H": "#64373f",
    "I": "#2f4a6b",
    "J": "#6d3b58",
    "K": "#6a4527",
    "N": "#3a4a57",
    "O": "#274a66",
    "P": "#2b3f5e",
    "Q": "#3b5a33",
    "R": "#2d5a5a",
    "S": "#5a5a2e",
    "T": "#444b52",
    "U": "#6b4a2d",
    "V": "#33406b",
    "X": "#35573f",
    "Z": "#57493c",
}
PLAIN = "#4f4a42"
MOST_LINES, EMS_IN_LINE = 5, 5.0


def cloth_of(letter: str) -> str:
    """Give the colour of the cloth for a main class."""
    return CLOTHS.get(letter, PLAIN)


def svg(title: str, author: str, cloth: str) -> str:
    """Draw a cover: title in large type over as many lines as it needs, author at the foot, a rule between."""
    lines = _lines(title)
    size = 34 if len(lines) <= 3 else 27
    top = 92 - (len(lines) - 1) * 8
    text = "".join(
        f'<text x="28" y="{top + number * (size + 8)}" font-size="{size}" font-weight="600">{escape(part)}</text>'
        for number, part in enumerate(lines)
    )
    foot = escape(_cut(author, 12.0))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(title, quote=True)}" font-family="Songti SC, Noto Serif CJK SC, serif" '
        f'fill="{INK}"><rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{cloth}"/>'
        f'<rect width="14" height="{HEIGHT}" rx="6" fill="#000" opacity=".18"/>{text}'
        f'<rect x="28" y="{HEIGHT - 66}" width="44" height="2" opacity=".7"/>'
        f'<text x="28" y="{HEIGHT - 36}" font-size="16" opacity=".92">{foot}</text></svg>'
    )


def _ems(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.55


def _cut(text: str, ems: float) -> str:
    width, kept = 0.0, ""
    for character in text:
        width += _ems(character)
        if width > ems:
            return kept.rstrip() + "\N{HORIZONTAL ELLIPSIS}"
        kept += character
    return kept


def _lines(title: str) -> list[str]:
    """Break a title: between words where it has any, anywhere between Chinese characters."""
    pieces = [piece for word in title.split() for piece in _breakable(word)]
    lines, line, width = [], "", 0.0
    for piece, spaced in pieces:
        length = sum(map(_ems, piece))
        gap = " " if spaced and line else ""
        if line and width + length + len(gap) * 0.3 > EMS_IN_LINE:
            lines.append(line)
            line, width, gap = "", 0.0, ""
        line += gap + piece
        width += length + len(gap) * 0.3
    lines.append(line)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], _cut(lines[MOST_LINES - 1], EMS_IN_LINE - 1) + "\N{HORIZONTAL ELLIPSIS}"]
    return [_cut(part, EMS_IN_LINE + 2) for part in lines]


def _breakable(word: str) -> list[tuple[str, bool]]:
    if any(unicodedata.east_asian_width(c) in "WF" for c in word):
        return [(c, place == 0) for place, c in enumerate(word)]
    return [(word, True)]
