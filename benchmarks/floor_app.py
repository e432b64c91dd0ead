"""The floor: the least that a signed-in page can cost with the same parts.

Flask, flask-login's session cookie, one SELECT through peewee on a SQLite connection that stays open, one small
template compiled once. What the service's own pages cost above it is what the service adds. FLOOR_DATA names the
folder of its database.
"""

import os
from pathlib import Path

from flask import Flask, render_template
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from jinja2 import DictLoader
from peewee import CharField, Model, SqliteDatabase
from werkzeug.wrappers import Response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Floor</title></head>
<body><h1>Good morning, {{ member.name }}</h1><p>You are signed in.</p></body></html>
"""
MEMBERS = 60

database = SqliteDatabase(
    Path(os.environ["FLOOR_DATA"]) / "floor.sqlite3", pragmas={"journal_mode": "wal", "foreign_keys": 1}
)
manager = LoginManager()
app = Flask(__name__)
app.secret_key = "only for the measurement"
app.jinja_loader = DictLoader({"page.html": PAGE})
manager.init_app(app)


class Member(UserMixin, Model):
    """Who signs in."""

    name = CharField()

    class Meta:
        database = database


def prepare() -> None:
    """Make the table and its rows, once, before the server starts."""
    with database:
        database.create_tables([Member])
        if not Member.select().exists():
            Member.insert_many([{"name": f"Member {number}"} for number in range(1, MEMBERS + 1)]).execute()


@app.before_request
def keep_open() -> None:
    """Open this thread's connection at its first request; it is then kept."""
    if database.is_closed():
        database.connect()


@manager.user_loader
def load(cookie: str) -> Member | None:
    """Load the member of the session: the floor's one SELECT."""
    return Member.get_or_none(Member.id == int(cookie))


@app.get("/sign-in")
def sign_in() -> Response:
    """Sign the first member in."""
    login_user(Member.get_by_id(1))
    return Response("signed in", status=200)


@app.get("/healthz")
def healthz() -> str:
    """Answer as soon as requests are taken."""
    return "ok"


@app.get("/")
@login_required
def page() -> str:
    """Show the page that is measured."""
    return render_template("page.html", member=current_user)


if __name__ == "__main__":
    prepare()
