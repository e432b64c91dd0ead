"""Pages of one's own plans: the list, one plan, its form, its way to the liaison."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock, things
from lms.catalogue import queries as catalogue
from lms.errors import InvalidInput
from lms.members.access import Actor
from lms.reading import going_on, log_queries, plan_queries, plan_rules, plan_service, plan_words, rules
from lms.reading.log_queries import ShelfFilter
from lms.reading.plan_form import PlanForm, keys, parts
from lms.reading.plan_view import PlanView
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import gettext, words
from lms.web.kept_pages import kept_page
from lms.web.signin import actor
from lms.web.view import page_number, whole_number

PLAN = "/plans/<int(max=2147483647):plan_id>"
LIST_SIZE = 20
FOUND = 12


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of reading."""
    pages.add_url_rule("/plans", view_func=plans)
    pages.add_url_rule(PLAN, view_func=plan)
    pages.add_url_rule("/plans/new", view_func=new_plan)
    pages.add_url_rule("/plans/new", view_func=make_plan, methods=["POST"])
    pages.add_url_rule("/plans/add", view_func=choose_plan)
    pages.add_url_rule(PLAN + "/edit", view_func=edit_plan)
    pages.add_url_rule(PLAN + "/edit", view_func=change_plan, methods=["POST"])
    for step in (delete_plan, submit_plan, recall_plan, shift_plan, copy_plan):
        rule = f"{PLAN}/{step.__name__.removesuffix('_plan')}"
        pages.add_url_rule(rule, view_func=step, methods=["POST"])
    panels.add_panel("material", "reading/_plan_it.html", lambda reader, ref: _plan_it("material", reader, ref), 20)
    panels.add_panel("lecture", "reading/_plan_it.html", lambda reader, ref: _plan_it("lecture", reader, ref), 20)


def _plan_it(kind: str, reader: Actor, ref: int) -> dict[str, object]:
    return {"kind": kind, "ref": ref}


def plans() -> bytes | str:
    """Show the member's plans."""
    page = plan_queries.list_plans(actor(), page_number(), LIST_SIZE)
    shown = {"page": page, "today": clock.today(), "words": plan_words, "panel": {"current": "plans"}}
    return kept_page("reading/plans.html", shown, lambda: shown)


def plan(plan_id: int) -> bytes | str:
    """Show a plan with what the log ticks off, to its owner or to the liaison it was submitted to."""
    found, today = plan_queries.get_plan(actor(), plan_id), clock.today()
    return kept_page("reading/plan.html", (found, today), lambda: _plan_values(found, today, {}, {}))


def plan_page(plan_id: int, typed: dict[str, str], errors: dict[str, str]) -> str:
    """Draw a plan's page after a refusal, with what was typed and why."""
    found = plan_queries.get_plan(actor(), plan_id)
    return render_template("reading/plan.html", **_plan_values(found, clock.today(), typed, errors))


def _plan_values(found: PlanView, today: date, typed: dict[str, str], errors: dict[str, str]) -> dict[str, object]:
    return {
        "plan": found,
        "pace": found.pace(today),
        "elapsed": found.elapsed(today),
        "to_do": plan_words.to_do(found.this_week(today)),
        "today": today,
        "words": plan_words,
        "typed": typed,
        "errors": errors,
        "panel": {"current": "plans"},
    }


def new_plan() -> str:
    """Show the form for a new plan; ?book= and ?item= choose something already."""
    return plan_form(PlanForm.blank(clock.today(), _asked()), None)


def _asked() -> list[str]:
    asked = keys([*request.args.getlist("item"), *[f"book-{book}" for book in request.args.getlist("book")]])
    return known_keys(asked)


def known_keys(asked: list[str]) -> list[str]:
    """Give those of the keys whose thing is there and may be seen, in their order."""
    refs: dict[str, list[int]] = {}
    for key in asked:
        kind, ref = parts(key)
        refs.setdefault(kind, []).append(ref)
    there = {f"book-{book}" for book in catalogue.open_books(refs.get(plan_rules.BOOK, []))}
    there |= {f"{kind}-{ref}" for kind, ref in _thing_titles(refs)}
    return [key for key in asked if key in there]


