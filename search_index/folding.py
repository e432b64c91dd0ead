"""One way of writing for every character: width, case, accents, traditional and variant forms fold together.

Folding is character by character, so that a span of folded text can be led back to the original. Tables hold it for
whole arrays of code points; what they do not know yet is worked out by `unicodedata` and kept.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Classes = npt.NDArray[np.uint8]

OTHER, HAN, LETTER = 0, 1, 2
HAN_RANGES = (
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""What is cut into single characters and pairs: ideographs and kana."""

_CODES = 0x110000
_UNKNOWN = 0xFFFFFFFF
_UNEVEN = 0xFFFFFFFE
_SHORT = 24
"""Below so many characters Python folds faster than NumPy."""


def _is_simplified(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _to_simplified() -> dict[str, str]:
    """Return the simplified form of traditional and variant characters.

    From OpenCC's tables; Japanese forms only where they are not simplified characters of their own.
    """
    folder = files("opencc") / "dictionary"

    def pairs(name: str) -> list[tuple[str, str]]:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        return [(left, right.split(" ")[0]) for left, _, right in (line.partition("\t") for line in lines) if right]

    simplified = dict(pairs("TSCharacters.txt"))
    for table in ("JPVariants.txt", "TWVariants.txt", "HKVariants.txt"):
        for standard, variant in pairs(table):
            if variant not in simplified and not _is_simplified(variant):
                simplified[variant] = simplified.get(standard, standard)
    return {left: right for left, right in simplified.items() if len(left) == len(right) == 1}


def _fold_character(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character).lower()
    bare = unicodedata.normalize("NFC", "".join(part for part in parts if not 0x300 <= ord(part) <= 0x36F))
    simplified = _to_simplified()
    return "".join(simplified.get(part, part) for part in bare)


def is_han_code(code: int) -> bool:
    """Tell whether a code point is cut into single characters."""
    return any(first <= code <= last for first, last in HAN_RANGES)


class _Tables:
    """The folded form and the class of every code point; `codes` is `_UNKNOWN` until it was asked for."""

    def __init__(self) -> None:
        self.codes: Codes = np.full(_CODES, _UNKNOWN, np.uint32)
        self.classes: Classes = np.zeros(_CODES, np.uint8)
        self.folded: dict[int, str] = {}
        self._lock = threading.Lock()
        self.codes[0x4E00:0xA000] = np.arange(0x4E00, 0xA000, dtype=np.uint32)
        for left, right in _to_simplified().items():
            self.codes[ord(left)] = ord(right)
        for first, last in HAN_RANGES:
            self.classes[first : last + 1] = HAN

    def learn(self, codes: Codes) -> None:
        """Work out the code points among these that are not known yet."""
        with self._lock:
            for code in np.unique(codes[self.codes[codes] == _UNKNOWN]).tolist():
                folded = self.fold_code(code)
                for part in map(ord, folded):
                    if not is_han_code(part):
                        self.classes[part] = LETTER if chr(part).isalnum() else OTHER
                self.codes[code] = ord(folded) if len(folded) == 1 else _UNEVEN

    def fold_code(self, code: int) -> str:
        """Return the folded form of one code point."""
        folded = self.folded.get(code)
        if folded is None:
            folded = self.folded[code] = _fold_character(chr(code))
        return folded


@cache
def _tables() -> _Tables:
    return _Tables()


class _Translation(dict[int, str]):
    def __missing__(self, code: int) -> str:
        folded = self[code] = _tables().fold_code(code)
        return folded


_TRANSLATION = _Translation()


def _code_points(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _fold_codes(text: str) -> Codes | None:
    """Return the folded code points, one for each character, or None where a character folds to none or several."""
    tables = _tables()
    codes = _code_points(text)
    folded = tables.codes[codes.astype(np.intp)]
    highest = int(folded.max()) if len(folded) else 0
    if highest == _UNKNOWN:
        tables.learn(codes)
        folded = tables.codes[codes]
        highest = int(folded.max())
    return None if highest >= _UNEVEN else folded


class Folded(NamedTuple):
    """Folded text, with the index of the original character behind each folded one (None: the same index)."""

    text: str
    origins: list[int] | None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original text that the folded span (not empty) came from."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> str:
    """Fold text to the form in which it is indexed and asked for."""
    if text.isascii():
        return text.lower()
    if len(text) < _SHORT:
        return text.translate(_TRANSLATION)
    codes = _fold_codes(text)
    if codes is None:
        return text.translate(_TRANSLATION)
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def fold_with_origins(text: str) -> Folded:
    """Fold text and remember where each folded character came from."""
    if text.isascii():
        return Folded(text.lower(), None)
    codes = _fold_codes(text)
    if codes is not None:
        return Folded(codes.tobytes().decode("utf-32-le", "surrogatepass"), None)
    pieces = [_TRANSLATION[ord(character)] for character in text]
    return Folded("".join(pieces), [index for index, piece in enumerate(pieces) for _ in piece])


def folded_codes(text: str) -> tuple[Codes, Classes]:
    """Fold text to an array of code points, and the class of each: `OTHER`, `HAN` or `LETTER`."""
    codes = _fold_codes(text)
    if codes is None:
        codes = _code_points(text.translate(_TRANSLATION))
        tables = _tables()
        if (tables.codes[codes] == _UNKNOWN).any():
            tables.learn(codes)
    return codes, _tables().classes[codes.astype(np.intp)]
