"""The table of who may reach what: every address, every method, every role.

HOW TO ADD ROWS (each room keeps its own, in ``tests/<room>/access_rows.py``)::

    from tests.web.access_table import FORM, MISSING, OK, administrators, everyone, liaisons, public, row, staff
    from tests.web.world import World

    def furnish(world: World) -> None:          # optional: one object of each kind of the room, through its tables
        note = Note.create(member=world.ids["member"], unit=world.ids["unit"], ...)
        world.ids["note"] = note.id             # fills <int:note> and <int:note_id> in the rules

    ROWS = [
        everyone("GET", "/notes"),                                     # any signed-in member; signed out: sign-in
        everyone("POST", "/notes", form={"title": "x", "body": "y"}),  # valid input, so that OK means it was done
        everyone("GET", "/notes/<int:note>", other_liaison=MISSING),   # one cell differs from the pattern
        staff("POST", "/materials", form={...}),                       # lecturer and above; a member: 403
        liaisons("POST", "/books/<int:book>", form={...}),             # liaison and administrator; the others: 403
        administrators("GET", "/operations"),                          # administrator only
        public("GET", "/healthz"),                                     # everybody, also signed out
        row("GET", "/x", signed_out="sign-in", member=OK, lecturer=OK, liaison=OK, other_liaison=OK, administrator=OK),
        liaisons("PUT", "/api/v1/books/<int:book>", json={...}),       # an API row; signed out there means 401
        everyone("GET", "/reading/<int:entry>", params={"entry": "reading_entry"}),   # world.ids["reading_entry"]
    ]

A file in ``form`` is (content, name); an API row with ``form`` sends a form instead of JSON.
``rule`` is the rule exactly as in ``app.url_map``. The roles (people of ``tests/web/world.py``):

* ``member``, ``lecturer``, ``liaison`` belong to the unit ``world.ids["unit"]``; the last two hold their role on it;
* ``other_liaison`` is the liaison of a sibling unit, ``world.ids["other_unit"]``;
* ``administrator`` holds the role on the root, ``world.ids["root"]``.

Objects of ``furnish`` belong to the unit, and to the ``member`` (``world.ids["member"]``) where they are a person's.
Cells: OK (2xx, or a redirect that is not to the sign-in), SIGN_IN (redirect to it, or 401), FORBIDDEN 403, MISSING 404,
FORM 422 (let in, but what was sent is refused), CONFLICT 409. Every case runs in a transaction that is taken back.
Run: ``pytest tests/web/test_access_table.py -k notes``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

OK = "ok"
SIGN_IN = "sign-in"
FORBIDDEN = "403"
MISSING = "404"
CONFLICT = "409"
FORM = "422"

ROLES = ("signed_out", "member", "lecturer", "liaison", "other_liaison", "administrator")
TESTS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One method of one rule: what each role meets, and what is sent."""

    method: str
    rule: str
    expected: Mapping[str, str]
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name the row in test reports."""
        return f"{self.method} {self.rule}"

    def sent_form(self, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give the form with changes; its files as streams that are still unread."""
        values = {**self.form, **(changes or {})}
        return {
            name: (BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value for name, value in values.items()
        }


def row(
    method: str,
    rule: str,
    *,
    signed_out: str,
    member: str,
    lecturer: str,
    liaison: str,
    other_liaison: str,
    administrator: str,
    **sent: Any,
) -> Row:
    """Make a row with every cell given; ``sent`` is params, query, form, json, headers."""
    cells = (signed_out, member, lecturer, liaison, other_liaison, administrator)
    return Row(method, rule, dict(zip(ROLES, cells, strict=True)), **sent)


def _pattern(method: str, rule: str, cells: tuple[str, ...], changes: dict[str, Any]) -> Row:
    expected = dict(zip(ROLES, cells, strict=True))
    expected.update({role: changes.pop(role) for role in ROLES if role in changes})
    return Row(method, rule, expected, **changes)


def public(method: str, rule: str, **changes: Any) -> Row:
    """Open to everybody."""
    return _pattern(method, rule, (OK,) * 6, changes)


def everyone(method: str, rule: str, **changes: Any) -> Row:
    """Open to every signed-in member."""
    return _pattern(method, rule, (SIGN_IN, OK, OK, OK, OK, OK), changes)


def staff(method: str, rule: str, **changes: Any) -> Row:
    """Open to lecturers, liaisons and administrators."""
    return _pattern(method, rule, (SIGN_IN, FORBIDDEN, OK, OK, OK, OK), changes)


def liaisons(method: str, rule: str, **changes: Any) -> Row:
    """Open to liaisons (of any unit) and administrators."""
    return _pattern(method, rule, (SIGN_IN, FORBIDDEN, FORBIDDEN, OK, OK, OK), changes)


def administrators(method: str, rule: str, **changes: Any) -> Row:
    """Open to administrators."""
    return _pattern(method, rule, (SIGN_IN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OK), changes)


def rooms() -> list[ModuleType]:
    """Give the modules in which the rooms keep their rows, by name of the room."""
    return [import_module(f"tests.{path.parent.name}.access_rows") for path in sorted(TESTS.glob("*/access_rows.py"))]


def all_rows() -> list[Row]:
    """Give the rows of every room."""
    return [found for room in rooms() for found in room.ROWS]
