"""What a row of a table says of a person, and what is to happen. Pure: no database, no clock."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lms.errors import N_, LmsError
from lms.members import rules
from lms.roster import columns
from lms.roster.columns import Layout

NAME_CHARS = 40
POSITION_CHARS = 40
TAG_CHARS = 24
DASHES = "-\u2010\u2013\u2014\uff0d\u2015"
_PARTS = re.compile("[;,\uff1b\uff0c\u3001|]")
_SPAN = re.compile("(.+?)(?:~|\uff5e|\u81f3|\\.\\.|\u2014)(.*)")

OTHERS_PHONE = N_("This phone number belongs to another member.")
NO_SUCH_PERSON = N_("There is no member of this number in the units you look after.")
NOT_YOURS = N_("This member holds a role beyond your units, so only an administrator above you can change this.")
CLOSED = N_("This member's account is closed. Open it again on their page first.")
SEVERAL_UNITS = N_("This member belongs to several of your units. Move them on their own page.")
TOO_EARLY = N_("This would end before it began.")
SAME_NAME = N_("There are several of this name in this unit. Please give their number or phone number.")
NEEDS_NAME = N_("A new member needs a name.")
NEEDS_UNIT = N_("A new member needs a unit.")
ALREADY_GONE = N_("A new member cannot have left already.")
NAMESAKE = N_("There is another member of this name in this unit. This row makes a further one.")


@dataclass(frozen=True)
class Note:
    """What is wrong with a row, or worth knowing: the heading of the column ("" for the row), a msgid, its values."""

    column: str
    message: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Draft:
    """What a row says. None is what it does not say; ``phone`` "" and empty ``tags`` take away what is there.

    ``roles`` are all that the member is to hold in the actor's reach, each with its unit.
    """

    id: int | None = None
    name: str | None = None
    phone: str | None = None
    unit: int | None = None
    born: tuple[int, date | None] | None = None
    tags: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None
    leaves: tuple[tuple[date, date | None], ...] = ()
    position: str | None = None
    roles: frozenset[tuple[str, int]] | None = None


@dataclass(frozen=True)
class Stay:
    """A membership that holds now: its row, its unit, its days; ``mine`` when the unit is within the actor's reach."""

    id: int
    unit: int
    since: date
    until: date | None
    mine: bool


@dataclass(frozen=True)
class Known:
    """A member that a row may be about."""

    id: int
    name: str
    phone: str | None
    birth_year: int | None
    birth_date: date | None
    stays: tuple[Stay, ...]
    tags: frozenset[str]
    leaves: frozenset[tuple[date, date | None]]
    reached: bool
    manageable: bool
    closed: bool
    position: str = ""
    roles: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True)
class Decision:
    """What is to happen with a row: one of models.ACTIONS, with whom, and by which membership."""

    action: str
    draft: Draft
    member: int | None = None
    stay: Stay | None = None
    notes: tuple[Note, ...] = ()


class _Reader:
    """Reads the cells of a row one by one and gathers what cannot be taken."""

    def __init__(self, layout: Layout, values: Mapping[str, str]) -> None:
        self.layout = layout
        self.values = values
        self.notes: list[Note] = []

    def refuse(self, field: str, message: str, **values: object) -> None:
        self.notes.append(Note(self.layout.heading(field), message, values))

    def day(self, field: str, today: date) -> date | None:
        raw = self.values.get(field)
        if raw is None:
            return None
        found = rules.read_day(raw)
        if found is None:
            self.refuse(field, N_("“%(text)s” is no day. Write it as 2026-03-01."), text=raw[:40])
            return None
        try:
            rules.check_day(found, today, field)
        except LmsError as error:
            self.refuse(field, error.message, **error.values)
        return found


def read(layout: Layout, values: Mapping[str, str], today: date) -> tuple[Draft, tuple[Note, ...]]:
    """Read a row: what it says of a person (its unit is looked up elsewhere), and what cannot be taken, by column."""
    row = _Reader(layout, values)
    draft = Draft(
        id=_number(row),
        name=_name(row),
        phone=_phone(row),
        born=_born(row, today),
        tags=_tags(row),
        since=row.day("since", today),
        until=row.day("until", today),
        leaves=_leaves(row),
        position=_position(row),
    )
    return draft, tuple(row.notes)


