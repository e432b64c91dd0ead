"""People in bulk: judging the rows of a table, and carrying them out."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lms import bulk, clock, events
from lms.errors import N_
from lms.members import passwords, rules
from lms.members.access import Action, Actor
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag
from lms.members.tags import put_tag
from lms.members.touching import lock_roles, touch_members
from lms.name_order import name_key
from lms.roster import lookup, people_rules, roles
from lms.roster.columns import Layout
from lms.roster.people_rules import OTHERS_PHONE, Decision, Draft, Note, where
from lms.roster.places import Places, places_of
from lms.tables import TableRow

TWICE = N_("Row %(number)s is about the same person already.")
PHONE_TWICE = N_("Row %(number)s has the same phone number already.")
MISSING = N_("Is not in the table, which you said is whole.")
NONCE_BYTES = 16


@dataclass(frozen=True)
class Judged:
    """A row with what is to happen: its number in the file, action, name, whom it is about, values, notes, where."""

    number: int
    action: str
    name: str
    subject: int | None
    values: dict[str, str]
    notes: tuple[Note, ...]
    roles: int = 0
    unit: int | None = None
    unit_before: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a row."""

    action: str
    subject: int | None
    notes: tuple[Note, ...]
    nonce: str = ""
    unit: int | None = None
    unit_before: int | None = None


class _Decider:
    """Decides rows by what is stored now."""

    def __init__(self, actor: Actor, layout: Layout) -> None:
        self.actor = actor
        self.layout = layout
        self.places: Places = places_of(actor, Action.MEMBER_MANAGE)
        self.today = clock.today()
        self.known: lookup.People

    def decide(self, rows: Sequence[dict[str, str]]) -> list[Decision]:
        read = [self._read(values) for values in rows]
        self.known = lookup.people_for(self.actor, [draft for draft, _ in read], self.places.by_id, self.today)
        return [self._decide(draft, notes) for draft, notes in read]

    def _read(self, values: dict[str, str]) -> tuple[Draft, tuple[Note, ...]]:
        draft, notes = people_rules.read(self.layout, values, self.today)
        unit: int | None = None
        held: roles.Held | None = None
        if "unit" in values:
            unit, why, more = self.places.find(values["unit"])
            if unit is None:
                notes = (*notes, Note(self.layout.heading("unit"), why, more))
        if "roles" in values:
            held, wrong = roles.read(self.layout, values["roles"], unit, self.places)
            notes = (*notes, *wrong)
        if unit is not None or held is not None:
            draft = replace(draft, unit=unit, roles=held)
        return draft, notes

    def _decide(self, draft: Draft, notes: tuple[Note, ...]) -> Decision:
        known = self.known
        found = known.about(draft)
        owner = known.phone_owner(draft)
        if owner is not None and found is not None and owner != found.id:
            notes = (*notes, Note(self.layout.heading("phone"), OTHERS_PHONE, {}))
        decision = people_rules.decide(self.layout, draft, notes, found, known.namesakes(draft), self.today)
        return self._with_roles(decision)

    def _with_roles(self, decision: Decision) -> Decision:
        """Refuse a row that gives or takes a role beyond the actor's reach; name those that it gives or takes."""
        before, after = self._roles(decision)
        if decision.action == "refused" or before == after:
            return decision
        wrong = roles.judge(self.actor, self.layout, decision.member, before, after, self.places)
        if wrong:
            return replace(decision, action="refused", notes=(*decision.notes, *wrong))
        return replace(decision, notes=(*decision.notes, *roles.told(self.layout, before, after, self.places)))

    def _roles(self, decision: Decision) -> tuple[roles.Held, roles.Held]:
        """Give the roles that a row's member holds and is to hold."""
        known = self.known.by_id.get(decision.member) if decision.member else None
        before = known.roles if known else frozenset()
        return before, before if decision.draft.roles is None else decision.draft.roles


