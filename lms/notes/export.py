"""Notes to take along: one or many as Markdown or Word, and everything a member wrote and read as one ZIP."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from lms import clock, takeaway
from lms.amounts import number, timecode
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Actor
from lms.notes import images, paper, queries, rules
from lms.notes.about import titles
from lms.notes.paper import Sheet
from lms.notes.queries import NoteView
from lms.storage import files
from lms.takeaway import Cell

FACTS = ("name", "unit", "kind", "date", "chars", "about")
MOST_AT_ONCE = 200
BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_IMAGE_ADDRESS = re.compile(r"^/notes/images/([1-9][0-9]{0,9})$")
_IN_TEXT = re.compile(r"(\]\(<?)/notes/images/([1-9][0-9]{0,9})(?=[\s)>])")
SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}
NOTE_COLUMNS = (
    "file", "title", "kind", "about", "chars", "audience", "state", "created", "changed", "handed_in", "decided",
)  # fmt: skip


class Printed(NamedTuple):
    """The words of a language that files show: plain values, so that they can be kept for the background.

    ``labels`` of the facts of a note, by FACTS; the names of ``kinds``; the headings of the ``parts`` of a training
    summary; a ``page`` ("page %(number)s") and a ``moment`` ("at %(time)s") of what a note is about.
    """

    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    parts: Mapping[str, str]
    page: str
    moment: str

    def facts(self, note: NoteView, title: str) -> list[tuple[str, str]]:
        """Give the title block of a note as it is handed in on paper; ``title`` is what it is about."""
        day = clock.local(note.submitted_at or note.updated_at).date().isoformat()
        said = (note.member_name, note.unit_name or "", self.kinds[note.kind], day, number(note.chars))
        return list(zip((self.labels[name] for name in FACTS), (*said, self._about(note, title)), strict=True))

    def _about(self, note: NoteView, title: str) -> str:
        place = note.subject.place
        if place is None or not title:
            return title
        lecture = note.subject.kind == "lecture"
        where = self.moment % {"time": timecode(place)} if lecture else self.page % {"number": place}
        return f"{title} · {where}"


def file_name(title: str, suffix: str) -> str:
    """Make a name that every system can keep from a title."""
    name = _UNSAFE.sub(" ", title).strip(" .")[:60].strip(" .")
    return f"{name or 'note'}.{suffix}"


def chosen(actor: Actor, ids: Sequence[int]) -> list[NoteView]:
    """Give notes to export: the actor's own, or one that the actor may open.

    Raises NotFound when there is none of them, InvalidInput when there are more than 200.
    """
    if len(ids) > MOST_AT_ONCE:
        raise InvalidInput(N_("At most %(most)s notes go into one file."), field="note", most=MOST_AT_ONCE)
    if len(ids) == 1:
        return [queries.get_note(actor, ids[0])]
    found = list(queries.iterate_own(actor, ids))
    if not found:
        raise NotFound(N_("This note is not there, or you may not see it."))
    return found


def as_word(actor: Actor, notes: Sequence[NoteView], printed: Printed) -> bytes:
    """Make a Word file of notes that the actor may open."""
    about = titles(actor, [note.subject for note in notes])
    paths = _image_paths(notes)
    sheets = [
        Sheet(note.title, printed.facts(note, about.get(note.subject, "")), _sections(note, printed.parts))
        for note in notes
    ]
    return paper.make(sheets, lambda address: _path_of(address, paths))


def _image_paths(notes: Sequence[NoteView]) -> dict[int, Path]:
    found: dict[int, Path] = {}
    for note in notes:
        if images.named_in(note.body):
            store = files()
            found.update(
                {
                    image.id: store.path(image.file_key)
                    for image in images.list_images_of(note.id)
                    if store.exists(image.file_key)
                }
            )
    return found


def _path_of(address: str, paths: Mapping[int, Path]) -> Path | None:
    found = _IMAGE_ADDRESS.match(address)
    return paths.get(int(found[1])) if found else None


def _sections(note: NoteView, headings: Mapping[str, str]) -> list[tuple[str, str]]:
    if note.kind != "training":
        return [("", note.body)]
    return [(headings[name], part) for name, part in zip(rules.TRAINING_PARTS, note.parts, strict=True)]


def as_markdown(actor: Actor, notes: Sequence[NoteView], printed: Printed) -> str:
    """Make one Markdown text of notes that the actor may open: a heading, the facts, the text of each."""
    about = titles(actor, [note.subject for note in notes])
    return "\n\n---\n\n".join(_markdown(note, printed, about.get(note.subject, "")) for note in notes) + "\n"


def _markdown(note: NoteView, printed: Printed, about: str) -> str:
    facts = "\n".join(f"- {label}: {value}" for label, value in printed.facts(note, about) if value)
    sections = [f"## {heading}\n\n{text}" if heading else text for heading, text in _sections(note, printed.parts)]
    return "\n\n".join([f"# {note.title}", facts, *sections])


def write_all(actor: Actor, target: IO[bytes], printed: Printed, told: Callable[[int], None]) -> None:
    """Write everything the actor wrote and read: notes as Markdown with their images, tables as CSV and JSON.

    ``told`` hears after each note how many are written.
    """
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        rows = []
        for row in _write_notes(actor, archive, printed):
            rows.append(row)
            told(len(rows))
        _write_table(archive, "notes", NOTE_COLUMNS, rows)
        for table in takeaway.tables():
            _write_table(archive, table.name, table.columns, table.rows(actor))


def _write_notes(actor: Actor, archive: ZipFile, printed: Printed) -> Iterator[Sequence[Cell]]:
    stored: set[int] = set()
    for note in queries.iterate_own(actor):
        about = titles(actor, [note.subject]).get(note.subject, "")
        day = clock.local(note.created_at).date().isoformat()
        name = f"notes/{day} {note.id} {file_name(note.title, 'md')}"
        text = _markdown(note, printed, about)
        if images.named_in(note.body):
            names = _write_images(archive, note, stored)
            text = _IN_TEXT.sub(lambda found, names=names: found[1] + names.get(int(found[2]), found[0]), text)  # type: ignore[misc]
        archive.writestr(name, text)
        moments = (note.created_at, note.updated_at, note.submitted_at, note.decided_at)
        local = [clock.local(moment).replace(microsecond=0, tzinfo=None) if moment else None for moment in moments]
        yield (name, note.title, note.kind, about, note.chars, note.audience, note.state, *local)


def _write_images(archive: ZipFile, note: NoteView, stored: set[int]) -> dict[int, str]:
    names = {}
    for image in images.list_images_of(note.id):
        if not files().exists(image.file_key):
            continue
        short = f"images/{image.id}.{SUFFIX.get(image.media_type, 'bin')}"
        names[image.id] = short
        if image.id not in stored:
            archive.write(files().path(image.file_key), f"notes/{short}")
            stored.add(image.id)
    return names


def _write_table(
    archive: ZipFile, name: str, columns: Sequence[str], rows: Iterator[Sequence[Cell]] | list[Sequence[Cell]]
) -> None:
    held = [list(row) for row in rows]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[neutral(cell) for cell in row] for row in held])
    archive.writestr(f"{name}.csv", BOM + text.getvalue())
    listed = [dict(zip(columns, map(_plain, row), strict=True)) for row in held]
    archive.writestr(f"{name}.json", json.dumps(listed, ensure_ascii=False, indent=1))


def neutral(cell: Cell) -> str:
    """Give a cell for a CSV file: a text that a table program would take for a formula gets an apostrophe before it."""
    text = str(_plain(cell)) if cell is not None else ""
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA) else text


def _plain(cell: Cell) -> str | int | float | None:
    return (
        cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat() if isinstance(cell, date) else cell
    )
