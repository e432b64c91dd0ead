"""How long it takes from an upload to a place that search finds, beside the bare library's extraction in the same run.

    python benchmarks/ingest.py [--pages 300] [--chapters 500] [--slides 100] [--chars 600] [--text laws.jsonl.xz]
                                [--epub FILE ...] [--only epub] [--rounds 3] [--json FILE]

A PDF, an EPUB and a PPTX in Chinese are made, of made-up words or of real text: JSON Lines, compressed by xz, with
`body`. The EPUB is made thrice: the barest possible, a chapter for each page; as publishers make them, the pages in 40
chapters, with pictures, of which the libraries take no notice; and that without pictures. `--epub` adds real e-books.

Ours: judging and storing the file, taking its text out in a process of its own, writing the pages, working off the
outbox into the index, and finding a word of the last page. Of a book that is its text; "afterwards" is the processor
time of the work that follows when it can be found: its markup and its pictures, and merging small parts of the index.
The floor: the library alone takes the text out (pypdf; zipfile and lxml, and EbookLib; python-pptx), in this process,
its import not counted. What the worker waits is not counted: it is rung when work is asked for, and gathers changes
for 0.15 s.
"""

import argparse
import itertools
import json
import lzma
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pptx import Presentation
from pypdf import PdfReader

from benchmarks.figures import Figure, add_json_option, show, write
from benchmarks.ingest_books import PEERS, Peer, last_word, make_published, markup_share, stamped
from lms import runtime
from lms.config import MIB, Settings
from lms.db import ensure_open
from lms.demo.papers import make_epub, make_pdf, make_pptx
from lms.jobs.models import Job
from lms.jobs.queue import run
from lms.materials import jobs as jobs_of_materials
from lms.materials import reading_process
from lms.materials.uploading import EXTRACT, VIEW, Upload, upload_material
from lms.members.access import Actor, load_actor
from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.migrations import migrate
from lms.notes import jobs as jobs_of_notes
from lms.search import drain
from lms.search.queries import Asked, search

WORDS = "社区学习读书法律规章业务知识文化历史科学邻里协商议事公开管理服务安全健康教育培训志愿调研报告问题办法群众"
ROOMS = (jobs_of_materials, jobs_of_notes)
MOST_ALIKE = 200
Sections = list[dict[str, object]]


def sections(count: int, chars: int, text: Path | None = None) -> Sections:
    """Make up sections of about so many characters, of real text where a file of it is given.

    Each has a word of its own that can be looked for.
    """
    lines = real_lines(text, count * chars) if text else made_lines()
    made: Sections = []
    for number in range(1, count + 1):
        some: list[str] = []
        while sum(map(len, some)) < chars - 41:
            some.append(next(lines))
        made.append({"heading": f"第{number}节", "text": [*some, f"记号{number:05d}号"], "notes": "备注"})
    return made


def made_lines() -> Iterator[str]:
    """Make lines up without end."""
    dice = random.Random(11)
    while True:
        yield "".join(dice.choices(WORDS, k=40)) + "。"


def real_lines(path: Path, chars: int) -> Iterator[str]:
    """Take the lines of as many bodies as are needed, none longer than 200 characters, again and again."""
    lines: list[str] = []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            lines += [line[at : at + 200] for line in row["body"].splitlines() for at in range(0, len(line), 200)]
            chars -= len(row["body"])
            if chars < 0:
                break
    return itertools.cycle(lines)


def bare_pdf(content: bytes) -> int:
    """Take the text out with pypdf alone."""
    return sum(len(page.extract_text()) for page in PdfReader(BytesIO(content)).pages)


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
        material = upload_material(self.actor, given, 512 * MIB)
        steps["upload"] = time.perf_counter() - begun
        at = time.perf_counter()
        self.work(EXTRACT)
        steps["text"] = time.perf_counter() - at
        at = time.perf_counter()
        while drain.drain_once(self.settings.index_path):
            pass
        steps["index"] = time.perf_counter() - at
        at = time.perf_counter()
        search(self.actor, Asked(text=word))
        steps["search"] = time.perf_counter() - at
        steps["all"], steps["processor"] = time.perf_counter() - begun, busy() - worked
        worked = busy()
        self.work(VIEW)
        drain.merge_small(self.settings.index_path)
        steps["afterwards"] = busy() - worked
        found = search(self.actor, Asked(text=word, size=MOST_ALIKE))  # files of other kinds and rounds hold it, too
        assert material in {thing.ref for thing in found.things}, f"{word} was not found"
        return steps

    def work(self, task: str) -> None:
        """Carry out what waits of a kind of work."""
        for job in [job.id for job in Job.select().where(Job.state == "waiting", Job.task == task)]:
            run(job)


