"""Every address answers every role as the table says, and there is none that the table does not list."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from lms.db import database
from lms.members.models import Member
from lms.web.signin import PUBLIC, REMEMBERED, WHILE_PASSWORD_IS_FORCED, ActorMemory
from tests.browser_like import Browser
from tests.conftest import make_settings, serving, started
from tests.web.access_table import OK, ROLES, SIGN_IN, Row, all_rows
from tests.web.world import World, build_world

ALL_ROWS = all_rows()
SAFE = ("GET", "HEAD", "OPTIONS")


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path, built: APIFlask
) -> Iterator[tuple[APIFlask, World]]:
    """The application on an organisation of its own, made once: each case is taken back."""
    with (
        started(make_settings(tmp_path_factory.mktemp("world")), migrated) as settings,
        serving(built, settings) as app,
    ):
        yield app, build_world().begin_sessions(app)


def ask(app: APIFlask, world: World, row: Row, member: Member | None) -> TestResponse:
    """Send what a row says as a member and take everything back that it did."""
    with database.atomic() as transaction:
        app.extensions["actors"] = ActorMemory(REMEMBERED)
        browser = Browser(app, None)
        if member or row.method not in SAFE:
            browser.go_on(world.session(member))
        options = {"query_string": dict(row.query)}
        if row.rule.startswith("/api/"):
            headers = {**row.headers, **({} if row.method in SAFE else {"X-CSRFToken": browser.token()})}
            sent = {"data": row.sent_form()} if row.form else {} if row.headers else {"json": row.json}
            response = browser.client.open(address(row, world), method=row.method, headers=headers, **sent, **options)
        elif row.method in SAFE:
            response = browser.client.open(address(row, world), method=row.method, **options)
        else:
            response = browser.post(address(row, world), row.sent_form(), **options)
        transaction.rollback()
    for name, value in response.headers:
        assert (name + value).isascii(), f"{row.name}: a server cannot send {name}: {value}"
    response.close()
    return response


def visit(app: APIFlask, world: World, row: Row, member: Member | None) -> str:
    """Send what a row says as a member and give the kind of answer."""
    return kind_of(ask(app, world, row, member))


def address(row: Row, world: World) -> str:
    """Fill the places of a rule: ``<int:book>`` and ``<int:book_id>`` from ``world.ids["book"]``."""
    parts = []
    for part in row.rule.split("/"):
        if part.startswith("<"):
            name = part.strip("<>").rpartition(":")[2]
            part = str(world.ids[row.params.get(name, name.removesuffix("_id"))])
        parts.append(part)
    return "/".join(parts)


def kind_of(response: TestResponse) -> str:
    """Say what kind of answer this is, in the words of the table."""
    if response.status_code == 401 or "/sign-in" in response.headers.get("Location", ""):
        return SIGN_IN
    return OK if response.status_code < 400 else str(response.status_code)


@pytest.mark.parametrize("row", ALL_ROWS, ids=[row.name for row in ALL_ROWS])
def test_every_role_meets_what_the_table_says(place: tuple[APIFlask, World], row: Row) -> None:
    app, world = place
    met = {role: visit(app, world, row, world.people.get(role)) for role in ROLES}
    assert met == dict(row.expected)


def test_every_address_stands_in_the_table_and_the_table_holds_no_other(place: tuple[APIFlask, World]) -> None:
    app, _ = place
    there = {
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    listed = [row.name for row in ALL_ROWS]
    assert sorted(there - set(listed)) == [], "addresses without a row in tests/<room>/access_rows.py"
    assert sorted(set(listed) - there) == [], "rows without an address"
    asked = [(row.name, *sorted(row.params.items()), *sorted(row.query.items())) for row in ALL_ROWS]
    assert len(asked) == len(set(asked)), "a row stands twice: another one of the same rule asks for another object"


def test_signed_out_only_the_public_addresses_answer(place: tuple[APIFlask, World]) -> None:
    app, _ = place
    public = {f"{m} {r.rule}" for r in app.url_map.iter_rules() if r.endpoint in PUBLIC for m in r.methods}
    closed = [row.name for row in ALL_ROWS if row.name not in public and row.expected["signed_out"] != SIGN_IN]
    assert closed == []


def test_a_newcomer_reaches_nothing_before_choosing_a_password(place: tuple[APIFlask, World]) -> None:
    app, world = place
    free = PUBLIC | WHILE_PASSWORD_IS_FORCED
    open_names = {f"{m} {r.rule}" for r in app.url_map.iter_rules() if r.endpoint in free for m in r.methods}
    for row in ALL_ROWS:
        if row.name not in open_names:
            response = ask(app, world, row, world.people["newcomer"])
            sent_away = response.headers.get("Location", "").startswith("/account/password")
            assert response.status_code == 403 or sent_away, row.name


def test_who_was_deactivated_is_signed_out_everywhere(place: tuple[APIFlask, World]) -> None:
    app, world = place
    with database.atomic() as transaction:
        Member.update(deactivated_at=world.people["member"].created_at).where(
            Member.id == world.people["member"].id
        ).execute()
        for row in ALL_ROWS:
            expected = row.expected["signed_out"]
            assert visit(app, world, row, world.people["member"]) == expected, row.name
        transaction.rollback()
