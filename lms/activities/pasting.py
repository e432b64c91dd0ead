"""Taking pasted rows in: who is meant, what is there already, then all sound rows at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from peewee import chunked

from lms import freezing
from lms.activities import service
from lms.activities.models import Activity
from lms.activities.paste_rules import PastedRow, Problem
from lms.db import transactional
from lms.errors import N_, InvalidInput
from lms.members.access import Action, Actor, in_subtree, require, unit_on
from lms.members.models import Member, Membership, Unit


@dataclass(frozen=True)
class Looked:
    """A pasted row with the member meant; ``member`` is None while that is not clear."""

    row: PastedRow
    member: int | None = None
    name: str = ""

    @property
    def sound(self) -> bool:
        """Say whether it can be taken in."""
        return self.member is not None and not self.row.problems


def look(actor: Actor, rows: Sequence[PastedRow]) -> list[Looked]:
    """Say for each row whom it means and what stands against it, changing nothing. Raises Forbidden."""
    require(actor, Action.ACTIVITY_CARE)
    people = _people(actor, sorted({row.who for row in rows if row.who}))
    found = [_meant(row, people[row.who]) for row in rows]
    known = _known([one for one in found if one.sound])
    looked: list[Looked] = []
    for one in found:
        looked.append(_checked(actor, one, known))
    return looked


def _people(actor: Actor, named: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Look up names and phone numbers among those whom the actor looks after: two statements."""
    reach = reduce(or_, (in_subtree(path) for path in actor.paths_for(Action.ACTIVITY_CARE)))
    mine = Membership.select(Membership.member).join(Unit).where(reach)
    rows = Member.select(Member.id, Member.name, Member.phone).where(
        Member.name.in_(list(named)) | Member.phone.in_(list(named)),
        Member.id.in_(mine),
        Member.deactivated_at.is_null(),
    )
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for member, name, phone in rows.order_by(Member.id).tuples():
        found[name].append((member, name))
        if phone and phone != name:
            found[phone].append((member, name))
    return found


def _meant(row: PastedRow, people: Sequence[tuple[int, str]]) -> Looked:
    if len(people) == 1:
        return Looked(row, *people[0])
    if not row.who:
        return Looked(row)
    message = N_("Several people have this name. Please put the phone number instead.") if people else UNKNOWN
    return Looked(_with(row, "who", message))


AT_ONCE = 50
UNKNOWN = N_("Nobody in your units has this name or phone number.")


def _with(row: PastedRow, column: str, message: str, **values: object) -> PastedRow:
    problem = Problem(column, InvalidInput(message, field=column, **values))
    return replace(row, problems=(*row.problems, problem))


Key = tuple[int, str, object, str]


def _known(rows: Sequence[Looked]) -> set[Key]:
    members = sorted({one.member for one in rows if one.member is not None})
    stored = Activity.select(Activity.member, Activity.kind, Activity.day, Activity.title).where(
        Activity.member.in_(members or [0]), Activity.state != "withdrawn"
    )
    return set(stored.tuples())


def _checked(actor: Actor, one: Looked, known: set[Key]) -> Looked:
    row, member = one.row, one.member
    if not one.sound or member is None or row.draft.day is None:
        return one
    key = (member, row.draft.kind, row.draft.day, row.draft.title)
    if key in known:
        return replace(one, row=_with(row, "title", N_("This is entered already, or stands twice here.")))
    if member == actor.id:
        return replace(one, row=_with(row, "who", N_("Nobody confirms their own record.")))
    unit = unit_on(member, row.draft.day)
    if unit is None:
        return replace(one, row=_with(row, "day", N_("On this day the member belonged to no unit.")))
    frozen = freezing.find_frozen(unit, row.draft.day)
    if frozen is not None:
        return replace(
            one, row=_with(row, "day", N_("This day lies in “%(title)s”, which is frozen."), title=frozen.title)
        )
    known.add(key)
    return one


def carry_out(actor: Actor, rows: Sequence[PastedRow]) -> list[Looked]:
    """Enter all sound rows, confirmed at once, and give those that were left out with what is wrong. Raises Forbidden.

    Some rows at a time, so that others can write in between; the same rows again enter nothing, each is known then.
    """
    looked = look(actor, rows)
    # By member: who enters for the same people at the same moment takes them in the same order.
    for some in chunked(sorted((one for one in looked if one.sound), key=_member), AT_ONCE):
        _enter(actor, some)
    return [one for one in looked if not one.sound]


def _member(one: Looked) -> int:
    return one.member or 0


@transactional
def _enter(actor: Actor, rows: Sequence[Looked]) -> None:
    for one in rows:
        service.enter(actor, one.row.draft, one.member)
