"""Pages of the shares of the store: who uses how much, giving another share, taking that back."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms.errors import N_, InvalidInput
from lms.members.access import Actor
from lms.members.queries import MemberView
from lms.typed import typed_text
from lms.uploads import purposes, share_queries, shares, words
from lms.uploads.share_queries import Filter
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.i18n import words as said
from lms.web.panels import add_panel
from lms.web.signin import actor
from lms.web.table_files import table_file
from lms.web.view import page_number, whole_number

pages = Blueprint("shares", __name__)

HIGHEST = 2**31 - 1
HOW = ("settings", "own", "any")


def wanted_of(asked: Any) -> Filter:
    """Read whose use is wanted; anything else is passed over."""
    of, which, sort = asked.get("of", ""), asked.get("which", ""), asked.get("sort", "")
    return Filter(
        of if of in share_queries.KINDS else share_queries.KINDS[0],
        typed_text(asked.get("q", ""), share_queries.LONGEST_TEXT),
        which if which in share_queries.WHICH else share_queries.WHICH[0],
        sort if sort in share_queries.SORTS else share_queries.SORTS[0],
    )


@pages.get("/uploads/shares")
def list_shares() -> str:
    """Show who keeps how much, the most first, and who has a share of their own."""
    wanted = wanted_of(request.args)
    if wanted.text and "which" not in request.args:  # who looks for somebody wants to find them, whatever they keep
        wanted = Filter(wanted.of, wanted.text, "all", wanted.sort)
    page, together = share_queries.list_uses(actor(), wanted, page_number())
    usual_member, usual_unit = purposes.default_quotas()
    return render_template(
        "uploads/shares.html",
        page=page,
        together=together,
        wanted=wanted,
        usual_member=usual_member,
        usual_unit=usual_unit,
        words=words,
        undo=whole_number(request.args.get("undo"), "undo", 1, HIGHEST),
        kept={"q": wanted.text, "which": wanted.which, "sort": wanted.sort},
    )


@pages.get("/uploads/shares.csv", defaults={"form": "csv"})
@pages.get("/uploads/shares.xlsx", defaults={"form": "xlsx"})
def table(form: str) -> Response:
    """Hand out the list as a table."""
    wanted, who = wanted_of(request.args), actor()
    found = share_queries.walk_uses(who, wanted)
    heads = [gettext("Name"), gettext("Bytes used"), gettext("May keep (GB)"), gettext("A share of its own")]
    if wanted.of == "people":
        found = share_queries.with_units(who, found)
        heads.insert(1, gettext("Unit"))
    rows = (words.share_cells(use, people=wanted.of == "people") for use in found)
    return table_file(form, gettext("Shares of the store"), heads, rows, real=range(1, len(heads)))


def _whose(given: Any) -> tuple[int | None, int | None]:
    member = whole_number(given.get("member"), "member", 1, HIGHEST)
    return member, whole_number(given.get("unit"), "unit", 1, HIGHEST)


@pages.get("/uploads/shares/change")
def change_share() -> str:
    """Show how much a member or a unit keeps, and the form for another share."""
    member, unit = _whose(request.args)
    use = share_queries.get_use(actor(), member, unit)
    gib = use.allowed // words.GIB
    how = "settings" if not use.own else "own" if use.allowed else "any"
    return _change_page(member, unit, {"how": how, "gib": str(gib) if how == "own" else ""}, {})


def _change_page(member: int | None, unit: int | None, typed: dict[str, str], errors: dict[str, str]) -> str:
    use = share_queries.get_use(actor(), member, unit)
    usual = purposes.default_quotas()[1 if member is None else 0]
    return render_template(
        "uploads/share.html",
        use=use,
        member=member,
        unit=unit,
        usual=words.allowed_words(usual),
        changes=share_queries.list_changes(member, unit),
        words=words,
        typed=typed,
        errors=errors,
        most=shares.MOST_GIB,
    )


@pages.post("/uploads/shares")
def set_share() -> Response | tuple[str, int]:
    """Give a unit or a member a share of its own, or let it be as the settings say."""
    form = request.form
    member, unit = _whose(form)
    shares.check_reach(actor(), member, unit)
    try:
        change = shares.set_share(actor(), member, unit, _wanted_gib(form))
    except InvalidInput as error:
        return _change_page(member, unit, form.to_dict(), {error.field or "": said(error)}), 422
    if change is None:
        flash(gettext("The share is saved."), "success")  # else the page says it, with the way to take it back
    use = share_queries.get_use(actor(), member, unit)
    if use.allowed and use.used > use.allowed:
        flash(gettext("More than that is kept already: all of it stays, but nothing can be added."), "warning")
    of = "people" if unit is None else "units"
    return redirect(url_for("shares.list_shares", of=of, q=use.name, undo=change), code=303)


def _wanted_gib(form: Any) -> int | None:
    how = form.get("how", "own")
    if how == "settings":
        return None
    if how == "any":
        return 0
    gib = whole_number(form.get("gib"), "gib", 0, shares.MOST_GIB)
    if gib is None and "how" in form:
        raise InvalidInput(N_("Please enter how many GB."), field="gib")
    return gib


@pages.post("/uploads/shares/changes/<int(max=2147483647):change>/take-back")
def take_back(change: int) -> Response:
    """Let a share be what it was before a change."""
    shares.take_back(actor(), change)
    flash(gettext("The share is what it was before."), "success")
    return redirect(url_for("shares.list_shares", of=request.form.get("of"), q=request.form.get("q")), code=303)


def _of_member(reader: Actor, shown: MemberView) -> dict[str, Any] | None:
    """Show on the page of a person how much they keep, to who may change it."""
    if not shown.manageable:
        return None
    return {"use": share_queries.use_of(shown.id, shown.name), "member": shown.id, "words": words}


add_panel("member", "uploads/_of_member.html", _of_member, order=30, of_shown=True)
