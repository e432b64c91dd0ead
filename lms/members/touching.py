"""Telling every web process that what it remembers of somebody's access is out of date."""

from collections.abc import Iterable

from peewee import Expression

from lms.db import database, is_sqlite
from lms.members.models import Member, Membership, RoleGrant, Unit


def touch_members(members: Iterable[int]) -> None:
    """Move on the access version of some members."""
    _touch(Member.id.in_(list(members)))


def touch_everyone() -> None:
    """Move on the access version of all: the tree changed, and anybody's view may hang on it."""
    _touch(None)


def touch_unit(unit: int) -> None:
    """Move on the access version of those who belong to a unit or hold a role on it: they remember its name."""
    belonging = Membership.select(Membership.member).where(Membership.unit == unit)
    holding = RoleGrant.select(RoleGrant.member).where(RoleGrant.unit == unit)
    _touch(Member.id.in_(belonging) | Member.id.in_(holding))


def _touch(condition: Expression | None) -> None:
    update = Member.update(access_version=Member.access_version + 1)
    (update if condition is None else update.where(condition)).execute()


def lock_tree() -> None:
    """Let no other transaction change the tree until this one ends; SQLite's BEGIN IMMEDIATE does so already."""
    _lock(Unit)


def lock_roles() -> None:
    """Let no other transaction change roles or who holds them until this one ends."""
    _lock(RoleGrant)


def _lock(model: type[Unit] | type[RoleGrant]) -> None:
    if not is_sqlite():
        database.execute_sql(f'LOCK TABLE "{model._meta.table_name}" IN SHARE ROW EXCLUSIVE MODE')
