"""Reads on uploads: one's own, what is unfinished, how much of a share is used."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from peewee import SQL, Expression, fn

from lms import clock
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.paging import Page
from lms.prepared import prepared
from lms.uploads import partial, purposes
from lms.uploads.models import Quota, Upload
from lms.uploads.rules import MIB, Room

PAGE_SIZE = 24
WAITED_TOO_LONG = N_("This upload waited too long and was thrown away. Please begin again.")
NO_UPLOAD = N_("This upload is not there any more, or it is not yours.")


class Gone(NotFound):
    """The upload waited too long for its next piece and will be swept."""


@dataclass(frozen=True)
class UploadView:
    """An upload as its owner sees it; ``received`` is what is durably on disk, in bytes."""

    token: str
    purpose: str
    name: str
    fingerprint: str
    length: int
    received: int
    state: str
    created_at: datetime
    expires_at: datetime
    page: str = ""

    @property
    def whole(self) -> bool:
        """Say whether every byte has arrived."""
        return self.state != "arriving"


def get_mine(actor: Actor, token: str) -> UploadView:
    """Give one of the actor's uploads. Raises NotFound for any other, Gone for one past its day."""
    row = Upload.get_or_none(Upload.token == token, Upload.member == actor.id) if token.isalnum() else None
    if row is None:
        raise NotFound(NO_UPLOAD)
    if row.state != "used" and row.expires_at <= clock.now():
        raise Gone(WAITED_TOO_LONG)
    return _view(*(getattr(row, name) for name in _COLUMNS))


def find_mine(actor: Actor, tokens: Sequence[str]) -> list[UploadView]:
    """Give those of some uploads that are the actor's and have not waited too long, in the order of the tokens."""
    known = [token for token in dict.fromkeys(tokens) if token.isalnum()]
    if not known:
        return []
    columns = [getattr(Upload, name) for name in _COLUMNS]
    there = (Upload.state == "used") | (Upload.expires_at > clock.now())
    mine = Upload.select(*columns).where(Upload.token.in_(known), Upload.member == actor.id, there)
    views = {row[0]: _view(*row) for row in mine.tuples()}
    return [views[token] for token in known if token in views]


def list_unfinished(actor: Actor, number: int = 1, size: int = PAGE_SIZE) -> Page[UploadView]:
    """List the actor's uploads that no form has taken yet, the newest first."""
    now = clock.now()
    rows = [_view(*row) for row in _unfinished(actor.id, now, size, (number - 1) * size)]
    whole = number == 1 and len(rows) < size
    return Page(rows, number, size, len(rows) if whole else int(_count_unfinished.scalar(actor.id, now)))


_COLUMNS = (
    "token",
    "purpose",
    "name",
    "fingerprint",
    "length",
    "received",
    "state",
    "created_at",
    "expires_at",
    "page",
)


@prepared
def _unfinished(member: int, now: datetime, size: int, offset: int) -> Any:
    mine = Upload.select(*(getattr(Upload, name) for name in _COLUMNS)).where(_waits(member, now))
    return mine.order_by(Upload.created_at.desc(), Upload.id.desc()).limit(size).offset(offset)


@prepared
def _count_unfinished(member: int, now: datetime) -> Any:
    return Upload.select(fn.COUNT(Upload.id)).where(_waits(member, now))


def _waits(member: int, now: datetime) -> Expression:
    return (Upload.member == member) & (Upload.state != "used") & (Upload.expires_at > now)


def _view(token: str, purpose: str, name: str, fingerprint: str, length: int, *rest: Any) -> UploadView:
    received, *others = rest
    there = min(received, partial.size_of(token)) if others[0] == "arriving" else length
    return UploadView(token, purpose, name, fingerprint, length, there, *others)


def get_rooms(member: int | None, unit: int | None) -> tuple[Room, Room]:
    """Give how much of a member's share, and of a unit's, is used: what the rooms keep and what is on its way.

    Units below have shares of their own; nobody's, or no unit's, is without a bound. One statement.
    """
    used, own = Counter[bool](), dict[bool, int]()
    for amount, of_unit, is_share in _kept_and_allowed(member, unit, clock.now()):
        if is_share:
            own[bool(of_unit)] = int(amount) * MIB
        else:
            used[bool(of_unit)] += int(amount)
    of_member, of_unit = purposes.default_quotas()
    mine = Room(used[False], own.get(False, of_member)) if member is not None else Room(0, 0)
    return mine, Room(used[True], own.get(True, of_unit)) if unit is not None else Room(0, 0)


def get_rooms_of_units() -> Callable[[int | None], Room]:
    """Give how much of any unit's share is used: a statement for each room that keeps files, and two more, for all."""
    used = purposes.kept_by_owner(units=True) + coming(of_units=True)
    own = dict(Quota.select(Quota.unit, Quota.mib).where(Quota.unit.is_null(False)).tuples())
    usual = purposes.default_quotas()[1]

    def room(unit: int | None) -> Room:
        if unit is None:
            return Room(0, 0)
        return Room(used[unit], own[unit] * MIB if unit in own else usual)

    return room


def coming(*, of_units: bool) -> Counter[int]:
    """Give the bytes that are on their way or wait for their form, of each member or of each unit."""
    owner = Upload.unit if of_units else Upload.member
    there = (Upload.state != "used") & (Upload.expires_at > clock.now()) & owner.is_null(False)
    rows = Upload.select(owner, fn.SUM(Upload.length)).where(there).group_by(owner).tuples()
    return Counter({key: int(size) for key, size in rows})


@prepared
def _kept_and_allowed(member: int | None, unit: int | None, now: datetime) -> Any:
    """Select amounts: bytes that are kept or on their way, MiB of a share of its own; with whose it is, and which."""
    parts = [
        part for whose, of_unit in ((member, 0), (unit, 1)) if whose is not None for part in _of(whose, of_unit, now)
    ]
    return reduce(lambda before, part: before.union_all(part), parts)


def _of(whose: Any, of_unit: int, now: datetime) -> list[Any]:
    owner = Upload.unit if of_unit else Upload.member
    coming = Upload.select(fn.COALESCE(fn.SUM(Upload.length), 0)).where(
        owner == whose, Upload.state != "used", Upload.expires_at > now
    )
    kept = [*purposes.queries_of_kept(whose, of_unit=bool(of_unit)), coming]
    share = Quota.select(Quota.mib).where((Quota.unit if of_unit else Quota.member) == whose)
    return [
        *(query.select_extend(SQL(str(of_unit)), SQL("0")) for query in kept),
        share.select_extend(SQL(str(of_unit)), SQL("1")),
    ]


def waits_for_its_form(key: str) -> bool:
    """Say whether an upload that nobody has used yet holds the file of this key in the store."""
    return bool(Upload.select().where(Upload.file_key == key, Upload.state != "used").exists())


def used_keys() -> Iterator[str]:
    """Walk over the storage keys of uploads that wait for their form."""
    for (key,) in (
        Upload.select(Upload.file_key).where(Upload.file_key != "", Upload.state != "used").tuples().iterator()
    ):
        yield key
