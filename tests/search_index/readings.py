"""Makes `search_index/readings.txt` of pypinyin's tables: ``python -m tests.search_index.readings``."""

from collections import defaultdict
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from search_index import pinyin

FILE = Path(pinyin.__file__).with_name(pinyin.READINGS)


def made() -> str:
    """Give the file: a line for each syllable with its characters, then one for each phrase that decides a reading."""
    characters: dict[str, list[str]] = defaultdict(list)
    for code, said in sorted(PINYIN_DICT.items()):
        characters[pinyin.toneless(said.partition(",")[0])].append(chr(code))
    usual = [f"{name} {''.join(some)}" for name, some in sorted(characters.items())]
    phrases = [
        f"{phrase} {told}" for phrase, said in sorted(PHRASES_DICT.items()) if (told := _told(phrase, said)) is not None
    ]
    return "\n".join([*usual, "", *phrases]) + "\n"


def _told(phrase: str, said: list[list[str]]) -> str | None:
    if not 2 <= len(phrase) == len(said) <= pinyin.LONGEST_PHRASE or pinyin.COMMON.keys().isdisjoint(phrase):
        return None
    told = []
    for character, (first, *_) in zip(phrase, said, strict=True):
        if character in pinyin.COMMON:
            name = pinyin.toneless(first)
            told.append(name if name in pinyin.COMMON[character] else "-")
    return " ".join(told)


if __name__ == "__main__":
    FILE.write_text(made(), encoding="utf-8")