class Judge(_Decider):
    """Looks through a table, batch by batch, and remembers what its rows have said so far."""

    def __init__(self, actor: Actor, layout: Layout, whole: bool) -> None:
        """Begin a table; ``whole`` when people missing in it have left."""
        super().__init__(actor, layout)
        self._whole = whole
        self._seen: dict[tuple[str, object], int] = {}
        self._met: set[int] = set()
        self._units: set[int] = set()

    def rows(self, batch: Sequence[TableRow]) -> list[Judged]:
        """Judge some rows."""
        given = [self.layout.values(row.cells) for row in batch]
        judged = []
        for row, values, decision in zip(batch, given, self.decide(given), strict=True):
            decision = self._once(row.number, decision)
            name, count = self._name(values, decision), self._changed(decision)
            judged.append(
                Judged(
                    row.number, decision.action, name, decision.member, values, decision.notes, count, *where(decision)
                )
            )
        return judged

    def _changed(self, decision: Decision) -> int:
        before, after = self._roles(decision)
        return len(before ^ after) if decision.action != "refused" else 0

    def _name(self, values: dict[str, str], decision: Decision) -> str:
        known = self.known.by_id.get(decision.member) if decision.member else None
        return values.get("name", "") or (known.name if known else "")

    def _once(self, number: int, decision: Decision) -> Decision:
        """Refuse a row about somebody, or with a phone number, that an earlier row had."""
        draft = decision.draft
        if decision.member is not None:
            self._met.add(decision.member)
        if draft.unit is not None:
            self._units.add(draft.unit)
        if decision.action == "refused":
            return decision
        keys: list[tuple[tuple[str, object], str, str]] = []
        if draft.phone:
            keys.append((("phone", draft.phone), "phone", PHONE_TWICE))
        if decision.member is not None:
            keys.append((("member", decision.member), "", TWICE))
        elif not draft.phone:
            keys.append((("name", (draft.unit, draft.name)), "name", TWICE))
        for key, field, message in keys:
            first = self._seen.setdefault(key, number)
            if first != number:
                note = Note(self.layout.heading(field), message, {"number": first})
                return Decision("refused", draft, decision.member, None, (note,))
        return decision

    def missing(self) -> list[Judged]:
        """Judge those who are missing in a table that is whole: they leave their unit today. Never the actor."""
        if not self._whole:
            return []
        found = lookup.members_of(self._units, self.today)
        gone = [row for row in found if row[0] not in self._met and row[0] != self.actor.id]
        values = [
            {"id": str(member), "unit": self.places.by_id[unit].way, "until": self.today.isoformat()}
            for member, _, unit in gone
        ]
        return [
            Judged(
                0, decision.action, name, member, said, decision.notes or (Note("", MISSING, {}),), 0, *where(decision)
            )
            for (member, name, _), said, decision in zip(gone, values, self.decide(values), strict=True)
        ]


