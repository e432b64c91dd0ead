"""Reads on uploads: one's own, what is unfinished, how much of a share is used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from lms import clock
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.paging import Page
from lms.uploads import partial, purposes
from lms.uploads.models import Quota, Upload
from lms.uploads.rules import MIB, Room

PAGE_SIZE = 24
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

    @property
    def whole(self) -> bool:
        """Say whether every byte has arrived."""
        return self.state != "arriving"


def get_mine(actor: Actor, token: str) -> UploadView:
    """Give one of the actor's uploads. Raises NotFound for any other, Gone for one past its day."""
    row = Upload.get_or_none(Upload.token == token, Upload.member == actor.id)
    if row is None:
        raise NotFound(NO_UPLOAD)
    if row.state != "used" and row.expires_at <= clock.now():
        raise Gone(N_("This upload waited too long and was thrown away. Please begin again."))
    return _view(row)


def list_unfinished(actor: Actor, number: int = 1, size: int = PAGE_SIZE) -> Page[UploadView]:
    """List the actor's uploads that no form has taken yet, the newest first."""
    mine = Upload.select().where(Upload.member == actor.id, Upload.state != "used", Upload.expires_at > clock.now())
    rows = mine.order_by(Upload.created_at.desc(), Upload.id.desc()).paginate(number, size)
    return Page([_view(row) for row in rows], number, size, mine.count())


def _view(row: Upload) -> UploadView:
    received = min(row.received, partial.size_of(row.token)) if row.state == "arriving" else row.length
    return UploadView(
        row.token,
        row.purpose,
        row.name,
        row.fingerprint,
        row.length,
        received,
        row.state,
        row.created_at,
        row.expires_at,
    )


def get_rooms(member: int, unit: int | None) -> tuple[Room, Room]:
    """Give how much of a member's share, and of a unit's, is used: what the rooms keep and what is on its way.

    Units below have shares of their own; without a unit its share is without a bound.
    """
    here = -1 if unit is None else unit
    coming = (
        Upload.select(Upload.member, Upload.unit, fn.SUM(Upload.length))
        .where((Upload.member == member) | (Upload.unit == here))
        .where(Upload.state != "used", Upload.expires_at > clock.now())
        .group_by(Upload.member, Upload.unit)
    )
    rows = list(coming.tuples())
    own = {
        (owner is not None): mib * MIB
        for owner, mib in Quota.select(Quota.member, Quota.mib)
        .where((Quota.member == member) | (Quota.unit == here))
        .tuples()
    }
    of_member, of_unit = purposes.default_quotas()
    mine = purposes.kept_bytes(member, None) + sum(int(size) for owner, _, size in rows if owner == member)
    if unit is None:
        return Room(mine, own.get(True, of_member)), Room(0, 0)
    units = purposes.kept_bytes(None, unit) + sum(int(size) for _, place, size in rows if place == unit)
    return Room(mine, own.get(True, of_member)), Room(units, own.get(False, of_unit))


def used_keys() -> Iterator[str]:
    """Walk over the storage keys of uploads that wait for their form."""
    for (key,) in (
        Upload.select(Upload.file_key).where(Upload.file_key != "", Upload.state != "used").tuples().iterator()
    ):
        yield key
