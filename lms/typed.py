"""What people type, before any room looks at it: words to look for, and characters that cannot be shown."""


def typed_words(text: str, most: int) -> list[str]:
    """Give the first words of what was typed to look for. What cannot be shown parts words: PostgreSQL takes no NUL."""
    return "".join(char if char.isprintable() else " " for char in text).split()[:most]


def typed_text(text: str, most: int) -> str:
    """Give what was typed to look for as one text of at most so many characters, each gap in it one blank."""
    return " ".join(typed_words(text, most))[:most]


def has_controls(text: str) -> bool:
    """Say whether a text holds control characters other than line end and tab, or halves of characters."""
    return any((char < " " and char not in "\n\t") or char == "\x7f" or "\ud800" <= char <= "\udfff" for char in text)
