"""Slips with first passwords, to print and cut: each is shown once, then only the hash remains."""

from dataclasses import dataclass

from lms.db import transactional
from lms.members import passwords
from lms.members.access import Actor
from lms.roster import queries
from lms.roster.models import RosterRow


@dataclass(frozen=True)
class PrintedSlip:
    """A slip: who it is for, by what they sign in, the first password."""

    name: str
    login: str
    unit: str
    password: str


@transactional
def show_slips(actor: Actor, load_id: int) -> list[PrintedSlip]:
    """Give the next slips of an import of the actor's and forget what led to their passwords.

    Somebody who has chosen a password of their own meanwhile gets none. Raises Forbidden, NotFound.
    """
    queries.get_import(actor, load_id)
    slips = queries.next_slips(load_id)
    RosterRow.update(nonce="").where(RosterRow.id.in_([slip.row for slip in slips])).execute()
    return [PrintedSlip(slip.name, slip.phone or slip.name, slip.unit, passwords.code_of(slip.nonce)) for slip in slips]