def busy() -> float:
    """Give the processor time of this process and of those it started, the one that waits with the readers included."""
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in times) + reading_process.host.processor


def timed(step: Callable[[], object]) -> dict[str, float] | None:
    """Run a step and give its seconds by the clock and of the processor; None where a library cannot read the file."""
    begun, worked = time.perf_counter(), busy()
    try:
        step()
    except (KeyError, AttributeError) as error:
        print(f"cannot be read by the library: {error!r}")
        return None
    return {"all": time.perf_counter() - begun, "processor": busy() - worked}


class Case(NamedTuple):
    """A kind of file: ``make(turn)`` gives a new one each round, ``word`` is in it, the peers take its text out."""

    name: str
    suffix: str
    make: Callable[[int], bytes]
    word: str
    peers: tuple[Peer, ...]


def cases(options: argparse.Namespace) -> Iterator[Case]:
    """Give what is to be measured."""
    kinds: tuple[tuple[str, str, int, Callable[..., bytes], tuple[Peer, ...]], ...] = (
        ("PDF, {} pages", "pdf", options.pages, make_pdf, (("pypdf alone", bare_pdf),)),
        ("EPUB, {} bare chapters", "epub", options.chapters, make_epub, PEERS),
        ("EPUB, {} pages as published", "epub", options.chapters, make_published, PEERS),
        ("EPUB, {} pages, no pictures", "epub", options.chapters, partial(make_published, pictures=False), PEERS),
        ("PPTX, {} slides", "pptx", options.slides, make_pptx, (("python-pptx alone", bare_pptx),)),
    )
    for name, suffix, count, make, peers in kinds:
        if options.only in (None, suffix):
            made = sections(count, options.chars, options.text)
            yield Case(
                name.format(count),
                suffix,
                lambda turn, make=make, made=made: make(f"材料{turn}", made),  # type: ignore[misc]
                f"记号{count:05d}号",
                peers,
            )
    for path in options.epub:
        content = path.read_bytes()
        yield Case(path.name, "epub", lambda turn, content=content: stamped(content, turn), last_word(content), PEERS)  # type: ignore[misc]


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure each kind in turns with its floors; the middle of the rounds counts."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        for case in cases(options):
            ours: list[dict[str, float]] = []
            theirs: dict[str, list[dict[str, float]]] = {}
            for turn in range(options.rounds):
                content = case.make(turn)
                for peer, take_out in case.peers:
                    taken = timed(lambda take_out=take_out, content=content: take_out(content))  # type: ignore[misc]
                    if taken is not None:
                        theirs.setdefault(peer, []).append(taken)
                ours.append(service.ingest(content, f"材料{turn}.{case.suffix}", case.word))
            for said, step in (("upload to findable", "all"), ("processor", "processor")):
                whole = median(steps[step] for steps in ours)
                for peer, taken_all in theirs.items():
                    floor = median(steps[step] for steps in taken_all)
                    figures.append(Figure(case.name, said, "s", whole, peer, floor))
            for step in ("upload", "text", "index", "search"):
                figures.append(Figure(case.name, f"of it {step}", "s", median(steps[step] for steps in ours)))
            if case.suffix == "epub":
                later = median(steps["afterwards"] for steps in ours)
                figures.append(Figure(case.name, "afterwards, its view", "s", later))
                share = markup_share(case.make(0))
                figures.append(Figure(case.name, "markup", "a character of text", share))
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--chapters", type=int, default=500)
    parser.add_argument("--slides", type=int, default=100)
    parser.add_argument("--chars", type=int, default=600, help="characters on a page, chapter or slide")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--text", type=Path, metavar="FILE", help="real text for what is made")
    parser.add_argument("--epub", type=Path, nargs="*", default=[], metavar="FILE", help="real e-books")
    parser.add_argument("--only", choices=("pdf", "epub", "pptx"), help="make only this kind of file")
    add_json_option(parser)
    options = parser.parse_args()
    figures = measure(options)
    show(figures)
    write(figures, options.json)


if __name__ == "__main__":
    main()
