"""What the JSON API of plans takes and gives."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, DateTime, Dict, Integer, List, Nested, String
from apiflask.fields import Date as Day
from apiflask.validators import Length, OneOf, Range
from marshmallow import ValidationError, validates_schema

from lms.reading import plan_rules as rules
from lms.web.paged import Paged
from lms.web.view import LAST_PAGE

REF = Range(1, 2**31 - 1)


class PageQuery(Schema):
    """Which page of a list."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class ReviewQuery(PageQuery):
    """Which plans of others to list."""

    state = String(load_default="submitted", validate=OneOf(["submitted", "returned", "approved"]))


class PlannedIn(Schema):
    """An item of a plan: one of ``book``, ``material``, ``lecture``, or ``count``, a number of books of one's choice.

    Without ``due_on`` its day is spread over the span.
    """

    book = Integer(strict=True, validate=REF)
    material = Integer(strict=True, validate=REF)
    lecture = Integer(strict=True, validate=REF)
    count = Integer(strict=True, validate=Range(1, rules.MOST_COUNT))
    due_on = Day(allow_none=True, load_default=None)

    @validates_schema
    def _names_one_thing(self, data: dict[str, Any], **_: Any) -> None:
        if len([kind for kind in rules.KINDS if kind in data]) != 1:
            raise ValidationError("one of book, material, lecture, count", "book")


class PlanIn(Schema):
    """A plan to make."""

    title = String(required=True)
    since = Day(required=True)
    until = Day(required=True)
    items = List(Nested(PlannedIn), required=True, validate=Length(min=1, max=rules.PLAN_ITEMS))


class UnitPlanIn(PlanIn):
    """A plan to give to everybody of a unit and below."""

    unit = Integer(required=True, strict=True, validate=REF)


class PlanPatch(PlanIn):
    """What to change of a plan; ``items``, when given, replaces all of them."""

    title = String()
    since = Day()
    until = Day()
    items = List(Nested(PlannedIn), validate=Length(min=1, max=rules.PLAN_ITEMS))


class ShiftIn(Schema):
    """By how many days to move what is open, below zero for earlier."""

    days = Integer(required=True, strict=True)


class DecisionIn(Schema):
    """A decision on a plan."""

    decision = String(required=True, validate=OneOf(rules.DECISIONS))
    remark = String(load_default="")


class ItemOut(Schema):
    """An item of a plan; ``tick`` says how the log stands to it, ``reached`` counts the books of a number."""

    kind = String()
    book = Integer(allow_none=True)
    ref = Integer()
    title = String()
    authors = String()
    due_on = Day()
    done = Boolean()
    tick = String()
    finished_on = Day(allow_none=True)
    amount = Integer()
    reached = Integer()
    gone = Boolean()


class PaceOut(Schema):
    """How a plan stands: not_begun, ahead, on_track, behind, done, and by how many pieces."""

    verdict = String()
    done = Integer()
    total = Integer()
    difference = Integer()


class PlanBrief(Schema):
    """A plan in a list."""

    id = Integer()
    title = String()
    since = Day()
    until = Day()
    state = String()
    total = Integer()
    done = Integer()
    next_due = Day(allow_none=True)
    pace = Nested(PaceOut)


class PlansOut(Paged):
    """A page of the reader's plans."""

    items = List(Nested(PlanBrief))


class ChangeOut(Schema):
    """Something that happened to a plan."""

    what = String()
    by = String()
    at = DateTime()
    detail = Dict()


class PlanOut(PlanBrief):
    """A plan with its items and what happened to it."""

    member = Integer()
    member_name = String()
    remark = String()
    items = List(Nested(ItemOut))
    changes = List(Nested(ChangeOut))


class ReviewItem(Schema):
    """A plan in the queue."""

    id = Integer()
    title = String()
    since = Day()
    until = Day()
    member_name = String()
    unit_name = String()
    state = String()
    submitted_at = DateTime(allow_none=True)


class ReviewsOut(Paged):
    """A page of the plans of others."""

    items = List(Nested(ReviewItem))


class UnitPlanItem(Schema):
    """A plan given to a unit."""

    id = Integer()
    title = String()
    since = Day()
    until = Day()
    unit_name = String()
    withdrawn_at = DateTime(allow_none=True)
    holders = Integer()


class UnitPlansOut(Paged):
    """A page of the plans given to units."""

    items = List(Nested(UnitPlanItem))


class GivenOut(Schema):
    """A plan given to a unit, and to how many members."""

    id = Integer()
    members = Integer()


class CalendarOut(Schema):
    """The secret address of a calendar, empty while there is none."""

    address = String()
