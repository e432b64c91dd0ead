"""No address asks the database more than twelve times, page, file or API: not for many rows, nor after a change.

Every GET of the table of access is opened (``access_table.py``, which lists every address there is), in an
organisation in which there are many of everything. ``test_worst_pages.py`` looks at the fullest pages by hand.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from apiflask import APIFlask
from playhouse.test_utils import count_queries

from lms import clock
from lms.members.models import Accreditation, RoleGrant
from lms.progress import booking
from lms.progress.models import Requirement
from lms.search import drain
from tests.browser_like import Browser
from tests.conftest import make_settings, serving, started
from tests.web.access_table import Row, all_rows
from tests.web.multiplying import Multiplying
from tests.web.test_access_table import address
from tests.web.world import World, build_world

MOST = 12
TIMES = 10  # copies of each row in each way: what is asked for each of them shows
NOW = datetime(2026, 11, 26, 4)
BEGUN = date(2026, 1, 1)
PEOPLE = (
    "member",
    "liaison",
    "lecturer",
    "other_liaison",
    "administrator",
)  # who may do everything here: other things are each one's own

# What the table asks with other values, where other things are then reckoned.
ALSO = [
    "/search?q=%E5%AD%A6%E4%B9%A0",
    "/people?unit=1",
    *("/board/1", "/board/1/table.xlsx", "/board/1/trend", "/board/2?period=year", "/board/2/people?period=year"),
]

# What nobody can open, for the table has nothing of the kind.
IMAGE = "<int(max=2147483647):image_id>"
NOT_OPENED = {
    f"/notes/images/{IMAGE}": "the picture is not in the store",
    f"/api/v1/notes/images/{IMAGE}": "the picture is not in the store",
    "/notes/takeaway/file": "nothing is packed",
    "/api/v1/notes/takeaway/file": "nothing is packed",
    "/api/v1/recordings/<int(max=2147483647):recording_id>/recognition": "no machine is at its words",
}

pytestmark = pytest.mark.sqlite_only  # on PostgreSQL no more is asked, and every page is opened by the table itself


class Crowd:
    """The organisation, and browsers of those who may do everything."""

    def __init__(self, app: APIFlask, world: World) -> None:
        """Give some of the people every role, ask of everybody what can be asked, and copy all there is."""
        self.world, self._facts = world, 0
        for person in PEOPLE:
            for unit in ("root", "unit"):
                held = {"member": world.people[person], "unit": world.ids[unit]}
                for role in ("lecturer", "liaison", "administrator"):
                    RoleGrant.get_or_create(**held, role=role)
                Accreditation.create(**held, since=BEGUN)
        _ask_everything(world)
        Multiplying(TIMES).all_rows()
        self.browsers = {person: Browser(app, world.people[person]) for person in PEOPLE}

    def count(self, path: str, person: str, headers: dict[str, str]) -> tuple[bool, int]:
        """Open an address twice, the second time after a booking; say whether it opens, and how often it asked."""
        counts, opened = [], True
        for _ in range(2):
            with count_queries() as counted:
                response = self.browsers[person].get(path, headers=headers)
                opened &= bool(response.get_data()) and response.status_code < 400
            response.close()
            assert response.status_code < 500, path
            counts.append(int(counted.count))
            self._book(person)
        return opened, max(counts)

    def _book(self, person: str) -> None:
        self._facts += 1
        member, fact = self.world.people[person].id, f"more:{self._facts}"
        booking.book(member, "study_minutes", 5, date(2026, 11, 26), fact, ("reading_session", 1))


def _ask_everything(world: World) -> None:
    """Ask for what needs each way of reckoning: sums, days of events, named texts, surpluses, figures of units."""
    carrying = {"carry": 60, "lasting": "year"}
    index = {"subject": "index", "parts": [{"series": 777_101, "weight": 2}, {"series": 777_001, "weight": 1}]}
    for title, measure, period, spec in (
        ("带结余", "study_minutes", "month", carrying),
        ("指定书目", "book_finished", "month", {"subjects": [f"book:{world.ids['book']}"]}),
        ("指定课程", "lecture_completed", "year", {"subjects": [f"lecture:{world.ids['lecture']}"]}),
        ("培训之后", "note_accepted", "year", {"each": "event", "after": "training_attended", "within": 7}),
        ("各单位学习", "group_study_held", "week", {"subject": "unit", "who": {"kinds": ["community"]}}),
        ("指数", "study_minutes", "year", index),
    ):
        asked = {"title": title, "measure": measure, "period": period, "spec": json.dumps(spec)}
        subject = str(spec.get("subject", "member"))
        made = Requirement.create(**asked, unit=world.ids["root"], amount=1, since=BEGUN, subject=subject)
        Requirement.update(series=made.id).where(Requirement.id == made.id).execute()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, migrated: Path, built: APIFlask) -> Iterator[Crowd]:
    """The organisation, made once: what is opened changes nothing that others look at."""
    with (
        started(make_settings(tmp_path_factory.mktemp("crowd")), migrated) as settings,
        serving(built, settings) as app,
        clock.at(NOW),
    ):
        drain.ensure_index(settings.index_path)
        yield Crowd(app, build_world())


def rows(*, of_api: bool) -> list[Row]:
    """Give the rows of the table that are opened."""
    return [row for row in all_rows() if row.method == "GET" and row.rule.startswith("/api/") == of_api]


def faults(crowd: Crowd, found: list[Row]) -> dict[str, object]:
    """Open addresses as the first who can, and give those that ask too often and those that nobody could open."""
    wrong: dict[str, object] = {}
    for row in found:
        path = f"{address(row, crowd.world)}?{urlencode(row.query)}"
        told = (crowd.count(path, person, dict(row.headers)) for person in PEOPLE)
        count = next((count for opened, count in told if opened), None)
        if count is None and row.rule not in NOT_OPENED:
            wrong[path] = "nobody could open it"
        elif count is not None and (count > MOST or row.rule in NOT_OPENED):
            wrong[path] = count
    return wrong


def test_no_page_and_no_file_asks_more_than_twelve_times(crowd: Crowd) -> None:
    assert faults(crowd, rows(of_api=False)) == {}


def test_nothing_of_the_api_asks_more_than_twelve_times(crowd: Crowd) -> None:
    assert faults(crowd, rows(of_api=True)) == {}


def test_no_page_asks_more_than_twelve_times_over_other_days_and_units(crowd: Crowd) -> None:
    told = {path: crowd.count(path, "administrator", {}) for path in ALSO}
    assert {path: count for path, (opened, count) in told.items() if count > MOST or not opened} == {}
