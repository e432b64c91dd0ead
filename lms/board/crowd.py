"""Many members at once: who they are, as arrays. Pure.

Days are ordinals (``date.toordinal``), so that a town's stays, leaves and exemptions are a few arrays of whole numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import numpy as np
import numpy.ma  # np.unique loads it at its first use: with the rest, before the processes are forked
from numpy.typing import NDArray

from lms.periods import Span
from lms.progress.asking import Who
from lms.progress.days import clip, common, without
from lms.progress.who import EVER

Days = NDArray[np.int32]
Flags = NDArray[np.bool_]

FIRST, LAST = date.min.toordinal(), date.max.toordinal()
Tagged = tuple[str, Span]


@dataclass(frozen=True)
class Place:
    """A unit: its id, where it lies, what it is and how it is called."""

    id: int
    path: str
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Intervals:
    """Days of many members, one row an interval: whose (a position among the members), first and last day."""

    who: Days
    since: Days
    until: Days

    def some(self, chosen: Flags) -> "Intervals":
        """Give some of the intervals."""
        return Intervals(self.who[chosen], self.since[chosen], self.until[chosen])

    def overlap(self) -> bool:
        """Say whether two intervals of anybody have a day in common."""
        order = np.lexsort((self.since, self.who))
        who, since, until = self.who[order], self.since[order], self.until[order]
        return bool(((who[1:] == who[:-1]) & (since[1:] <= until[:-1])).any())

    def at(self, day: int, size: int) -> Flags:
        """Say for each member whether the day lies in an interval of theirs."""
        found = np.zeros(size, bool)
        found[self.who[(self.since <= day) & (day <= self.until)]] = True
        return found

    def changing(self, first: int, last: int) -> Days:
        """Give the members (with repetitions) for whom an interval begins or ends between two days."""
        begins = (first < self.since) & (self.since <= last)
        ends = (first <= self.until) & (self.until < last)
        return self.who[begins | ends]

    @staticmethod
    def of(spans: Mapping[int, Iterable[Span]]) -> "Intervals":
        """Make intervals of spans by member."""
        rows = [(who, s.since.toordinal(), s.until.toordinal()) for who, held in spans.items() for s in held]
        table = np.array(rows, np.int32).reshape(-1, 3)
        return Intervals(table[:, 0], table[:, 1], table[:, 2])


@dataclass(frozen=True)
class Crowd:
    """Members by position: ids, stays (in which of the places, from when to when), and what else decides.

    ``tags`` and ``leaves`` hold only those who have any; ``born`` are births as numbers (``who.born_on``).
    """

    ids: NDArray[np.int64]
    places: Sequence[Place]
    stays: Intervals
    stay_place: Days
    born: Days
    tags: Mapping[int, Sequence[Tagged]] = field(default_factory=dict)
    leaves: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Count the members."""
        return len(self.ids)

    def digest(self) -> bytes:
        """Give a short name of everything that decides on which days something is asked of whom."""
        made = blake2b(digest_size=16)
        for column in (self.ids, self.stays.who, self.stays.since, self.stays.until, self.stay_place, self.born):
            made.update(np.ascontiguousarray(column).tobytes())
        made.update(repr((self.places, sorted(self.tags.items()), sorted(self.leaves.items()))).encode())
        return made.digest()

    def inside(self, path: str, who: Who) -> Flags:
        """Say of each place whether a requirement of a unit reaches it."""
        return np.array(
            [one.path.startswith(path) and (not who.kinds or one.kind in who.kinds) for one in self.places], bool
        )


@dataclass(frozen=True)
class Reached:
    """On which days a requirement reaches the members, and where they were otherwise.

    ``single`` says of whom one interval tells all, its days in ``since`` and ``until``; ``outside_since`` and
    ``outside_until`` are the first and last day of any stay elsewhere.
    """

    days: Intervals
    several: Mapping[int, Sequence[Span]]
    since: Days
    until: Days
    outside_since: Days
    outside_until: Days


