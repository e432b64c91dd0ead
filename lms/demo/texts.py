"""Loading real text as materials: ``lms demo --materials FILE``."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lms.db import transactional
from lms.demo import corpus
from lms.demo.corpus import Damaged, Row, Text
from lms.errors import N_, Conflict
from lms.materials.loading import load_text_material
from lms.materials.rules import SUMMARY_CHARS
from lms.members.models import RoleGrant, Unit
from lms.progress_bar import ProgressBar

CATEGORY = "law"
ROWS_AT_ONCE = 1000
REPORTED = 20
# Where neither the file nor the text names a date: below everything that has one.
UNDATED = date(1970, 1, 1)


@dataclass
class Tally:
    """What a run has come to so far, in rows of the file and in texts."""

    rows: int = 0
    damaged: int = 0
    new: int = 0
    known: int = 0
    pages: int = 0

    def __str__(self) -> str:
        said = f"{self.rows:,} rows read; {self.new:,} materials with {self.pages:,} pages loaded"
        said += f", {self.known:,} were there already" if self.known else ""
        return said + (f"; {self.damaged:,} damaged lines left out" if self.damaged else "")


@dataclass(frozen=True)
class _Place:
    """Where the materials go: the topmost unit, in the name of one of its administrators."""

    unit: int
    uploader: int


def load(path: Path, limit: int | None) -> int:
    """Load the texts of a file, at most ``limit`` rows of it, and give the exit status: 1 when no row could be read.

    Several texts make one transaction, and each is known by its source, so a run that was interrupted goes on where it
    stopped and a second one adds nothing. A text is never cut: one that would pass the limit is left for later.
    Raises Conflict while there is nobody to own the materials, InvalidInput for a file that cannot be read.
    """
    place = _place()
    total = corpus.count_lines(path)
    tally = Tally()
    try:
        with ProgressBar("rows", min(total, limit or total)) as bar:
            bar.show(0)
            for batch in _batches(_within(path, limit, tally)):
                _store(batch, place, tally)
                bar.show(tally.rows + tally.damaged)
    finally:
        print(tally)
    return 0 if tally.rows or not total else 1


def _place() -> _Place:
    root = Unit.select(Unit.id).where(Unit.parent.is_null()).order_by(Unit.id).scalar()
    holds = (RoleGrant.unit == root) & (RoleGrant.role == "administrator")
    uploader = RoleGrant.select(RoleGrant.member).where(holds).order_by(RoleGrant.id).scalar()
    if uploader is None:
        raise Conflict(N_("There is no administrator yet who could own the materials: create one first."))
    return _Place(root, uploader)


def _within(path: Path, limit: int | None, tally: Tally) -> Iterator[Text]:
    """Give the texts of a file as long as they lie within the limit."""
    taken = 0
    for text in corpus.texts(_sound(path, tally)):
        taken += len(text.rows)
        if limit is not None and taken > limit:
            return
        yield text


def _sound(path: Path, tally: Tally) -> Iterator[Row]:
    for found in corpus.read(path):
        if isinstance(found, Row):
            yield found
            continue
        tally.damaged += 1
        if tally.damaged <= REPORTED:
            _report(found)
        if tally.damaged == REPORTED:
            print("further damaged lines are only counted", file=sys.stderr)


def _report(found: Damaged) -> None:
    print(f"\nline {found.line} is left out: {found.reason}", file=sys.stderr)


def _batches(texts: Iterator[Text]) -> Iterator[list[Text]]:
    """Give texts in batches of about ``ROWS_AT_ONCE`` rows: one commit for each text would cost more than its text."""
    batch: list[Text] = []
    held = 0
    for text in texts:
        batch.append(text)
        held += len(text.rows)
        if held >= ROWS_AT_ONCE:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _store(batch: list[Text], place: _Place, tally: Tally) -> None:
    new = _load_all(batch, place)
    tally.rows += sum(len(text.rows) for text in batch)
    tally.new += len(new)
    tally.known += len(batch) - len(new)
    tally.pages += sum(len(text.rows) for text in new)


@transactional
def _load_all(batch: list[Text], place: _Place) -> list[Text]:
    return [text for text in batch if _load_one(text, place)]


def _load_one(text: Text, place: _Place) -> bool:
    _, is_new = load_text_material(
        place.unit,
        text.title,
        corpus.sections(text),
        source_key(text),
        corpus.day_of(text) or UNDATED,
        category=CATEGORY,
        summary=corpus.summary_of(text, SUMMARY_CHARS),
        uploader=place.uploader,
    )
    return is_new


def source_key(text: Text) -> str:
    """Give the name by which a text is known again: its first row's id, with title and date, for ids may repeat."""
    named = "\0".join((text.rows[0].id, text.title, str(text.day)))
    return f"text:{hashlib.sha256(named.encode()).hexdigest()[:40]}"
