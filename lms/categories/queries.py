"""Reading the vocabulary of categories."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from lms.categories.models import UnitCategory
from lms.categories.rules import OTHER, PRESET_NAMES, PRESETS, own_code, own_id, reaches
from lms.errors import N_, Forbidden, InvalidInput, NotFound
from lms.members.access import Action, Actor, in_subtree, may
from lms.members.models import Unit
from lms.prepared import prepared


class Category(NamedTuple):
    """A category to choose or to filter by. ``name`` is a msgid for a preset and typed text for a unit's own."""

    code: str
    name: str
    own: bool = False
    id: int = 0
    unit: int = 0
    unit_name: str = ""
    unit_path: str = ""
    retired: bool = False


_PRESETS = [Category(preset.code, preset.name) for preset in PRESETS]


def _rows(where: Any) -> list[Category]:
    return _categories(_selected(where).tuples())


def _selected(where: Any) -> Any:
    return (
        UnitCategory.select(UnitCategory.id, UnitCategory.name, UnitCategory.retired_at, Unit.id, Unit.name, Unit.path)
        .join(Unit)
        .where(where)
        .order_by(UnitCategory.name, UnitCategory.id)
    )


@prepared
def _of_units(units: Sequence[int], *, retired: bool) -> Any:
    where = UnitCategory.unit.in_(units)
    return _selected(where if retired else where & UnitCategory.retired_at.is_null())


def _categories(rows: Iterable[tuple[Any, ...]]) -> list[Category]:
    return [
        Category(own_code(ident), name, True, ident, unit, unit_name, path, retired is not None)
        for ident, name, retired, unit, unit_name, path in rows
    ]


def _with_presets(own: list[Category]) -> list[Category]:
    """Put a unit's own between the presets and "other", which closes every choice."""
    return [*_PRESETS[:-1], *own, _PRESETS[-1]]


def choices_for(paths: Iterable[str]) -> list[Category]:
    """List what may be chosen in the units with these paths: the presets, and the own ones of them and those above."""
    units = {int(part) for path in paths for part in path.strip("/").split("/") if part}
    own = _categories(_of_units(sorted(units), retired=False)) if units else []
    return _with_presets(own)


def list_visible(actor: Actor, *, retired: bool = False) -> list[Category]:
    """List what the actor may filter by: the presets, and the own ones of all units the actor sees."""
    return _with_presets(_categories(_of_units(actor.units_seen, retired=retired)))


def list_kept(actor: Actor) -> list[Category]:
    """List the own categories that the actor looks after, retired ones as well."""
    paths = actor.paths_for(Action.CATEGORY_EDIT)
    return _rows(reduce(or_, [in_subtree(path) for path in paths])) if paths else []


def get_kept(actor: Actor, category_id: int) -> Category:
    """Give an own category that the actor looks after. Raises NotFound, Forbidden."""
    found = _rows(UnitCategory.id == category_id)
    if not found or found[0].unit not in actor.sees_units:
        raise NotFound(N_("There is no such category."))
    if not may(actor, Action.CATEGORY_EDIT, found[0].unit_path):
        raise Forbidden(N_("Only those who look after the categories of this unit can change it."))
    return found[0]


def check(code: str, unit_path: str, kept: str = "") -> str:
    """Give a code that may be used in the unit with a path; ``kept`` is what the thing has now and may keep.

    Raises InvalidInput.
    """
    if code in PRESET_NAMES or (code and code == kept):
        return code
    ident = own_id(code)
    row = ident and (
        UnitCategory.select(Unit.path)
        .join(Unit)
        .where(UnitCategory.id == ident, UnitCategory.retired_at.is_null())
        .tuples()
        .first()
    )
    if not row or not reaches(row[0], unit_path):
        raise InvalidInput(N_("Please choose a category from the list."), field="category")
    return code


def names(codes: Iterable[str]) -> dict[str, str]:
    """Give the names of codes: msgids for presets, typed text for own ones; an unknown code is named as the last."""
    wanted = set(codes)
    ids: Sequence[int] = sorted(ident for ident in map(own_id, wanted) if ident is not None)
    own: dict[int, str] = {}
    if ids:
        rows = UnitCategory.select(UnitCategory.id, UnitCategory.name).where(UnitCategory.id.in_(ids)).tuples()
        own = dict(rows)
    last = PRESET_NAMES[OTHER]
    return {code: PRESET_NAMES.get(code) or own.get(own_id(code) or 0, last) for code in wanted}


def own_names() -> dict[str, str]:
    """Give every own category that is in use, name to code, for the query language of search."""
    rows = UnitCategory.select(UnitCategory.name, UnitCategory.id).order_by(UnitCategory.id.desc()).limit(500)
    return {name: own_code(ident) for name, ident in rows.tuples()}