class Hand(_Decider):
    """Carries rows out, in the caller's transaction."""

    at_once = 500

    def carry_out(self, rows: Sequence[Any]) -> list[Outcome]:
        """Carry out what some rows say, decided anew, and give what came of each."""
        decisions = self._apart(self.decide([json.loads(row.values) for row in rows]))
        adding = [decision.draft for decision in decisions if decision.action == "add"]
        changed = [self._roles(decision) for decision in decisions if decision.action != "refused"]
        if any(before != after for before, after in changed):
            lock_roles()
        made = iter(self._add(adding))
        touched: list[int] = []
        granting: list[tuple[int, roles.Held, roles.Held]] = []
        outcomes = []
        for row, decision in zip(rows, decisions, strict=True):
            if decision.action == "add":
                member, nonce = next(made)
                outcomes.append(Outcome("add", member, decision.notes, nonce, *where(decision)))
                granting.append((member, *self._roles(decision)))
                continue
            notes = decision.notes
            if row.number == 0 and decision.action == "leave":
                notes = (Note("", MISSING, {}),)
            if decision.action in ("change", "move", "leave") and decision.member is not None:
                self._change(decision)
                touched.append(decision.member)
                granting.append((decision.member, *self._roles(decision)))
            outcomes.append(Outcome(decision.action, decision.member, notes, "", *where(decision)))
        roles.carry_out(granting)
        if touched:
            touch_members(touched)
        return outcomes

    def _apart(self, decisions: list[Decision]) -> list[Decision]:
        """Refuse a phone number that two rows of one batch want: one of the two may have changed hands since."""
        taken: set[str] = set()
        found = []
        for decision in decisions:
            phone = decision.draft.phone
            if decision.action != "refused" and phone and phone in taken:
                note = Note(self.layout.heading("phone"), OTHERS_PHONE, {})
                decision = Decision("refused", decision.draft, decision.member, None, (note,))
            elif phone:
                taken.add(phone)
            found.append(decision)
        return found

    def _add(self, drafts: Sequence[Draft]) -> list[tuple[int, str]]:
        moment = clock.now()
        nonces = [secrets.token_hex(NONCE_BYTES) for _ in drafts]
        ids = bulk.insert_each(
            Member,
            [
                {
                    "name": draft.name,
                    "name_key": name_key(draft.name or ""),
                    "phone": draft.phone,
                    "birth_year": draft.born[0] if draft.born else None,
                    "birth_date": draft.born[1] if draft.born else None,
                    "position": draft.position or "",
                    "password_hash": passwords.make_code_hash(passwords.code_of(nonce)),
                    "must_change_password": True,
                    "session_version": 1,
                    "access_version": 1,
                    "unread_notices": 0,
                    "created_at": moment,
                }
                for draft, nonce in zip(drafts, nonces, strict=True)
            ],
        )
        begun = [(member, draft, draft.since or self.today) for member, draft in zip(ids, drafts, strict=True)]
        bulk.insert_all(
            Membership,
            [
                {"member": member, "unit": draft.unit, "since": day, "until": draft.until}
                for member, draft, day in begun
            ],
        )
        bulk.insert_all(MemberTag, [row for member, draft, day in begun for row in _tag_rows(member, draft, day)])
        bulk.insert_all(
            LeaveOfAbsence, [row for member, draft, _ in begun for row in self._leave_rows(member, draft.leaves)]
        )
        stays = (events.Begun(member, draft.unit, day) for member, draft, day in begun if draft.unit is not None)
        events.publish(events.MembershipsBegan(tuple(stays)))
        return list(zip(ids, nonces, strict=True))

    def _leave_rows(self, member: int, leaves: Iterable[tuple[date, date | None]]) -> list[dict[str, Any]]:
        return [
            {
                "member": member,
                "since": since,
                "until": until,
                "reason": "",
                "noted_by": self.actor.id,
                "noted_at": clock.now(),
            }
            for since, until in leaves
        ]

    def _change(self, decision: Decision) -> None:
        draft, known = decision.draft, self.known.by_id[decision.member or 0]
        found = people_rules.changes(draft, known)
        found.pop("roles", None)  # given and taken for a whole batch at once
        tags, leaves = found.pop("tags", None), found.pop("leaves", ())
        if draft.name is not None and "name" in found:
            found["name_key"] = name_key(draft.name)
        if found:
            Member.update(**found).where(Member.id == known.id).execute()
        if tags is not None:
            self._retag(known.id, known.tags, tags)
        bulk.insert_all(LeaveOfAbsence, self._leave_rows(known.id, leaves))  # type: ignore[arg-type]
        if decision.action == "leave" and decision.stay is not None:
            Membership.update(until=draft.until).where(Membership.id == decision.stay.id).execute()
        if decision.action == "move":
            self._move(decision)

    def _move(self, decision: Decision) -> None:
        draft, stay = decision.draft, decision.stay
        since = people_rules.begins(draft, stay, self.today)
        if stay is not None:
            Membership.update(until=rules.day_before(since)).where(Membership.id == stay.id).execute()
        Membership.insert(member=decision.member, unit=draft.unit, since=since, until=draft.until).execute()
        if decision.member is not None and draft.unit is not None:
            events.publish(events.MembershipsBegan.of(decision.member, draft.unit, since))

    def _retag(self, member: int, before: frozenset[str], after: Any) -> None:
        """Make a member's tags of today these: new ones begin today, others ended yesterday."""
        for tag in sorted(after - before):
            put_tag(member, tag, self.today, None)
        ended = sorted(before - after)
        if not ended:
            return
        held = (MemberTag.member == member) & MemberTag.tag.in_(ended) & (MemberTag.since <= self.today)
        current = held & (MemberTag.until.is_null() | (MemberTag.until >= self.today))
        MemberTag.delete().where(current, MemberTag.since >= self.today).execute()
        MemberTag.update(until=rules.day_before(self.today)).where(current).execute()


def _tag_rows(member: int, draft: Draft, since: date) -> list[dict[str, Any]]:
    return [{"member": member, "tag": tag, "since": since, "until": None} for tag in sorted(draft.tags or ())]
