"""Makers of test data with sensible defaults; each goes through the tables, so that tests of a room need no other."""

from datetime import date
from itertools import count
from typing import Any

from lms.catalogue.models import Book
from lms.catalogue.rules import sort_key
from lms.members.access import Actor, load_actor
from lms.members.models import Accreditation, Member, Membership, RoleGrant, Unit

LONG_AGO = date(2020, 1, 1)


class Make:
    """What a test needs, made in one line."""

    def __init__(self, first: int = 1) -> None:
        """Number the made things, so that names differ."""
        self._numbers = count(first)

    def unit(self, name: str = "", parent: Unit | None = None, kind: str = "community") -> Unit:
        """Make a unit below another, or a root."""
        unit = Unit.create(name=name or f"第{next(self._numbers)}社区", kind=kind, parent=parent, path="")
        unit.path = f"{parent.path if parent else '/'}{unit.id}/"
        unit.save()
        return unit

    def member(
        self,
        unit: Unit | None = None,
        role: str = "member",
        name: str = "",
        on: Unit | None = None,
        accredited: bool = True,
        **values: Any,
    ) -> Member:
        """Make a member of a unit (a new one if none is given), holding a role on it or on ``on``.

        A lecturer is accredited there without end, unless told otherwise.

        The password hash is empty: tests of signing in set one; all others are signed in by their session.
        """
        unit = unit or self.unit()
        number = next(self._numbers)
        member = Member.create(
            **{
                "name": name or f"成员{number}",
                "phone": f"100{number:08d}",
                "password_hash": "",
                "must_change_password": False,
                **values,
            }
        )
        Membership.create(member=member, unit=unit, since=LONG_AGO)
        if role != "member":
            RoleGrant.create(member=member, unit=on or unit, role=role)
        if role == "lecturer" and accredited:
            Accreditation.create(member=member, unit=on or unit, since=LONG_AGO)
        return member

    def actor(self, member: Member) -> Actor:
        """Give a member's actor, as services take it."""
        return load_actor(member.id)

    def book(self, title: str = "", **values: Any) -> Book:
        """Make a book of the catalogue."""
        title = title or f"书{next(self._numbers)}"
        ordered = {
            "sort_key": sort_key(title),
            "main_class": values.get("clc", "")[:1],
            "year_key": values.get("year") or 0,
        }
        return Book.create(**{"title": title, "authors": "佚名", **ordered, **values})
