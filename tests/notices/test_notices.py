"""Notices: told once, counted beside the name, read, turned off, gone when old."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playhouse.test_utils import count_queries

from lms import clock
from lms.errors import N_
from lms.members.models import Member
from lms.notices import queries, rules
from lms.notices.models import Notice
from lms.notices.service import choose_kinds, mark_read, notify, purge
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
SAID = N_("Nothing new")


def test_a_member_is_told_a_thing_exactly_once(make: Make) -> None:
    members = [make.member() for _ in range(3)]
    ids = [member.id for member in members]
    assert notify(ids, "note", "note:1:accepted", SAID, {}, "/notes/1") == 3
    assert notify([*ids, ids[0]], "note", "note:1:accepted", SAID, {}, "/notes/1") == 0
    assert notify(ids[:1], "note", "note:2:accepted", SAID, {}, "/notes/2") == 1
    unread = dict(Member.select(Member.id, Member.unread_notices).where(Member.id.in_(ids)).tuples())
    assert unread == {ids[0]: 2, ids[1]: 1, ids[2]: 1}
    mark_read(make.actor(members[0]))
    assert Member.get_by_id(ids[0]).unread_notices == 0
    assert notify(ids[:1], "note", "note:1:accepted", SAID, {}, "/notes/1") == 0, "what was read is not told again"


def test_a_kind_that_is_turned_off_is_not_told(make: Make) -> None:
    member = make.member()
    actor = make.actor(member)
    choose_kinds(actor, ["note"])
    assert notify([member.id], "behind", "behind:1", SAID, {}, "/progress") == 0
    assert notify([member.id], "note", "note:1", SAID, {}, "/notes/1") == 1
    assert queries.wanted_kinds(actor) == ["note"]


@pytest.mark.parametrize(("kind", "key", "href"), [("fun", "a", "/"), ("note", "", "/"), ("note", "a", "//evil.test/")])
def test_what_no_room_may_send_is_refused(make: Make, kind: str, key: str, href: str) -> None:
    with pytest.raises(ValueError, match=r"notice"):
        notify([make.member().id], kind, key, SAID, {}, href)


def test_an_address_of_300_characters_is_kept_and_a_longer_one_refused() -> None:
    assert rules.is_own_path("/" + "a" * 299)
    assert not rules.is_own_path("/" + "a" * 300)


def test_the_badge_counts_and_opening_leads_on(make: Make, browser: Open) -> None:
    member = make.member()
    notify([member.id], "note", "note:1", N_("“%(title)s” is accepted."), {"title": "<b>读后</b>"}, "/notes?whose=mine")
    client = browser(member)
    page = client.get("/notices").get_data(as_text=True)
    assert '<span class="bell-count">1</span>' in page
    assert "&lt;b&gt;读后&lt;/b&gt;" in page
    told = Notice.get()
    answer = client.post(f"/notices/{told.id}", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/notes?whose=mine")
    assert "bell-count" not in client.get("/notices").get_data(as_text=True)
    assert browser(make.member()).post(f"/notices/{told.id}", {}).status_code == 404


def test_the_badge_costs_no_statement_of_its_own(make: Make, browser: Open) -> None:
    member = make.member()
    client = browser(member)
    client.get("/notices")
    with count_queries() as before:
        client.get("/lectures")
    notify([member.id], "note", "note:1", SAID, {}, "/notes/1")
    with count_queries() as after:
        client.get("/lectures")
    assert after.count == before.count


def test_old_notices_go_and_the_count_follows(make: Make) -> None:
    member = make.member()
    with clock.at(datetime(2025, 1, 1)):
        notify([member.id], "note", "note:1", SAID, {}, "/notes/1")
    with clock.at(datetime(2026, 11, 1)):
        notify([member.id], "note", "note:2", SAID, {}, "/notes/2")
        assert purge() == 1
    assert Member.get_by_id(member.id).unread_notices == 1


def test_programs_read_notices_too(make: Make, browser: Open) -> None:
    member = make.member()
    notify([member.id], "note", "note:1", SAID, {}, "/notes/1")
    client = browser(member)
    listed = client.get("/api/v1/notices?unread=true").get_json()
    assert [(one["kind"], one["url"], one["read"]) for one in listed["items"]] == [("note", "/notes/1", False)]
    assert client.api("POST", "/notices/read", {"notices": [listed["items"][0]["id"]]}).status_code == 204
    assert client.get("/api/v1/notices?unread=true").get_json()["total"] == 0
    assert client.api("PUT", "/notices/kinds", {"kinds": ["nonsense"]}).status_code == 422
