"""Who finds what: for each role and each audience, search gives exactly what the database lets the member see."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

import pytest

from lms.activities.models import Activity
from lms.config import Settings
from lms.courses.models import Course
from lms.lectures.models import Lecture, Recording
from lms.lists.models import BookList
from lms.materials.models import Material
from lms.members import units
from lms.members.models import Member, Unit
from lms.notes.models import Note
from lms.search import drain
from lms.search.sources import SOURCES
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]

WORD = "荷塘夜话"
ROLES = ("member", "below", "lecturer", "liaison", "stranger", "other_liaison", "administrator")


class Town:
    """Two communities, a branch below one, every role, and things of every kind and audience made by two members."""

    def __init__(self, make: Make) -> None:
        root = make.unit("青禾街道")
        here, there = make.unit("桂花社区", root), make.unit("松涛社区", root)
        branch = make.unit("第一支部", here)
        self.branch, self.there = branch, there
        self.people = {
            "member": make.member(here),
            "below": make.member(branch),
            "lecturer": make.member(here, "lecturer"),
            "liaison": make.member(here, "liaison"),
            "stranger": make.member(there),
            "other_liaison": make.member(there, "liaison"),
            "administrator": make.member(root, "administrator"),
        }
        make.book(f"{WORD}选")
        for owner in (self.people["member"], self.people["other_liaison"]):
            for unit in (here, branch, there):
                self.fill(owner, unit)

    def fill(self, owner: Member, unit: Unit) -> None:
        for audience in ("me", "unit", "everyone"):
            Note.create(member=owner, unit=unit, title=WORD, body="文", chars=1, audience=audience)
        day, now = date(2026, 3, 1), datetime(2026, 3, 1, 4)
        for member in (owner, None):
            Activity.create(
                kind="activity", unit=unit, member=member, title=WORD, day=day, state="confirmed", entered_by=owner
            )
        BookList.create(title=WORD, unit=unit, since=day, until=day, made_by=owner, issued_at=now)
        Course.create(title=WORD, lecturer_name="", unit=unit, audience="unit", made_by=owner, published_at=now)
        for audience in ("unit", "everyone"):
            Material.create(
                title=WORD, media_type="text/plain", file_key="0" * 64, file_name="x.txt", file_size=1, state="ready",
                unit=unit, audience=audience, uploader=owner, category="law",
            )  # fmt: skip
            lecture = Lecture.create(
                title=WORD, speaker=f"{unit.name}{audience}", unit=unit, audience=audience, uploader=owner
            )
            Recording.create(
                lecture=lecture, media_type="audio/mpeg", file_key="1" * 64, file_name="x.mp3", file_size=1,
                duration_ms=1000, state="ready",
            )  # fmt: skip


@pytest.fixture
def town(make: Make, service: Settings) -> Town:
    made = Town(make)
    drain.ensure_index(service.index_path)
    return made


@pytest.mark.parametrize("role", ROLES)
def test_a_role_finds_counts_and_is_shown_what_it_may_see_and_nothing_else(
    browser: Open, make: Make, town: Town, role: str
) -> None:
    person = town.people[role]
    actor = make.actor(person)
    allowed = {
        (kind, ref) for kind, source in SOURCES.items() for ref in source.visible(actor, list(source.all_refs()))
    }
    answer = browser(person).api("GET", f"/search?q={WORD}&per_page=50").get_json()
    further = browser(person).api("GET", f"/search?q={WORD}&per_page=50&page=2").get_json()["items"]
    assert {(item["kind"], item["ref"]) for item in (*answer["items"], *further)} == allowed
    assert answer["total"] == len(allowed)
    assert answer["counts"]["kind"] == Counter(kind for kind, _ in allowed)
    lectures = [ref for kind, ref in allowed if kind == "lecture"]
    speakers = Lecture.select(Lecture.speaker).where(Lecture.id.in_(lectures))
    assert answer["counts"]["lecturer"] == Counter(speaker for (speaker,) in speakers.tuples())
    for kind in ("book", "material", "note", "lecture"):
        ref = min(ref for found, ref in allowed if found == kind)
        for hit in browser_links(browser(person), kind, ref):
            assert hit in allowed, "nor is it said to be like what the member sees"


def browser_links(browser: Browser, kind: str, ref: int) -> set[tuple[str, int]]:
    page = browser.get(f"/{kind}s/{ref}").get_data(as_text=True)
    _, _, panel = page.partition('class="panel alike"')
    found = set()
    for href in panel.partition("</section>")[0].split('href="/')[1:]:
        room, number = href.partition('"')[0].partition("?")[0].split("/")[:2]
        found.add((room.removesuffix("s"), int(number)))
    return found


def test_the_roles_do_see_different_things(make: Make, town: Town) -> None:
    seen = {
        role: frozenset(SOURCES["note"].visible(make.actor(person), list(SOURCES["note"].all_refs())))
        for role, person in town.people.items()
    }
    assert len(set(seen.values())) >= 4


def test_a_unit_that_moves_takes_what_can_be_found_with_it_before_anything_is_indexed_again(
    browser: Open, make: Make, town: Town
) -> None:
    units.move_unit(make.actor(town.people["administrator"]), town.branch.id, town.there.id)
    for role, person in town.people.items():
        actor = make.actor(person)
        for kind, source in SOURCES.items():
            allowed = source.visible(actor, list(source.all_refs()))
            answer = browser(person).api("GET", f"/search?q={WORD}&kind={kind}&per_page=50").get_json()
            assert {item["ref"] for item in answer["items"]} == allowed, f"{role} finds every {kind} and no other"
