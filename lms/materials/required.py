"""Required reading: a unit asks its members to read a material between two days."""

from dataclasses import replace

from lms import clock
from lms.db import transactional
from lms.errors import N_, Conflict, InvalidInput
from lms.materials import queries, required_queries
from lms.materials.models import Material, RequiredReading
from lms.materials.required_rules import RequestRefused, Wish, problems
from lms.members.access import Action, Actor, require
from lms.members.belonging import people_of
from lms.members.models import Member, Unit
from lms.notices.service import notify

ASKED = N_("“%(title)s” is to be read by %(until)s.")


@transactional
def ask_to_read(actor: Actor, material_id: int, wish: Wish) -> int:
    """Ask the members of a unit and of those below it to read a material; gives the request's id.

    Raises NotFound, Forbidden, RequestRefused, Conflict for one that the unit asks already in these days.
    """
    material = queries.get_material(actor, material_id)
    _check(actor, material.unit_path if material.audience == "unit" else "/", wish)
    if material.archived_at is not None:
        raise Conflict(N_("This material is archived: bring it back first."))
    same = RequiredReading.select().where(
        RequiredReading.material == material_id,
        RequiredReading.unit == wish.unit,
        RequiredReading.ended_at.is_null(),
        (RequiredReading.since <= wish.until) & (RequiredReading.until >= wish.since),
    )
    if same.exists():
        raise Conflict(N_("This unit asks for this material in these days already."))
    made = RequiredReading.create(
        material=material_id, unit=wish.unit, since=wish.since, until=wish.until, note=wish.note, made_by=actor.id
    )
    return int(made.id)


def _check(actor: Actor, seen_from: str, wish: Wish) -> None:
    path = Unit.select(Unit.path).where(Unit.id == wish.unit).scalar() if wish.unit else None
    found = problems(wish if path is not None else replace(wish, unit=None), clock.today())
    require(actor, Action.READING_REQUIRE, path)
    if path is not None and not path.startswith(seen_from):
        found.append(
            InvalidInput(
                N_("The members of this unit cannot see this material: change who may read it first."), field="unit"
            )
        )
    if found:
        raise RequestRefused(found)


@transactional
def change_request(actor: Actor, request_id: int, wish: Wish) -> None:
    """Change days and note of a request; its unit stays. Raises NotFound, Forbidden, RequestRefused."""
    kept = required_queries.get_kept(actor, request_id)
    found = problems(wish, clock.today())
    if found:
        raise RequestRefused(found)
    RequiredReading.update(since=wish.since, until=wish.until, note=wish.note, ended_at=None).where(
        RequiredReading.id == kept.id
    ).execute()


@transactional
def end_request(actor: Actor, request_id: int) -> None:
    """Take a request back before its last day; what was read stays. Doing it twice is fine."""
    kept = required_queries.get_kept(actor, request_id)
    RequiredReading.update(ended_at=clock.now()).where(
        RequiredReading.id == kept.id, RequiredReading.ended_at.is_null()
    ).execute()


@transactional
def renew_request(actor: Actor, request_id: int) -> None:
    """Put a request that was taken back into force again. Doing it twice is fine."""
    kept = required_queries.get_kept(actor, request_id)
    RequiredReading.update(ended_at=None).where(RequiredReading.id == kept.id).execute()


@transactional
def announce_due() -> int:
    """Tell the members of requests that have begun and were not announced yet; gives the number of requests.

    Carried out by the worker's upkeep, again and again.
    """
    today = clock.today()
    rows = list(
        RequiredReading.select(RequiredReading.id, RequiredReading.until, Unit.path, Material.id, Material.title)
        .join(Unit)
        .join_from(RequiredReading, Material)
        .where(
            RequiredReading.announced_at.is_null(),
            RequiredReading.ended_at.is_null(),
            RequiredReading.since <= today,
            RequiredReading.until >= today,
            queries.there(),
        )
        .limit(20)
        .tuples()
    )
    for ident, until, path, material, title in rows:
        members = [member for (member,) in people_of(path).select(Member.id).tuples()]
        notify(
            members,
            "reading_required",
            f"required:{ident}",
            ASKED,
            {"title": title, "until": until.isoformat()},
            f"/materials/{material}",
        )
        RequiredReading.update(announced_at=clock.now()).where(RequiredReading.id == ident).execute()
    return len(rows)
