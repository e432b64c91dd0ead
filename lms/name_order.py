"""The order of names and titles in lists: Latin letters first, then Chinese by sound, the same in every database."""

KEPT_CHARS = 24
KEY_CHARS = KEPT_CHARS * 8  # four bytes of GB 18030 at most for a character, two digits for a byte


def order_key(text: str) -> str:
    """Give a text's place as ASCII digits and letters, of its first 24 characters.

    The code of GB 18030 puts Latin letters first, then the 3,755 common characters in the order of their pinyin.
    """
    return text[:KEPT_CHARS].encode("gb18030", errors="replace").hex()


def name_key(name: str) -> str:
    """Give a person's place among names: as ``order_key``, capital or small."""
    return order_key(name.casefold())
