"""The JSON API of plans."""

from datetime import date
from typing import Any

from apiflask import APIBlueprint, EmptySchema
from flask import url_for

from lms import clock
from lms.paging import Page
from lms.reading import calendar_service, review_queries, unit_plans
from lms.reading import plan_queries as queries
from lms.reading import plan_rules as rules
from lms.reading import plan_service as service
from lms.reading.plan_rules import PlannedItem
from lms.reading.plan_schemas import (
    CalendarOut,
    DecisionIn,
    GivenOut,
    PageQuery,
    PlanIn,
    PlanOut,
    PlanPatch,
    PlansOut,
    ReviewQuery,
    ReviewsOut,
    ShiftIn,
    UnitPlanIn,
    UnitPlansOut,
)
from lms.reading.plan_view import PlanView
from lms.web.paged import paged
from lms.web.signin import actor

api = APIBlueprint("plans_api", __name__, url_prefix="/api/v1", tag="Reading")

PLAN = "/plans/<int(max=2147483647):plan_id>"
SIZE = 50


def _listed(page: Page[Any]) -> dict[str, Any]:
    items = [row._asdict() for row in page.items]
    return paged(page, items)


@api.get("/plans")
@api.input(PageQuery, location="query")
@api.output(PlansOut)
@api.doc(summary="List my reading plans")
def list_plans(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the reader's plans."""
    return _listed(queries.list_plans(actor(), query_data["page"], SIZE))


@api.get(PLAN)
@api.output(PlanOut)
@api.doc(summary="Give a plan with its ticks")
def get_plan(plan_id: int) -> dict[str, Any]:
    """Give a plan: one's own, or as the liaison one that was submitted."""
    return _shown(queries.get_plan(actor(), plan_id))


@api.post("/plans")
@api.input(PlanIn, location="json")
@api.output(PlanOut, status_code=201)
@api.doc(summary="Make a reading plan")
def make_plan(json_data: dict[str, Any]) -> dict[str, Any]:
    """Make a plan."""
    items = _planned(json_data["items"])
    plan_id = service.make_plan(actor(), json_data["title"], json_data["since"], json_data["until"], items)
    return _shown(queries.get_plan(actor(), plan_id))


@api.patch(PLAN)
@api.input(PlanPatch, location="json")
@api.output(PlanOut)
@api.doc(summary="Change a reading plan")
def change_plan(plan_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Change what is given of a plan and leave the rest."""
    stored = queries.get_own_plan(actor(), plan_id)
    since: date = json_data.get("since", stored.since)
    until: date = json_data.get("until", stored.until)
    items = _planned(json_data["items"]) if "items" in json_data else stored.planned
    service.change_plan(actor(), plan_id, json_data.get("title", stored.title), since, until, items)
    return _shown(queries.get_plan(actor(), plan_id))


@api.delete(PLAN)
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Delete a reading plan")
def delete_plan(plan_id: int) -> str:
    """Delete a plan; the log of its books stays."""
    service.delete_plan(actor(), plan_id)
    return ""


@api.post(PLAN + "/shift")
@api.input(ShiftIn, location="json")
@api.output(PlanOut)
@api.doc(summary="Move what is open of a plan")
def shift_plan(plan_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Move the due days of what is open, within the plan's span."""
    service.shift_plan(actor(), plan_id, json_data["days"])
    return _shown(queries.get_plan(actor(), plan_id))


@api.post(PLAN + "/copy")
@api.output(PlanOut, status_code=201)
@api.doc(summary="Make this year's plan of an earlier one")
def copy_plan(plan_id: int) -> dict[str, Any]:
    """Make a new plan of one of the reader's, its days moved by whole years."""
    return _shown(queries.get_plan(actor(), service.copy_plan(actor(), plan_id)))


@api.post(PLAN + "/submit")
@api.output(PlanOut)
@api.doc(summary="Submit a plan to the liaison")
def submit_plan(plan_id: int) -> dict[str, Any]:
    """Hand a plan to the liaison."""
    service.submit_plan(actor(), plan_id)
    return _shown(queries.get_plan(actor(), plan_id))


@api.post(PLAN + "/recall")
@api.output(PlanOut)
@api.doc(summary="Take a plan back from the liaison")
def recall_plan(plan_id: int) -> dict[str, Any]:
    """Take a plan back that was not decided on yet."""
    service.recall_plan(actor(), plan_id)
    return _shown(queries.get_plan(actor(), plan_id))


@api.get("/plans/review")
@api.input(ReviewQuery, location="query")
@api.output(ReviewsOut)
@api.doc(summary="List the plans to decide on")
def list_reviews(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the plans submitted where the reader decides."""
    state = query_data["state"]
    total = review_queries.count_reviews(actor()).get(state, 0)
    return _listed(review_queries.list_reviews(actor(), state, query_data["page"], SIZE, total))


@api.post(PLAN + "/decision")
@api.input(DecisionIn, location="json")
@api.output(PlanOut)
@api.doc(summary="Approve or return a plan")
def decide_plan(plan_id: int, json_data: dict[str, Any]) -> dict[str, Any]:
    """Decide on a plan of somebody else; the first of two who decide counts."""
    service.decide_plan(actor(), plan_id, json_data["decision"], json_data["remark"])
    return _shown(queries.get_plan(actor(), plan_id))


@api.get("/unit-plans")
@api.input(PageQuery, location="query")
@api.output(UnitPlansOut)
@api.doc(summary="List the plans given to units")
def list_unit_plans(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the plans given to units where the reader decides."""
    return _listed(unit_plans.list_unit_plans(actor(), query_data["page"], SIZE))


@api.post("/unit-plans")
@api.input(UnitPlanIn, location="json")
@api.output(GivenOut, status_code=201)
@api.doc(summary="Give a plan to a unit")
def give_plan(json_data: dict[str, Any]) -> dict[str, Any]:
    """Give a plan to everybody of a unit and below, newcomers when they join."""
    sent, items = json_data, _planned(json_data["items"])
    ident, members = unit_plans.give_plan(actor(), sent["unit"], sent["title"], sent["since"], sent["until"], items)
    return {"id": ident, "members": members}


@api.delete("/unit-plans/<int(max=2147483647):plan_id>")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Give a unit's plan to no newcomers any more")
def withdraw_unit_plan(plan_id: int) -> str:
    """Withdraw a unit's plan; who has it keeps it."""
    unit_plans.withdraw_unit_plan(actor(), plan_id)
    return ""


@api.get("/plans/calendar")
@api.output(CalendarOut)
@api.doc(summary="Give the address of my calendar")
def get_calendar() -> dict[str, str]:
    """Give the secret address at which the reader's plans are a calendar (iCalendar)."""
    return {"address": _address(calendar_service.find_token(actor()))}


@api.post("/plans/calendar")
@api.output(CalendarOut, status_code=201)
@api.doc(summary="Give my calendar a new address")
def open_calendar() -> dict[str, str]:
    """Make a new address; the one before no longer works."""
    return {"address": _address(calendar_service.open_feed(actor()))}


@api.delete("/plans/calendar")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Close the address of my calendar")
def close_calendar() -> str:
    """Close the address."""
    calendar_service.close_feed(actor())
    return ""


@api.put("/materials/<int(max=2147483647):material_id>/studied")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Note that I have studied a material")
def mark_studied(material_id: int) -> str:
    """Note it once; plans that hold the material tick it off."""
    calendar_service.mark_studied(actor(), material_id)
    return ""


@api.delete("/materials/<int(max=2147483647):material_id>/studied")
@api.output(EmptySchema, status_code=204)
@api.doc(summary="Take back that I have studied a material")
def unmark_studied(material_id: int) -> str:
    """Take it back."""
    calendar_service.unmark_studied(actor(), material_id)
    return ""


def _address(token: str | None) -> str:
    return url_for("reading.calendar_feed", token=token, _external=True) if token else ""


def _planned(items: list[dict[str, Any]]) -> list[PlannedItem]:
    found = []
    for item in items:
        kind = next(kind for kind in rules.KINDS if kind in item)
        ref, amount = (0, item[kind]) if kind == rules.COUNT else (item[kind], 1)
        found.append(PlannedItem(kind, ref, item["due_on"], amount))
    return found


def _shown(plan: PlanView) -> dict[str, Any]:
    following = plan.next
    pace = plan.pace(clock.today())
    return {
        **{name: getattr(plan, name) for name in ("id", "title", "since", "until", "state", "member", "member_name")},
        "remark": plan.remark,
        "total": pace.total,
        "done": pace.done,
        "next_due": following.due_on if following else None,
        "pace": pace,
        "items": plan.items,
        "changes": plan.changes,
    }
