"""Who may see which notes, as conditions for queries."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from peewee import Expression

from lms.members.access import Action, Actor, in_subtree, may, visible_to
from lms.members.models import Unit
from lms.notes.models import Note

IN_REVIEW = ("submitted", "returned", "accepted")


def standing_for(member: int, units: Sequence[int]) -> Expression:
    """Make the condition that a note is not deleted and its audience takes in a member, for a prepared query."""
    return Note.deleted_at.is_null() & visible_to(member, units, Note.audience, Note.unit, Note.member)


def may_see(actor: Actor) -> Expression:
    """Make the condition that a note stands and its audience takes in the actor: what lists and search show."""
    return standing_for(actor.id, actor.units_seen)


def may_open(actor: Actor) -> Expression:
    """Make the condition that the actor may read a note: by its audience, or as one who reviews what was handed in."""
    condition = may_see(actor)
    if may(actor, Action.NOTE_REVIEW):
        condition |= Note.deleted_at.is_null() & Note.state.in_(IN_REVIEW) & reviewed_by(actor)
    return condition


def reviewed_by(actor: Actor) -> Expression:
    """Make the condition that a note belongs to a unit whose notes the actor reviews."""
    paths = actor.paths_for(Action.NOTE_REVIEW)
    if not paths:
        return Note.id.is_null()
    return Note.unit.in_(Unit.select(Unit.id).where(reduce(or_, [in_subtree(path) for path in paths])))