def _number(row: _Reader) -> int | None:
    raw = row.values.get("id")
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        row.refuse("id", N_("“%(text)s” is no number of a member. Leave it empty for a new one."), text=raw[:40])
        return None
    return int(raw)


def _name(row: _Reader) -> str | None:
    raw = row.values.get("name")
    if raw is None:
        return None
    try:
        return rules.person_name(raw, "name", NAME_CHARS)
    except LmsError as error:
        row.refuse("name", error.message, **error.values)
        return None


def _position(row: _Reader) -> str | None:
    raw = row.values.get("position")
    if raw is None:
        return None
    if raw.strip() in DASHES:
        return ""
    try:
        return rules.clean_line(raw, "position", POSITION_CHARS)
    except LmsError as error:
        row.refuse("position", error.message, **error.values)
        return None


def _phone(row: _Reader) -> str | None:
    raw = row.values.get("phone")
    if raw is None:
        return None
    if raw.strip() in DASHES:
        return ""
    try:
        return rules.clean_phone(raw)
    except LmsError as error:
        row.refuse("phone", error.message, **error.values)
        return None


def _born(row: _Reader, today: date) -> tuple[int, date | None] | None:
    raw = row.values.get("birth_year")
    if raw is None:
        return None
    found = rules.read_born(raw)
    if found is None:
        row.refuse("birth_year", rules.NO_BIRTH, text=raw[:40])
        return None
    try:
        rules.check_born(*found, today)
    except LmsError as error:
        row.refuse("birth_year", error.message, **error.values)
    return found


def _tags(row: _Reader) -> frozenset[str] | None:
    raw = row.values.get("tags")
    if raw is None:
        return None
    if raw.strip() in DASHES:
        return frozenset()
    found = frozenset(columns.tag_of(part) for part in _PARTS.split(raw) if part.strip())
    for tag in found:
        if len(tag) > TAG_CHARS or not tag.isprintable():
            row.refuse(
                "tags", N_("“%(text)s” is too long: at most %(most)s characters."), text=tag[:40], most=TAG_CHARS
            )
    return found


def _leaves(row: _Reader) -> tuple[tuple[date, date | None], ...]:
    found = []
    for part in re.split("[;\uff1b]", row.values.get("leave", "")):
        if not part.strip():
            continue
        span = _SPAN.fullmatch(part.strip())
        since = rules.read_day(span[1]) if span else None
        until = rules.read_day(span[2]) if span and span[2].strip() else None
        if span is None or since is None or (span[2].strip() and until is None) or (until and until < since):
            row.refuse(
                "leave", N_("“%(text)s” is no leave. Write it as 2026-03-01~2026-05-31."), text=part.strip()[:40]
            )
        else:
            found.append((since, until))
    return tuple(sorted(found, key=lambda span: span[0]))


def decide(
    layout: Layout, draft: Draft, notes: Sequence[Note], found: Known | None, namesakes: Sequence[Known], today: date
) -> Decision:
    """Decide about a row, with the member of its number or phone and the members of its name in its unit.

    Whoever is given a number is nobody else. Notes of reading refuse the row.
    """
    known = found
    if known is None and draft.id is None and not draft.phone and namesakes:
        if len(namesakes) > 1:
            return _refused(draft, notes, Note(layout.heading("name"), SAME_NAME, {}))
        known = namesakes[0]
    if notes:
        return Decision("refused", draft, known.id if known and known.reached else None, None, tuple(notes))
    if draft.id is not None and (known is None or not known.reached):
        return _refused(draft, notes, Note(layout.heading("id"), NO_SUCH_PERSON, {}))
    if known is None:
        return _new(layout, draft, namesakes, today)
    if not known.reached:
        return _refused(draft, notes, Note(layout.heading("phone"), OTHERS_PHONE, {}))
    return _about(layout, draft, known, today)


def _refused(draft: Draft, notes: Sequence[Note], note: Note, member: int | None = None) -> Decision:
    return Decision("refused", draft, member, None, (*notes, note))


