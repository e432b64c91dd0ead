"""What the API of boards takes and gives."""

from apiflask import Schema
from apiflask.fields import Boolean, Date, DateTime, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.board import rules
from lms.board.coverage import Group
from lms.board.members import NAME_CHARS, SORTS
from lms.periods import Period
from lms.progress.asking import DATES
from lms.web.paged import Paged

KINDS = [*[period.value for period in Period], DATES]
HIGHEST_ID = 2**31 - 1


class DaysQuery(Schema):
    """Which days: a calendar period with any day in it, or dates from ``since`` to ``until``."""

    period = String(load_default=Period.MONTH.value, validate=OneOf(KINDS))
    day = Date(load_default=None, metadata={"description": "Any day of the period; today by default."})
    since = Date(load_default=None)
    until = Date(load_default=None)


class PeopleQuery(DaysQuery):
    """Whose names."""

    group = String(load_default=Group.LATE.value, validate=OneOf([group.value for group in Group]))
    series = Integer(load_default=None, validate=Range(1, HIGHEST_ID))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class MembersQuery(DaysQuery):
    """Which members, in which order; ``q``: only those with this in their name."""

    q = String(load_default="", validate=Length(max=NAME_CHARS))
    sort = String(load_default="behind", validate=OneOf(SORTS))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class FactsQuery(DaysQuery):
    """Behind which requirement of the unit."""

    requirement = Integer(required=True, validate=Range(1, HIGHEST_ID))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class BesideQuery(DaysQuery):
    """Which units."""

    kind = String(load_default="")


class PageQuery(Schema):
    """Which page."""

    page = Integer(load_default=1, validate=Range(1, 100_000))


class FreezeIn(DaysQuery):
    """Which days to freeze, with a remark."""

    note = String(load_default="", validate=Length(max=rules.NOTE_LENGTH))


class LiftIn(Schema):
    """Why a period is opened again."""

    why = String(required=True)


class CountsOut(Schema):
    """How many stand how; ``asked`` is the denominator: met, on_the_way and late add up to it."""

    members = Integer()
    asked = Integer()
    met = Integer()
    on_the_way = Integer()
    late = Integer()
    on_leave = Integer()
    exempt = Integer()
    too_late = Integer()
    not_concerned = Integer()
    part = Integer(metadata={"description": "Of those asked, who are asked for a part only."})
    moved_away = Integer()
    left = Integer()
    expected = Integer(metadata={"description": "Who will have met it by the end at today's pace."})
    share = Float(allow_none=True, metadata={"description": "Coverage, 0 to 1; null where nobody is asked."})


class CoveragePeriod(CountsOut):
    """One period of a requirement."""

    since = Date()
    until = Date()


class CoverageLine(Schema):
    """A requirement: the total of its periods (each member once a period), and each period."""

    requirement = Integer()
    series = Integer()
    title = String()
    measure = String()
    target = Integer(metadata={"description": "Percent of those asked; 0 for no target."})
    total = Nested(CountsOut)
    periods = List(Nested(CoveragePeriod))


class PartOut(Schema):
    """A part of an index."""

    series = Integer()
    weight = Integer()
    met = Integer()
    asked = Integer()


class UnitFigureOut(Schema):
    """How a unit stands with what is asked of it: an amount, an index in percent, or a share of units."""

    unit = Integer()
    since = Date()
    until = Date()
    verdict = String()
    done = Integer(allow_none=True)
    required = Integer(allow_none=True)
    index = Float(allow_none=True)
    parts = List(Nested(PartOut))
    reached = List(Integer())
    among = List(Integer())


class UnitLineOut(Schema):
    """A requirement of units."""

    requirement = Integer()
    series = Integer()
    title = String()
    figures = List(Nested(UnitFigureOut))


class CoverageOut(Schema):
    """How a unit stands over some days."""

    unit = Integer()
    name = String()
    period = String()
    since = Date()
    until = Date()
    as_of = Date()
    members = Integer()
    asked = Integer()
    met = Integer()
    late = Integer()
    requirements = List(Nested(CoverageLine))
    of_units = List(Nested(UnitLineOut))


class CoveragePerson(Schema):
    """A member in a group of a requirement."""

    id = Integer()
    name = String()
    unit_name = String()
    requirement = Integer()
    title = String()
    since = Date()
    until = Date()
    done = Integer()
    required = Integer()
    pace = String()
    why = List(String())
    periods_asked = Integer()
    periods_met = Integer()
    behind_since = Date(allow_none=True)


class CoveragePeople(Paged):
    """A page of names."""

    items = List(Nested(CoveragePerson))


class MemberCellOut(Schema):
    """How a member stands in a requirement's latest period, and in how many periods it was asked and met."""

    since = Date()
    until = Date()
    done = Integer()
    required = Integer()
    pace = String()
    why = List(String())
    periods_asked = Integer()
    periods_met = Integer()


class MemberRequirement(Schema):
    """A requirement that the members' cells are about."""

    requirement = Integer()
    series = Integer()
    title = String()


class MemberLineOut(Schema):
    """A member; a cell is null where the requirement does not reach them."""

    id = Integer()
    name = String()
    unit_name = String()
    cells = List(Nested(MemberCellOut, allow_none=True))


class MembersOut(Paged):
    """A page of a unit's members with how they stand."""

    unit = Integer()
    behind = Integer()
    requirements = List(Nested(MemberRequirement))
    items = List(Nested(MemberLineOut))


class UnitFact(Schema):
    """A row of the ledger behind a unit's figure; a reversal takes an earlier one back."""

    id = Integer()
    day = Date()
    amount = Integer()
    measure = String()
    kind = String()
    ref = Integer()
    reversal = Boolean()
    title = String(metadata={"description": "Empty when what it rests on was removed since."})
    href = String()


class FactsOut(Paged):
    """A page of the rows behind a unit's figure, and the sum of all."""

    unit = Integer()
    sum = Integer()
    items = List(Nested(UnitFact))


class BesideCell(Schema):
    """A requirement in a unit."""

    met = Integer()
    asked = Integer()
    late = Integer()


class BesideUnit(Schema):
    """A unit, with the requirements in their order."""

    id = Integer()
    name = String()
    kind = String()
    members = Integer()
    late = Integer()
    cells = List(Nested(BesideCell))


class BesideOut(Schema):
    """Units side by side."""

    requirements = List(Integer())
    items = List(Nested(BesideUnit))


class FrozenOut(Schema):
    """A frozen period."""

    id = Integer()
    unit = Integer()
    period = String()
    since = Date()
    until = Date()
    note = String()
    frozen_by = String()
    frozen_at = DateTime()
    open_again = Boolean()
    lifted_by = String()
    lifted_at = DateTime(allow_none=True)
    lifted_why = String()


class FrozenPage(Paged):
    """A page of frozen periods."""

    items = List(Nested(FrozenOut))


class FrozenCoverage(Schema):
    """A requirement of a snapshot."""

    requirement = Integer()
    series = Integer()
    title = String()
    periods = List(Nested(CoveragePeriod))


class DifferenceOut(Schema):
    """Where today's ledger says otherwise."""

    title = String()
    met = Integer()
    asked = Integer()
    met_today = Integer()
    asked_today = Integer()


class SnapshotOut(FrozenOut):
    """A snapshot as it was."""

    members = Integer()
    asked = Integer()
    met = Integer()
    late = Integer()
    requirements = List(Nested(FrozenCoverage))
    differences = List(Nested(DifferenceOut))
