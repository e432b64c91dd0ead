"""Taking back what a liaison sent: for some minutes, from whom has not read it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lms import bulk, clock
from lms.board.people import names_of
from lms.db import transactional
from lms.errors import N_, Conflict, NotFound
from lms.members.access import Actor
from lms.members.models import Unit
from lms.name_order import name_key
from lms.notices.queries import list_told
from lms.notices.service import withdraw
from lms.reminders import rules
from lms.reminders.models import Nudge, NudgeSending

NO_SUCH = N_("You have sent no such reminder.")
TAKEN_BACK = N_("This reminder was taken back already.")
TOO_LATE = N_("A reminder can be taken back for ten minutes after it was sent; these are over.")


@dataclass(frozen=True)
class TellingOf:
    """A member who was told, and whether he or she has read it."""

    member: int
    name: str
    read: bool


@dataclass(frozen=True)
class Sending:
    """What a liaison sent at once to members of a unit."""

    id: int
    unit: int
    unit_name: str
    at: datetime
    told: int
    undone_at: datetime | None

    @property
    def until(self) -> datetime:
        """Give when it can no longer be taken back."""
        return self.at + rules.TAKEN_BACK_FOR

    @property
    def open(self) -> bool:
        """Say whether it can be taken back now."""
        return self.undone_at is None and rules.may_be_taken_back(self.at, clock.now())


def get_sending(actor: Actor, sending: int) -> Sending:
    """Give what the actor sent. Raises NotFound, also for what somebody else sent."""
    found = _sendings(NudgeSending.id == sending, NudgeSending.given_by == actor.id)
    if not found:
        raise NotFound(NO_SUCH)
    return found[0]


def list_open(actor: Actor, unit: int) -> list[Sending]:
    """Give what the actor sent to a unit within the last minutes and can still take back, the latest first."""
    since = clock.now() - rules.TAKEN_BACK_FOR
    return _sendings(
        *(NudgeSending.given_by == actor.id, NudgeSending.unit == unit, NudgeSending.at >= since),
        *(NudgeSending.undone_at.is_null(), NudgeSending.told > 0),
    )


def _sendings(*conditions: object) -> list[Sending]:
    s = NudgeSending
    rows = s.select(s.id, s.unit, Unit.name, s.at, s.told, s.undone_at).join(Unit).where(*conditions)
    return [Sending(*row) for row in rows.order_by(s.at.desc(), s.id.desc()).tuples()]


def list_told_by(sending: Sending) -> Sequence[TellingOf]:
    """Give whom a sending told, by name; of one that was taken back those who had read it before."""
    told = list_told(_members(sending.id), rules.nudge_key(sending.id))
    names = names_of(sorted(told))
    found = [TellingOf(member, names.get(member, ""), read) for member, read in told.items()]
    return sorted(found, key=lambda one: (name_key(one.name), one.member))


def _members(sending: int) -> list[int]:
    rows = Nudge.select(Nudge.member).where(Nudge.sending == sending).distinct()
    return sorted(member for (member,) in rows.tuples())


@transactional
def take_back(actor: Actor, sending: int) -> int:
    """Take back what the actor sent from all who have not read it, who may then be reminded again; gives their number.

    Who has read it keeps it and counts as reminded. Raises NotFound, Conflict when its minutes are over or it was
    taken back already.
    """
    found = get_sending(actor, sending)
    if found.undone_at is not None:
        raise Conflict(TAKEN_BACK)
    if not found.open:
        raise Conflict(TOO_LATE)
    members, key = _members(sending), rules.nudge_key(sending)
    gone = withdraw(members, key)
    freed = sorted(set(members) - set(list_told(members, key)))
    Nudge.delete().where(Nudge.sending == sending, bulk.among(Nudge.member, freed)).execute()
    NudgeSending.update(undone_at=clock.now()).where(NudgeSending.id == sending).execute()
    return gone
