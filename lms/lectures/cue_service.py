"""Commands on the lines of a transcript: type, set times, split, merge, insert, delete, and take any of it back.

Each is one request about one line. Who changes a line says which version of it they saw: when somebody else changed it
meanwhile, theirs stands, what was typed is kept in the history, and both are shown.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lms import clock
from lms.db import is_sqlite, transactional
from lms.errors import N_, Conflict, InvalidInput, NotFound
from lms.lectures import cue_rules, transcripts
from lms.lectures import transcript_queries as queries
from lms.lectures.cue_rules import Line
from lms.lectures.models import Cue, Transcript, TranscriptChange
from lms.lectures.transcript_queries import CueRow, TranscriptRow
from lms.lectures.transcript_service import note_change, tell, write_lines
from lms.members.access import Actor

NEW_LINE_MS = 3_000
MOST_MOVED = 500  # beyond that all lines are written anew, which is quicker than one by one
CHANGED_SINCE = N_("This was changed again since. Take the later change back first.")


@dataclass(frozen=True)
class Outcome:
    """What a change did: the lines that are gone, those that are new or different now, and the transcript's version.

    ``kept`` is False when somebody else had changed the line: nothing was changed, ``lines`` holds theirs.
    """

    transcript: int
    version: int
    removed: tuple[int, ...] = ()
    lines: tuple[CueRow, ...] = ()
    kept: bool = True


@dataclass(frozen=True)
class _Place:
    """A line with its transcript, held until the transaction ends, and all lines of it."""

    transcript: TranscriptRow
    cues: list[CueRow]
    at: int

    @property
    def cue(self) -> CueRow:
        return self.cues[self.at]

    @property
    def line(self) -> Line:
        return Line(self.cue.start_ms, self.cue.end_ms, self.cue.text)


@transactional
def save(
    actor: Actor,
    cue_id: int,
    version: int,
    text: str | None = None,
    start_ms: int | None = None,
    end_ms: int | None = None,
) -> Outcome:
    """Change the text or the times of a line; what is None stays. Neighbours give way as long as time is left to them.

    Raises NotFound, Forbidden, or InvalidInput for times that would cover another line.
    """
    place = _place(actor, cue_id)
    present = place.line
    wanted = cue_rules.checked(
        Line(
            present.start_ms if start_ms is None else start_ms,
            present.end_ms if end_ms is None else end_ms,
            present.text if text is None else text,
        )
    )
    if wanted == present:
        return Outcome(place.transcript.id, place.transcript.version, lines=(place.cue,))
    if version != place.cue.version:
        return _conflict(actor, place, wanted)
    how = "text" if (wanted.start_ms, wanted.end_ms) == (present.start_ms, present.end_ms) else "times"
    return _change(actor, place.transcript, how, *_with_room(place, wanted))


def _with_room(place: _Place, wanted: Line) -> tuple[list[CueRow], list[Line]]:
    """Give the lines that change and what they become, when a line takes the times it wants."""
    before, after = [place.cue], [wanted]
    if place.at > 0 and place.cues[place.at - 1].end_ms > wanted.start_ms:
        above = place.cues[place.at - 1]
        if above.start_ms >= wanted.start_ms:
            raise InvalidInput(N_("The line above begins later than that."), field="start")
        before.insert(0, above)
        after.insert(0, Line(above.start_ms, wanted.start_ms, above.text))
    if place.at + 1 < len(place.cues) and place.cues[place.at + 1].start_ms < wanted.end_ms:
        below = place.cues[place.at + 1]
        if below.end_ms <= wanted.end_ms:
            raise InvalidInput(N_("The line below ends sooner than that."), field="end")
        before.append(below)
        after.append(Line(wanted.end_ms, below.end_ms, below.text))
    return before, after


def _conflict(actor: Actor, place: _Place, typed: Line) -> Outcome:
    before, after = _kept([place.line]), _kept([typed])
    note_change(place.transcript.id, place.transcript.version, actor.id, "conflict", before, after)
    return Outcome(place.transcript.id, place.transcript.version, lines=(place.cue,), kept=False)


@transactional
def split(actor: Actor, cue_id: int, version: int, at: int, at_ms: int | None = None) -> Outcome:
    """Cut a line in two after ``at`` characters. Raises NotFound, Forbidden, InvalidInput."""
    place = _place(actor, cue_id)
    if version != place.cue.version:
        return Outcome(place.transcript.id, place.transcript.version, lines=(place.cue,), kept=False)
    return _change(actor, place.transcript, "split", [place.cue], list(cue_rules.split(place.line, at, at_ms)))


@transactional
def merge(actor: Actor, cue_id: int, version: int) -> Outcome:
    """Make a line and the one below it one. Raises NotFound, Forbidden, InvalidInput for the last line."""
    place = _place(actor, cue_id)
    if version != place.cue.version:
        return Outcome(place.transcript.id, place.transcript.version, lines=(place.cue,), kept=False)
    if place.at + 1 >= len(place.cues):
        raise InvalidInput(N_("There is no line below this one."), field="line")
    below = place.cues[place.at + 1]
    text = transcripts.joined([place.cue.text, below.text])
    merged = cue_rules.checked(Line(place.cue.start_ms, below.end_ms, text))
    return _change(actor, place.transcript, "merge", [place.cue, below], [merged])


@transactional
def insert(actor: Actor, transcript_id: int, start_ms: int, text: str = "") -> Outcome:
    """Add a line that begins at a time; the line that is spoken then ends there, the new one before the next begins.

    Raises NotFound, Forbidden, InvalidInput where a line begins at that very time.
    """
    transcript = _held(actor, transcript_id)
    cues = queries.cues_of(transcript.id)
    above = [cue for cue in cues if cue.start_ms <= start_ms]
    below = [cue for cue in cues if cue.start_ms > start_ms]
    end_ms = min([start_ms + NEW_LINE_MS, *(cue.start_ms for cue in below[:1])])
    added = cue_rules.checked(Line(start_ms, end_ms, text))
    if above and above[-1].start_ms == start_ms:
        raise InvalidInput(N_("A line begins at this time already."), field="start")
    if above and above[-1].end_ms > start_ms:
        cut = Line(above[-1].start_ms, start_ms, above[-1].text)
        return _change(actor, transcript, "insert", [above[-1]], [cut, added])
    return _change(actor, transcript, "insert", [], [added])


@transactional
def delete(actor: Actor, cue_id: int, version: int) -> Outcome:
    """Take a line out. Raises NotFound or Forbidden."""
    place = _place(actor, cue_id)
    if version != place.cue.version:
        return Outcome(place.transcript.id, place.transcript.version, lines=(place.cue,), kept=False)
    return _change(actor, place.transcript, "delete", [place.cue], [])


@transactional
def undo(actor: Actor, transcript_id: int) -> Outcome:
    """Take back the member's own last change that stands.

    Raises NotFound without one, Conflict when it was built on.
    """
    transcript = _held(actor, transcript_id)
    change = (
        TranscriptChange.select()
        .where(
            TranscriptChange.transcript == transcript_id,
            TranscriptChange.member == actor.id,
            TranscriptChange.how.not_in(("undo", "conflict")),
            TranscriptChange.undone_at.is_null(),
        )
        .order_by(TranscriptChange.id.desc())
        .first()
    )
    if change is None:
        raise NotFound(N_("There is nothing of yours to take back."))
    return _take_back(actor, transcript, change)


@transactional
def take_back(actor: Actor, change_id: int) -> Outcome:
    """Take a change back, whoever made it; what somebody typed into a line that had changed is put in instead.

    Raises NotFound, Forbidden, Conflict when the lines are not as the change left them.
    """
    change = TranscriptChange.get_or_none(TranscriptChange.id == change_id)
    if change is None:
        raise NotFound(N_("This change does not exist any more."))
    transcript = _held(actor, change.transcript)
    if change.undone_at is not None:
        raise Conflict(N_("This was taken back already."))
    return _take_back(actor, transcript, change)


def _take_back(actor: Actor, transcript: TranscriptRow, change: TranscriptChange) -> Outcome:
    before, after = json.loads(change.before), json.loads(change.after)
    now, then = (before, after) if change.how == "conflict" else (after, before)
    present = {(cue.start_ms, cue.end_ms, cue.text): cue for cue in queries.cues_of(transcript.id)}
    rows = [present.get((start, end, text)) for start, end, text in now]
    if None in rows:
        raise Conflict(CHANGED_SINCE)
    taken = {(start, end) for start, end, _ in now}
    lines = [Line(start, end, text) for start, end, text in then]
    for line in lines:
        others = (cue for key, cue in present.items() if key[:2] not in taken)
        if any(cue.start_ms < line.end_ms and cue.end_ms > line.start_ms for cue in others):
            raise Conflict(CHANGED_SINCE)
    outcome = _change(actor, transcript, "undo", [row for row in rows if row is not None], lines)
    TranscriptChange.update(undone_at=clock.now()).where(TranscriptChange.id == change.id).execute()
    return outcome


def _held(actor: Actor, transcript_id: int) -> TranscriptRow:
    """Give a transcript the actor may change, held against other changes until the transaction ends."""
    found = queries.get_managed(actor, transcript_id)
    if is_sqlite():
        return found
    Transcript.select(Transcript.id).where(Transcript.id == transcript_id).for_update().execute()
    return queries.get_managed(actor, transcript_id)


def _place(actor: Actor, cue_id: int) -> _Place:
    transcript_id = Cue.select(Cue.transcript).where(Cue.id == cue_id).scalar()
    if transcript_id is None:
        raise NotFound(N_("This line does not exist any more."))
    transcript = _held(actor, transcript_id)
    cues = queries.cues_of(transcript_id)
    at = next((number for number, cue in enumerate(cues) if cue.id == cue_id), None)
    if at is None:
        raise NotFound(N_("This line does not exist any more."))
    return _Place(transcript, cues, at)


def _kept(lines: Sequence[Line]) -> list[list[object]]:
    return [[line.start_ms, line.end_ms, line.text] for line in lines]


def _change(
    actor: Actor, transcript: TranscriptRow, how: str, before: Sequence[CueRow], after: Sequence[Line]
) -> Outcome:
    """Put lines in the place of others: those that stay keep their rows, so that an open editor knows them."""
    version = transcript.version + 1
    was = _kept([Line(cue.start_ms, cue.end_ms, cue.text) for cue in before])
    same = 0 if len(before) > MOST_MOVED else min(len(before), len(after))
    pairs = zip(before[:same], after[:same], strict=True)
    changed = [_moved(cue, line) for cue, line in pairs if tuple(cue[1:4]) != (line.start_ms, line.end_ms, line.text)]
    removed = [cue.id for cue in before[same:]]
    if removed:
        Cue.delete().where(Cue.id.in_(removed)).execute()
    changed.extend(_added(transcript.id, after[same:]))
    source = "edited" if transcript.source == "uploaded" else transcript.source
    Transcript.update(version=version, source=source, updated_at=clock.now()).where(
        Transcript.id == transcript.id
    ).execute()
    note_change(transcript.id, version, actor.id, how, was, _kept(after))
    tell(transcript.recording)
    return Outcome(transcript.id, version, tuple(removed), tuple(changed))


def _added(transcript_id: int, lines: Sequence[Line]) -> list[CueRow]:
    if not lines:
        return []
    last = Cue.select(Cue.id).order_by(Cue.id.desc()).limit(1).scalar() or 0
    write_lines(transcript_id, lines)
    rows = Cue.select(Cue.id, Cue.start_ms, Cue.end_ms, Cue.text, Cue.version)
    new = rows.where(Cue.transcript == transcript_id, Cue.id > last).order_by(Cue.start_ms).tuples()
    return [CueRow(*row) for row in new]


def _moved(cue: CueRow, line: Line) -> CueRow:
    row = CueRow(cue.id, line.start_ms, line.end_ms, line.text, cue.version + 1)
    Cue.update(start_ms=row.start_ms, end_ms=row.end_ms, text=row.text, version=row.version).where(
        Cue.id == cue.id
    ).execute()
    return row
