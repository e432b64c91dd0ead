"""How Chinese is read: toneless syllables of characters, and which of several readings a text asks for.

Only who builds imports this module: a reader takes the syllables from the built file. What it knows stands in
`readings.txt`, which `python -m tests.search_index.readings` makes of pypinyin's tables: of these 13,800 phrases and
one syllable a character are needed, which take two megabytes where all of pypinyin takes fifty-five.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import cache
from importlib.resources import files

READINGS = "readings.txt"
LONGEST_PHRASE = 4
MOST_READINGS = 4

# Characters whose second reading stands in everyday words. The dictionary's further readings are classical or dialect
# for the most part: with all of them nearly every text would have several readings.
_COMMON = """
长chang,zhang 重zhong,chong 行xing,hang 乐le,yue 朝chao,zhao 还hai,huan 都du,dou 得de,dei 藏cang,zang 传chuan,zhuan
曾ceng,zeng 单dan,shan 弹dan,tan 调diao,tiao 降jiang,xiang 解jie,xie 角jiao,jue 觉jue,jiao 率lv,shuai 没mei,mo 模mo,mu
省sheng,xing 盛sheng,cheng 数shu,shuo 宿su,xiu 系xi,ji 校xiao,jiao 血xue,xie 参can,shen 差cha,chai,ci 车che,ju
称cheng,chen 畜chu,xu 大da,dai 地di,de 恶e,wu 会hui,kuai 区qu,ou 柏bai,bo 薄bo,bao 便bian,pian 屏ping,bing 卡ka,qia
壳ke,qiao 落luo,la 露lu,lou 绿lv,lu 脉mai,mo 迫po,pai 栖qi,xi 奇qi,ji 塞sai,se 色se,shai 厦sha,xia 石shi,dan 识shi,zhi
似si,shi 吓xia,he 削xiao,xue 巷xiang,hang 叶ye,xie 殖zhi,shi 属shu,zhu 著zhu,zhe 着zhe,zhao,zhuo 了le,liao 的de,di
合he,ge 和he,huo 家jia,jie 见jian,xian 期qi,ji 切qie 不bu 咖ka,ga 提ti,di 佛fo,fu 万wan,mo 尉wei,yu 仇chou,qiu
翟zhai,di 种zhong,chong 查cha,zha 任ren 盖gai,ge 华hua 缪miao,mou 贾jia,gu 隗wei,kui 谷gu,yu 乘cheng,sheng
什shen,shi 熟shu,shou 谁shei,shui 剥bo,bao 炮pao,bao 漂piao 埋mai,man 蔓man,wan 杉shan,sha 伯bo,bai 亡wang,wu
"""
# Their other readings stand in fixed words only (会计, 仿佛), which the dictionary of phrases knows.
_FIXED = frozenset("和会合家期万提佛见的地种查石识似什大恶得了着谁没还都大不")
COMMON: dict[str, tuple[str, ...]] = {
    found[0]: tuple(found[1].split(",")) for found in re.findall(r"(\S)([a-z,]+)", _COMMON) if "," in found[1]
}

_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))
_NEAR_ENDINGS = (("ing", "in"), ("eng", "en"), ("ang", "an"))


def toneless(syllable: str) -> str:
    """Take the tone off a syllable; ü is written v, as it is typed."""
    marked = unicodedata.normalize("NFD", syllable.replace("ü", "v"))
    bare = "".join(part for part in marked if part.isascii() or part == "\u0308")
    return bare.replace("u\u0308", "v")


class _Readings:
    """The file of readings: lines of a syllable and its characters; then, below an empty line, the phrases.

    With a phrase stand the syllables of those of its characters that have several, "-" for one that is not `COMMON`.
    """

    def __init__(self) -> None:
        usual, _, phrases = (files("search_index") / READINGS).read_text(encoding="utf-8").partition("\n\n")
        lines = [line.split(" ") for line in usual.split("\n")]
        self._names = ["", *(name for name, _ in lines)]
        self._numbers = array("H", bytes(2 * (1 + max(ord(max(characters)) for _, characters in lines))))
        for number, (_, characters) in enumerate(lines, start=1):
            for character in characters:
                self._numbers[ord(character)] = number
        self.phrases: dict[str, str] = {}
        told: dict[str, str] = {}
        for line in phrases.splitlines():
            phrase, _, syllables = line.partition(" ")
            self.phrases[phrase] = told.setdefault(syllables, syllables)

    def usual(self, character: str) -> str:
        """Give the first syllable of a character; empty for one that has none."""
        code = ord(character)
        return self._names[self._numbers[code]] if code < len(self._numbers) else ""


@cache
def _readings() -> _Readings:
    return _Readings()


def syllable(character: str) -> str:
    """Give the usual syllable of a character; empty for one that is not Chinese or is not known."""
    if character in COMMON:
        return COMMON[character][0]
    return _readings().usual(character)


def near(syllable: str) -> str:
    """Give what a syllable becomes where the ends and beginnings that many do not tell apart are one.

    zh/z, ch/c, sh/s, n/l, f/h at the beginning; ing/in, eng/en, ang/an at the end.
    """
    for heard, written in _NEAR:
        if syllable.startswith(heard):
            syllable = written + syllable[len(heard) :]
            break
    for heard, written in _NEAR_ENDINGS:
        if syllable.endswith(heard):
            return syllable[: -len(heard)] + written
    return syllable


def in_phrase(text: str, place: int) -> str:
    """Give the syllable that the longest phrase around a character of several readings asks for; "" when none tells."""
    phrases = _readings().phrases
    for length in range(min(LONGEST_PHRASE, len(text)), 1, -1):
        for start in range(max(0, place - length + 1), min(place, len(text) - length) + 1):
            phrase = text[start : start + length]
            if phrase in phrases:
                before = sum(character in COMMON for character in phrase[: place - start])
                told = phrases[phrase].split(" ")[before]
                return "" if told == "-" else told
    return ""


def readings(text: str) -> tuple[dict[int, str], list[tuple[int, str]]]:
    """Give what differs from the usual syllables of a text, by place, and what single places may be read as besides.

    A phrase decides where it is known (重庆 is chongqing); a character that none decides may be read in each of its
    common ways, one character at a time: at most `MOST_READINGS` ways.
    """
    decided: dict[int, str] = {}
    open_places: list[int] = []
    for place, character in enumerate(text):
        if character not in COMMON:
            continue
        told = in_phrase(text, place)
        if told:
            decided[place] = told
        elif character not in _FIXED:
            open_places.append(place)
    others = [(place, other) for place in open_places for other in COMMON[text[place]][1:]]
    return decided, others[: MOST_READINGS - 1]
