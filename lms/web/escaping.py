"""Text as HTML, quickly: most texts hold nothing to escape, and to see that costs a fraction of escaping them."""

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

ENGLISH, CHINESE, NO_TONGUE = Markup(' lang="en"'), Markup(' lang="zh-CN"'), Markup("")
_WORD, _HAN = re.compile("[a-z]{3}"), re.compile("[\u4e00-\u9fff]")


def escaped(value: Any) -> str:
    """Give a value as HTML: text escaped, what is marked as safe as it is. For what is only joined to other HTML."""
    kind = type(value)
    if kind is Markup or (kind is str and _is_plain(value)):
        text: str = value
        return text
    return escape(value)


def english(title: object) -> Markup:
    """Give the attribute by which a voice reads an English title as English, or nothing for any other."""
    text = str(title)
    return ENGLISH if text.isascii() and _WORD.search(text) else NO_TONGUE


def tongue(title: object, page: str) -> Markup:
    """Give the attribute that names the language of a title, Chinese or English, where it is not that of the page."""
    if page != "en":
        return english(title)
    return CHINESE if _HAN.search(str(title)) else NO_TONGUE


def marked_html(parts: Sequence[tuple[str, bool]]) -> str:
    """Show a text given in parts as HTML, those that match a search marked."""
    if _is_plain("".join([text for text, _ in parts])):
        return "".join([f"<mark>{text}</mark>" if hit else text for text, hit in parts])
    return "".join([f"<mark>{escape(text)}</mark>" if hit else escape(text) for text, hit in parts])


def _is_plain(text: str) -> bool:
    """Say whether nothing in a text is to be escaped: five looks for one letter, each far quicker than a pattern."""
    return not ("&" in text or "<" in text or ">" in text or '"' in text or "'" in text)
