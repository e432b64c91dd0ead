"""Commands on the tree of units. Each unit knows its path, so that a subtree is one prefix; moving rewrites them."""

from peewee import IntegrityError, Value, fn

from lms.db import database, transactional
from lms.errors import N_, Conflict, Faults, InvalidInput, NotFound
from lms.members import rules
from lms.members.access import Action, Actor, in_subtree, require
from lms.members.models import UNIT_KINDS, Membership, RoleGrant, Unit
from lms.members.queries import NO_UNIT
from lms.members.touching import lock_tree, touch_everyone, touch_unit

LONGEST_NAME = 80


@transactional
def create_root(name: str, kind: str = "agency") -> int:
    """Make the topmost unit of a new organisation; for the command line only, nobody holds a role yet."""
    return _insert(None, "/", _checked_kind(kind), rules.required_line(name, "name", LONGEST_NAME))


@transactional
def create_unit(actor: Actor, parent: int | None, kind: str, name: str, *, before: Faults | None = None) -> int:
    """Add a unit below another and give its id.

    Raises InvalidInput for kind, name or a missing parent, Forbidden, NotFound, Conflict for a name twice side by side.
    """
    require(actor, Action.UNIT_MANAGE)
    lock_tree()
    faults = Faults(before)
    above = faults.check(lambda: load_unit(actor, _chosen(parent)))
    clean = _checked(above.id if above else None, kind, name, None, faults)
    if above is not None and len(above.path) + len(str(above.id)) + 8 > rules.LONGEST_PATH:
        faults.add(Conflict(N_("The tree of units would become too deep."), field="parent"))
    if faults or above is None:
        raise faults.gathered()
    unit = _insert(above.id, above.path, kind, clean)
    touch_everyone()
    return unit


def _checked(parent: int | None, kind: str, name: str, but: int | None, faults: Faults) -> str:
    """Give the name of a unit as it is kept, "" for a wrong one."""
    clean = faults.check(lambda: rules.required_line(name, "name", LONGEST_NAME)) or ""
    faults.check(lambda: _checked_kind(kind))
    if parent is not None:
        faults.check(lambda: _check_single(parent, clean, but))
    return clean


def _chosen(parent: int | None) -> int:
    if parent is None:
        raise InvalidInput(N_("Please choose a unit."), field="parent")
    return parent


def _insert(parent: int | None, above: str, kind: str, name: str) -> int:
    unit = Unit.create(parent=parent, kind=kind, name=name, path="")
    unit.path = rules.child_path(above, unit.id)
    unit.save()
    made: int = unit.id
    return made


def load_unit(actor: Actor, unit: int) -> Unit:
    """Load a unit that the actor administers. Raises Forbidden, or NotFound beyond the actor's reach."""
    require(actor, Action.UNIT_MANAGE)
    found = Unit.get_or_none(Unit.id == unit)
    if found is None or not any(found.path.startswith(path) for path in actor.paths_for(Action.MEMBER_LIST)):
        raise NotFound(NO_UNIT)
    require(actor, Action.UNIT_MANAGE, found.path)
    loaded: Unit = found
    return loaded


def _checked_kind(kind: str) -> str:
    if kind not in UNIT_KINDS:
        raise InvalidInput(N_("Please choose one of the kinds."), field="kind")
    return kind


def _check_single(parent: int | None, name: str, but: int | None) -> None:
    same = Unit.select(Unit.id).where(Unit.parent == parent, Unit.name == name)
    if any(unit != but for (unit,) in same.tuples()):
        raise Conflict(N_("There is a unit of this name in the same place already."), field="name")


@transactional
def edit_unit(actor: Actor, unit: int, kind: str, name: str) -> None:
    """Rename a unit or correct its kind."""
    lock_tree()
    row = load_unit(actor, unit)
    faults = Faults()
    clean = _checked(row.parent, kind, name, row.id, faults)
    if faults:
        raise faults.gathered()
    row.kind, row.name = kind, clean
    row.save()
    touch_unit(unit)


@transactional
def move_unit(actor: Actor, unit: int, parent: int | None) -> None:
    """Hang a unit with all below it under another one, rewriting the paths of the subtree.

    The actor must administer the unit's place of now and the new one. Raises Conflict for the topmost unit, for a
    place below the unit itself, and for a tree that would become too deep.
    """
    require(actor, Action.UNIT_MANAGE)
    lock_tree()
    row = load_unit(actor, unit)
    if row.parent is None:
        raise Conflict(N_("The topmost unit cannot be moved."), field="parent")
    load_unit(actor, row.parent)
    above = load_unit(actor, _chosen(parent))
    if above.id == row.parent:
        return
    longest = Unit.select(fn.MAX(fn.LENGTH(Unit.path))).where(in_subtree(row.path)).scalar()
    rules.check_move(row.path, above.path, longest)
    _check_single(above.id, row.name, row.id)
    old, new = row.path, rules.child_path(above.path, row.id)
    Unit.update(parent=above.id).where(Unit.id == row.id).execute()
    Unit.update(path=Value(new).concat(fn.SUBSTR(Unit.path, len(old) + 1))).where(in_subtree(old)).execute()
    touch_everyone()


@transactional
def remove_unit(actor: Actor, unit: int) -> int:
    """Take away a unit that nothing hangs on, and give the unit above it.

    Raises Conflict for the topmost unit, and while units, people, roles or anything made there depend on it.
    """
    lock_tree()
    row = load_unit(actor, unit)
    if row.parent is None:
        raise Conflict(N_("The topmost unit cannot be removed."))
    load_unit(actor, row.parent)
    if Unit.select().where(Unit.parent == unit).exists():
        raise Conflict(N_("There are units below this one. Move or remove them first."))
    if Membership.select().where(Membership.unit == unit).exists():
        raise Conflict(N_("People belong or belonged to this unit. It stays, so that their history does."))
    if RoleGrant.select().where(RoleGrant.unit == unit).exists():
        raise Conflict(N_("Someone holds a role on this unit. Take it back first."))
    try:
        with database.atomic():
            row.delete_instance()
    except IntegrityError as error:
        raise Conflict(N_("Materials, lectures or records belong to this unit. It stays with them.")) from error
    touch_everyone()
    above: int = row.parent
    return above
