"""The guides: everybody can read them within the service, also who cannot sign in."""

import re
from collections.abc import Callable

import pytest

from lms.guides import queries
from lms.members.models import Member
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("name", queries.NAMES)
def test_each_guide_opens_in_each_language_and_leads_nowhere_that_is_not_there(
    browser: Open, name: str, locale: str
) -> None:
    guest = browser(None)
    guest.post("/preferences", {"locale": locale})
    page = guest.get(f"/help/{name}").get_data(as_text=True)
    found = queries.get_guide(name, locale)
    assert f"<h1>{found.title}</h1>" in page and len(found.sections) > 5
    assert all(f'href="#{part.anchor}"' in page and f'id="{part.anchor}"' in page for part in found.sections)
    body = page.partition("<main")[2]
    assert ".md" not in body and all(
        guest.get(address).status_code == 200 for address in set(re.findall(r'href="(/[^"#]*)"', body))
    )


def test_the_guide_for_ones_own_role_is_marked_and_help_is_one_tap_away(make: Make, browser: Open) -> None:
    liaison = browser(make.member(make.unit(), "liaison"))
    page = liaison.get("/help").get_data(as_text=True)
    assert page.count("适合您") == 2 and 'href="/help/liaison"' in page
    assert 'href="/help"' in liaison.get("/").get_data(as_text=True)
    guest = browser(None)
    assert 'href="/help"' in guest.get("/sign-in").get_data(as_text=True)
    assert "适合您" not in guest.get("/help").get_data(as_text=True)
    assert guest.get("/help/nobody").status_code == 404
    assert guest.get("/api/v1/guides/member").get_json()["title"] == "成员指南"
