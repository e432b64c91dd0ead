"""Telling members something once, and keeping what they have read."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import chunked, fn

from lms import bulk, clock
from lms.db import transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.notices import rules
from lms.notices.models import Notice, NoticeOff
from lms.notices.queries import named_in
from lms.prepared import prepared

AT_ONCE = 200
# Longer than the longest period of a rule: as long as a thing may come up again, its key is known.
KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Item:
    """One of several things that a notice names: where it is done, until when, and what of it is missing.

    ``missing``: what is counted and how much of it, put into words when it is read; None where that says nothing.
    ``when`` says what its day is to it: DUE, ENDS or HELD, then at ``time`` where that is known.
    """

    title: str
    href: str
    day: date
    missing: tuple[str, int] | None = None
    when: str = rules.DUE
    time: str = ""

    def kept(self) -> dict[str, object]:
        """Give it as a value of the notice's sentence, under the name of ITEMS."""
        about: dict[str, object] = {"title": self.title, "href": self.href, "day": self.day.isoformat()}
        if self.missing is not None:
            about["missing"] = list(self.missing)
        return about if self.when == rules.DUE else about | {"when": self.when, "time": self.time}


@dataclass(frozen=True)
class Telling:
    """Something a member is told once: ``key`` names the thing, ``said`` the values of the sentence."""

    member: int
    key: str
    said: Mapping[str, object]
    href: str


@transactional
def notify(members: Iterable[int], kind: str, key: str, message: str, said: Mapping[str, object], href: str) -> int:
    """Tell members something, each exactly once for a key; gives how many heard of it now.

    ``message`` is a msgid marked by N_ and ``said`` its values (texts, whole numbers, lists of titles). Who has turned
    the kind off is left out. Called inside the transaction in which the thing happens. Raises ValueError for what no
    room may send.
    """
    rules.check(kind, key, href)
    return tell_each(kind, message, [Telling(member, key, said, href) for member in sorted(set(members))])


@transactional
def tell_each(kind: str, message: str, tellings: Iterable[Telling]) -> int:
    """Tell members something each with values of their own, exactly once for a key; gives how many notices are new.

    Three statements for two hundred of them. As ``notify`` otherwise.
    """
    told = 0
    for some in chunked(sorted(tellings, key=lambda one: one.member), AT_ONCE):
        told += _tell(kind, message, some)
    return told


def _tell(kind: str, message: str, tellings: Sequence[Telling]) -> int:
    members = sorted({one.member for one in tellings})
    keys = sorted({one.key for one in tellings})
    silent = {member for (member,) in _turned_off(members, kind)}
    known = set(_told(members, keys))
    new = {(one.member, one.key): one for one in tellings if one.member not in silent}
    rows = _rows(kind, message, [one for key, one in new.items() if key not in known])
    # Who is told by another process at the same moment is not counted twice: the database says which rows are new.
    made = bulk.insert_new(Notice, rows, "member")
    times = Counter(made)
    bulk.hold_in_order(Member, times)
    for number in sorted(set(times.values())):
        heard = [member for member, count in times.items() if count == number]
        Member.update(unread_notices=Member.unread_notices + number).where(bulk.among(Member.id, heard)).execute()
    return sum(times.values())


@prepared
def _turned_off(members: Sequence[int], kind: str) -> Any:
    return NoticeOff.select(NoticeOff.member).where(NoticeOff.member.in_(members), NoticeOff.kind == kind)


@prepared
def _told(members: Sequence[int], keys: Sequence[str]) -> Any:
    return Notice.select(Notice.member, Notice.key).where(Notice.member.in_(members), Notice.key.in_(keys))


