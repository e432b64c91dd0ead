"""What is kept of a member so that the right things are asked: tags, leaves of absence, exemptions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import Faults, InvalidInput, LmsError
from lms.members import tags
from lms.members.access import Action, Actor, may
from lms.members.tags import KNOWN_TAGS
from lms.progress import exempting
from lms.progress.words import tag_words
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.i18n import words as error_words
from lms.web.panels import add_panel
from lms.web.signin import actor
from lms.web.view import day, whole_number

OF_EACH_FORM = ("since", "until", "reason")  # fields of several forms of the page, whose ids begin with the form's
CARE = "/progress/members/<int(max=2147483647):member>/care"
ENTRY = "/<int(max=2147483647):entry>"


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of progress, and the way to them to a member's page."""
    pages.add_url_rule(CARE, view_func=care)
    pages.add_url_rule(CARE + "/tags", view_func=add_tag, methods=["POST"])
    pages.add_url_rule(CARE + "/tags" + ENTRY, view_func=end_tag, methods=["POST"])
    pages.add_url_rule(CARE + "/leaves", view_func=add_leave, methods=["POST"])
    pages.add_url_rule(CARE + "/leaves" + ENTRY, view_func=end_leave, methods=["POST"])
    pages.add_url_rule(CARE + "/exemptions", view_func=add_exemption, methods=["POST"])
    pages.add_url_rule(CARE + "/exemptions" + ENTRY, view_func=end_exemption, methods=["POST"])
    add_panel("member", "progress/_care_panel.html", _panel, order=10)


def _panel(reader: Actor, member: int) -> dict[str, Any] | None:
    return {"care_of": member} if may(reader, Action.REQUIREMENT_EDIT) else None


def care(member: int) -> str:
    """Show what a member is, when they are away, and what they are exempt from."""
    return _page(member)


def _page(member: int, errors: dict[str, LmsError] | None = None, which: str = "") -> str:
    found = exempting.get_care(actor(), member)
    said = {name: error_words(error) for name, error in (errors or {}).items()}
    today = clock.today()
    return render_template(
        "progress/care.html",
        care=found,
        today=today,
        known=[(tag, tag_words(tag)) for tag in KNOWN_TAGS],
        tag_words=tag_words,
        values=request.form,
        which=which,
        errors=said,
        summary={f"{which}-{name}" if name in OF_EACH_FORM else name: text for name, text in said.items()},
    )


@dataclass(frozen=True)
class Typed:
    """The days that were typed, and what was wrong with what was typed."""

    since: date | None
    until: date | None
    faults: Faults


def _tried(member: int, which: str, do: Callable[[Typed], None]) -> Response | tuple[str, int]:
    faults = Faults()
    since = faults.check(lambda: day(request.form.get("since"), "since"))
    until = faults.check(lambda: day(request.form.get("until"), "until"))
    try:
        do(Typed(since, until, faults))
    except InvalidInput as error:
        return _page(member, {one.field or "": one for one in error.all}, which), 422
    flash(gettext("Noted."), "success")
    return redirect(url_for("progress.care", member=member), code=303)


def add_tag(member: int) -> Response | tuple[str, int]:
    """Say what a member is, from a day on."""
    tag = request.form.get("own", "").strip() or request.form.get("tag", "")
    return _tried(
        member, "tag", lambda typed: tags.add_tag(actor(), member, tag, typed.since, typed.until, before=typed.faults)
    )


def end_tag(member: int, entry: int) -> Response | tuple[str, int]:
    """End what a member is, or take it away."""
    return _tried(member, "", lambda typed: tags.remove_tag(actor(), member, entry, _last(typed)))


def _last(typed: Typed) -> date | None:
    """Give the last day; one that cannot be read must not be taken for none, which takes the whole entry away."""
    if typed.faults:
        raise typed.faults.gathered()
    return typed.until


def add_leave(member: int) -> Response | tuple[str, int]:
    """Note a leave of absence."""
    reason = request.form.get("reason", "")
    return _tried(
        member,
        "leave",
        lambda typed: tags.add_leave(actor(), member, typed.since, typed.until, reason, before=typed.faults),
    )


def end_leave(member: int, entry: int) -> Response | tuple[str, int]:
    """End a leave of absence, or take it away."""
    return _tried(member, "", lambda typed: tags.remove_leave(actor(), member, entry, _last(typed)))


def add_exemption(member: int) -> Response | tuple[str, int]:
    """Exempt a member from a requirement."""
    return _tried(member, "exemption", lambda typed: _exempt(member, typed))


def _exempt(member: int, typed: Typed) -> None:
    faults, reason = typed.faults, request.form.get("reason", "")
    series = faults.check(lambda: whole_number(request.form.get("series"), "series", 1, 2**31 - 1))
    exempting.exempt(actor(), member, series, typed.since, typed.until, reason, before=faults)


def end_exemption(member: int, entry: int) -> Response | tuple[str, int]:
    """End an exemption, or take it away."""
    return _tried(member, "", lambda typed: exempting.end_exemption(actor(), member, entry, _last(typed)))
