"""Booking facts of learning into the ledger, inside the transaction in which they happen."""

from datetime import date

from peewee import fn

from lms import events
from lms.members.access import unit_on
from lms.progress.models import LedgerEntry

WATCH_TRIES = 5


def connect() -> None:
    """Have the ledger follow what the other rooms report."""
    events.subscribe(events.BookFinished, book_finished)
    events.subscribe(events.BookUnfinished, book_unfinished)
    events.subscribe(events.BookFinishMoved, book_finish_moved)
    events.subscribe(events.StudyTimeLogged, study_time_logged)
    events.subscribe(events.StudyTimeWithdrawn, study_time_withdrawn)
    events.subscribe(events.RecordingWatched, recording_watched)
    events.subscribe(events.NoteAccepted, note_accepted)
    events.subscribe(events.NoteUnaccepted, note_unaccepted)


def book(member: int, measure: str, amount: int, day: date, fact: str, evidence: tuple[str, int]) -> bool:
    """Book a fact once. Gives False when its key is booked already: replaying a fact changes nothing."""
    return _add(
        member=member,
        measure=measure,
        amount=amount,
        day=day,
        unit=unit_on(member, day),
        fact=fact,
        evidence_kind=evidence[0],
        evidence_ref=evidence[1],
    )


def reverse(fact: str) -> bool:
    """Book the opposite of a fact, on the same day and unit, so that past sums stay explainable.

    Gives False when the fact was never booked or is reversed already.
    """
    entry = LedgerEntry.get_or_none(LedgerEntry.fact == fact)
    if entry is None:
        return False
    return _add(
        member=entry.member,
        measure=entry.measure,
        amount=-entry.amount,
        day=entry.day,
        unit=entry.unit,
        fact=f"reverse:{fact}",
        evidence_kind=entry.evidence_kind,
        evidence_ref=entry.evidence_ref,
        reverses=entry.id,
    )


def _add(**values: object) -> bool:
    # "Nothing" rather than "ignore": only a key that is there already is passed over, any other breach still raises.
    # The number of rows tells whether one was added; SQLite's last id would name an older row.
    query = LedgerEntry.insert(**values).on_conflict(action="nothing").as_rowcount()
    return int(query.execute()) == 1


def book_finished(event: events.BookFinished) -> None:
    """Book a finished book."""
    fact = f"finish:{event.entry}:{event.times}"
    book(event.member, "book_finished", 1, event.day, fact, ("reading_entry", event.entry))


def book_unfinished(event: events.BookUnfinished) -> None:
    """Take a finished book back."""
    reverse(f"finish:{event.entry}:{event.times}")


def book_finish_moved(event: events.BookFinishMoved) -> None:
    """Move a finished book to another day: the old fact is reversed, the new one booked."""
    reverse(f"finish:{event.entry}:{event.before}")
    fact = f"finish:{event.entry}:{event.times}"
    book(event.member, "book_finished", 1, event.day, fact, ("reading_entry", event.entry))


def study_time_logged(event: events.StudyTimeLogged) -> None:
    """Book minutes read."""
    fact = f"session:{event.session}"
    book(event.member, "study_minutes", event.minutes, event.day, fact, ("reading_session", event.session))


def study_time_withdrawn(event: events.StudyTimeWithdrawn) -> None:
    """Take minutes read back."""
    reverse(f"session:{event.session}")


def note_accepted(event: events.NoteAccepted) -> None:
    """Book an accepted note, on the day it was handed in: the reviewer's time is not the writer's."""
    book(event.member, "note_accepted", 1, event.day, f"note:{event.note}:{event.times}", ("note", event.note))


def note_unaccepted(event: events.NoteUnaccepted) -> None:
    """Take an accepted note back."""
    reverse(f"note:{event.note}:{event.times}")


def recording_watched(event: events.RecordingWatched) -> None:
    """Book the minutes of a recording that were not booked before: each minute of it counts once per member.

    The key names the minute from which a stretch counts, so two devices that report at once meet in the same key:
    the one that comes second finds it taken, looks again and books only what is still new. Reversed stretches stay
    counted as booked here: watching on adds new minutes, it does not bring back what was corrected.
    """
    for _ in range(WATCH_TRIES):
        booked = _minutes_booked(event.member, event.recording)
        new = event.minutes - booked
        if new <= 0:
            return
        fact = f"watch:{event.recording}:{event.member}:{booked}"
        if book(event.member, "study_minutes", new, event.day, fact, ("recording", event.recording)):
            return


def _minutes_booked(member: int, recording: int) -> int:
    total = (
        LedgerEntry.select(fn.SUM(LedgerEntry.amount))
        .where(
            LedgerEntry.member == member,
            LedgerEntry.measure == "study_minutes",
            LedgerEntry.evidence_kind == "recording",
            LedgerEntry.evidence_ref == recording,
            LedgerEntry.reverses.is_null(),
        )
        .scalar()
    )
    return int(total or 0)
