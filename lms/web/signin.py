"""Who is asking: the glue between flask-login and the members' room."""

from datetime import date
from typing import Any

from apiflask import APIFlask
from flask import current_app, g, redirect, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from lms import clock
from lms.db import ensure_open
from lms.errors import N_, Forbidden, NotSignedIn
from lms.members.access import Actor, load_actor
from lms.members.models import Member
from lms.memory import Memory
from lms.prepared import prepared

PUBLIC = {
    "static",
    "members.sign_in",
    "members.sign_in_form",
    "members_api.sign_in",
    "web.preferences",
    "ops.healthz",
    "ops.readyz",
    "ops.metrics",
    "ops.manifest",
    "reading.calendar_feed",
    "openapi.spec",
    "apidocs.page",
    "guides.guides",
    "guides.guide",
    "guides_api.list_guides",
    "guides_api.show_guide",
    "uploads_api.discover",
}
WITHOUT_DATABASE = {"static", "ops.healthz", "ops.readyz"}  # these answer, or say more, while there is none
WHILE_PASSWORD_IS_FORCED = {
    "members.change_password",
    "members.change_password_form",
    "members.sign_out",
    "members_api.change_password",
    "members_api.sign_out",
    "members_api.who_am_i",
    "web.preferences",
}
REMEMBERED = 2000

manager = LoginManager()
# Nothing here asks for a "fresh" sign-in, which is all that a changed address takes away; phones change theirs often.
manager.session_protection = None


class SignedIn:
    """The signed-in member as flask-login wants it."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, actor: Actor, session_version: int, must_change_password: bool, unread: int = 0) -> None:
        """Wrap an actor together with what the session must agree with; ``unread`` counts the notices not read."""
        self.actor = actor
        self.name = actor.name
        self.session_version = session_version
        self.must_change_password = must_change_password
        self.unread = unread

    def get_id(self) -> str:
        """Give what the session cookie carries: the member and the version that a new password moves on."""
        return f"{self.actor.id}:{self.session_version}"


class ActorMemory:
    """Actors of this process by member, dropped when the member's access version or the day moves on."""

    def __init__(self, size: int) -> None:
        """Remember at most ``size`` members, the last used ones."""
        self._kept: Memory[int, tuple[int, date, Actor]] = Memory(size)

    def get(self, member_id: int, access_version: int) -> Actor:
        """Give the member's actor, loading it when what is remembered is out of date."""
        day = clock.today()
        kept = self._kept.get(member_id)
        if kept and kept[:2] == (access_version, day):
            return kept[2]
        actor = load_actor(member_id)
        self._kept.put(member_id, (access_version, day, actor))
        return actor


def init_app(app: APIFlask) -> None:
    """Have every request know its member, and every address but the public ones ask for one."""
    manager.init_app(app)
    app.after_request_funcs[None].remove(manager._update_remember_cookie)  # nobody is remembered beyond the session
    app.extensions["actors"] = ActorMemory(REMEMBERED)
    manager.user_loader(_load)
    app.before_request(_guard)
    # Nobody has a token before signing in; a form of another site cannot send JSON, so nothing is lost by it.
    app.extensions["csrf"].exempt("lms.members.api.begin")


@prepared
def _versions(member_id: int) -> Any:
    columns = (Member.session_version, Member.access_version, Member.must_change_password, Member.unread_notices)
    return Member.select(*columns).where(Member.id == member_id, Member.deactivated_at.is_null()).limit(1)


def _load(cookie: str) -> SignedIn | None:
    return load(current_app.extensions["actors"], cookie)


def load(actors: ActorMemory, cookie: str) -> SignedIn | None:
    """Give the member a session names, as the database knows them now; None when they may not come in any more."""
    member_id, _, version = cookie.partition(":")
    if not (member_id.isdigit() and version.isdigit()):
        return None
    row = _versions.first(int(member_id))
    if row is None or row[0] != int(version):
        return None
    return SignedIn(actors.get(int(member_id), row[1]), row[0], row[2], row[3])


def _guard() -> Response | None:
    endpoint = request.endpoint
    if endpoint in WITHOUT_DATABASE:
        return None
    ensure_open()
    if endpoint is None or endpoint in PUBLIC:
        return None
    user = who_asks()
    if not isinstance(user, SignedIn):
        if request.path.startswith("/api/"):
            raise NotSignedIn(N_("Please sign in first."))
        next_path = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("members.sign_in_form", next=next_path), code=303)
    if user.must_change_password and endpoint not in WHILE_PASSWORD_IS_FORCED:
        if request.path.startswith("/api/"):
            raise Forbidden(N_("Please choose a password of your own first."))
        return redirect(url_for("members.change_password_form"), code=303)
    return None


def who_asks() -> SignedIn | AnonymousUserMixin:
    """Give who asks, signed in or not, without the proxy that would look for them at every use."""
    kept = g._get_current_object()
    user: SignedIn | AnonymousUserMixin | None = kept.get("_login_user")  # where flask-login keeps it
    if user is None:
        # What flask-login does with the same cookie, without its digest of address and browser that nobody asks for.
        cookie = session.get("_user_id")
        user = _load(cookie) if cookie is not None else None
        if user is None:
            return current_user._get_current_object()
        kept._login_user = user
    return user


def signed_in() -> SignedIn:
    """Give the signed-in member who asks. Raises NotSignedIn without one."""
    user = who_asks()
    if not isinstance(user, SignedIn):
        raise NotSignedIn(N_("Please sign in first."))
    return user


def actor() -> Actor:
    """Give who acts. Raises NotSignedIn without a member."""
    return signed_in().actor


def begin_session(member: Member) -> None:
    """Sign a member in on this browser, in a session of its own (none is carried over from before)."""
    session.clear()
    session.permanent = True
    loaded = load_actor(member.id)
    login_user(SignedIn(loaded, member.session_version, member.must_change_password))


def end_session() -> None:
    """Sign out on this browser."""
    logout_user()
    session.clear()
