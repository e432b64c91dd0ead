"""Calendars in the format of RFC 5545: pure text of days and words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# RFC 5545, 3.1: a line is no longer than 75 octets, its break left out; further ones begin with a space.
LINE_OCTETS = 75


@dataclass(frozen=True)
class Entry:
    """A whole day of a calendar; ``changed`` is the naive UTC instant at which it was last changed."""

    uid: str
    day: date
    summary: str
    description: str
    changed: datetime


def calendar(name: str, entries: Iterable[Entry]) -> str:
    """Write a calendar with one event for each entry, each a whole day that keeps nobody busy."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Learning Garden//Plans//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}",
            f"DTSTAMP:{entry.changed:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(entry.summary)}",
            f"DESCRIPTION:{escaped(entry.description)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def escaped(text: str) -> str:
    """Write a text as a value (RFC 5545, 3.3.11): backslash, semicolon, comma and line break stand escaped.

    Other control characters, which the format forbids, are left out.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return "".join(char for char in text.replace("\n", "\\n") if char == "\t" or (char >= " " and char != "\x7f"))


def folded(line: str) -> Iterator[str]:
    """Break a line so that none has more than 75 octets and no character of UTF-8 is torn apart."""
    held, octets = "", 0
    for char in line:
        size = len(char.encode())
        if octets + size > LINE_OCTETS:
            yield held
            held, octets = " ", 1
        held += char
        octets += size
    yield held
