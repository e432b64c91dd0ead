"""Roles in tables of people: what a cell says, what it gives and takes. Who may is decided by ``access``."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from lms import bulk, clock
from lms.errors import N_
from lms.members import access
from lms.members.access import Actor
from lms.members.models import RoleGrant
from lms.members.role_history import end_grants
from lms.roster import columns
from lms.roster.columns import Layout
from lms.roster.people_rules import DASHES, Note
from lms.roster.places import Place, Places

Held = frozenset[tuple[str, int]]

_PARTS = re.compile("[;,\uff1b\uff0c\u3001|]")
_AT = re.compile("[@\uff20]")
NO_ROLE = N_("“%(text)s” is no role. The template explains which there are.")
NO_PLACE = N_("A role needs a unit: write role@unit, or fill in the column of the unit.")
BEYOND = N_("You can only give and take roles within your own reach.")
OWN = N_("Nobody takes the role of administrator from themselves by a table.")
GIVES: Mapping[str, str] = {
    "lecturer": N_("Gives the role of lecturer on %(unit)s."),
    "liaison": N_("Gives the role of liaison on %(unit)s and all below it."),
    "administrator": N_("Gives the role of administrator on %(unit)s and all below it."),
}
TAKES: Mapping[str, str] = {
    "lecturer": N_("Takes the role of lecturer on %(unit)s back."),
    "liaison": N_("Takes the role of liaison on %(unit)s back."),
    "administrator": N_("Takes the role of administrator on %(unit)s back."),
}


def read(layout: Layout, said: str, unit: int | None, places: Places) -> tuple[Held, tuple[Note, ...]]:
    """Read a cell of roles: "liaison" of the row's unit, "lecturer@Town/Community", several parted by ";"; "-" none."""
    heading, notes, found = layout.heading("roles"), [], set()
    parts = [] if said.strip() in DASHES else [part.strip() for part in _PARTS.split(said) if part.strip()]
    for part in parts:
        word, *where = _AT.split(part, maxsplit=1)
        role = columns.role_of(word)
        place, why, more = (unit, NO_PLACE, {}) if not where else places.find(where[0].strip())
        if not role:
            notes.append(Note(heading, NO_ROLE, {"text": word.strip()[:40]}))
        elif place is None:
            notes.append(Note(heading, why, more))
        elif role != "member":
            found.add((role, place))
    return frozenset(found), tuple(notes)


def written(held: Iterable[tuple[str, int]], unit: int, places: Places, locale: str) -> str:
    """Write roles as a cell that reads back as the same; of the row's own unit the word alone."""
    words = [
        columns.role_word(role, locale) + ("" if place == unit else f"@{places.by_id[place].way}")
        for role, place in sorted(held)
    ]
    return "; ".join(words)


def judge(actor: Actor, layout: Layout, member: int | None, before: Held, after: Held, places: Places) -> list[Note]:
    """Give what stands against giving and taking these roles; empty when the actor may."""
    heading, changed = layout.heading("roles"), before ^ after
    if any(not access.may_grant(actor, role, places.by_id[unit].path) for role, unit in changed):
        return [Note(heading, BEYOND, {})]
    if member == actor.id and any(role == "administrator" for role, _ in before - after):
        return [Note(heading, OWN, {})]
    return []


def told(layout: Layout, before: Held, after: Held, places: Places) -> tuple[Note, ...]:
    """Name each role that will be given or taken."""
    heading = layout.heading("roles")
    gains = [Note(heading, GIVES[role], {"unit": _way(places, unit)}) for role, unit in sorted(after - before)]
    return (*gains, *(Note(heading, TAKES[role], {"unit": _way(places, u)}) for role, u in sorted(before - after)))


def _way(places: Places, unit: int) -> str:
    found: Place = places.by_id[unit]
    return found.way


def carry_out(changes: Sequence[tuple[int, Held, Held]]) -> None:
    """Give and take roles of some members, in the caller's transaction, who holds the lock of roles."""
    given = [
        {"member": member, "unit": unit, "role": role, "granted_at": clock.now(), "since": clock.today()}
        for member, before, after in changes
        for role, unit in sorted(after - before)
    ]
    bulk.insert_all(RoleGrant, given)
    for member, before, after in changes:
        for role, unit in sorted(before - after):
            held = (RoleGrant.member == member) & (RoleGrant.unit == unit) & (RoleGrant.role == role)
            end_grants(held)


def within(grants: Iterable[tuple[str, int]], units: Collection[int]) -> Held:
    """Give those of some roles that are held on units of the actor's reach: a table speaks of no others."""
    return frozenset((role, unit) for role, unit in grants if unit in units and role != "member")
