"""What may be asked of members to read. Pure: no database, no clock."""

from dataclasses import dataclass
from datetime import date, timedelta

from lms.errors import N_, InvalidInput, Refused

NOTE_CHARS = 300
LONGEST = timedelta(days=731)


@dataclass(frozen=True)
class Wish:
    """A material that a unit asks to be read between two days, and why."""

    unit: int | None
    since: date | None
    until: date | None
    note: str = ""


def problems(wish: Wish, today: date) -> list[InvalidInput]:
    """Say everything that is wrong with a wish, one for each field."""
    found = []
    if wish.unit is None:
        found.append(InvalidInput(N_("Please choose the unit whose members are to read it."), field="unit"))
    if wish.since is None:
        found.append(InvalidInput(N_("Please give the first day."), field="since"))
    if wish.until is None:
        found.append(InvalidInput(N_("Please give the last day."), field="until"))
    elif wish.until < today:
        found.append(InvalidInput(N_("The last day has gone by already."), field="until"))
    elif wish.since and wish.until < wish.since:
        found.append(InvalidInput(N_("The last day cannot be before the first."), field="until"))
    elif wish.since and wish.until - wish.since > LONGEST:
        found.append(InvalidInput(N_("At most two years, please."), field="until"))
    if len(wish.note) > NOTE_CHARS:
        found.append(
            InvalidInput(
                N_("At most %(limit)s characters, please: these are %(count)s."),
                field="note",
                limit=NOTE_CHARS,
                count=len(wish.note),
            )
        )
    return found


class RequestRefused(Refused):
    """A request cannot be taken as it is."""
