"""Pages around plans: the liaison's queue, plans for units, the calendar, what was studied."""

from flask import Blueprint, Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from lms import clock
from lms.errors import InvalidInput
from lms.members.access import Action, require
from lms.members.forms import unit_options
from lms.members.queries import unit_choices
from lms.reading import calendar_service, feed, plan_service, plan_words, review_queries, unit_plans
from lms.reading.plan_form import PlanForm
from lms.reading.plan_pages import PLAN, form_step, plan_form, plan_page
from lms.web.addresses import url_for
from lms.web.i18n import gettext, ngettext, words
from lms.web.signin import actor
from lms.web.view import page_number, safe_next

LIST_SIZE = 20
QUEUES = ("submitted", "returned", "approved")


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of reading."""
    pages.add_url_rule("/plans/review", view_func=review)
    pages.add_url_rule(PLAN + "/decide", view_func=decide, methods=["POST"])
    pages.add_url_rule("/plans/units", view_func=units)
    pages.add_url_rule("/plans/units/new", view_func=new_for_unit)
    pages.add_url_rule("/plans/units/new", view_func=give_to_unit, methods=["POST"])
    pages.add_url_rule("/plans/units/<int(max=2147483647):plan_id>/withdraw", view_func=withdraw, methods=["POST"])
    pages.add_url_rule("/plans/calendar", view_func=calendar)
    pages.add_url_rule("/plans/calendar", view_func=open_calendar, methods=["POST"])
    pages.add_url_rule("/plans/calendar/close", view_func=close_calendar, methods=["POST"])
    pages.add_url_rule("/calendar/<string(maxlength=64):token>.ics", view_func=calendar_feed)
    pages.add_url_rule("/materials/<int(max=2147483647):material_id>/studied", view_func=studied, methods=["POST"])


def review() -> str:
    """Show the plans that wait for a decision, or those decided, with counts."""
    reader = actor()
    counts = review_queries.count_reviews(reader)
    asked = request.args.get("state", "")
    state = asked if asked in QUEUES else "submitted"
    return render_template(
        "reading/plan_review.html",
        page=review_queries.list_reviews(reader, state, page_number(), LIST_SIZE, counts.get(state, 0)),
        state=state,
        tabs=[
            (plan_words.STATE_WORDS[name], url_for("reading.review", state=name), name == state, counts.get(name, 0))
            for name in QUEUES
        ],
        words=plan_words,
    )


def decide(plan_id: int) -> Answer | tuple[str, int]:
    """Approve a plan, or return it with a remark."""
    form = request.form
    decision = form.get("decision", "")
    try:
        plan_service.decide_plan(actor(), plan_id, decision, form.get("remark", ""))
    except InvalidInput as error:
        return plan_page(plan_id, form.to_dict(), {error.field or "": words(error)}), 422
    flash(gettext("The plan is approved.") if decision == "approve" else gettext("The plan is returned."), "success")
    return redirect(url_for("reading.review"), code=303)


def units() -> str:
    """Show the plans given to units."""
    page = unit_plans.list_unit_plans(actor(), page_number(), LIST_SIZE)
    return render_template("reading/unit_plans.html", page=page, today=clock.today())


def _units() -> list[tuple[int, str]]:
    require(actor(), Action.PLAN_REVIEW)
    return unit_options(unit_choices(actor(), Action.PLAN_REVIEW))


def new_for_unit() -> str:
    """Show the form for a plan to give to a unit."""
    return plan_form(PlanForm.blank(clock.today(), []), None, _units())


def give_to_unit() -> Answer | str | tuple[str, int]:
    """Give a plan to a unit, or go one step on with its form."""
    reader, form = actor(), PlanForm.typed(request.form)
    choices = _units()
    if form_step(form, request.form.get("do", "save")):
        return plan_form(form, None, choices)
    planned = form.planned()
    if planned is not None:
        unit = int(form.unit) if form.unit.isascii() and form.unit.isdigit() and len(form.unit) < 10 else None
        try:
            _, members = unit_plans.give_plan(reader, unit, form.title, *planned)
        except InvalidInput as error:
            form.errors = {one.field or "": one for one in error.all if isinstance(one, InvalidInput)}
        else:
            text = ngettext("The plan is given to %(num)s member.", "The plan is given to %(num)s members.", members)
            flash(text, "success")
            return redirect(url_for("reading.units"), code=303)
    return plan_form(form, None, choices), 422


def withdraw(plan_id: int) -> Answer:
    """Give a unit's plan to no newcomers any more."""
    unit_plans.withdraw_unit_plan(actor(), plan_id)
    flash(gettext("Newcomers no longer get this plan; who has it keeps it."), "success")
    return redirect(url_for("reading.units"), code=303)


def calendar() -> str:
    """Show the address of the member's calendar, or how to get one."""
    token = calendar_service.find_token(actor())
    address = url_for("reading.calendar_feed", token=token, _external=True) if token else ""
    return render_template("reading/calendar.html", address=address, panel={"current": "plans"})


def open_calendar() -> Answer:
    """Give the calendar an address, a new one where there is one."""
    calendar_service.open_feed(actor())
    flash(gettext("Your calendar has a new address; an earlier one no longer works."), "success")
    return redirect(url_for("reading.calendar"), code=303)


def close_calendar() -> Answer:
    """Close the address of the calendar."""
    calendar_service.close_feed(actor())
    flash(gettext("The address of your calendar is closed."), "success")
    return redirect(url_for("reading.calendar"), code=303)


def calendar_feed(token: str) -> Response:
    """Give a member's calendar to whoever knows its address."""
    return Response(
        feed.calendar_of(calendar_service.member_of(token)),
        mimetype="text/calendar",
        headers={"Content-Disposition": 'inline; filename="plans.ics"', "X-Robots-Tag": "noindex"},
    )


def studied(material_id: int) -> Answer:
    """Note that the member has been through a material, or take it back."""
    if request.form.get("done") == "no":
        calendar_service.unmark_studied(actor(), material_id)
    else:
        calendar_service.mark_studied(actor(), material_id)
        flash(gettext("Noted: you have been through this material."), "success")
    return redirect(safe_next(f"/materials/{material_id}"), code=303)
