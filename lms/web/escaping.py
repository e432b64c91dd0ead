"""Text as HTML, quickly: most texts hold nothing to escape, and to see that costs a fraction of escaping them."""

import re

from markupsafe import Markup, escape

_SPECIAL = re.compile("[&<>\"']").search


def escaped(value: object) -> str:
    """Give a value as HTML: text escaped, what is marked as safe as it is. For what is only joined to other HTML."""
    kind = type(value)
    if kind is Markup or (kind is str and _SPECIAL(value) is None):  # type: ignore[arg-type]
        return value  # type: ignore[return-value]
    return escape(value)
