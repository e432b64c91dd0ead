"""Reminders that a liaison sends to those who are behind: one person, a unit, with one requirement or with all.

Whom it would reach, and what they would read, is shown before it is sent, and anybody can be left out. A member hears
of all that he or she is behind in by one notice, and of a requirement once in a period, whoever sends it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from lms import bulk, clock
from lms.board.coverage import Around
from lms.board.evaluating import Evaluation, evaluate
from lms.board.judging import CODE
from lms.board.people import NOWHERE, whereabouts_of
from lms.board.queries import UnitHead, get_with_ground
from lms.catalogue.rules import line
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.name_order import name_key
from lms.notices.queries import list_turned_off
from lms.notices.rules import ITEMS
from lms.notices.service import KEPT, Item, Telling, tell_each
from lms.periods import Span
from lms.progress import asked_rows
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import span_on
from lms.progress.rules import Pace
from lms.reminders import rules
from lms.reminders.models import Nudge, NudgeSending
from lms.reminders.standings import item_of, standings_alike

AT_ONCE = 1000
NUDGED = N_("%(name)s reminds you. Still to be done:")
NUDGED_WITH_WORDS = N_("%(name)s reminds you: “%(words)s” Still to be done:")
# What notices say that were sent before, of one requirement, and of several without a place for each.
FORMER = (
    N_("%(name)s reminds you of “%(title)s”."),
    N_("%(name)s reminds you of “%(title)s”: %(words)s"),
    N_("%(name)s reminds you of %(titles)s."),
    N_("%(name)s reminds you of %(titles)s: %(words)s"),
)
BY_TIMER = N_("In a government body nobody is held to study time, so nobody is reminded of it.")
NO_SUCH = N_("There is no such requirement, or it does not concern you.")
NOBODY = N_("Please tick at least one person.")


@dataclass(frozen=True)
class Behind:
    """A requirement that somebody is behind in today; when and by whom he or she was reminded of it in this period."""

    requirement: RequirementRow
    span: Span
    item: Item
    heard_at: datetime | None = None
    heard_by: str = ""


@dataclass(frozen=True)
class NudgePerson:
    """A member with all that he or she is behind in; ``silent``: has turned these reminders off."""

    id: int
    name: str
    unit_name: str
    behind: tuple[Behind, ...]
    silent: bool = False

    @property
    def to_tell(self) -> tuple[Behind, ...]:
        """Give what he or she would hear of now."""
        return () if self.silent else tuple(one for one in self.behind if one.heard_at is None)

    @property
    def heard(self) -> dict[tuple[date, str], list[Behind]]:
        """Give what he or she was reminded of already, by the day and who did so, the latest first."""
        found: dict[tuple[date, str], list[Behind]] = {}
        for one in sorted(self.behind, key=lambda behind: behind.heard_at or datetime.min, reverse=True):
            if one.heard_at is not None:
                found.setdefault((clock.local(one.heard_at).date(), one.heard_by), []).append(one)
        return found


@dataclass(frozen=True)
class NudgeLine:
    """A requirement with those who are behind in it today, and what each of them is missing."""

    requirement: RequirementRow
    span: Span
    members: Mapping[int, Item]


class Sent(NamedTuple):
    """What was sent at once, None where nobody was left to tell, and how many members heard of it."""

    id: int | None
    told: int


@dataclass(frozen=True)
class Nudging:
    """Who of a unit is behind, by name, with all that each is behind in."""

    unit: UnitHead
    lines: Sequence[NudgeLine]
    people: Sequence[NudgePerson]

    @property
    def to_tell(self) -> list[NudgePerson]:
        """Give those who would hear of something now."""
        return [person for person in self.people if person.to_tell]

    @property
    def not_told(self) -> list[NudgePerson]:
        """Give those who are behind and would hear of nothing: reminded already, or turned off."""
        return [person for person in self.people if not person.to_tell]


def find_nudging(
    actor: Actor, unit: int, profile: str, requirement: int | None = None, member: int | None = None
) -> Nudging:
    """Give who of a unit and those below is behind today, with one requirement or (None) all; one member or all.

    Raises NotFound, Forbidden without the right there, Conflict where the profile lets nobody be held to it.
    """
    today = clock.today()
    head, ground = get_with_ground(actor, unit)
    known = asked_rows.known_until(head.path, date.max)
    rows = [row for row in asked_rows.within(known, today, today) if rules.may_be_reminded(row.asked, profile)]
    if requirement is not None:
        rows = [_asked_for(known, requirement, profile)]
    if not rows:
        return Nudging(head, [], [])
    wanted = [(row, [span_on(row.asked, today)]) for row in rows]
    ids = (member, member) if member is not None else None
    found = evaluate(head.path, wanted, today, today, today, ids, ground=ground, known=known)
    lines = [line for line in _lines(head, found, today, actor.id) if line.members]
    return Nudging(head, lines, _people(head, lines, today))


def _asked_for(known: Iterable[RequirementRow], requirement: int, profile: str) -> RequirementRow:
    row = next((row for row in known if row.id == requirement), None)
    if row is None:
        raise NotFound(NO_SUCH)
    if not rules.may_be_reminded(row.asked, profile):
        raise Conflict(BY_TIMER)
    return row


def _lines(head: UnitHead, found: Evaluation, today: date, but: int) -> list[NudgeLine]:
    around, lines = Around.of(found.crowd, head.path), []
    for rule in found.rules:
        judged = rule.periods[-1]
        late = (judged.pace == CODE[Pace.BEHIND]) & around.presence(judged.span, today).now
        members: dict[int, Item] = {}
        for standing, whose in standings_alike(judged, late):
            item = item_of(rule.row, standing, judged)
            members.update((one, item) for one in found.crowd.ids[whose].tolist() if one != but)
        lines.append(NudgeLine(rule.row, judged.span, members))
    return lines


Thing = tuple[int, int, date]  # member, series, first day of the period


def _people(head: UnitHead, lines: Sequence[NudgeLine], today: date) -> list[NudgePerson]:
    members = sorted({member for line in lines for member in line.members})
    known_as = whereabouts_of(members, head.path, today)
    heard, silent = _heard(members, lines), list_turned_off(members, "nudge")
    of_each: dict[int, list[Behind]] = {member: [] for member in members}
    for one in lines:
        for member, item in one.members.items():
            known = heard.get((member, one.requirement.series, one.span.since), (None, ""))
            of_each[member].append(Behind(one.requirement, one.span, item, *known))
    people = [
        NudgePerson(member, who.name, who.unit_name, tuple(behind), member in silent)
        for member, behind in of_each.items()
        for who in [known_as.get(member, NOWHERE)]
    ]
    return sorted(people, key=lambda person: (name_key(person.name), person.id))


def _heard(members: Sequence[int], lines: Sequence[NudgeLine]) -> dict[Thing, tuple[datetime, str]]:
    found: dict[Thing, tuple[datetime, str]] = {}
    series = sorted({one.requirement.series for one in lines})
    by = Member.alias()
    for first in range(0, len(members), AT_ONCE):
        some = members[first : first + AT_ONCE]
        rows = (
            Nudge.select(Nudge.member, Nudge.series, Nudge.since, Nudge.at, by.name)
            .left_outer_join(by, on=(Nudge.given_by == by.id))
            .where(Nudge.member.in_(some), Nudge.series.in_(series))
        )
        found.update(((member, of, since), (at, name or "")) for member, of, since, at, name in rows.tuples())
    return found


def checked_words(raw: str) -> str:
    """Give words of one's own as one line. Raises InvalidInput for too many."""
    return line(raw, "words", rules.WORDS_CHARS)


