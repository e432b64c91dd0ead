"""On which days requirements reach the members of a town: most share a pattern of days, so it is kept once. Pure."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from lms.board.crowd import Crowd, Days, Flags, Intervals, Reached, reached, span_of
from lms.periods import Span
from lms.progress.asking import Who
from lms.progress.days import clip
from lms.progress.who import Belonging, age_day, years_old

Exempt = Mapping[int, Sequence[Span]]
Spared = tuple[tuple[int, tuple[Span, ...]], ...]


MOST_CROWDS, MOST_PATTERNS = 4, 400
DAY_BITS = (1 << 24) - 1  # the last day there is has 22
OLDEST = 10_000  # years: no highest age
_kept: OrderedDict[bytes, "Belongings"] = OrderedDict()
_keeping = Lock()


@dataclass(frozen=True, eq=False)
class Patterns:
    """The members of one period by their days: ``number`` counts the ``belongings`` from 1, 0 is on no day."""

    span: Span
    number: Days
    belongings: Sequence[Belonging]


def belongings_of(crowd: Crowd) -> "Belongings":
    """Find the patterns of members, taking those found for the last boards where nothing about the members changed."""
    key = crowd.digest()
    with _keeping:
        found = _kept.pop(key, None) or Belongings(crowd)
        _kept[key] = found
        if len(_kept) > MOST_CROWDS:
            _kept.popitem(last=False)
    return found


class Belongings:
    """Finds the patterns, keeping them for the next requirement that asks the same people in the same period."""

    def __init__(self, crowd: Crowd) -> None:
        """Take the members."""
        self.crowd = crowd
        self._leave_days = Intervals.of(crowd.leaves)
        self._reached: dict[tuple[Who, str], Reached] = {}
        self._patterns: dict[tuple[Who, str, Span, Spared], Patterns] = {}

    def reached(self, who: Who, path: str) -> Reached:
        """Give the days on which a unit's requirement reaches the members."""
        key = (who, path)
        if key not in self._reached:
            self._reached[key] = reached(who, path, self.crowd)
        return self._reached[key]

    def patterns(self, who: Who, path: str, span: Span, exempt: Exempt | None = None) -> Patterns:
        """Give the patterns of a period; ``exempt`` are those whom the requirement spares by name."""
        spared = tuple(sorted((one, tuple(spans)) for one, spans in (exempt or {}).items()))
        key = (who, path, span, spared)
        found = self._patterns.get(key)
        if found is None:
            if len(self._patterns) >= MOST_PATTERNS:
                self._patterns.clear()
            found = self._patterns[key] = self._found(who, path, span, exempt or {})
        return found

    def _found(self, who: Who, path: str, span: Span, exempt: Exempt) -> Patterns:
        crowd, where = self.crowd, self.reached(who, path)
        first, last, n = span.since.toordinal(), span.until.toordinal(), crowd.size
        exempt_days = Intervals.of(exempt)
        of_an_age = self._of_age(who, span)
        known = _Known()
        kinds = [known.number(_whole(span, leave=bool(k & 1), exempt=bool(k & 2))) for k in range(4)]
        pattern = self._leave_days.at(first, n).astype(np.int8) + 2 * exempt_days.at(first, n)
        here = where.days.at(first, n) & of_an_age
        number = np.where(here, np.array(kinds, np.int32)[pattern], 0).astype(np.int32)
        changing = np.zeros(n, bool)
        for days in (where.days, self._leave_days, exempt_days):
            changing[days.changing(first, last)] = True
        changing &= of_an_age & (where.since <= last) & (where.until >= first)
        self._number_changing(known, span, number, changing, where, exempt)
        return Patterns(span, number, known.belongings)

    def _of_age(self, who: Who, span: Span) -> Flags:
        if who.age_from is None and who.age_to is None:
            return np.ones(self.crowd.size, bool)
        years = years_old(self.crowd.born, age_day(who, span))
        least, most = who.age_from or 0, OLDEST if who.age_to is None else who.age_to
        holds: Flags = (self.crowd.born > 0) & (least <= years) & (years <= most)
        return holds

    def _number_changing(
        self, known: "_Known", span: Span, number: Days, changing: Flags, where: Reached, exempt: Exempt
    ) -> None:
        """Number those for whom something begins or ends within the period."""
        first, last = span.since.toordinal(), span.until.toordinal()
        alone = changing.copy()
        for one in (*where.several, *self.crowd.leaves, *exempt):
            alone[one] = False
        who = np.flatnonzero(alone)
        since, until = np.maximum(where.since[who], first), np.minimum(where.until[who], last)
        moved_in, moved_out = where.outside_since[who] < since, where.outside_until[who] > until
        # One number for each pattern: sorting numbers is much quicker than sorting rows.
        keys = (since.astype(np.int64) << 24 | until) << 2 | moved_in << 1 | moved_out
        unique, inverse = np.unique(keys, return_inverse=True)
        numbers = [
            known.number(
                Belonging(
                    (span_of(key >> 26, key >> 2 & DAY_BITS),), moved_in=bool(key >> 1 & 1), moved_out=bool(key & 1)
                )
            )
            for key in unique.tolist()
        ]
        number[who] = np.array(numbers, np.int32)[inverse.reshape(-1)] if numbers else 0
        for one in np.flatnonzero(changing & ~alone).tolist():
            number[one] = known.number(
                _belonging(span, one, where, self.crowd.leaves.get(one, ()), exempt.get(one, ()))
            )


class _Known:
    """Patterns met so far, each once."""

    def __init__(self) -> None:
        self.belongings: list[Belonging] = []
        self._numbers: dict[Belonging, int] = {}

    def number(self, belonging: Belonging) -> int:
        found = self._numbers.get(belonging)
        if found is None:
            self.belongings.append(belonging)
            found = self._numbers[belonging] = len(self.belongings)
        return found


def _whole(span: Span, *, leave: bool, exempt: bool) -> Belonging:
    return Belonging((span,), (span,) if leave else (), (span,) if exempt else ())


def _belonging(span: Span, one: int, where: Reached, leaves: Sequence[Span], exempt: Sequence[Span]) -> Belonging:
    held = where.several.get(one)
    if held is None:
        begins, ends = int(where.since[one]), int(where.until[one])
        held = [span_of(begins, ends)] if begins <= ends else []
    days = clip(held, span)
    since, until = (days[0].since, days[-1].until) if days else (span.since, span.until)
    return Belonging(
        tuple(days),
        tuple(clip(leaves, span)),
        tuple(clip(exempt, span)),
        moved_in=bool(where.outside_since[one] < since.toordinal()),
        moved_out=bool(where.outside_until[one] > until.toordinal()),
    )
