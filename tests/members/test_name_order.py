"""People stand in lists by the sound of their names, whatever the database, also when a name is corrected."""

from hypothesis import given
from hypothesis import strategies as st

from lms.members import queries
from lms.members.access import load_actor
from lms.members.models import Member
from lms.members.queries import MemberFilter
from lms.members.service import Details, edit_member
from lms.name_order import KEY_CHARS, name_key
from tests.factories import Make

SHUFFLED = ["周正", "王淑兰", "陈志远", "Zoe", "刘敏", "alice", "安然", "李强"]
BY_SOUND = ["alice", "Zoe", "安然", "陈志远", "李强", "刘敏", "王淑兰", "周正"]


def listed(chief: Member) -> list[str]:
    rows = queries.list_members(load_actor(chief.id), MemberFilter()).items
    return [row.name for row in rows if row.id != chief.id]


def test_people_are_listed_by_the_sound_of_their_names(make: Make) -> None:
    unit = make.unit()
    chief = make.member(unit, "administrator")
    people = {name: make.member(unit, name=name) for name in SHUFFLED}
    assert listed(chief) == BY_SOUND
    edit_member(load_actor(chief.id), people["周正"].id, Details("白雪"))
    assert listed(chief) == [*BY_SOUND[:3], "白雪", *BY_SOUND[3:-1]]


@given(st.text(max_size=40))
def test_a_place_among_names_fits_its_column_and_sorts_alike_in_every_database(name: str) -> None:
    key = name_key(name)
    assert len(key) <= KEY_CHARS and key.isascii() and key == key.lower()