def _thing_titles(refs: dict[str, list[int]]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for kind in (plan_rules.MATERIAL, plan_rules.LECTURE):
        thing = things.find_thing(kind)
        if thing is not None and refs.get(kind):
            found.update({(kind, ref): title for ref, title in thing.titles(actor(), refs[kind]).items()})
    return found


def make_plan() -> Response | str | tuple[str, int]:
    """Make a plan, or go one step on with its form."""
    return _plan_step(None)


def choose_plan() -> Response | str:
    """Show into which of the running plans something can be put; without any, the form for a new one."""
    item = (_asked() or [""])[0]
    running = [row for row in going_on.plan_overview(actor(), LIST_SIZE) if row.state != "submitted"]
    if not running or not item:
        return redirect(url_for("reading.new_plan", item=item or None), code=303)
    return render_template("reading/plan_choose.html", item=item, plans=running, panel={"current": "plans"})


def edit_plan(plan_id: int) -> str:
    """Show the form for a plan; ?book= and ?item= choose something further already."""
    form = PlanForm.of_plan(plan_queries.get_own_plan(actor(), plan_id))
    form.add(_asked())
    return plan_form(form, plan_id)


def change_plan(plan_id: int) -> Response | str | tuple[str, int]:
    """Change a plan, or go one step on with its form."""
    plan_queries.get_own_plan(actor(), plan_id)
    return _plan_step(plan_id)


def delete_plan(plan_id: int) -> Response:
    """Delete a plan."""
    plan_service.delete_plan(actor(), plan_id)
    flash(gettext("The plan is deleted. What you logged of its books stays."), "success")
    return redirect(url_for("reading.plans"), code=303)


def submit_plan(plan_id: int) -> Response:
    """Hand a plan to the liaison."""
    plan_service.submit_plan(actor(), plan_id)
    flash(gettext("The plan is submitted to the liaison of your unit."), "success")
    return _to_plan(plan_id)


def recall_plan(plan_id: int) -> Response:
    """Take a plan back from the liaison."""
    plan_service.recall_plan(actor(), plan_id)
    flash(gettext("The plan is yours again: change it and submit it anew."), "success")
    return _to_plan(plan_id)


def shift_plan(plan_id: int) -> Response | tuple[str, int]:
    """Move what is open by some days, earlier or later."""
    try:
        days = whole_number(request.form.get("days"), "days", 1, plan_rules.SHIFT_DAYS) or 0
        plan_service.shift_plan(actor(), plan_id, -days if request.form.get("way") == "earlier" else days)
    except InvalidInput as error:
        return plan_page(plan_id, request.form.to_dict(), {error.field or "": words(error)}), 422
    flash(gettext("The days of what is open have moved."), "success")
    return _to_plan(plan_id)


def copy_plan(plan_id: int) -> Response | tuple[str, int]:
    """Make a new plan of this one, its days moved by whole years."""
    try:
        made = plan_service.copy_plan(actor(), plan_id)
    except InvalidInput as error:
        return plan_page(plan_id, {}, {"": words(error)}), 422
    flash(gettext("Here is the new plan; its days have moved along. Change what you like."), "success")
    return _to_plan(made)


def _to_plan(plan_id: int) -> Response:
    return redirect(url_for("reading.plan", plan_id=plan_id), code=303)


def form_step(form: PlanForm, step: str) -> bool:
    """Do one step of a plan's form other than saving, and say whether it was one."""
    step, _, key = step.partition("-")
    if step == "find":
        form.respread()
    elif step == "add":
        form.add(known_keys(keys(f"book-{book}" for book in request.form.getlist("pick"))))
    elif step == "remove":
        form.remove(key)
    elif step in ("up", "down"):
        form.move(key, -1 if step == "up" else 1)
    elif step == "spread":
        form.forget_days()
    else:
        return False
    return True


def _plan_step(plan_id: int | None) -> Response | str | tuple[str, int]:
    form = PlanForm.typed(request.form)
    if form_step(form, request.form.get("do", "save")):
        return plan_form(form, plan_id)
    return _save_plan(form, plan_id)


def _save_plan(form: PlanForm, plan_id: int | None) -> Response | tuple[str, int]:
    planned = form.planned()
    if planned is not None:
        try:
            if plan_id is None:
                plan_id = plan_service.make_plan(actor(), form.title, *planned)
            else:
                plan_service.change_plan(actor(), plan_id, form.title, *planned)
            flash(gettext("The plan is saved."), "success")
            return _to_plan(plan_id)
        except InvalidInput as error:
            form.errors = {one.field or "": one for one in error.all if isinstance(one, InvalidInput)}
    return plan_form(form, plan_id), 422


def plan_form(form: PlanForm, plan_id: int | None, units: list[tuple[int, str]] | None = None) -> str:
    """Draw the form of a plan; with ``units`` it is one to give to a unit."""
    books = catalogue.books_by_id(form.books)
    refs: dict[str, list[int]] = {}
    for kind, ref in map(parts, form.keys):
        refs.setdefault(kind, []).append(ref)
    named = _thing_titles(refs)
    chosen = []
    for key in form.keys:
        kind, ref = parts(key)
        book = books.get(ref) if kind == plan_rules.BOOK else None
        title = book.title if book else named.get((kind, ref), "")
        if title:
            line = book.authors if book else str(plan_words.KIND_WORDS.get(kind, ""))
            chosen.append((key, title, line, book.clc if book else ""))
    return render_template(
        "reading/plan_form.html",
        form=form,
        plan_id=plan_id,
        units=units,
        chosen=chosen,
        found=_found(form),
        errors={name: words(error) for name, error in form.errors.items()},
    )


def _found(form: PlanForm) -> list[catalogue.BookRow]:
    chosen = set(form.books)
    if form.q.strip():
        found = [row for row in catalogue.search_titles(form.q, FOUND + len(chosen)) if row.id not in chosen]
    else:
        wanted = log_queries.list_shelf(actor(), ShelfFilter(rules.State.WANT), 1, FOUND, 0).items
        found = [row for row in catalogue.books_by_id([row.book for row in wanted]).values() if row.id not in chosen]
        found = found or [row for row in catalogue.search_titles("", FOUND + len(chosen)) if row.id not in chosen]
    return found[:FOUND]
