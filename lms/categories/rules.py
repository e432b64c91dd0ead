"""What a thing to study is about: five contents of study that every organisation knows, and a unit's own. Pure."""

import re
from dataclasses import dataclass

from lms.errors import N_, InvalidInput

NAME_CHARS = 30
OTHER = "other"
OWN = "own-"
_CODE = re.compile(r"own-([1-9][0-9]{0,9})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")


@dataclass(frozen=True)
class Preset:
    """A category that is always there: its code, and its name as a msgid."""

    code: str
    name: str


PRESETS = (
    Preset("theory", N_("Political theory")),
    Preset("law", N_("Laws and regulations")),
    Preset("business", N_("Work and profession")),
    Preset("culture", N_("Culture, history and science")),
    Preset("local", N_("Local affairs")),
    Preset(OTHER, N_("Other")),
)
PRESET_NAMES = {preset.code: preset.name for preset in PRESETS}
CODES = "|".join((*PRESET_NAMES, _CODE.pattern))
"""A pattern that every code fits, for the API."""


def is_code(raw: str) -> bool:
    """Say whether a text has the form of a category's code."""
    return raw in PRESET_NAMES or own_id(raw) is not None


def own_code(category_id: int) -> str:
    """Give the code of a unit's own category."""
    return f"{OWN}{category_id}"


def own_id(code: str) -> int | None:
    """Give the id behind the code of a unit's own category, None for any other code."""
    found = _CODE.fullmatch(code)
    return int(found[1]) if found else None


def check_name(raw: str) -> str:
    """Give a name made tidy. Raises InvalidInput."""
    name = " ".join(raw.split())
    if not name:
        raise InvalidInput(N_("Please name the category."), field="name")
    if _CONTROL.search(name):
        raise InvalidInput(N_("Please remove the invisible control characters from this text."), field="name")
    if len(name) > NAME_CHARS:
        raise InvalidInput(
            N_("At most %(limit)s characters, please: these are %(count)s."),
            field="name",
            limit=NAME_CHARS,
            count=len(name),
        )
    return name


def reaches(owner_path: str, unit_path: str) -> bool:
    """Say whether the own category of a unit holds in another: in the unit itself and those below it."""
    return unit_path.startswith(owner_path)
