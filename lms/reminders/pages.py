"""Reminding those who are behind, from the board of a unit."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import InvalidInput
from lms.notices.queries import Told
from lms.notices.words import headline, named_words, say_amounts
from lms.progress.words import amount_words
from lms.reminders import nudging, rules, taking_back
from lms.reminders.nudging import Nudging
from lms.web.addresses import url_for
from lms.web.i18n import gettext, ngettext
from lms.web.i18n import words as said
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import safe_next

pages = Blueprint("reminders", __name__)
say_amounts(amount_words)

UNIT = "/reminders/units/<int(max=2147483647):unit_id>"
ADDRESS = "/reminders/<int(max=2147483647):requirement_id>/<int(max=2147483647):unit_id>"
SENT = "/reminders/sent/<int(max=2147483647):sending_id>"
MOST_LISTED = 500  # with a box for each; more are told or left out together


@dataclass(frozen=True)
class Ticks:
    """Which boxes of the page are ticked: of those ``listed`` (None: the page is new) the ``chosen``, and the rest."""

    listed: tuple[int, ...] | None
    chosen: frozenset[int]
    rest: bool

    def has(self, member: int) -> bool:
        """Say whether a member is ticked; who was not on the page that was sent is, as on a new page."""
        return self.listed is None or member in self.chosen or member not in self.listed

    @property
    def only(self) -> frozenset[int] | None:
        """Give those who alone are to be told, None where all are but those left out."""
        return None if self.listed is None or self.rest else self.chosen

    @property
    def left_out(self) -> frozenset[int]:
        """Give those whose tick was taken away."""
        return frozenset(self.listed or ()) - self.chosen


def _ticks() -> Ticks:
    form = request.form
    if "listed" not in form:
        return Ticks(None, frozenset(), rest=True)
    listed = tuple(int(one) for one in form["listed"].split(",") if _is_id(one))
    return Ticks(listed, frozenset(int(one) for one in form.getlist("who") if _is_id(one)), "rest" in form)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _member() -> int | None:
    raw = request.values.get("member", "")
    return int(raw) if _is_id(raw) else None


@pages.get(UNIT, endpoint="nudge_all")
@pages.get(ADDRESS)
def nudge(unit_id: int, requirement_id: int | None = None) -> str:
    """Show who is behind with a box for each, what they would read, and where the words are written."""
    return _page(unit_id, requirement_id, "", {})


def _page(unit: int, requirement: int | None, typed: str, errors: dict[str, str]) -> str:
    member, ticks = _member(), _ticks()
    found = nudging.find_nudging(actor(), unit, profile(), requirement, member)
    return render_template(
        "reminders/nudge.html",
        found=found,
        listed=found.to_tell[:MOST_LISTED],
        rest=len(found.to_tell[MOST_LISTED:]),
        ticks=ticks,
        sample=_sample(found, ticks, typed),
        headline=headline,
        named_words=named_words,
        sendings=taking_back.list_open(actor(), unit),
        requirement=requirement,
        member=member,
        typed=typed,
        errors=errors,
        most=rules.WORDS_CHARS,
        action=_action(unit, requirement),
        back=safe_next("/progress"),
    )


def _sample(found: Nudging, ticks: Ticks, typed: str) -> Told | None:
    """Give what the first of those ticked who is behind in most would read."""
    ticked = [person for person in found.to_tell if ticks.has(person.id)]
    if not ticked:
        return None
    most = max(ticked, key=lambda person: len(person.to_tell))
    message, values = nudging.said_to(actor(), most.to_tell, typed)
    return Told(0, "nudge", message, values, "", clock.now(), read=False)


def _action(unit: int, requirement: int | None) -> str:
    if requirement is None:
        return str(url_for("reminders.send_all", unit_id=unit))
    return str(url_for("reminders.send", requirement_id=requirement, unit_id=unit))


@pages.post(UNIT, endpoint="send_all")
@pages.post(ADDRESS)
def send(unit_id: int, requirement_id: int | None = None) -> Response | str | tuple[str, int]:
    """Look at it again with the words as they would be read, or remind those who are ticked."""
    typed, ticks = request.form.get("words", ""), _ticks()
    try:
        if request.form.get("step") == "look":
            return _page(unit_id, requirement_id, nudging.checked_words(typed), {})
        sent = nudging.nudge(
            *(actor(), unit_id, typed, profile(), requirement_id, _member()), only=ticks.only, but=ticks.left_out
        )
    except InvalidInput as error:
        return _page(unit_id, requirement_id, typed, {error.field or "": said(error)}), 422
    text = ngettext("%(num)s member was reminded.", "%(num)s members were reminded.", sent.told)
    flash(Markup("{} {}").format(text, _undo_link(sent.id)) if sent.told else text, "success")
    return redirect(safe_next("/progress"), code=303)


def _undo_link(sending: int | None) -> Markup:
    address = url_for("reminders.sent", sending_id=sending, next=safe_next("/progress"))
    return Markup('<a href="{}">{}</a>').format(address, gettext("Undo"))


@pages.get(SENT)
def sent(sending_id: int) -> str:
    """Show whom a reminder told and who has read it, and offer to take it back while that is possible."""
    sending = taking_back.get_sending(actor(), sending_id)
    told = taking_back.list_told_by(sending)
    return render_template("reminders/sent.html", sending=sending, told=told, back=safe_next("/progress"))


@pages.post(SENT)
def take_back(sending_id: int) -> Response:
    """Take a reminder back from all who have not read it."""
    gone = taking_back.take_back(actor(), sending_id)
    text = ngettext("Taken back from %(num)s member.", "Taken back from %(num)s members.", gone)
    flash(text, "success")
    return redirect(safe_next("/progress"), code=303)
