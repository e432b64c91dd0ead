"""What Markdown in Chinese needs beside CommonMark, wherever it is read: as a page, or as text to be searched."""

import re

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

WIDE = re.compile(
    r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
"""A character as wide as a Chinese one, punctuation included."""


def emphasis(state: StateInline, silent: bool) -> bool:
    """Take * and _ as markers.

    CommonMark asks for spaces where Chinese has none: ``**重点：**内容`` would stay as typed, because a mark after
    punctuation may only close before a space. A wide character beside the mark counts as such a space here.
    """
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    can_open, can_close = _sides(
        state.src[state.pos - 1] if state.pos else " ", state.src[end] if end < state.posMax else " ", marker == "*"
    )
    length = end - state.pos
    for _ in range(length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos = end
    return True


def _sides(before: str, after: str, within_words: bool) -> tuple[bool, bool]:
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    mark_before, mark_after = _is_punctuation(before), _is_punctuation(after)
    wide_before, wide_after = bool(WIDE.match(before)), bool(WIDE.match(after))
    left = not space_after and (not mark_after or space_before or mark_before or wide_before)
    right = not space_before and (not mark_before or space_after or mark_after or wide_after)
    if within_words:
        return left, right
    return left and (not right or mark_before), right and (not left or mark_after)


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)
