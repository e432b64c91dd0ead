"""Measure the likeness check: a note of 3,000 characters against many notes, beside what one would use without it.

    python benchmarks/likeness.py --notes 50000 --chars 900 --json build/likeness.json

Texts are made up: words of two to four characters, some far more frequent than others, and phrases that a tenth of all
notes share. Into the note asked about, passages of some of the others are copied. The peers answer the same question in
the same run: SQLite's FTS5 with trigrams, asked for the note's sentences; and difflib, measured on a sample and
multiplied, because on all notes it would take hours. A ratio below one means that ours is faster.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from figures import Figure, add_json_option, show, write

from lms import runtime
from lms.config import Settings
from lms.db import database, ensure_open
from lms.members.access import load_actor
from lms.members.models import Member, Membership, RoleGrant, Unit
from lms.migrations import migrate
from lms.notes import alike, fingerprints, likeness
from lms.notes.models import LikenessMark, LikenessText, Note

HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 3500)]
PHRASES = 40
COPIED = 12
BATCH = 400
ROUNDS = 30


def make_words(chance: random.Random) -> tuple[list[str], list[float]]:
    """Make a vocabulary and its frequencies added up; they fall as those of real words do."""
    words = ["".join(chance.choices(HAN, k=chance.choice((2, 2, 2, 3, 4)))) for _ in range(20_000)]
    return words, list(itertools.accumulate(1 / (rank + 8) for rank in range(len(words))))


def make_text(chance: random.Random, words: list[str], weights: list[float], phrases: list[str], chars: int) -> str:
    """Make a text of sentences; one in ten has a phrase that many others have."""
    parts: list[str] = []
    length = 0
    while length < chars:
        sentence = "".join(chance.choices(words, cum_weights=weights, k=chance.randint(5, 12)))
        if chance.random() < 0.02:
            sentence = chance.choice(phrases) + sentence
        parts.append(sentence + "。")
        length += len(sentence) + 1
    return "".join(parts)[:chars]


def fill(texts: list[str], data: Path) -> tuple[int, float]:
    """Store the notes and their fingerprints as the service does, in bulk; gives the reviewer and the seconds."""
    runtime.start(Settings(data=data, secret_key="not used"))
    migrate()
    ensure_open()
    unit = Unit.create(name="一", kind="community", path="/1/")
    writer = Member.create(name="作者", phone="1", password_hash="")
    reviewer = Member.create(name="联络员", phone="2", password_hash="")
    for member in (writer, reviewer):
        Membership.create(member=member, unit=unit, since="2020-01-01")
    RoleGrant.create(member=reviewer, unit=unit, role="liaison")
    start = time.perf_counter()
    marks: list[tuple[int, int]] = []
    with database.atomic():
        for begin in range(0, len(texts), BATCH):
            rows = [
                {"member": writer, "unit": unit, "title": "笔记", "body": text, "chars": len(text), "audience": "unit"}
                for text in texts[begin : begin + BATCH]
            ]
            Note.insert_many(rows).execute()
        for number, text in enumerate(texts, 1):
            LikenessText.create(kind="note", ref=number, place=0)
            marks += [(mark, number) for mark in likeness.marks(likeness.fold(text)).tolist()]
        marks.sort()
        database.connection().executemany(f"INSERT INTO {LikenessMark._meta.table_name} VALUES (?, ?)", marks)
    seconds = time.perf_counter() - start
    print(f"{len(texts):,} notes, {len(marks):,} fingerprints in {seconds:.0f} s", flush=True)
    return reviewer.id, seconds


def ask_ours(reviewer: int, asked: list[int]) -> list[Taken]:
    """Ask for each note what stands elsewhere; gives the milliseconds of each."""
    actor = load_actor(reviewer)
    return [measure(lambda note=note: alike.compare(actor, note)) for note in asked]  # type: ignore[misc]


class Taken(NamedTuple):
    """The milliseconds that something took, by the clock and of processor: the second holds on a busy machine, too."""

    clock: float
    processor: float


def measure(work: Callable[[], object]) -> Taken:
    """Give the milliseconds that something takes."""
    start, busy = time.perf_counter(), time.process_time()
    work()
    return Taken((time.perf_counter() - start) * 1000, (time.process_time() - busy) * 1000)


def ask_trigrams(texts: list[str], asked: list[str]) -> list[Taken]:
    """Ask SQLite's trigram index for the sentences of each text; gives the milliseconds of each."""
    with tempfile.TemporaryDirectory() as folder:
        line = sqlite3.connect(Path(folder) / "peer.sqlite3")
        line.execute("CREATE VIRTUAL TABLE peer USING fts5(body, tokenize='trigram', detail='full')")
        line.executemany("INSERT INTO peer (body) VALUES (?)", [(text,) for text in texts])
        line.commit()

        def ask(text: str) -> None:
            found: dict[int, int] = {}
            for sentence in (part for part in text.split("。") if len(part) > 10):
                quoted = '"' + sentence.replace('"', '""') + '"'
                for (row,) in line.execute("SELECT rowid FROM peer WHERE peer MATCH ?", (quoted,)):
                    found[row] = found.get(row, 0) + 1

        taken = [measure(lambda text=text: ask(text)) for text in asked]  # type: ignore[misc]
        line.close()
    return taken


