"""A unit's own categories: add, rename, retire, bring back."""

from lms import clock
from lms.categories import queries, rules
from lms.categories.models import UnitCategory
from lms.db import transactional
from lms.errors import N_, InvalidInput
from lms.members.access import Action, Actor, require
from lms.members.models import Unit

MOST_OF_A_UNIT = 40
CHOOSE_UNIT = N_("Please choose the unit this belongs to.")


@transactional
def add_category(actor: Actor, unit_id: int | None, name: str) -> int:
    """Give a unit a category of its own; one of that name that was retired comes back. Gives its id.

    Raises Forbidden, InvalidInput for a name that is taken or the fortieth passed.
    """
    path = Unit.select(Unit.path).where(Unit.id == unit_id).scalar()
    require(actor, Action.CATEGORY_EDIT, path)
    if path is None:
        raise InvalidInput(CHOOSE_UNIT, field="unit")
    tidy = rules.check_name(name)
    known = UnitCategory.get_or_none(UnitCategory.unit == unit_id, UnitCategory.name == tidy)
    if known is not None:
        if known.retired_at is None:
            raise _taken()
        UnitCategory.update(retired_at=None).where(UnitCategory.id == known.id).execute()
        return int(known.id)
    if UnitCategory.select().where(UnitCategory.unit == unit_id).count() >= MOST_OF_A_UNIT:
        raise InvalidInput(N_("A unit may have %(limit)s categories of its own."), field="name", limit=MOST_OF_A_UNIT)
    return int(UnitCategory.create(unit=unit_id, name=tidy).id)


def _taken() -> InvalidInput:
    return InvalidInput(N_("The unit has a category of this name already."), field="name")


@transactional
def rename_category(actor: Actor, category_id: int, name: str) -> None:
    """Give a category another name; all that bears it follows. Raises NotFound, Forbidden, InvalidInput."""
    kept = queries.get_kept(actor, category_id)
    tidy = rules.check_name(name)
    other = UnitCategory.unit == kept.unit, UnitCategory.name == tidy, UnitCategory.id != category_id
    if UnitCategory.select().where(*other).exists():
        raise _taken()
    UnitCategory.update(name=tidy).where(UnitCategory.id == category_id).execute()


@transactional
def retire_category(actor: Actor, category_id: int) -> None:
    """Take a category out of choices; what bears it keeps it. Doing it twice is fine."""
    queries.get_kept(actor, category_id)
    UnitCategory.update(retired_at=clock.now()).where(
        UnitCategory.id == category_id, UnitCategory.retired_at.is_null()
    ).execute()


@transactional
def restore_category(actor: Actor, category_id: int) -> None:
    """Bring a retired category back into choices. Doing it twice is fine."""
    queries.get_kept(actor, category_id)
    UnitCategory.update(retired_at=None).where(UnitCategory.id == category_id).execute()
