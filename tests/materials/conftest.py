"""What tests of materials start from: a unit with a lecturer, ways to upload and to do the worker's work."""

from collections.abc import Callable
from io import BytesIO

import pytest

from lms.jobs.models import Job
from lms.jobs.queue import run
from lms.materials import jobs
from lms.materials.models import Material
from lms.materials.uploading import Upload, upload_material
from lms.members.access import Actor
from lms.members.models import Member, Unit
from tests.factories import Make

LIMIT = 8 * 1024 * 1024
GUIDE = "# 读书笔记\n\n怎样写读书笔记。\n\n## 摘录\n\n抄下打动你的句子。\n\n## 感想\n\n写下自己的想法。\n"


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区", make.unit("青禾街道"))


@pytest.fixture
def lecturer(make: Make, unit: Unit) -> Member:
    return make.member(unit, "lecturer", name="陈志远")


@pytest.fixture
def actor(make: Make, lecturer: Member) -> Actor:
    return make.actor(lecturer)


@pytest.fixture
def work() -> Callable[[], None]:
    """Carry out all waiting jobs, as the worker does."""
    assert jobs.EXTRACT

    def carry_out() -> None:
        while waiting := [job.id for job in Job.select().where(Job.state == "waiting").order_by(Job.id)]:
            for job_id in waiting:
                run(job_id)

    return carry_out


@pytest.fixture
def upload(actor: Actor, unit: Unit, work: Callable[[], None]) -> Callable[..., Material]:
    """Upload bytes and let the worker take their text out."""

    def send(content: bytes = GUIDE.encode(), name: str = "guide.md", *, done: bool = True, **values: str) -> Material:
        facts = {"title": "", "summary": "", "category": "business", "audience": "everyone", **values}
        given = Upload(**facts, unit=unit.id, file_name=name, stream=BytesIO(content))
        material_id = upload_material(actor, given, LIMIT)
        if done:
            work()
        return Material.get_by_id(material_id)

    return send
