"""Telling members something once, and keeping what they have read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from peewee import chunked, fn

from lms import clock
from lms.db import transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.members.access import Actor
from lms.members.models import Member
from lms.notices import rules
from lms.notices.models import Notice, NoticeOff

AT_ONCE = 200
# Longer than the longest period of a rule: as long as a thing may come up again, its key is known.
KEPT = timedelta(days=400)


@transactional
def notify(members: Iterable[int], kind: str, key: str, message: str, said: Mapping[str, object], href: str) -> int:
    """Tell members something, each exactly once for a key; gives how many heard of it now.

    ``message`` is a msgid marked by N_ and ``said`` its values (texts and whole numbers). Who has turned the kind off
    is left out. Called inside the transaction in which the thing happens. Raises ValueError for what no room may send.
    """
    rules.check(kind, key, href)
    wanted = sorted(set(members))
    if not wanted:
        return 0
    values = {
        name: value if isinstance(value, int) else str(value)[: rules.VALUE_CHARS] for name, value in said.items()
    }
    row = {
        "kind": kind,
        "key": key,
        "message": message,
        "said": json.dumps(values, ensure_ascii=False),
        "href": href,
        "at": clock.now(),
        "read_at": None,
    }
    told = 0
    for some in chunked(wanted, AT_ONCE):
        told += _tell(list(some), kind, key, row)
    return told


def _tell(members: Sequence[int], kind: str, key: str, row: Mapping[str, object]) -> int:
    off = {
        m
        for (m,) in NoticeOff.select(NoticeOff.member)
        .where(NoticeOff.member.in_(members), NoticeOff.kind == kind)
        .tuples()
    }
    told = {m for (m,) in Notice.select(Notice.member).where(Notice.member.in_(members), Notice.key == key).tuples()}
    new = [member for member in members if member not in off and member not in told]
    heard = [
        member
        for member in new
        if Notice.insert(member=member, **row).on_conflict(action="nothing").as_rowcount().execute() == 1
    ]
    if heard:
        Member.update(unread_notices=Member.unread_notices + 1).where(Member.id.in_(heard)).execute()
    return len(heard)


@transactional
def open_notice(actor: Actor, notice: int) -> str:
    """Mark a notice read and give the address it leads to. Raises NotFound."""
    row = Notice.get_or_none(Notice.id == notice, Notice.member == actor.id)
    if row is None:
        raise NotFound(N_("This notice is not there any more."))
    if row.read_at is None:
        Notice.update(read_at=clock.now()).where(Notice.id == notice).execute()
        _count_anew(actor.id)
    return str(row.href)


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
