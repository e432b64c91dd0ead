"""An organisation in small: a root with two communities, one of them with a group, and their people."""

from dataclasses import dataclass

import pytest

from lms.members.access import Actor, load_actor
from lms.members.models import Member, Unit
from tests.factories import Make


@dataclass
class Town:
    """``chief`` administers the root, ``warden`` only ``garden``; ``reader`` belongs to ``garden``."""

    root: Unit
    garden: Unit
    river: Unit
    circle: Unit
    chief: Member
    warden: Member
    liaison: Member
    reader: Member

    def actor(self, member: Member) -> Actor:
        """Give a member's rights as they are now."""
        return load_actor(member.id)


@pytest.fixture
def town(make: Make) -> Town:
    root = make.unit("青禾街道", kind="agency")
    garden = make.unit("桂花社区", root)
    river = make.unit("临江社区", root)
    circle = make.unit("银龄读书班", garden, kind="group")
    return Town(
        root,
        garden,
        river,
        circle,
        make.member(root, "administrator", name="周正"),
        make.member(garden, "administrator", name="林建华"),
        make.member(garden, "liaison", name="刘敏"),
        make.member(garden, name="王淑兰"),
    )
