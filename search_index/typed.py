"""What is typed and what is suggested, folded alike: letters and digits only, small, half width, without accents."""

from __future__ import annotations

import re
import unicodedata

MOST_TYPED = 64
"""Characters of a typed text that are looked at."""

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_RUN = re.compile(f"[{HAN}]+")
_SEGMENTS = re.compile(f"([{HAN}]+)|([^{HAN}]+)")


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(code)).lower()
        bare = "".join(part for part in parts if not unicodedata.combining(part))
        self[code] = unicodedata.normalize("NFC", bare)
        return self[code]


_FOLDING = _Folding({ord("\0"): " "})


def fold(text: str) -> str:
    """Fold text character by character: compatibility forms, accents and capitals go, separators stay."""
    return text.lower().replace("\0", " ") if text.isascii() else text.translate(_FOLDING)


def letters(text: str) -> str:
    """Fold text and keep its letters and digits: spaces, apostrophes and title marks do not matter to what is typed."""
    return "".join(filter(str.isalnum, fold(text)))


def typed(text: str) -> str:
    """Give the letters of a typed text, cut to the length that is looked at."""
    return letters(text[: 4 * MOST_TYPED])[:MOST_TYPED]


def spoken(text: str) -> str:
    """Give a typed text as syllables are written: as `typed`, with v for ü."""
    composed = unicodedata.normalize("NFC", text[: 4 * MOST_TYPED]).lower()
    return typed(composed.replace("ü", "v"))


def segments(text: str) -> list[tuple[str, bool]]:
    """Cut folded letters into runs of Chinese characters (True) and runs of others (False)."""
    return [(match.group(), match.group(1) is not None) for match in _SEGMENTS.finditer(text)]
