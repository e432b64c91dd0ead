"""What files are sent in pieces for: each room above says its purposes, the runtime hands them over."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from lms.config import MIB, Settings
from lms.errors import N_, InvalidInput
from lms.members.access import Action, Actor
from lms.uploads.rules import Destination

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Purpose:
    """What a file is for: who may send one, how large it may be, and a first look at its beginning.

    ``look`` gets the first bytes (at most HEAD_BYTES) and the name, and raises InvalidInput for a file that will not be
    taken whatever follows, so that nobody sends two gigabytes for nothing. ``targets``: what a file can be for that is
    there already ("recording": another file for a failed one), each with the function that says where it is kept then,
    or raises what the actor will hear when the file has arrived.
    """

    key: str
    action: Action
    limit: Callable[[Settings], int]
    look: Callable[[bytes, str], object]
    targets: Mapping[str, Callable[[Actor, int], Destination]] = field(default_factory=dict)


@dataclass(frozen=True)
class Usage:
    """How a room says what it keeps, in bytes.

    ``of`` makes the query of what it keeps of a member, or (True) of a unit, so that the rooms are asked in one
    statement, None where nothing of it belongs to units; ``by_owner`` gives it of all members, or (True) of all units
    at once.
    """

    of: Callable[[Any, bool], Any]
    by_owner: Callable[[bool], dict[int, int]]


_purposes: dict[str, Purpose] = {}
_usages: list[Usage] = []
_settings: list[Settings] = []


def bind(settings: Settings, purposes: Sequence[Purpose], usages: Sequence[Usage]) -> None:
    """Take files for these purposes from now on; the usages are those of the rooms that keep any."""
    _settings[:] = [settings]
    _purposes.clear()
    _purposes.update({purpose.key: purpose for purpose in purposes})
    _usages[:] = usages


def get_purpose(key: str) -> Purpose:
    """Give a purpose. Raises InvalidInput for one that no room has."""
    if key not in _purposes:
        raise InvalidInput(N_("Please say what this file is for: %(purposes)s."), purposes=", ".join(sorted(_purposes)))
    return _purposes[key]


def limit_of(key: str) -> int:
    """Give the greatest file of a purpose, in bytes."""
    return get_purpose(key).limit(_settings[0])


def largest() -> int:
    """Give the greatest file of any purpose, in bytes."""
    return max(purpose.limit(_settings[0]) for purpose in _purposes.values())


def queries_of_kept(whose: Any, *, of_unit: bool) -> list[Any]:
    """Make the queries of the bytes that each room keeps of a member, or of a unit."""
    return [query for usage in _usages if (query := usage.of(whose, of_unit)) is not None]


def kept_by_owner(*, units: bool) -> Counter[int]:
    """Give the bytes that all rooms together keep of each member, or of each unit, who has any."""
    found: Counter[int] = Counter()
    for usage in _usages:
        found.update(usage.by_owner(units))
    return found


def default_quotas() -> tuple[int, int]:
    """Give what a member and what a unit may keep by the settings, in bytes; 0 is without a bound."""
    return _settings[0].member_quota_mib * MIB, _settings[0].unit_quota_mib * MIB


def chunk_bytes() -> int:
    """Give how many bytes a browser sends at once, at most."""
    return _settings[0].upload_chunk_mib * MIB


def kept_for() -> timedelta:
    """Give how long an upload waits for its next piece, or for the form it belongs to."""
    return timedelta(days=_settings[0].upload_days)
