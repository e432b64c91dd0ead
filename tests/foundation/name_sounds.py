"""Makes `lms/name_sounds.txt` of pypinyin's tables: ``python -m tests.foundation.name_sounds``."""

from itertools import groupby
from pathlib import Path

from pypinyin.constants import PINYIN_DICT

from lms import name_order
from search_index.pinyin import toneless

FILE = Path(name_order.__file__).with_name(name_order.SOUNDS)
FIRST, LAST = 0x3400, 0x9FFF  # the characters that the standard has in order are among them


def common() -> list[str]:
    """Give the 3,755 characters of GB 2312 that stand in the order of their pinyin."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [code.decode("gb2312") for code in codes if code[0] < 0xD7 or code[1] <= 0xF9]


def in_order(syllable: str) -> tuple[str, bool]:
    """Give the place of a syllable: lü comes after lu and before luan."""
    return syllable.replace("v", "u"), "v" in syllable


def ends() -> dict[str, str]:
    """Give for each syllable the last of the common characters that are not read later than it.

    The standard says where a character stands, not how it reads it: of its readings that one is taken by which most of
    the characters stand in order.
    """
    characters = common()
    said = [{toneless(one) for one in PINYIN_DICT[ord(character)].split(",")} for character in characters]
    syllables = sorted(set().union(*said), key=in_order)
    # How many of the characters up to here are in order when the last one is read as this syllable or an earlier one.
    best, chosen = [0] * len(syllables), []
    for readings in said:
        most, by, row = 0, 0, []
        fresh = []
        for number, syllable in enumerate(syllables):
            reached = best[number] + (syllable in readings)
            if reached > most or not row:
                most, by = reached, number
            fresh.append(most)
            row.append(by)
        best = fresh
        chosen.append(row)
    number, read = len(syllables) - 1, []
    for row in reversed(chosen):
        number = row[number]
        read.append(syllables[number])
    last = {
        syllable: [*some][-1][1]
        for syllable, some in groupby(zip(reversed(read), characters, strict=True), lambda pair: pair[0])
    }
    found, before = {}, characters[0]
    for syllable in sorted(
        {toneless(one.partition(",")[0]) for one in PINYIN_DICT.values()} | last.keys(), key=in_order
    ):
        before = found[syllable] = last.get(syllable, before)
    return found


def made() -> str:
    """Give the file: for each syllable the last common character of it, and all others that are read so."""
    known, after = set(common()), ends()
    characters: dict[str, list[str]] = {}
    for code, said in sorted(PINYIN_DICT.items()):
        if FIRST <= code <= LAST and chr(code) not in known:
            characters.setdefault(toneless(said.partition(",")[0]), []).append(chr(code))
    lines = [f"{name} {after[name]} {''.join(characters.get(name, ()))}" for name in sorted(after, key=in_order)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(made(), encoding="utf-8")
