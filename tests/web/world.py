"""A small organisation with one object of each kind, for the table of access."""

from dataclasses import dataclass, field

from apiflask import APIFlask

from lms.members.models import Member
from lms.members.passwords import make_hash
from tests.browser_like import Browser
from tests.factories import Make
from tests.web.access_table import rooms

PASSWORD = "the reading room"


@dataclass
class World:
    """``people`` by role; ``ids`` fills the places of the rules, ``<int:book>`` from ``ids["book"]``."""

    make: Make
    people: dict[str, Member] = field(default_factory=dict)
    ids: dict[str, int | str] = field(default_factory=dict)
    _sessions: dict[int, tuple[str, str]] = field(default_factory=dict)

    def begin_sessions(self, app: APIFlask) -> "World":
        """Begin a session for each of the people and for somebody who is not signed in."""
        for member in (None, *self.people.values()):
            self._sessions[member.id if member else 0] = Browser(app, member).session()
        return self

    def session(self, member: Member | None) -> tuple[str, str]:
        """Give the token and the cookie of somebody's session."""
        return self._sessions[member.id if member else 0]


def build_world() -> World:
    """Make the organisation in the database in use, then let every room add its objects."""
    make = Make()
    world = World(make)
    root = make.unit("青禾街道办事处", kind="agency")
    unit = make.unit("桂花社区", root)
    other = make.unit("临江社区", root)
    world.ids.update(root=root.id, unit=unit.id, other_unit=other.id)
    world.people = {
        "member": make.member(unit, name="王淑兰"),
        "lecturer": make.member(unit, "lecturer", name="陈志远"),
        "liaison": make.member(unit, "liaison", name="刘敏"),
        "other_liaison": make.member(other, "liaison", name="彭敏"),
        "administrator": make.member(root, "administrator", name="周正"),
        "newcomer": make.member(unit, name="田小雨", must_change_password=True),
    }
    Member.update(password_hash=make_hash(PASSWORD)).execute()
    world.ids.update({role: member.id for role, member in world.people.items()})
    world.ids["book"] = make.book("平凡的世界").id
    for room in rooms():
        if hasattr(room, "furnish"):
            room.furnish(world)
    return world