def _rows(kind: str, message: str, tellings: Sequence[Telling]) -> list[dict[str, object]]:
    """Make the rows; many are told the same, which is written out once."""
    said: dict[int, str] = {}
    now = clock.now()
    rows: list[dict[str, object]] = []
    for one in tellings:
        rules.check(kind, one.key, one.href)
        text = said.get(id(one.said))
        if text is None:
            values = {name: _kept(value) for name, value in one.said.items()}
            _check_items(values)
            text = said[id(one.said)] = json.dumps(values, ensure_ascii=False)
        about = {"member": one.member, "kind": kind, "key": one.key, "message": message}
        rows.append({**about, "said": text, "href": one.href, "at": now, "read_at": None})
    return rows


def _check_items(values: Mapping[str, Any]) -> None:
    for item in values.get(rules.ITEMS, ()):
        if not rules.is_own_path(item["href"]):
            raise ValueError(f"what a notice names leads to a path of this service: {item!r}")


def _kept(value: object) -> object:
    if isinstance(value, list):
        return [_kept(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _kept(part) for name, part in value.items()}
    return value if isinstance(value, int) else str(value)[: rules.VALUE_CHARS]


@transactional
def withdraw(members: Collection[int], key: str) -> int:
    """Take a thing back that members were told and have not read yet; gives from how many. What was read stays."""
    unread = bulk.among(Notice.member, members) & (Notice.key == key) & Notice.read_at.is_null()
    gone = [row.member for row in Notice.delete().where(unread).returning(Notice.member).execute()]
    if gone:
        bulk.hold_in_order(Member, set(gone))
        fewer = Member.unread_notices - 1
        Member.update(unread_notices=fewer).where(bulk.among(Member.id, gone), Member.unread_notices > 0).execute()
    return len(gone)


@transactional
def open_notice(actor: Actor, notice: int, item: int | None = None) -> str:
    """Mark a notice read and give the address it leads to, or that of one of the things it names. Raises NotFound."""
    row = Notice.get_or_none(Notice.id == notice, Notice.member == actor.id)
    if row is None:
        raise NotFound(N_("This notice is not there any more."))
    if row.read_at is None:
        Notice.update(read_at=clock.now()).where(Notice.id == notice).execute()
        _count_anew(actor.id)
    if item is None:
        return str(row.href)
    named = named_in(json.loads(row.said))
    if not 0 <= item < len(named):
        raise NotFound(N_("This notice is not there any more."))
    return named[item].href


@transactional
def mark_read(actor: Actor, notices: Sequence[int] | None = None) -> None:
    """Mark these of the actor's notices read, or (None) all of them; strangers' are passed by."""
    condition = (Notice.member == actor.id) & Notice.read_at.is_null()
    if notices is not None:
        condition &= Notice.id.in_(list(notices))
    Notice.update(read_at=clock.now()).where(condition).execute()
    _count_anew(actor.id)


def _count_anew(member: int) -> None:
    unread = Notice.select(fn.COUNT(Notice.id)).where(Notice.member == member, Notice.read_at.is_null()).scalar()
    Member.update(unread_notices=unread).where(Member.id == member).execute()


@transactional
def choose_kinds(actor: Actor, wanted: Iterable[str]) -> None:
    """Keep which kinds of notices the actor wants and turn the others off. Raises InvalidInput for an unknown one."""
    kinds = set(wanted)
    if not kinds <= set(rules.KINDS):
        raise InvalidInput(N_("There is no such kind of notice."), field="kind")
    NoticeOff.delete().where(NoticeOff.member == actor.id).execute()
    off = [{"member": actor.id, "kind": kind} for kind in rules.KINDS if kind not in kinds]
    if off:
        NoticeOff.insert_many(off).execute()


@transactional
def purge() -> int:
    """Remove notices older than any period of a rule, and give their number; unread ones among them are gone by."""
    old = Notice.at < clock.now() - KEPT
    unread = Notice.select(Notice.member).where(old, Notice.read_at.is_null()).distinct().tuples()
    touched = [member for (member,) in unread]
    removed = int(Notice.delete().where(old).execute())
    for member in touched:
        _count_anew(member)
    return removed
