"""Names of what requirements refer to: books, materials and lectures, other requirements."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add, itemgetter
from typing import Any

from peewee import Value

from lms.catalogue.models import Book
from lms.lectures.models import Lecture
from lms.materials.models import Material
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import Unit
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Asked, Subject
from lms.progress.models import Requirement

NAMED: Mapping[str, Any] = {"book": Book, "material": Material, "lecture": Lecture}
MOST_PARTS = 100


def titles_in(asked: Iterable[Asked]) -> dict[str, str]:
    """Give the titles of all that some requirements name ("book:12", "series:3"): one statement, for nothing none."""
    wanted: dict[str, set[int]] = {}
    for one in asked:
        for subject in one.subjects:
            kind, _, ref = subject.partition(":")
            wanted.setdefault(kind, set()).add(int(ref))
        if one.parts:
            wanted.setdefault("series", set()).update(part.series for part in one.parts)
    parts = [_titles(kind, sorted(refs)) for kind, refs in wanted.items() if kind in NAMED or kind == "series"]
    rows = sorted(reduce(add, parts).tuples(), key=itemgetter(3)) if parts else ()
    return {f"{kind}:{ref}": title for kind, ref, title, _ in rows}


def _titles(kind: str, refs: list[int]) -> Any:
    """Ask for titles; of a requirement for those of all versions, of which the latest holds."""
    r, model = Requirement, NAMED.get(kind)
    if model is None:
        return r.select(Value(kind), r.series, r.title, r.version).where(r.series.in_(refs))
    return model.select(Value(kind), model.id, model.title, Value(0)).where(model.id.in_(refs))


def choosable_parts(actor: Actor, row: RequirementRow | None) -> list[tuple[int, str]]:
    """Give the requirements that an index or share can be made of, as series and title: those the actor may edit."""
    paths = actor.paths_for(Action.REQUIREMENT_EDIT)
    if not paths:
        return []
    condition = access.in_subtree(paths[0])
    for path in paths[1:]:
        condition |= access.in_subtree(path)
    rows = (
        Requirement.select(Requirement.series, Requirement.title)
        .join(Unit)
        .where(condition, Requirement.subject != Subject.SHARE.value, Requirement.series.is_null(False))
        .order_by(Requirement.series, Requirement.version)
        .limit(MOST_PARTS)
        .tuples()
    )
    own = row.series if row else None
    return [(series, title) for series, title in dict(rows).items() if series != own]


def series_by_preset(actor: Actor) -> dict[str, int]:
    """Give which requirement the actor may edit was taken from which preset, the newest of each."""
    paths = actor.paths_for(Action.REQUIREMENT_EDIT)
    rows = (
        Requirement.select(Requirement.preset, Requirement.series, Unit.path)
        .join(Unit)
        .where(Requirement.preset != "")
        .order_by(Requirement.id)
        .tuples()
    )
    return {preset: series for preset, series, path in rows if any(path.startswith(above) for above in paths)}
