"""Reminders that a liaison sends to those who are behind: one person, a unit, with one requirement or with all.

Whom it would reach, and what they would read, is shown before it is sent. Of a requirement nobody is reminded in this
way more than once in a period, whoever sends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from lms import clock
from lms.board.coverage import Around
from lms.board.evaluating import evaluate
from lms.board.judging import CODE
from lms.board.people import names_of
from lms.board.queries import UnitHead, get_unit
from lms.catalogue.rules import line
from lms.db import transactional
from lms.errors import N_, Conflict, NotFound
from lms.members.access import Actor
from lms.notices.models import Notice
from lms.notices.service import Telling, tell_each
from lms.periods import Span
from lms.progress import asked_rows
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import span_on
from lms.progress.rules import Pace
from lms.reminders import rules

AT_ONCE = 1000
NUDGED = N_("%(name)s reminds you of “%(title)s”.")
NUDGED_WITH_WORDS = N_("%(name)s reminds you of “%(title)s”: %(words)s")
BY_TIMER = N_("In a government body nobody is held to study time, so nobody is reminded of it.")
NO_SUCH = N_("There is no such requirement, or it does not concern you.")


@dataclass(frozen=True)
class NudgeLine:
    """A requirement with those who are behind today: who would hear of it, and who did in this period already."""

    requirement: RequirementRow
    span: Span
    behind: Sequence[tuple[int, str]]
    heard: frozenset[int]

    @property
    def to_tell(self) -> list[tuple[int, str]]:
        """Give those who would hear of it now."""
        return [one for one in self.behind if one[0] not in self.heard]


@dataclass(frozen=True)
class Nudging:
    """What would be sent to members of a unit, requirement by requirement; those without anybody behind left out."""

    unit: UnitHead
    lines: Sequence[NudgeLine]

    @property
    def members(self) -> int:
        """Count the members who would hear of something."""
        return len({member for line in self.lines for member, _ in line.to_tell})

    @property
    def notices(self) -> int:
        """Count the reminders."""
        return sum(len(line.to_tell) for line in self.lines)


def find_nudging(
    actor: Actor, unit: int, profile: str, requirement: int | None = None, member: int | None = None
) -> Nudging:
    """Give who of a unit and those below is behind today, with one requirement or (None) all; one member or all.

    Raises NotFound, Forbidden without the right there, Conflict where the profile lets nobody be held to it.
    """
    head, today = get_unit(actor, unit), clock.today()
    rows = [row for row in asked_rows.reaching(head.path, today, today) if rules.may_be_reminded(row.asked, profile)]
    if requirement is not None:
        rows = [_asked_for(head, requirement, profile)]
    return Nudging(head, [line for line in _lines(head, rows, today, actor.id, member) if line.behind])


def _asked_for(head: UnitHead, requirement: int, profile: str) -> RequirementRow:
    row = asked_rows.find_row(requirement)
    if row is None or not (head.path.startswith(row.unit_path) or row.unit_path.startswith(head.path)):
        raise NotFound(NO_SUCH)
    if not rules.may_be_reminded(row.asked, profile):
        raise Conflict(BY_TIMER)
    return row


def _lines(
    head: UnitHead, rows: Sequence[RequirementRow], today: date, but: int, member: int | None
) -> list[NudgeLine]:
    wanted = [(row, [span_on(row.asked, today)]) for row in rows]
    if not wanted:
        return []
    ids = (member, member) if member is not None else None
    found = evaluate(head.path, wanted, today, today, today, ids)
    around, lines = Around.of(found.crowd, head.path), []
    for rule in found.rules:
        judged = rule.periods[-1]
        late = (judged.pace == CODE[Pace.BEHIND]) & around.presence(judged.span, today).now
        members = [one for one in found.crowd.ids[np.flatnonzero(late)].tolist() if one != but]
        names = names_of(members)
        behind = sorted(((one, names.get(one, "")) for one in members), key=lambda pair: (pair[1], pair[0]))
        key = rules.nudge_key(rule.row.series, judged.span)
        lines.append(NudgeLine(rule.row, judged.span, behind, _heard(key, members)))
    return lines


def _heard(key: str, members: Sequence[int]) -> frozenset[int]:
    found: set[int] = set()
    for first in range(0, len(members), AT_ONCE):
        some = members[first : first + AT_ONCE]
        rows = Notice.select(Notice.member).where(Notice.key == key, Notice.member.in_(some)).tuples()
        found.update(member for (member,) in rows)
    return frozenset(found)


def checked_words(raw: str) -> str:
    """Give words of one's own as one line. Raises InvalidInput for too many."""
    return line(raw, "words", rules.WORDS_CHARS)


@transactional
def nudge(
    actor: Actor, unit: int, words: str, profile: str, requirement: int | None = None, member: int | None = None
) -> int:
    """Remind those who are behind, in words of one's own; gives how many reminders are new.

    Nobody hears of a requirement in this way more than once in a period. Raises as ``find_nudging``, InvalidInput for
    words that are too long.
    """
    said = checked_words(words)
    told = 0
    for one in find_nudging(actor, unit, profile, requirement, member).lines:
        row = one.requirement
        values = {"name": actor.name, "title": row.title} | ({"words": said} if said else {})
        key = rules.nudge_key(row.series, one.span)
        tellings = [Telling(whose, key, values, "/progress") for whose, _ in one.to_tell]
        told += tell_each("nudge", NUDGED_WITH_WORDS if said else NUDGED, tellings)
    return told
