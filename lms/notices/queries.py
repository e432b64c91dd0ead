"""Reading notices."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import chunked, fn

from lms import bulk
from lms.members.access import Actor
from lms.notices import rules
from lms.notices.models import Notice, NoticeOff
from lms.paging import Page

AT_ONCE = 1000


class Named(NamedTuple):
    """One of several things that a notice names; ``missing``: what is counted, and how much of it is missing.

    ``when`` and ``time`` as of the item that it was told by.
    """

    title: str
    href: str
    day: date
    missing: tuple[str, int] | None
    when: str = rules.DUE
    time: str = ""


class Told(NamedTuple):
    """A notice: a msgid with its values, and where it leads."""

    id: int
    kind: str
    message: str
    said: dict[str, Any]
    href: str
    at: datetime
    read: bool

    @property
    def items(self) -> list[Named]:
        """Give the things it names, where it names several with an address for each."""
        return named_in(self.said)


def named_in(said: Mapping[str, Any]) -> list[Named]:
    """Give the things that the values of a notice's sentence name."""
    return [_named(**one) for one in said.get(rules.ITEMS, ())]


def _named(
    title: str, href: str, day: str, missing: Sequence[Any] | None = None, when: str = rules.DUE, time: str = ""
) -> Named:
    return Named(title, href, date.fromisoformat(day), (missing[0], missing[1]) if missing else None, when, time)


def list_notices(actor: Actor, number: int, size: int, *, unread_only: bool = False) -> Page[Told]:
    """Give what the actor was told, the latest first."""
    condition = Notice.member == actor.id
    if unread_only:
        condition &= Notice.read_at.is_null()
    rows = (
        Notice.select(
            Notice.id, Notice.kind, Notice.message, Notice.said, Notice.href, Notice.at, Notice.read_at.is_null(False)
        )
        .where(condition)
        .order_by(Notice.at.desc(), Notice.id.desc())
        .paginate(number, size)
        .tuples()
    )
    told = [
        Told(i, kind, message, json.loads(said), href, at, bool(read))
        for i, kind, message, said, href, at, read in rows
    ]
    return Page(told, number, size, Notice.select(fn.COUNT(Notice.id)).where(condition).scalar())


def wanted_kinds(actor: Actor) -> list[str]:
    """Give the kinds of notices that the actor has not turned off."""
    off = {kind for (kind,) in NoticeOff.select(NoticeOff.kind).where(NoticeOff.member == actor.id).tuples()}
    return [kind for kind in rules.KINDS if kind not in off]


def list_told(members: Collection[int], key: str) -> dict[int, bool]:
    """Give those of some members who were told a thing and still have it, each with whether it was read."""
    rows = Notice.select(Notice.member, Notice.read_at).where(bulk.among(Notice.member, members), Notice.key == key)
    return {member: read_at is not None for member, read_at in rows.tuples()}


def list_turned_off(members: Sequence[int], kind: str) -> frozenset[int]:
    """Give those of some members who have turned a kind of notices off."""
    found: set[int] = set()
    for some in chunked(members, AT_ONCE):
        rows = NoticeOff.select(NoticeOff.member).where(NoticeOff.member.in_(some), NoticeOff.kind == kind)
        found.update(member for (member,) in rows.tuples())
    return frozenset(found)
