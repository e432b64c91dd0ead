"""The table of fingerprints: kept by the worker, asked when a note is reviewed.

A text's fingerprints are written by a background job after each change, so that saving a note never waits for it. What
is missing, after a restore for instance, is caught up by the upkeep.
"""

from collections.abc import Iterator, Sequence
from time import sleep as pause
from typing import Any

from peewee import JOIN, fn

from lms.db import database, transactional
from lms.jobs import queue
from lms.notes import likeness, rules
from lms.notes.models import LikenessMark, LikenessText, Note
from lms.plain_text import from_markdown
from lms.things import find_thing, kinds

BATCH = 400
TEXTS_AT_ONCE, MARKS_AT_ONCE = 40, 4000
PAUSE_SECONDS = 0.03
ASKED_AT_ONCE = 5000
CAUGHT_UP_AT_ONCE = 2000
NOTE = "note"

Portion = dict[int, list[int]]  # fingerprints by place


def note_down(kind: str, ref: int, texts: Sequence[tuple[int, str]]) -> None:
    """Replace the fingerprints of a row by those of its texts, pairs of place and plain text; none takes it away.

    A thick book has hundreds of thousands: they are written some texts at a time, each in a transaction of its own
    with a pause after it, for on SQLite nobody else can write meanwhile. Begun again, it ends the same.
    """
    rows = LikenessText.select(LikenessText.place).where(LikenessText.kind == kind, LikenessText.ref == ref)
    gone = {place for (place,) in rows.tuples()} - {place for place, _ in texts}
    portion: Portion = {}
    for place, text in [*texts, *((place, None) for place in sorted(gone))]:
        if len(portion) >= TEXTS_AT_ONCE or sum(map(len, portion.values())) >= MARKS_AT_ONCE:
            _write(kind, ref, portion, gone)
            pause(PAUSE_SECONDS)
            portion = {}
        portion[place] = [] if text is None else likeness.marks(likeness.fold(text)).tolist()
    if portion:
        _write(kind, ref, portion, gone)


@transactional
def _write(kind: str, ref: int, portion: Portion, gone: set[int]) -> None:
    same = (LikenessText.kind == kind) & (LikenessText.ref == ref) & LikenessText.place.in_(list(portion))
    old = LikenessText.select(LikenessText.id).where(same)
    LikenessMark.delete().where(LikenessMark.text.in_(old)).execute()
    LikenessText.delete().where(same).execute()
    for place, found in portion.items():
        if place in gone:
            continue
        ident = LikenessText.create(kind=kind, ref=ref, place=place).id
        for start in range(0, len(found), BATCH):
            rows = [{"mark": mark, "text": ident} for mark in found[start : start + BATCH]]
            LikenessMark.insert_many(rows).execute()


def note_down_note(note: int) -> None:
    """Bring the fingerprints of a note up to date; one that is gone or deleted has none."""
    body = Note.select(Note.body).where(Note.id == note, Note.deleted_at.is_null()).scalar()
    note_down(NOTE, note, [(0, plain(body))] if body is not None else [])


def plain(body: str) -> str:
    """Give the words of a note as they are compared, without the marks of Markdown and between parts."""
    return from_markdown(rules.as_kind(body, "free"))


def note_down_thing(kind: str, ref: int) -> None:
    """Bring the fingerprints of a row of another room up to date."""
    thing = find_thing(kind)
    note_down(kind, ref, list(thing.texts(ref)) if thing else [])


def text_of(kind: str, ref: int, place: int) -> str:
    """Give a text as it is compared, empty when it is gone."""
    if kind == NOTE:
        return plain(Note.select(Note.body).where(Note.id == ref, Note.deleted_at.is_null()).scalar() or "")
    thing = find_thing(kind)
    return thing.text(ref, place) if thing else ""


def list_candidates(found: Sequence[int], most: int) -> list[tuple[str, int, int]]:
    """Give the texts most like one with these fingerprints: kind, id and place.

    A fingerprint that n texts have counts 1/n, so that fixed phrases, which stand everywhere, do not push aside the one
    text from which a passage was taken.
    """
    shared: dict[int, float] = {}
    for start in range(0, len(found), ASKED_AT_ONCE):
        for text, weight in _sharing(list(found[start : start + ASKED_AT_ONCE]), most):
            shared[text] = shared.get(text, 0.0) + float(weight)
    best = sorted(shared, key=lambda text: (-shared[text], text))[:most]
    rows = LikenessText.select(LikenessText.id, LikenessText.kind, LikenessText.ref, LikenessText.place)
    named = {row[0]: row[1:] for row in rows.where(LikenessText.id.in_(best)).tuples()} if best else {}
    return [named[text] for text in best if text in named]


def _sharing(found: list[int], most: int) -> Iterator[tuple[int, float]]:
    """Ask in SQL of our own: to put thousands of values together costs peewee more than the answer costs."""
    place = "?" if database.param == "?" else "%s"
    table = LikenessMark._meta.table_name
    asked = ",".join([place] * len(found))
    sql = (
        f"WITH hit AS (SELECT mark, text FROM {table} WHERE mark IN ({asked})), "  # noqa: S608
        "rare AS (SELECT mark, 1.0 / COUNT(*) AS weight FROM hit GROUP BY mark) "
        "SELECT hit.text, SUM(rare.weight) FROM hit JOIN rare ON rare.mark = hit.mark "
        f"GROUP BY hit.text ORDER BY 2 DESC, 1 LIMIT {place}"
    )
    yield from database.execute_sql(sql, [*found, most])


def catch_up() -> int:
    """Ask for the fingerprints that are missing and drop those whose row is gone; gives how many were asked for."""
    missing = [note for (note,) in _without_marks()]
    for note in missing:
        queue.ask("notes.fingerprint", note)
    asked = len(missing)
    for kind in kinds():
        asked += _catch_up_things(kind)
    return asked


def _without_marks() -> Any:
    same = (LikenessText.kind == NOTE) & (LikenessText.ref == Note.id)
    return (
        Note.select(Note.id)
        .join(LikenessText, JOIN.LEFT_OUTER, on=same)
        .where(Note.deleted_at.is_null(), LikenessText.id.is_null())
        .order_by(Note.id)
        .limit(CAUGHT_UP_AT_ONCE)
        .tuples()
    )


def _catch_up_things(kind: str) -> int:
    thing = find_thing(kind)
    rows = LikenessText.select(fn.DISTINCT(LikenessText.ref)).where(LikenessText.kind == kind)
    known = {ref for (ref,) in rows.tuples()}
    there = set(thing.all_refs()) if thing and thing.compared else set()
    changed = sorted(there ^ known)[:CAUGHT_UP_AT_ONCE]
    for ref in changed:
        queue.ask(f"notes.fingerprint_{kind}", ref)
    return len(changed)
