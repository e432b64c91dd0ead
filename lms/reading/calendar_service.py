"""What goes with plans: what a member has been through of materials and lectures, and the address of a calendar."""

import secrets
from datetime import date

from lms import clock, events, things
from lms.db import transactional
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.reading import plan_rules as rules
from lms.reading.models import CalendarFeed, StudiedThing

TOKEN_BYTES = 24


@transactional
def mark_studied(actor: Actor, material: int) -> None:
    """Note that the actor has been through a material today; a second time changes nothing. Raises NotFound."""
    thing = things.find_thing(rules.MATERIAL)
    if thing is None or material not in thing.titles(actor, [material]):
        raise NotFound(N_("This material does not exist, or you may not see it."))
    note_studied(actor.id, rules.MATERIAL, material, clock.today())


@transactional
def unmark_studied(actor: Actor, material: int) -> None:
    """Take back that the actor has been through a material; a second time changes nothing."""
    StudiedThing.delete().where(
        StudiedThing.member == actor.id, StudiedThing.kind == rules.MATERIAL, StudiedThing.ref == material
    ).execute()


def note_studied(member: int, kind: str, ref: int, day: date) -> None:
    """Note once that a member has been through something; the first day stays."""
    values = {"member": member, "kind": kind, "ref": ref, "day": day}
    StudiedThing.insert(**values).on_conflict(action="nothing").execute()


def lecture_completed(event: events.LectureCompleted) -> None:
    """Tick a lecture off that was really played to its end."""
    note_studied(event.member, rules.LECTURE, event.lecture, event.day)


def material_read(event: events.MaterialReadThrough) -> None:
    """Tick a material off that was read through."""
    note_studied(event.member, rules.MATERIAL, event.material, event.day)


def material_unread(event: events.MaterialReadUndone) -> None:
    """Take the tick off when the member's own word was taken back."""
    StudiedThing.delete().where(
        StudiedThing.member == event.member,
        StudiedThing.kind == rules.MATERIAL,
        StudiedThing.ref == event.material,
    ).execute()


@transactional
def open_feed(actor: Actor) -> str:
    """Give the actor's calendar a new secret address and close the one before. Gives its token."""
    close_feed(actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.create(member=actor.id, token=token)
    return token


@transactional
def close_feed(actor: Actor) -> None:
    """Close the address of the actor's calendar; a second time changes nothing."""
    CalendarFeed.delete().where(CalendarFeed.member == actor.id).execute()


def find_token(actor: Actor) -> str | None:
    """Give the token of the actor's calendar; None while there is no address."""
    found: str | None = CalendarFeed.select(CalendarFeed.token).where(CalendarFeed.member == actor.id).scalar()
    return found


def member_of(token: str) -> int:
    """Give the member whose calendar has an address. Raises NotFound for a wrong or closed one."""
    member = (
        CalendarFeed.select(CalendarFeed.member)
        .join(Member)
        .where(CalendarFeed.token == token, Member.deactivated_at.is_null())
        .scalar()
    )
    if member is None:
        raise NotFound(N_("There is no calendar at this address, or it was closed."))
    return int(member)
