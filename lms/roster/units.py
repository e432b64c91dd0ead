"""Units in bulk: judging the rows of a table, and carrying them out one after the other, what is above first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lms.errors import N_, LmsError
from lms.members import rules
from lms.members import units as tree
from lms.members.access import Action, Actor
from lms.members.models import Unit
from lms.roster import columns
from lms.roster.columns import Layout, folded
from lms.roster.people import Judged, Outcome
from lms.roster.people_rules import Note
from lms.roster.places import Place, places_of
from lms.tables import TableRow

NAME_CHARS = 80
NO_SUCH_UNIT = N_("There is no unit of this number among those you look after.")
NO_KIND = N_("“%(text)s” is no kind of unit. The template explains which there are.")
NEEDS_PARENT = N_("A new unit needs the unit above it.")
NEEDS_KIND = N_("A new unit needs a kind.")
NEEDS_NAME = N_("A new unit needs a name.")
TOPMOST = N_("The topmost unit cannot be moved.")


@dataclass(frozen=True)
class Said:
    """What a row says of a unit; ``parent`` 0 is one that another row of the table makes."""

    id: int | None
    name: str
    parent: int | None
    kind: str


class _Decider:
    def __init__(self, actor: Actor, layout: Layout) -> None:
        self.actor = actor
        self.layout = layout
        self.places = places_of(actor, Action.UNIT_MANAGE)
        self.coming: frozenset[str] = frozenset()

    def read(self, values: dict[str, str]) -> tuple[Said, tuple[Note, ...]]:
        notes: list[Note] = []
        ident = values.get("id", "")
        known = self.places.by_id.get(int(ident)) if ident.isascii() and ident.isdigit() and len(ident) < 10 else None
        if ident and known is None:
            notes.append(Note(self.layout.heading("id"), NO_SUCH_UNIT, {}))
        name = ""
        try:
            name = rules.clean_line(values.get("name", ""), "name", NAME_CHARS)
        except LmsError as error:
            notes.append(Note(self.layout.heading("name"), error.message, error.values))
        kind = columns.kind_of(values.get("kind", ""))
        if values.get("kind") and not kind:
            notes.append(Note(self.layout.heading("kind"), NO_KIND, {"text": values["kind"][:40]}))
        parent: int | None = None
        if values.get("parent"):
            parent, why, more = self.places.find(values["parent"])
            if parent is None and folded(values["parent"].rpartition("/")[2]) in self.coming:
                parent = 0
            elif parent is None:
                notes.append(Note(self.layout.heading("parent"), why, more))
        return Said(known.id if known else None, name, parent, kind), tuple(notes)

    def decide(self, said: Said, notes: tuple[Note, ...]) -> tuple[str, int | None, tuple[Note, ...]]:
        """Say what is to happen: the action, the unit it is about, why not."""
        known = self.places.by_id.get(said.id) if said.id else None
        if known is None and said.parent:
            found = self.places.children(said.parent, said.name)
            known = self.places.by_id[found] if found else None
        if notes:
            return "refused", known.id if known else None, notes
        if known is None:
            return self._new(said)
        moved = said.parent is not None and said.parent != known.parent
        wrong = self._cannot_move(known, said.parent) if moved else None
        if wrong is not None:
            return "refused", known.id, (wrong,)
        if moved:
            return "move", known.id, ()
        changed = (said.name and said.name != known.name) or (said.kind and said.kind != known.kind)
        return ("change" if changed else "same"), known.id, ()

    def above(self, action: str, unit: int | None, said: Said) -> tuple[int | None, int | None]:
        """Give the unit above that of a row, and for a move the one before; ask before it is moved."""
        known = self.places.by_id.get(unit or 0)
        if known is None or action == "move":
            return said.parent or None, known.parent if known else None
        return known.parent, None

    def _new(self, said: Said) -> tuple[str, int | None, tuple[Note, ...]]:
        missing = (
            ("name", NEEDS_NAME, not said.name),
            ("parent", NEEDS_PARENT, said.parent is None),
            ("kind", NEEDS_KIND, not said.kind),
        )
        wrong = tuple(Note(self.layout.heading(field), message, {}) for field, message, failed in missing if failed)
        return ("refused", None, wrong) if wrong else ("add", None, ())

    def _cannot_move(self, known: Place, parent: int | None) -> Note | None:
        heading = self.layout.heading("parent")
        if known.parent is None:
            return Note(heading, TOPMOST, {})
        above = self.places.by_id.get(parent or 0)
        if above is not None:
            try:
                rules.check_move(known.path, above.path, len(known.path))
            except LmsError as error:
                return Note(heading, error.message, error.values)
        return None


class Judge(_Decider):
    """Looks through a table of units."""

    def __init__(self, actor: Actor, layout: Layout, table: Sequence[TableRow]) -> None:
        """Begin a table; a row's parent may be a unit that another row makes."""
        super().__init__(actor, layout)
        names = (layout.values(row.cells).get("name", "") for row in table)
        self.coming = frozenset(folded(name) for name in names if name)
        self._seen: dict[tuple[object, ...], int] = {}

    def rows(self, batch: Sequence[TableRow]) -> list[Judged]:
        """Judge some rows."""
        judged = []
        for row in batch:
            values = self.layout.values(row.cells)
            said, notes = self.read(values)
            action, unit, why = self.decide(said, notes)
            key = (unit,) if unit else (values.get("parent", ""), folded(said.name))
            first = self._seen.setdefault(key, row.number)
            if first != row.number and action != "refused":
                action, why = "refused", (Note("", TWICE_UNIT, {"number": first}),)
            name = said.name or (self.places.by_id[unit].name if unit else "")
            judged.append(Judged(row.number, action, name, unit, values, why, 0, *self.above(action, unit, said)))
        return judged

    def missing(self) -> list[Judged]:
        """Units that a table does not name stay as they are."""
        return []


