"""A community with a lecturer, a liaison and a member, lectures and materials to make courses of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count

import pytest

from lms.courses import completing, service
from lms.courses.rules import Details, Item
from lms.jobs import queue
from lms.jobs.models import Job
from lms.lectures.models import Lecture, Recording
from lms.materials.models import Material
from lms.members.access import Actor
from lms.members.models import Accreditation, Member, Unit
from tests.factories import Make

DAY = date(2026, 10, 1)


@dataclass
class School:
    """What a test of courses needs, made in one line."""

    make: Make
    root: Unit
    unit: Unit
    lecturer: Member
    liaison: Member
    member: Member
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def actor(self, who: Member) -> Actor:
        """Give a member's actor."""
        return self.make.actor(who)

    def lecture(self, title: str = "", **values: object) -> Lecture:
        """Make a published lecture of the unit with a recording of a minute."""
        title = title or f"第{next(self._numbers)}讲"
        given = {"speaker": "陈志远", "unit": self.unit, "uploader": self.lecturer, **values}
        made = Lecture.create(title=title, **given)
        Recording.create(
            lecture=made, media_type="audio/mpeg", file_key="k", file_name="课.mp3", file_size=1, duration_ms=60_000,
            state="ready",
        )  # fmt: skip
        return made

    def material(self, title: str = "", **values: object) -> Material:
        """Make a material of the unit that is ready."""
        title = title or f"资料{next(self._numbers)}"
        given = {"media_type": "text/plain", "file_key": "k", "file_name": "x.txt", "file_size": 1, **values}
        return Material.create(title=title, unit=self.unit, state="ready", page_count=1, **given)

    def course(
        self, *items: Lecture | Material, published: bool = True, who: Member | None = None, **said: object
    ) -> int:
        """Make a course of these items, all required, and publish it unless told otherwise."""
        actor = self.actor(who or self.liaison)
        values = {
            "title": "基层治理十讲",
            "lecturer_name": "陈志远",
            "unit": self.unit.id,
            "class_hour_tenths": 20,
            **said,
        }
        made = service.make_course(actor, Details(**values))  # type: ignore[arg-type]
        service.set_items(actor, made, [item(thing) for thing in items])
        if published:
            service.publish_course(actor, made)
        return made

    def see(self, who: Member, thing: Lecture | Material, day: date = DAY) -> None:
        """Have a member see a lecture or read a material through."""
        completing.note_done(who.id, kind_of(thing), thing.id, day)


def kind_of(thing: Lecture | Material) -> str:
    """Name the kind of an item as courses do."""
    return "lecture" if isinstance(thing, Lecture) else "material"


def item(thing: Lecture | Material, required: bool = True, remark: str = "") -> Item:
    """Make an item of a course."""
    return Item(kind_of(thing), thing.id, required, remark)


def run_jobs() -> None:
    """Carry out the catching up that waits, as the worker does."""
    for (ident,) in Job.select(Job.id).where(Job.state == "waiting", Job.task == "courses.catch_up").tuples():
        queue.run(ident)


@pytest.fixture
def school(make: Make) -> School:
    """A community below a sub-district, with people."""
    root = make.unit("青禾街道", kind="agency")
    unit = make.unit("桂花社区", root)
    Accreditation.create(name="陈志远", inside=False, unit=root, since=DAY.replace(year=2020))
    return School(
        make,
        root,
        unit,
        lecturer=make.member(unit, "lecturer", name="陈志远"),
        liaison=make.member(unit, "liaison", name="刘敏"),
        member=make.member(unit, name="王淑兰"),
    )