def said_to(actor: Actor, behind: Iterable[Behind], words: str) -> tuple[str, dict[str, object]]:
    """Give the sentence of a reminder as a msgid with its values."""
    items = sorted((one.item for one in behind), key=lambda item: (item.day, item.title))
    values: dict[str, object] = {"name": actor.name, ITEMS: [item.kept() for item in items]}
    return (NUDGED_WITH_WORDS, values | {"words": words}) if words else (NUDGED, values)


@transactional
def nudge(
    actor: Actor,
    unit: int,
    words: str,
    profile: str,
    requirement: int | None = None,
    member: int | None = None,
    *,
    only: Collection[int] | None = None,
    but: Collection[int] = (),
) -> Sent:
    """Remind those who are behind, in words of one's own; gives how many members are told, each by one notice.

    ``only`` these members if given, and none of ``but``. Nobody hears of a requirement in this way more than once in a
    period. Raises as ``find_nudging``, InvalidInput for words that are too long and for nobody chosen.
    """
    said = checked_words(words)
    if only is not None and not set(only) - set(but):
        raise InvalidInput(NOBODY, field="who")
    found = find_nudging(actor, unit, profile, requirement, member)
    chosen = [one for one in found.to_tell if (only is None or one.id in only) and one.id not in but]
    if not chosen:
        return Sent(None, 0)
    sending = NudgeSending.create(unit=found.unit.id, given_by=actor.id, at=clock.now())
    new = _keep(sending, chosen)
    tellings, message = [], NUDGED
    for person in chosen:
        things = [one for one in person.to_tell if (person.id, one.requirement.series, one.span.since) in new]
        if things:
            message, values = said_to(actor, things, said)
            tellings.append(Telling(person.id, rules.nudge_key(sending.id), values, "/progress"))
    told = tell_each("nudge", message, tellings)
    NudgeSending.update(told=told).where(NudgeSending.id == sending.id).execute()
    return Sent(sending.id, told)


def _keep(sending: NudgeSending, chosen: Iterable[NudgePerson]) -> set[Thing]:
    """Keep who is reminded of what, and give what nobody else has kept at the same moment."""
    about = {"at": sending.at, "given_by": sending.given_by, "sending": sending.id}
    rows: list[dict[str, object]] = [
        {"member": one.id, "series": b.requirement.series, "since": b.span.since, **about}
        for one in chosen
        for b in one.to_tell
    ]
    new: set[Thing] = set()
    for first in range(0, len(rows), AT_ONCE):
        made = bulk.insert_new(Nudge, rows[first : first + AT_ONCE], "id")
        new.update(Nudge.select(Nudge.member, Nudge.series, Nudge.since).where(Nudge.id.in_(made)).tuples())
    return new


@transactional
def purge() -> int:
    """Forget reminders older than any period of a requirement, as the notices themselves; gives their number."""
    NudgeSending.delete().where(NudgeSending.at < clock.now() - KEPT).execute()
    return int(Nudge.delete().where(Nudge.at < clock.now() - KEPT).execute())
