"""Pages of people: signing in and out, the own account and its password."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from lms import clock
from lms.errors import Faults, InvalidInput, NotSignedIn, TooManyTries
from lms.members import queries, sign_in
from lms.members.forms import Answer, refused
from lms.members.words import kind_words, role_words, span_words
from lms.web.addresses import url_for
from lms.web.i18n import gettext
from lms.web.signin import actor, begin_session, end_session
from lms.web.view import safe_next

# Who came in with a first password need not type it again within this time; later anybody may hold the device.
STILL_FRESH = timedelta(minutes=15)
CAME_IN = "first_password_at"

pages = Blueprint("members", __name__)
pages.add_app_template_global(kind_words)
pages.add_app_template_global(role_words)
pages.add_app_template_filter(role_words)
pages.add_app_template_global(span_words)


@pages.get("/sign-in")
def sign_in_form() -> Answer:
    """Show the sign-in form; who is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(safe_next(), code=303)
    return render_template("members/sign_in.html", errors={}, login="", next=safe_next(default=""))


@pages.post("/sign-in", endpoint="sign_in")
def sign_in_now() -> Answer:
    """Sign in, then go on to where the reader wanted to go."""
    login = request.form.get("login", "")
    try:
        member = sign_in.authenticate(login, request.form.get("password", ""), request.remote_addr or "")
    except (InvalidInput, NotSignedIn, TooManyTries) as error:
        return refused("members/sign_in.html", error, login=login[: sign_in.LONGEST_LOGIN], next=safe_next(default=""))
    begin_session(member)
    if member.must_change_password:
        session[CAME_IN] = clock.now().isoformat()
        return redirect(url_for("members.change_password_form", next=safe_next(default="") or None), code=303)
    return redirect(safe_next(), code=303)


@pages.post("/sign-out")
def sign_out() -> Response:
    """Sign out on this browser."""
    end_session()
    flash(gettext("You are signed out."), "success")
    return redirect(url_for("members.sign_in_form"), code=303)


@pages.get("/account")
def account() -> str:
    """Show who the reader is here, and what this browser is set to."""
    return render_template("members/account.html", account=queries.get_account(actor()))


@pages.get("/account/password")
def change_password_form() -> str:
    """Show the form for a new password."""
    shown = {"next": safe_next(default=""), "forced": _forced(), "fresh": _fresh()}
    return render_template("members/password.html", errors={}, **shown)


@pages.post("/account/password")
def change_password() -> Answer:
    """Change the password: other browsers are signed out, this one goes on."""
    new, again = request.form.get("new", ""), request.form.get("again", "")
    forced, fresh, faults = _forced(), _fresh(), Faults()
    old = None if fresh else request.form.get("old", "")
    if new != again:
        faults.add(InvalidInput(sign_in.NOT_THE_SAME, field="again"))
    try:
        member = sign_in.change_password(actor(), old, new, request.remote_addr or "", before=faults)
    except (InvalidInput, TooManyTries) as error:
        return refused("members/password.html", error, next=safe_next(default=""), forced=forced, fresh=fresh)
    session.pop(CAME_IN, None)
    begin_session(member)
    flash(gettext("Your password is changed. Other devices have been signed out."), "success")
    return redirect(safe_next(default="/" if forced else url_for("members.account")), code=303)


def _forced() -> bool:
    return bool(current_user.must_change_password)


def _fresh() -> bool:
    came = session.get(CAME_IN)
    return _forced() and came is not None and clock.now() - datetime.fromisoformat(came) < STILL_FRESH