def ask_difflib(texts: list[str], asked: list[str], sample: int) -> list[float]:
    """Compare each text with a sample of the others by difflib; gives the milliseconds for all, multiplied."""
    taken = []
    for text in asked:
        matcher = difflib.SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(text)

        def work(matcher: difflib.SequenceMatcher[str] = matcher) -> None:
            for other in texts[:sample]:
                matcher.set_seq1(other)
                matcher.get_matching_blocks()

        taken.append(measure(work).clock * len(texts) / sample)
    return taken


def check(reviewer: int, asked: list[int], copied: dict[int, set[int]]) -> float:
    """Give the share of the copied passages' sources that the check names."""
    actor = load_actor(reviewer)
    named = total = 0
    for note in asked:
        found = {source.ref for source in alike.compare(actor, note).sources}
        named += len(found & copied[note])
        total += len(copied[note])
    return named / total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=50_000, help="how many notes are compared with")
    parser.add_argument("--chars", type=int, default=900, help="characters of each of them")
    parser.add_argument("--asked", type=int, default=3_000, help="characters of the note asked about")
    parser.add_argument("--sample", type=int, default=3, help="how many notes difflib is tried on")
    add_json_option(parser)
    options = parser.parse_args()
    chance = random.Random(20261123)
    words, weights = make_words(chance)
    phrases = ["".join(chance.choices(words, cum_weights=weights, k=10)) for _ in range(PHRASES)]
    texts = [make_text(chance, words, weights, phrases, options.chars) for _ in range(options.notes)]
    asked, copied = [], {}
    for number in range(ROUNDS):
        own = make_text(chance, words, weights, phrases, options.asked - 60 * COPIED)
        sources = chance.sample(range(options.notes), COPIED)
        pieces = [texts[source][100:160] for source in sources]
        asked.append(own[:1500] + "。".join(pieces) + own[1500:])
        copied[options.notes + number + 1] = {source + 1 for source in sources}
    ids = sorted(copied)
    with tempfile.TemporaryDirectory() as folder:
        reviewer, seconds = fill(texts + asked, Path(folder))
        path = Path(folder) / "lms.sqlite3"
        ask_ours(reviewer, ids[:2])
        ours = ask_ours(reviewer, ids)
        named = check(reviewer, ids, copied)
        one = statistics.median(measure(lambda note=note: fingerprints.note_down_note(note)).clock for note in ids)  # type: ignore[misc]
        size = path.stat().st_size / 2**20
        database.close()
    trigrams = ask_trigrams(texts, asked)
    difflibs = ask_difflib(texts, asked[:2], options.sample)
    case = f"{options.asked} characters against {options.notes} notes"
    figures = [
        Figure(case, "median", "ms", middle(ours, 0), "SQLite FTS5 trigram", middle(trigrams, 0)),
        Figure(case, "median, processor", "ms", middle(ours, 1), "SQLite FTS5 trigram", middle(trigrams, 1)),
        Figure(case, "p95", "ms", percentile(ours), "SQLite FTS5 trigram", percentile(trigrams)),
        Figure(case, "median", "ms", middle(ours, 0), "difflib, from a sample", statistics.median(difflibs)),
        Figure(case, "copied passages' sources named", "share", named),
        Figure("fingerprints", "one note written", "ms", one),
        Figure("fingerprints", "all notes written in bulk", "s", seconds),
        Figure("fingerprints", "database with notes", "MiB", size),
    ]
    show(figures)
    write(figures, options.json)


def middle(taken: list[Taken], place: int) -> float:
    """Give the median: by the clock (0) or of processor (1)."""
    return statistics.median(one[place] for one in taken)


def percentile(taken: list[Taken]) -> float:
    """Give the 95th percentile by the clock."""
    return sorted(one.clock for one in taken)[max(0, round(len(taken) * 0.95) - 1)]


if __name__ == "__main__":
    main()