def reached(asked_of: Who, path: str, crowd: Crowd) -> Reached:
    """Reckon on which days a unit's requirement reaches each member; age is looked at period by period."""
    stays, n = crowd.stays, crowd.size
    within = crowd.inside(path, asked_of)[crowd.stay_place] if len(crowd.places) else np.zeros(0, bool)
    since, until = np.full(n, LAST, np.int32), np.full(n, FIRST, np.int32)
    np.minimum.at(since, stays.who[within], stays.since[within])
    np.maximum.at(until, stays.who[within], stays.until[within])
    outside_since, outside_until = np.full(n, LAST, np.int32), np.full(n, FIRST, np.int32)
    np.minimum.at(outside_since, stays.who[~within], stays.since[~within])
    np.maximum.at(outside_until, stays.who[~within], stays.until[~within])
    several = _with_gaps(crowd, within, since, until)
    tags = {*asked_of.tags, *asked_of.without}
    if tags:
        tagged = _tagged(asked_of, crowd, several, since, until)
        several = tagged if asked_of.tags else several | tagged
        if asked_of.tags:
            untagged = np.ones(n, bool)
            untagged[list(tagged)] = False
            since[untagged], until[untagged] = LAST, FIRST
    for who, spans in several.items():
        since[who] = spans[0].since.toordinal() if spans else LAST
        until[who] = spans[-1].until.toordinal() if spans else FIRST
    gaps = {who: spans for who, spans in several.items() if len(spans) > 1}
    plain = np.flatnonzero(since <= until).astype(np.int32)
    if gaps:
        plain = plain[~np.isin(plain, list(gaps))]
    apart = Intervals.of(gaps)
    days = Intervals(
        np.concatenate([plain, apart.who]),
        np.concatenate([since[plain], apart.since]),
        np.concatenate([until[plain], apart.until]),
    )
    return Reached(days, gaps, since, until, outside_since, outside_until)


def _with_gaps(crowd: Crowd, within: Flags, since: Days, until: Days) -> dict[int, Sequence[Span]]:
    """Find the members whose days inside have gaps: fewer days than between the first and the last of them.

    Two units at once may hide a gap in that sum, so whoever has stays that overlap is looked at as well.
    """
    stays = crowd.stays
    who, first, last = stays.who[within], stays.since[within], stays.until[within]
    order = np.lexsort((first, who))
    who, first, last = who[order], first[order], last[order]
    same = who[1:] == who[:-1]
    unlike = np.unique(who[1:][same & (first[1:] != last[:-1] + 1)])
    held: dict[int, list[Span]] = {int(one): [] for one in unlike}
    chosen = np.isin(who, unlike)
    for one, begin, end in zip(who[chosen].tolist(), first[chosen].tolist(), last[chosen].tolist(), strict=True):
        held[one].append(span_of(begin, end))
    return {one: clip(spans, EVER) for one, spans in held.items()}


def _tagged(
    who: Who, crowd: Crowd, several: Mapping[int, Sequence[Span]], since: Days, until: Days
) -> dict[int, Sequence[Span]]:
    """Cut the days of those who have a tag that matters."""
    found: dict[int, Sequence[Span]] = {}
    for one, tags in crowd.tags.items():
        wanted = [span for tag, span in tags if tag in who.tags]
        unwanted = [span for tag, span in tags if tag in who.without]
        if not wanted and not unwanted:
            continue
        held = several.get(one)
        if held is None:
            held = [span_of(int(since[one]), int(until[one]))] if since[one] <= until[one] else []
        days = common(held, clip(wanted, EVER)) if who.tags else list(held)
        found[one] = without(days, unwanted)
    return found


def span_of(since: int, until: int) -> Span:
    """Make a span of two ordinals."""
    return Span(date.fromordinal(since), date.fromordinal(until))
