"""The order of names and titles in lists: Latin letters first, then Chinese by sound, the same in every database.

The code of GB 18030 puts Latin letters first, then the 3,755 common characters in the order of their pinyin. All other
characters, some of them surnames, it has by their strokes or none at all: each of these stands after the common ones of
its own sound. Which sound that is stands in ``name_sounds.txt``, made of pypinyin's tables (ADR 0097).
"""

from array import array
from functools import cache
from pathlib import Path

KEPT_CHARS = 24
KEY_CHARS = KEPT_CHARS * 8
SOUNDS = "name_sounds.txt"
AFTER = "z"  # sorts after every digit of a code
MOST_KEPT = 20_000

# Surnames that are read otherwise than the same character elsewhere; only those that have one reading as surnames.
SURNAMES = {
    "长孙": "zhang",
    "尉迟": "yu",
    "万俟": "mo",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "区": "ou",
    "查": "zha",
    "朴": "piao",
    "薄": "bo",
    "员": "yun",
    "种": "chong",
    "缪": "miao",
    "翟": "zhai",
    "乜": "nie",
}


class _Sounds:
    """The file of sounds: a line for each with the last common character of it, and all others that are read so."""

    def __init__(self) -> None:
        text = Path(__file__).with_name(SOUNDS).read_text(encoding="utf-8")
        lines = [line.split(" ") for line in text.splitlines()]
        self.last = {sound: last for sound, last, _ in lines}
        self._lasts = ["", *self.last.values()]
        # By the number of the character: a dictionary of them would take two megabytes.
        self._numbers = array("H", bytes(2 * (1 + max(ord(max(rare)) for _, _, rare in lines if rare))))
        for number, (_, _, rare) in enumerate(lines, start=1):
            for character in rare:
                self._numbers[ord(character)] = number

    def last_beside(self, character: str) -> str:
        """Give the last common character that sounds like a rare one; empty for one that is common, or unknown."""
        number = ord(character)
        return self._lasts[self._numbers[number]] if number < len(self._numbers) else ""


@cache
def _sounds() -> _Sounds:
    return _Sounds()


def _code(character: str) -> str:
    return character.encode("gb18030", errors="replace").hex()


def _beside(character: str, last: str) -> str:
    """Give the place after the last common character of a sound."""
    return f"{_code(last)}{AFTER}{_code(character)}"


class _Places(dict[str, str]):
    """The place of each character, found when it is first asked for."""

    def __missing__(self, character: str) -> str:
        last = "" if character.isascii() else _sounds().last_beside(character)
        place = _beside(character, last) if last else _code(character)
        if len(self) > MOST_KEPT:
            self.clear()
        self[character] = place
        return place


_places = _Places()


def order_key(text: str) -> str:
    """Give a text's place as ASCII digits and letters, of its first 24 characters, fewer where many are rare."""
    return "".join([_places[character] for character in text[:KEPT_CHARS]])[:KEY_CHARS]


def name_key(name: str) -> str:
    """Give a person's place among names: as ``order_key``, capital or small, a surname by its own reading."""
    folded = name.casefold()
    sound = SURNAMES.get(folded[:2]) or SURNAMES.get(folded[:1])
    if sound is None or len(folded) < 2:
        return order_key(folded)
    return (_beside(folded[0], _sounds().last[sound]) + order_key(folded[1:]))[:KEY_CHARS]
