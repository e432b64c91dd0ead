"""Text as HTML, quickly: most texts hold nothing to escape, and to see that costs a fraction of escaping them."""

import re
from typing import Any

from markupsafe import Markup, escape

_SPECIAL = re.compile("[&<>\"']").search


def escaped(value: Any) -> str:
    """Give a value as HTML: text escaped, what is marked as safe as it is. For what is only joined to other HTML."""
    kind = type(value)
    if kind is Markup or (kind is str and _SPECIAL(value) is None):
        text: str = value
        return text
    return escape(value)
