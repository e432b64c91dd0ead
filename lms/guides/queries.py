"""The guides for members, lecturers, liaisons and administrators: the texts of docs/guides, read once by a process."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lms.errors import N_, NotFound

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "guides"
NAMES = ("member", "lecturer", "liaison", "administrator")
LANGUAGES = {"zh_CN": "zh", "en": "en"}
_TO_GUIDE = re.compile(r"\]\((?:\.\./(?:zh|en)/)?(member|lecturer|liaison|administrator)-guide\.md\)")
_TO_FILE = re.compile(r"\[([^\]]+)\]\([^)]+\.md\)")
_OTHER_LANGUAGE = re.compile(r"\[[^\]]+\]\(\.\./(?:zh|en)/[^)]+\)\s*·\s*")


@dataclass(frozen=True)
class Section:
    """A part of a guide: its title, and its text in Markdown; ``anchor`` is its place on the page."""

    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Guide:
    """A guide: whom it is for, its title, what stands before the first section, and the sections."""

    name: str
    title: str
    opening: str
    sections: tuple[Section, ...]


def list_guides(locale: str) -> list[Guide]:
    """Give all guides in the reader's language, in the order in which they build on each other."""
    return [get_guide(name, locale) for name in NAMES]


@cache
def get_guide(name: str, locale: str) -> Guide:
    """Give the guide for a role in the reader's language. Raises NotFound for an unknown role.

    Links between guides become addresses of this service; the name of a file that is not served stays as words.
    """
    if name not in NAMES:
        raise NotFound(N_("There is no such guide."))
    text = (FOLDER / LANGUAGES[locale] / f"{name}-guide.md").read_text(encoding="utf-8")
    text = _TO_FILE.sub(r"\1", _TO_GUIDE.sub(r"](/help/\1)", _OTHER_LANGUAGE.sub("", text)))
    head, *parts = re.split(r"(?m)^## ", text)
    title, _, opening = head.partition("\n")
    sections = []
    for number, part in enumerate(parts, 1):
        heading, _, body = part.partition("\n")
        sections.append(Section(f"part-{number}", heading.strip(), body.strip("\n")))
    return Guide(name, title.removeprefix("#").strip(), opening.strip(), tuple(sections))
