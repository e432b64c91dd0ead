"""Reads on uploads: one's own, what is unfinished, how much of a share is used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from lms import clock
from lms.errors import N_, NotFound
from lms.members.access import Actor
from lms.members.models import Unit
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


def member_room(member: int) -> Room:
    """Give how much of a member's share is used: what the rooms keep of theirs and what is on its way."""
    coming = _coming(Upload.member == member)
    return Room(
        purposes.kept_bytes(member, None) + coming, _allowed(Quota.member == member, purposes.default_quotas()[0])
    )


def unit_room(unit: int) -> Room:
    """Give how much of a unit's share is used, likewise; units below it have shares of their own."""
    coming = _coming(Upload.unit == unit)
    return Room(purposes.kept_bytes(None, unit) + coming, _allowed(Quota.unit == unit, purposes.default_quotas()[1]))


def _coming(whose: object) -> int:
    total = Upload.select(fn.COALESCE(fn.SUM(Upload.length), 0)).where(
        whose, Upload.state != "used", Upload.expires_at > clock.now()
    )
    return int(total.scalar())


def _allowed(whose: object, default: int) -> int:
    own = Quota.select(Quota.mib).where(whose).scalar()
    return default if own is None else int(own) * MIB


def get_rooms(actor: Actor) -> tuple[Room, Room, str]:
    """Give the shares of the actor and of the unit they upload for, with the unit's name."""
    unit = actor.home
    name = Unit.select(Unit.name).where(Unit.id == unit).scalar() if unit is not None else ""
    return member_room(actor.id), unit_room(unit) if unit is not None else Room(0, 0), str(name or "")


def used_keys() -> Iterator[str]:
    """Walk over the storage keys of uploads that wait for their form."""
    for (key,) in (
        Upload.select(Upload.file_key).where(Upload.file_key != "", Upload.state != "used").tuples().iterator()
    ):
        yield key
