"""How a file is named when it is sent: in any script, which a header can only hold encoded (RFC 6266, RFC 8187)."""

from urllib.parse import quote


def attachment(name: str) -> str:
    """Give the Content-Disposition of a file to keep, under this name."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def inline(name: str) -> str:
    """Give the Content-Disposition of a file to look at; kept, it has this name."""
    return f"inline; filename*=UTF-8''{quote(name, safe='')}"