TWICE_UNIT = N_("Row %(number)s is about the same unit already.")


class Hand(_Decider):
    """Carries rows of units out, in the caller's transaction; what waits for its parent comes after it."""

    at_once = 100_000  # all in one transaction: a tree that is half there would help nobody

    def carry_out(self, rows: Sequence[Any]) -> list[Outcome]:
        """Carry out what the rows say; in rounds, until no row waits for another any more."""
        outcomes: dict[int, Outcome] = {}
        waiting = [(row, json.loads(row.values)) for row in rows]
        while waiting:
            later = []
            self.coming = frozenset(folded(values.get("name", "")) for _, values in waiting)
            for row, values in waiting:
                said, notes = self.read(values)
                if said.parent == 0:
                    later.append((row, values))
                else:
                    outcomes[row.id] = self._one(said, notes)
            if len(later) == len(waiting):
                self.coming = frozenset()
                outcomes.update({row.id: self._one(*self.read(values)) for row, values in later})
                break
            waiting = later
        return [outcomes[row.id] for row in rows]

    def _one(self, said: Said, notes: tuple[Note, ...]) -> Outcome:
        action, unit, why = self.decide(said, notes)
        above = self.above(action, unit, said)
        try:
            unit = self._carry_out(action, unit, said)
        except LmsError as error:
            heading = self.layout.heading(error.field or "")
            return Outcome("refused", unit, (Note(heading, error.message, error.values),), "", *above)
        return Outcome(action, unit, why, "", *above)

    def _carry_out(self, action: str, unit: int | None, said: Said) -> int | None:
        if action == "add":
            unit = tree.create_unit(self.actor, said.parent, said.kind, said.name)
        elif action in ("move", "change") and unit is not None:
            known = self.places.by_id[unit]
            if action == "move":
                tree.move_unit(self.actor, unit, said.parent)
            name, kind = said.name or known.name, said.kind or known.kind
            if (name, kind) != (known.name, known.kind):
                tree.edit_unit(self.actor, unit, kind, name)
        if action in ("add", "move", "change") and unit is not None:
            self._remember(unit)
        return unit

    def _remember(self, unit: int) -> None:
        row = Unit.get_by_id(unit)
        above = self.places.by_id.get(row.parent or 0)
        way = f"{above.way}/{row.name}" if above else row.name
        self.places.add(Place(row.id, row.parent, row.kind, row.name, row.path, way))
