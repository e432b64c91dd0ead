"""Reckoning with spans of days: cut, cut out, common days. Pure; every result is in order and without overlap."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from lms.periods import Span

DAY = timedelta(days=1)


def clip(spans: Iterable[Span], within: Span) -> list[Span]:
    """Cut spans to those days that lie within another, in order and without overlap."""
    spans = spans if isinstance(spans, (list, tuple)) else list(spans)
    if len(spans) == 1:  # of nearly everybody, and asked a million times by the board of a town
        only = spans[0]
        if within.since <= only.since and only.until <= within.until:
            return [only]
        since, until = max(only.since, within.since), min(only.until, within.until)
        return [Span(since, until)] if since <= until else []
    parts: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.since, s.until)):
        since, until = max(span.since, within.since), min(span.until, within.until)
        if parts and since.toordinal() <= parts[-1].until.toordinal() + 1:  # the last day may be the end of time
            since = parts[-1].since
            until = max(until, parts[-1].until)
            if until >= since:
                parts[-1] = Span(since, until)
        elif since <= until:
            parts.append(Span(since, until))
    return parts


def common(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Give the days that lie in both."""
    held = list(spans)
    found: list[Span] = []
    for other in others:
        found.extend(clip(held, other))
    return clip(found, Span(found[0].since, max(s.until for s in found))) if len(found) > 1 else found


def without(spans: Sequence[Span], holes: Iterable[Span]) -> list[Span]:
    """Give the days of spans in order that lie in none of the holes."""
    left = list(spans)
    for hole in holes:
        cut: list[Span] = []
        for span in left:
            if hole.until < span.since or span.until < hole.since:
                cut.append(span)
                continue
            if span.since < hole.since:
                cut.append(Span(span.since, hole.since - DAY))
            if hole.until < span.until:
                cut.append(Span(hole.until + DAY, span.until))
        left = cut
    return left


def count(spans: Iterable[Span]) -> int:
    """Count the days of spans without overlap."""
    return sum(span.days for span in spans)
