"""Figures and places written the same in every language."""


def number(value: int) -> str:
    """Write a number with thin spaces between its thousands: 1 840."""
    return f"{value:,}".replace(",", "\N{THIN SPACE}")


def timecode(seconds: float) -> str:
    """Write a place in a recording, given in seconds: 18:42, 1:02:03."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"
