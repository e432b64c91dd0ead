"""Reckoning a board once: members and requirements of a subtree over some days, from which every view of it is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from lms.board import rules
from lms.board.coverage import Around, Counts, Division, Group, Presence, Standings, added
from lms.board.crowd import Crowd, Flags, Place
from lms.board.evaluating import Evaluation, evaluate
from lms.board.judging import Judged
from lms.board.loading import Ground
from lms.board.rules import Chosen
from lms.periods import Span
from lms.progress.asked_rows import RequirementRow, known_until, within
from lms.progress.asking import Subject, spans_between


@dataclass(frozen=True)
class RuleLine:
    """A requirement on the board: its newest version, and its periods with the counts, the earliest first."""

    row: RequirementRow
    periods: tuple[tuple[Span, Counts], ...]

    @property
    def total(self) -> Counts:
        """Add up the periods."""
        return added([counts for _, counts in self.periods])

    @property
    def last(self) -> tuple[Span, Counts]:
        """Give the latest period."""
        return self.periods[-1]

    @property
    def concerns_anybody(self) -> bool:
        """Say whether it asks anybody, or would but for a leave, an exemption or a late start."""
        total = self.total
        return total[Group.NOT_CONCERNED] < total.members or not total.members

    @property
    def series(self) -> int:
        """Give what the versions share."""
        return self.row.series


class Reckoning:
    """The board of a subtree: what is asked of its members, and how they stand.

    ``series`` narrows it to one requirement, for a list of names. Measures that may not be held against anybody under
    the deployment's profile are left out; ``hidden`` counts their requirements.
    """

    def __init__(
        self,
        path: str,
        chosen: Chosen,
        today: date,
        profile: str,
        series: int | None = None,
        ground: Ground | None = None,
    ) -> None:
        """Take the subtree, the days and the day from which it is looked at, and read the requirements.

        No member is loaded before it is asked; ``ground`` then where it is not given.
        """
        self.path, self.chosen, self.today = path, chosen, today
        self.first, self.last = chosen.span.since, min(chosen.span.until, today)
        self._ground = ground
        self.known = known_until(path, today) if self.first <= self.last else []
        rows = within(self.known, self.first, self.last)
        rows = [row for row in rows if series is None or row.series == series]
        shown = [row for row in rows if rules.measures_shown(row.asked, profile)]
        self.hidden = len({row.series for row in rows} - {row.series for row in shown})
        self.of_members = [row for row in shown if row.asked.subject is Subject.MEMBER]
        self.of_units = [row for row in shown if row.asked.subject is not Subject.MEMBER]
        self._profile = profile
        self._present: dict[Span, Presence] = {}
        self._standings: dict[int, Standings] = {}
        self._spans_shown: dict[int, frozenset[Span]] = {}
        self._also: dict[int, tuple[date, date]] = {}

    def also_need(self, series: int, first: date, last: date) -> None:
        """Have a requirement judged over further days, for the index of a longer period. Before anything is read."""
        held = self._also.get(series, (first, last))
        self._also[series] = min(held[0], first), max(held[1], last)

    @cached_property
    def _part_rows(self) -> list[RequirementRow]:
        """Give the requirements of members that only an index over a longer period needs."""
        if not self._also:
            return []
        first, last = min(f for f, _ in self._also.values()), max(t for _, t in self._also.values())
        known = {row.id for row in self.of_members}
        return [
            row
            for row in within(self.known, first, last)
            if row.series in self._also
            and row.id not in known
            and row.asked.subject is Subject.MEMBER
            and rules.measures_shown(row.asked, self._profile)
        ]

    @cached_property
    def evaluation(self) -> Evaluation:
        """Judge everybody."""
        wanted, first, last = [], self.first, self.last
        for row in (*self.of_members, *self._part_rows):
            spans = list(rules.spans_shown(row.asked, self.chosen, self.today))
            since, until = self._also.get(row.series, (None, None))
            if since and until:
                spans += spans_between(row.asked, since, until)
            if spans:
                whole = spans_between(row.asked, min(s.since for s in spans), max(s.until for s in spans))
                wanted.append((row, whole))
                first, last = min(first, whole[0].since), max(last, min(whole[-1].until, self.today))
        return evaluate(self.path, wanted, first, last, self.today, ground=self._ground, known=self.known)

    @property
    def crowd(self) -> Crowd:
        """Give the members as arrays."""
        return self.evaluation.crowd

    @property
    def places(self) -> Sequence[Place]:
        """Give all units of the organisation."""
        return self.crowd.places

    @cached_property
    def by_series(self) -> Mapping[int, Sequence[tuple[RequirementRow, Judged]]]:
        """Give the judged periods of each requirement, whichever version asked for them, the earliest first."""
        found: dict[int, list[tuple[RequirementRow, Judged]]] = {}
        for rule in self.evaluation.rules:
            found.setdefault(rule.row.series, []).extend((rule.row, judged) for judged in rule.periods)
        return {series: sorted(held, key=lambda pair: pair[1].span.since) for series, held in found.items()}

    def shown(self) -> Iterator[tuple[int, list[tuple[RequirementRow, Judged]]]]:
        """Walk over the requirements with the periods that the board itself shows."""
        for series in dict.fromkeys(row.series for row in self.of_members):
            held = [(row, judged) for row, judged in self.by_series.get(series, ()) if judged.span in self._shown(row)]
            if held:
                yield series, held

    def _shown(self, row: RequirementRow) -> frozenset[Span]:
        if row.id not in self._spans_shown:
            self._spans_shown[row.id] = frozenset(rules.spans_shown(row.asked, self.chosen, self.today))
        return self._spans_shown[row.id]

    def presence(self, span: Span, path: str = "") -> Presence:
        """Say who counts for a unit (the board's own by default) in a period."""
        if path and path != self.path:
            return Around.of(self.crowd, path).presence(span, self.today)
        if span not in self._present:
            self._present[span] = self._around.presence(span, self.today)
        return self._present[span]

    @cached_property
    def _around(self) -> Around:
        return Around.of(self.crowd, self.path)

    def standings(self, judged: Judged) -> Standings:
        """Part the members by how they stand in a period."""
        if id(judged) not in self._standings:
            self._standings[id(judged)] = Standings(judged, self.presence(judged.span))
        return self._standings[id(judged)]

    @cached_property
    def lines(self) -> list[RuleLine]:
        """Give the requirements of members with their counts."""
        return [
            RuleLine(held[-1][0], tuple((judged.span, self.standings(judged).counts) for _, judged in held))
            for _, held in self.shown()
        ]

    @cached_property
    def members(self) -> Flags:
        """Say who belongs to the unit on the board's own day of reckoning."""
        return self.presence(self.chosen.span).now

    @cached_property
    def overall(self) -> tuple[Flags, Flags, Flags]:
        """Say who is asked for anything, who met all of it, and who is late with some of it.

        While the days run it is the current period of each requirement that counts; afterwards all periods do.
        """
        asked, unmet, late = (np.zeros(self.crowd.size, bool) for _ in range(3))
        for _, held in self.shown():
            running = self.chosen.running(self.today)
            for _, judged in held[-1:] if running else held:
                standings = self.standings(judged)
                asked |= standings.who(Group.ASKED)
                late |= standings.who(Group.LATE)
                unmet |= standings.who(Group.ASKED) & ~standings.who(Group.MET)
        now = self.members
        return asked & now, asked & ~unmet & now, late & now

    def divided(self, paths: Mapping[int, str]) -> Division:
        """Divide the members among units of which none lies below another."""
        return Division.of(self.crowd, paths)
