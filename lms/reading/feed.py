"""The calendar of a member's plans: one day for each item that is still open or was done."""

from datetime import datetime, timedelta

from lms import clock
from lms.members.access import load_actor
from lms.reading.ical import Entry, calendar
from lms.reading.models import ReadingPlan
from lms.reading.plan_queries import get_plan
from lms.reading.plan_view import ItemView, PlanView
from lms.reading.plan_words import name_of, tick_words
from lms.web.i18n import gettext

# What ended longer ago is of no use in a calendar; more plans than these at one time nobody has.
PAST = timedelta(days=92)
MOST_PLANS = 12


def calendar_of(member: int) -> str:
    """Write the calendar of a member's plans that run, begin later or ended within three months."""
    actor = load_actor(member)
    recent = (
        ReadingPlan.select(ReadingPlan.id, ReadingPlan.updated_at)
        .where(ReadingPlan.member == member, ReadingPlan.until >= clock.today() - PAST)
        .order_by(ReadingPlan.until.desc(), ReadingPlan.id)
        .limit(MOST_PLANS)
        .tuples()
    )
    entries = []
    for ident, changed in recent:
        plan = get_plan(actor, ident)
        entries += [_entry(plan, item, changed) for item in plan.items]
    return calendar(gettext("Reading plans of %(name)s", name=actor.name), entries)


def _entry(plan: PlanView, item: ItemView, changed: datetime) -> Entry:
    done = "\N{CHECK MARK} " if item.done else ""
    text = gettext("%(plan)s: %(state)s", plan=plan.title, state=tick_words(item)[1])
    return Entry(f"plan-{plan.id}-{item.key}@learning-garden", item.due_on, done + name_of(item), text, changed)
