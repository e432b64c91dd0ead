"""Every msgid in code and templates has its Chinese: ``python -m tests.architecture.missing_words [room]``."""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "lms" / "translations"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
PLACE = re.compile(r"%\((\w+)\)[sd]")


@cache
def extracted() -> dict[str, tuple[str, str]]:
    """Give every msgid with its plural (or "") and the file it first stands in."""
    found: dict[str, tuple[str, str]] = {}
    for folder, methods in (("lms", [("**.py", "python")]), ("templates", [("**.html", "jinja2")])):
        for path, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder), method_map=methods, keywords=KEYWORDS, directory_filter=lambda folder: True
        ):
            single, plural = message if isinstance(message, tuple) else (message, "")
            if single:
                found.setdefault(single, (plural, f"{folder}/{path}"))
    return found


def translated(locale: str = "zh_CN") -> dict[str, Message]:
    """Give every translated message of a language by its msgid. Raises ValueError where two rooms disagree."""
    found: dict[str, Message] = {}
    for path, message in messages(locale):
        single = message.id[0] if isinstance(message.id, tuple) else message.id
        if single in found and found[single].string != message.string:
            raise ValueError(f"{path}: {single!r} is translated in two ways")
        found[single] = message
    return found


def messages(locale: str) -> Iterator[tuple[str, Message]]:
    """Walk over the messages of a language's files."""
    for path in sorted((TRANSLATIONS / locale).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id:
                    yield path.name, message


def faults(room: str = "") -> list[str]:
    """Say what is missing or wrong: untranslated, fuzzy, empty, other places for values, or not used any more."""
    wanted, have = extracted(), translated()
    lines = [f"{where}: not translated: {single!r}" for single, (_, where) in wanted.items() if single not in have]
    for single, message in have.items():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy or not all(strings):
            lines.append(f"not finished: {single!r}")
        if single not in wanted:
            lines.append(f"not used any more: {single!r}")
        plural = wanted.get(single, ("", ""))[0]
        places = set(PLACE.findall(single)) | set(PLACE.findall(plural))
        lines += [f"other places: {single!r}" for text in strings if not set(PLACE.findall(text)) <= places]
    return sorted(line for line in lines if room in line)


def main() -> int:
    """Print what is missing; exit status 1 if anything is."""
    found = faults(sys.argv[1] if len(sys.argv) > 1 else "")
    print("\n".join(found) if found else "every sentence has its Chinese")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
