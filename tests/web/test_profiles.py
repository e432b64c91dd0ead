"""Under the profile for government nobody sees another's study time and nobody is ranked: on no page, in no API."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from apiflask import APIFlask
from hypothesis import given
from hypothesis import strategies as st

from lms import clock, profiles
from lms.db import database
from lms.members.models import Unit
from lms.progress import booking
from lms.progress.measures import MEASURES, counts_for_appraisal
from lms.progress.models import Requirement
from lms.web.signin import REMEMBERED, ActorMemory
from tests.browser_like import Browser
from tests.conftest import make_settings, serving, started
from tests.web.access_table import Row, all_rows
from tests.web.test_access_table import address, ask
from tests.web.world import World, build_world

MINUTES = 4321
# As pages, tables and the API would write 4321 minutes.
# Not within a token or the fraction of an instant, where such digits stand by chance.
FIGURES = ("4321", "4\N{NARROW NO-BREAK SPACE}321", "72:01", "72 小时", "72.02")
FIGURE = re.compile(rf"(?<![0-9A-Za-z_.-])(?:{'|'.join(map(re.escape, FIGURES))})(?![0-9A-Za-z_-])")
READERS = ("lecturer", "liaison", "administrator")
PAGES = [row for row in all_rows() if row.method == "GET" and row.rule != "/metrics"]  # whose counts are of no member


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path, built: APIFlask
) -> Iterator[tuple[APIFlask, World]]:
    """The application under the profile for government, with a member who has a study time like no other figure."""
    made = make_settings(tmp_path_factory.mktemp("government"), profile="government")
    with started(made, migrated) as settings, serving(built, settings) as app:
        world = build_world().begin_sessions(app)
        member = int(world.ids["member"])
        booking.book(member, "study_minutes", MINUTES, clock.today(), "session:1", ("reading_session", 1))
        Requirement.create(
            title="每年自学", unit=world.ids["unit"], measure="study_minutes", amount=9000, period="year",
            since=clock.today() - timedelta(days=400),
        )  # fmt: skip
        yield app, world


def shown(app: APIFlask, world: World, row: Row, reader: str) -> str:
    app.extensions["actors"] = ActorMemory(REMEMBERED)
    browser = Browser(app, None).go_on(world.session(world.people[reader]))
    with database.atomic() as transaction:
        answer = browser.client.get(address(row, world), query_string=dict(row.query))
        mime = answer.mimetype or ""
        text = answer.get_data(as_text=True) if mime.startswith("text/") or mime.endswith("json") else ""
        answer.close()
        transaction.rollback()
    return text


def found_in(app: APIFlask, world: World, readers: tuple[str, ...]) -> Iterator[str]:
    for row in PAGES:
        if "member_id" in row.rule:
            row = replace(row, params={**row.params, "member_id": "member"})
        for reader in readers:
            text = shown(app, world, row, reader)
            yield from (f"{reader}: {row.name} says {found[0]}" for found in FIGURE.finditer(text))


@pytest.mark.sqlite_only
def test_no_address_shows_anybody_the_study_time_of_another(place: tuple[APIFlask, World]) -> None:
    app, world = place
    assert list(found_in(app, world, READERS)) == []
    assert next(found_in(app, world, ("member",)), ""), (
        "the member's own pages show it, so the figures would have been found"
    )
    app.config["LMS"] = replace(app.config["LMS"], profile="community")
    try:
        assert next(found_in(app, world, ("liaison",)), ""), (
            "in a community the liaison sees it, so the walk would have found it"
        )
    finally:
        app.config["LMS"] = replace(app.config["LMS"], profile="government")


def test_the_look_ahead_of_a_requirement_says_whom_it_reaches_but_not_how_far_they_are(
    place: tuple[APIFlask, World],
) -> None:
    app, world = place
    row = next(row for row in all_rows() if row.rule == "/api/v1/requirements/preview")
    asked = {**(row.json or {}), "unit": world.ids["unit"], "measure": "study_minutes", "amount": 60}
    found = ask(app, world, replace(row, json=asked), world.people["liaison"]).get_json()
    assert (found["touched"] > 0, found["paces"]) == (True, {})
    books = ask(app, world, replace(row, json={**asked, "measure": "book_finished"}), world.people["liaison"])
    assert sum(books.get_json()["paces"].values()) == found["touched"]


def test_administrators_read_what_is_switched_off_and_why(place: tuple[APIFlask, World]) -> None:
    app, world = place
    row = next(row for row in PAGES if row.rule == "/operation")
    page = shown(app, world, row, "administrator")
    for said in ("部署方式及其限制", "“机关”", "学习时长只供本人查看", "国务院办公厅"):
        assert said in page
    api = next(row for row in PAGES if row.rule == "/api/v1/operation")
    assert ask(app, world, api, world.people["administrator"]).get_json()["switched_off"] == [
        "timers",
        "ranking",
        "check_in",
    ]


def test_members_stand_by_name_whatever_order_is_asked_for(place: tuple[APIFlask, World]) -> None:
    app, world = place
    unit = Unit.get_by_id(world.ids["unit"])
    Requirement.create(
        title="每月一本",
        unit=unit,
        measure="book_finished",
        amount=1,
        period="month",
        since=clock.today().replace(day=1),
    )
    asked = [row for row in PAGES if "units/" in row.rule and row.rule.startswith("/api/v1/progress")]
    for row in asked:
        behind = ask(app, world, replace(row, query={"sort": "behind"}), world.people["liaison"]).get_json()
        by_name = ask(app, world, replace(row, query={"sort": "name"}), world.people["liaison"]).get_json()
        assert behind == by_name


@given(st.sampled_from(sorted(MEASURES)), st.sampled_from(profiles.PROFILES))
def test_only_government_and_only_timers_are_held_back(measure: str, profile: str) -> None:
    held_back = not counts_for_appraisal(measure, profile)
    assert held_back == (profile == "government" and MEASURES[measure].study_time)
    assert profiles.timers_count(profile) == profiles.members_may_be_ranked(profile) == (profile != "government")
