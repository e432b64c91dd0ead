"""Which lengths the requirements ask of a member's notes: the room of notes shows them while one is written."""

from datetime import date

from lms.notes.least import Least
from lms.progress.asked_rows import asked_of_members
from lms.progress.figures import applying_on
from lms.progress.people import circumstances_of

NOTES = frozenset({"note_submitted", "note_accepted"})


def asked_of(member: int, day: date) -> list[Least]:
    """Give the least lengths that requirements in force on a day ask of a member's notes: two statements."""
    circumstances = circumstances_of(member)
    rows = [
        row
        for row in asked_of_members(circumstances.units, day, day)
        if row.asked.least and NOTES & {row.asked.measure, *row.asked.also}
    ]
    return [
        Least(row.asked.least, row.title, row.asked.categories, row.asked.subjects)
        for row in (applying_on(rows, circumstances, day) if rows else ())
    ]