def _new(layout: Layout, draft: Draft, namesakes: Sequence[Known], today: date) -> Decision:
    missing = (
        ("name", NEEDS_NAME, draft.name is None),
        ("unit", NEEDS_UNIT, draft.unit is None),
        ("until", ALREADY_GONE, draft.until is not None and draft.until < (draft.since or today)),
    )
    wrong = tuple(Note(layout.heading(field), message, {}) for field, message, failed in missing if failed)
    if wrong:
        return Decision("refused", draft, None, None, wrong)
    remark = (Note("", NAMESAKE, {}),) if namesakes else ()
    return Decision("add", replace(draft, phone=draft.phone or None), None, None, remark)


def _about(layout: Layout, draft: Draft, known: Known, today: date) -> Decision:
    if not known.manageable:
        return _refused(draft, (), Note("", NOT_YOURS, {}), known.id)
    if known.closed:
        return _refused(draft, (), Note("", CLOSED, {}), known.id)
    mine = [stay for stay in known.stays if stay.mine]
    here = next((stay for stay in known.stays if stay.unit == draft.unit), None)
    if draft.until is not None and (here or len(mine) == 1) and (here or mine[0]).until != draft.until:
        return _leaving(layout, draft, known, here or mine[0])
    if draft.unit is not None and here is None:
        return _moving(layout, draft, known, mine, today)
    stay = here or next(iter(mine), None)
    return Decision("change" if changes(draft, known) else "same", draft, known.id, stay)


def _leaving(layout: Layout, draft: Draft, known: Known, stay: Stay) -> Decision:
    if draft.until is not None and draft.until < stay.since:
        return _refused(draft, (), Note(layout.heading("until"), TOO_EARLY, {}), known.id)
    return Decision("leave", draft, known.id, stay)


def _moving(layout: Layout, draft: Draft, known: Known, mine: Sequence[Stay], today: date) -> Decision:
    if len(mine) > 1:
        return _refused(draft, (), Note(layout.heading("unit"), SEVERAL_UNITS, {}), known.id)
    stay = mine[0] if mine else None
    since = begins(draft, stay, today)
    if stay is not None and rules.day_before(since) < stay.since:
        return _refused(draft, (), Note(layout.heading("unit"), TOO_EARLY, {}), known.id)
    return Decision("move", draft, known.id, stay)


def where(decision: Decision) -> tuple[int | None, int | None]:
    """Give the unit in which the member of a row is to be, or which they leave, and for a move the one before."""
    stay = decision.stay.unit if decision.stay is not None else None
    if decision.action in ("add", "move"):
        return decision.draft.unit, stay
    return stay or decision.draft.unit, None


def begins(draft: Draft, stay: Stay | None, today: date) -> date:
    """Give the day on which a move begins: the one given, unless it is still that of the unit left; else today."""
    return draft.since if draft.since is not None and (stay is None or draft.since != stay.since) else today


def changes(draft: Draft, known: Known) -> dict[str, object]:
    """Give what a row says otherwise than it stands: columns, "tags", "roles", and "leaves" that are new."""
    found: dict[str, object] = {}
    if draft.name is not None and draft.name != known.name:
        found["name"] = draft.name
    if draft.phone is not None and (draft.phone or None) != known.phone:
        found["phone"] = draft.phone or None
    if draft.born is not None and _is_news(draft.born, known):
        found["birth_year"], found["birth_date"] = draft.born
    if draft.position is not None and draft.position != known.position:
        found["position"] = draft.position
    if draft.tags is not None and draft.tags != known.tags:
        found["tags"] = draft.tags
    if draft.roles is not None and draft.roles != known.roles:
        found["roles"] = draft.roles
    new = [span for span in draft.leaves if span not in known.leaves]
    if new:
        found["leaves"] = new
    return found


def _is_news(born: tuple[int, date | None], known: Known) -> bool:
    """Say whether a birth is another than the one known. The year alone says nothing new of whose date is known."""
    year, day = born
    return year != known.birth_year or (day is not None and day != known.birth_date)
