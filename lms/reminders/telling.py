"""Telling members by one notice all that they are to be reminded of, each thing once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import chunked

from lms import bulk, clock
from lms.db import database, transactional
from lms.members.models import Member
from lms.notices.queries import list_turned_off
from lms.notices.rules import ITEMS
from lms.notices.service import KEPT, Item, Telling, tell_each
from lms.reminders.models import Reminded

AT_ONCE = 1000  # in one transaction, so that nobody else waits long


@dataclass(frozen=True)
class Owed:
    """A thing to remind of: the kind of notice that can be turned off, the key that names it, what is said of it."""

    kind: str
    key: str
    item: Item


Owing = Mapping[int, Sequence[Owed]]  # of each member
Message = tuple[str, str]  # the kind of the one notice, and its sentence as a msgid


@dataclass(frozen=True)
class Wording:
    """How one notice is made of several things: its kind and sentence for the kinds of things in it, where it leads."""

    message: Mapping[frozenset[str], Message]
    href: str


def tell_together(owing: Owing, wording: Wording) -> int:
    """Tell each member by one notice what is owed and was not told yet; gives how many members are told.

    Part by part, each in a transaction of its own: what was told stays told when a run breaks off.
    """
    return sum(_tell_some(dict(some), wording) for some in chunked(sorted(owing.items()), AT_ONCE))


@transactional
def _tell_some(owing: Owing, wording: Wording) -> int:
    new = _keep(owing, _silent(owing))
    tellings: dict[Message, list[Telling]] = defaultdict(list)
    # Many are behind in the same things: these are written out once.
    alike: dict[tuple[int, ...], Mapping[str, object]] = {}
    for member, all_of in owing.items():
        things = [owed for owed in all_of if (member, owed.key) in new]
        if things:
            things.sort(key=lambda owed: (owed.item.day, owed.item.time, owed.item.title))
            said = alike.setdefault(tuple(id(owed) for owed in things), {ITEMS: [owed.item.kept() for owed in things]})
            message = wording.message[frozenset(owed.kind for owed in things)]
            tellings[message].append(Telling(member, f"all:{things[0].key}", said, wording.href))
    bulk.hold_in_order(Member, {one.member for some in tellings.values() for one in some})
    return sum(tell_each(kind, text, some) for (kind, text), some in tellings.items())


def _silent(owing: Owing) -> Mapping[str, frozenset[int]]:
    kinds = {owed.kind for all_of in owing.values() for owed in all_of}
    return {kind: list_turned_off(list(owing), kind) for kind in kinds}


Known = set[tuple[int, str]]


def _keep(owing: Owing, silent: Mapping[str, Collection[int]]) -> Known:
    """Keep who is reminded of what, and give what nobody had kept before."""
    wanted = {
        (member, owed.key) for member, all_of in owing.items() for owed in all_of if member not in silent[owed.kind]
    }
    keys = {key for _, key in wanted}
    known = Reminded.select(Reminded.member, Reminded.key).where(
        bulk.among(Reminded.member, list(owing)), bulk.among(Reminded.key, keys)
    )
    missing = sorted(wanted.difference(_rows(known)))
    now, new = clock.now(), set[tuple[int, str]]()
    for some in chunked(missing, AT_ONCE):
        made = bulk.insert_new(Reminded, [{"member": member, "key": key, "at": now} for member, key in some], "id")
        # Fewer than were given where another process kept some at the same moment.
        kept = Reminded.select(Reminded.member, Reminded.key).where(bulk.among(Reminded.id, made))
        new.update(some if len(made) == len(some) else _rows(kept))
    return new


def _rows(query: Any) -> list[tuple[int, str]]:
    """Give rows as the driver gives them: converting each of a town's would cost most."""
    found: list[tuple[int, str]] = database.execute(query).fetchall()
    return found


@transactional
def purge() -> int:
    """Forget reminders older than any period of a requirement, as the notices themselves; gives their number."""
    return int(Reminded.delete().where(Reminded.at < clock.now() - KEPT).execute())
