"""How long it takes from an upload to a place that search finds, beside the bare library's extraction in the same run.

    python benchmarks/ingest.py [--pages 300] [--chapters 500] [--slides 100] [--chars 600] [--rounds 3] [--json FILE]

A PDF, an EPUB and a PPTX in Chinese are made. Ours: judging and storing the file, taking its text out in a process of
its own, writing the pages, working off the outbox into the index, and finding a word of the last page. The floor: the
library alone takes the text out (pypdf; zipfile and lxml; python-pptx), in this process, its import not counted.
What the worker waits is not counted: it is rung when work is asked for, and gathers changes for 0.15 s at the most.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lxml import etree
from pptx import Presentation
from pypdf import PdfReader

from benchmarks.figures import Figure, add_json_option, show, write
from lms import runtime
from lms.config import MIB, Settings
from lms.db import ensure_open
from lms.demo.papers import make_epub, make_pdf, make_pptx
from lms.jobs.models import Job
from lms.jobs.queue import run
from lms.materials import jobs as jobs_of_materials
from lms.materials import reading_process
from lms.materials.uploading import Upload, upload_material
from lms.members.access import Actor, load_actor
from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.migrations import migrate
from lms.notes import jobs as jobs_of_notes
from lms.search import drain
from lms.search.queries import Asked, search

WORDS = "社区学习读书法律规章业务知识文化历史科学邻里协商议事公开管理服务安全健康教育培训志愿调研报告问题办法群众"
ROOMS = (jobs_of_materials, jobs_of_notes)
Sections = list[dict[str, object]]


def sections(count: int, chars: int) -> Sections:
    """Make up sections of about so many characters; each has a word of its own that can be looked for."""
    dice = random.Random(11)
    made: Sections = []
    for number in range(1, count + 1):
        lines = ["".join(dice.choices(WORDS, k=40)) + "。" for _ in range(max(1, chars // 41))]
        made.append({"heading": f"第{number}节", "text": [*lines, f"记号{number:05d}号"], "notes": "备注"})
    return made


def bare_pdf(content: bytes) -> int:
    """Take the text out with pypdf alone."""
    return sum(len(page.extract_text()) for page in PdfReader(BytesIO(content)).pages)


def bare_epub(content: bytes) -> int:
    """Take the text out with zipfile and lxml alone: the chapters that the book names, in its order."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        container = etree.fromstring(book.read("META-INF/container.xml"))
        package = etree.fromstring(book.read(next(container.iter("{*}rootfile")).get("full-path", "")))
        parts = {item.get("id"): item.get("href", "") for item in package.iter("{*}item")}
        names = [parts[item.get("idref")] for item in package.iter("{*}itemref")]
        return sum(len("".join(etree.fromstring(book.read(name)).itertext())) for name in names)


def bare_pptx(content: bytes) -> int:
    """Take the text out with python-pptx alone, the speaker's notes too."""
    chars = 0
    for slide in Presentation(BytesIO(content)).slides:
        chars += sum(len(shape.text_frame.text) for shape in slide.shapes if shape.has_text_frame)
        chars += len(slide.notes_slide.notes_text_frame.text)
    return chars


def uploader() -> Actor:
    """Make somebody who may upload."""
    unit = Unit.create(name="unit", kind="community", path="")
    unit.path = f"/{unit.id}/"
    unit.save()
    member = Member.create(name="lecturer", phone="1", password_hash="", must_change_password=False)
    Membership.create(member=member, unit=unit, since="2020-01-01")
    RoleGrant.create(member=member, unit=unit, role="administrator")
    return load_actor(member.id)


class Service:
    """The service without its web part, on a database and an index of its own."""

    def __init__(self, folder: Path) -> None:
        """Start it."""
        self.settings = Settings(data=folder, secret_key="not used", min_free_mib=1)
        runtime.start(self.settings)
        migrate()
        ensure_open()
        self.actor = uploader()
        drain.ensure_index(self.settings.index_path)

    def ingest(self, content: bytes, name: str, word: str) -> dict[str, float]:
        """Take a file in until a word of it is found; the seconds of each step."""
        steps: dict[str, float] = {}
        begun, worked = time.perf_counter(), busy()
        given = Upload("", "", "other", "everyone", self.actor.home, name, BytesIO(content))
        upload_material(self.actor, given, 512 * MIB)
        steps["upload"] = time.perf_counter() - begun
        at = time.perf_counter()
        waiting = [job.id for job in Job.select().where(Job.state == "waiting", Job.task == jobs_of_materials.EXTRACT)]
        for job in waiting:
            run(job)
        steps["text"] = time.perf_counter() - at
        at = time.perf_counter()
        while drain.drain_once(self.settings.index_path):
            pass
        steps["index"] = time.perf_counter() - at
        at = time.perf_counter()
        found = search(self.actor, Asked(text=word))
        assert found.things, f"{word} was not found"
        steps["search"] = time.perf_counter() - at
        steps["all"], steps["processor"] = time.perf_counter() - begun, busy() - worked
        return steps


def busy() -> float:
    """Give the processor time of this process and of those it started, the one that waits with the readers included."""
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in times) + reading_process.host.processor


def timed(step: Callable[[], object]) -> dict[str, float]:
    """Run a step and give its seconds by the clock and of the processor."""
    begun, worked = time.perf_counter(), busy()
    step()
    return {"all": time.perf_counter() - begun, "processor": busy() - worked}


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure each kind in turns with its floor; the middle of the rounds counts."""
    pages, chapters, slides = options.pages, options.chapters, options.slides
    kinds = (
        (f"PDF, {pages} pages", "pdf", pages, make_pdf, bare_pdf, "pypdf"),
        (f"EPUB, {chapters} chapters", "epub", chapters, make_epub, bare_epub, "zipfile + lxml"),
        (f"PPTX, {slides} slides", "pptx", slides, make_pptx, bare_pptx, "python-pptx"),
    )
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        for case, suffix, count, make, bare, peer in kinds:
            ours: list[dict[str, float]] = []
            theirs: list[dict[str, float]] = []
            for turn in range(options.rounds):
                content = make(f"材料{turn}", sections(count, options.chars))  # type: ignore[arg-type]
                theirs.append(timed(lambda content=content, bare=bare: bare(content)))  # type: ignore[misc]
                ours.append(service.ingest(content, f"材料{turn}.{suffix}", f"记号{count:05d}号"))
            for said, step in (("upload to findable", "all"), ("processor", "processor")):
                floor = median(steps[step] for steps in theirs)
                whole = median(steps[step] for steps in ours)
                figures.append(Figure(case, said, "s", whole, f"{peer} alone", floor))
            for step in ("upload", "text", "index", "search"):
                figures.append(Figure(case, f"of it {step}", "s", median(steps[step] for steps in ours)))
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--chapters", type=int, default=500)
    parser.add_argument("--slides", type=int, default=100)
    parser.add_argument("--chars", type=int, default=600, help="characters on a page, chapter or slide")
    parser.add_argument("--rounds", type=int, default=3)
    add_json_option(parser)
    options = parser.parse_args()
    figures = measure(options)
    show(figures)
    write(figures, options.json)


if __name__ == "__main__":
    main()
