"""A requirement looked at before it is saved: whom it touches, how they would stand today, what contradicts it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lms import clock
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Member, Membership, Unit
from lms.periods import Span
from lms.progress.asked_rows import RequirementRow, reaching
from lms.progress.asking import Asked, Subject, Where, span_on
from lms.progress.bulk import standings_of_many
from lms.progress.clashing import Clashing, clashing
from lms.progress.measures import counts_for_appraisal
from lms.progress.rules import LAST_DAY, Pace, Standing, demand, judge
from lms.progress.service import RequirementForm, check_parts, require_on
from lms.progress.sums import Window, sum_of_unit
from lms.progress.who import ALWAYS

FEW_NAMES = 5


@dataclass(frozen=True)
class Against:
    """A requirement that gets in the way of the one looked at, and how; ``editable`` by who looks."""

    row: RequirementRow
    how: Clashing
    editable: bool


@dataclass(frozen=True)
class Preview:
    """What a requirement would mean today.

    ``touched`` are the members (or units) it is asked of, ``names`` a few of them; ``paces`` how they would stand,
    those it does not ask anything of left out, and empty where that is ``private``: under some profiles nobody sees
    how others stand with study time. ``idle`` the members of the unit it does not reach. ``against`` are
    the requirements that it gets in the way of.
    """

    unit_name: str
    asked: Asked
    touched: int
    names: tuple[str, ...]
    paces: Mapping[Pace, int]
    idle: int
    against: tuple[Against, ...]
    private: bool = False

    @property
    def late(self) -> int:
        """Count those who would be behind or have missed it already."""
        return sum(self.paces.get(pace, 0) for pace in (Pace.BEHIND, Pace.UNREACHABLE, Pace.MISSED))

    @property
    def met(self) -> int:
        """Count those who have done it already."""
        return self.paces.get(Pace.DONE, 0)


@dataclass(frozen=True)
class Ahead:
    """How members would stand: how many at which pace, the first few of those asked, how many it asks nothing of."""

    paces: Mapping[Pace, int]
    first: tuple[int, ...]
    idle: int


Judge = Callable[[RequirementRow, Span, date], Ahead]


def preview(actor: Actor, unit: int, form: RequirementForm, series: int | None = None) -> Preview:
    """Show what a requirement would mean; ``series`` is the one being changed, which does not contradict itself.

    Nothing is written. Raises NotFound, Forbidden, InvalidInput with the first thing that is wrong.
    """
    path = require_on(actor, unit)
    form.checked()
    asked, today = form.asked(), clock.today()
    check_parts(asked, path)
    name = str(Unit.select(Unit.name).where(Unit.id == unit).scalar())
    row = RequirementRow(0, form.title, unit, name, path, asked, series or 0, 1, form.preset)
    against = _against(actor, row, today)
    if asked.subject is Subject.MEMBER:
        private = not all(counts_for_appraisal(code, form.profile) for code in asked.counted.measures)
        found = _of_members(row, today, against)
        return replace(found, paces={}, private=True) if private else found
    return _of_units(row, today, against)


def _against(actor: Actor, row: RequirementRow, today: date) -> tuple[Against, ...]:
    found = []
    for one in reaching(row.unit_path, today, LAST_DAY):
        how = clashing(one.asked, row.asked) if one.series != row.series else None
        if how is not None:
            found.append(Against(one, how, access.may(actor, Action.REQUIREMENT_EDIT, one.unit_path)))
    return tuple(found)


def _of_members(row: RequirementRow, today: date, against: tuple[Against, ...]) -> Preview:
    day = min(max(today, row.asked.since), row.asked.until or LAST_DAY)
    ahead = _judges[-1](row, span_on(row.asked, day), today)
    names = dict(Member.select(Member.id, Member.name).where(Member.id.in_(ahead.first)).tuples())
    touched, few = sum(ahead.paces.values()), tuple(names[member] for member in ahead.first)
    return Preview(row.unit_name, row.asked, touched, few, ahead.paces, ahead.idle, against)


def one_by_one(row: RequirementRow, span: Span, today: date) -> Ahead:
    """Judge each member who belongs to the unit today by the functions of their own page."""
    present = (
        Membership.select(Membership.member)
        .join(Unit)
        .switch(Membership)
        .join(Member)
        .where(access.in_subtree(row.unit_path), access.active_on(today), Member.deactivated_at.is_null())
    )
    found = standings_of_many(present, [(row, span)], today)
    reached = {member: held[0] for member, held in found.items() if held[0] is not None}
    asked = {member: standing for member, standing in reached.items() if _counts(standing)}
    paces = Counter(standing.pace for standing in asked.values())
    return Ahead(dict(paces), tuple(sorted(asked)[:FEW_NAMES]), len(found) - len(asked))


def _counts(standing: Standing) -> bool:
    # After an event nothing is asked as long as none has happened, and yet it reaches the member.
    return bool(standing.required) or (standing.pace is Pace.NOT_ASKED and not standing.why)


# A room above that judges a whole town at once takes this over.
_judges: list[Judge] = [one_by_one]


def bind(judge: Judge) -> None:
    """Have members judged this way from now on; it must say of each what their own page says."""
    _judges[:] = [judge]


def _of_units(row: RequirementRow, today: date, against: tuple[Against, ...]) -> Preview:
    units = units_asked(row)
    paces: Counter[Pace] = Counter()
    if row.asked.subject is Subject.UNIT:
        span = span_on(row.asked, max(today, row.asked.since))
        for unit, _, path in units:
            below = row.asked.where is Where.ANYWHERE
            (done,) = sum_of_unit(unit, path, [Window(row.asked.counted, span)], below=below)
            heads = residents(path, today) if row.asked.per_head else 1
            paces[judge(demand(row.asked, span, ALWAYS, today, heads=heads), done).pace] += 1
    names = tuple(name for _, name, _ in units[:FEW_NAMES])
    return Preview(row.unit_name, row.asked, len(units), names, dict(paces), 0, against)


def units_asked(row: RequirementRow) -> Sequence[tuple[int, str, str]]:
    """Give the units that are asked, as id, name and path: those of the kinds below, or the unit itself."""
    query = Unit.select(Unit.id, Unit.name, Unit.path)
    if not row.asked.who.kinds:
        return list(query.where(Unit.id == row.unit).tuples())
    condition = access.in_subtree(row.unit_path) & Unit.kind.in_(row.asked.who.kinds)
    return list(query.where(condition).order_by(Unit.path).tuples())


def residents(path: str, today: date) -> int:
    """Count the members at or below a path on a day, each once."""
    rows = Membership.select(Membership.member).join(Unit).where(access.in_subtree(path), access.active_on(today))
    return int(rows.distinct().count())
