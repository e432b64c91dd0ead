"""People stand in lists by the sound of their names, whatever the database, also when a name is corrected."""

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalogue.models import Book
from lms.db import database
from lms.members import queries
from lms.members.access import load_actor
from lms.members.models import Member
from lms.members.queries import MemberFilter
from lms.members.service import Details, edit_member
from lms.name_order import KEY_CHARS, name_key, order_key
from tests.factories import Make
from tests.foundation import name_sounds

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


def test_a_rare_character_stands_by_its_sound_and_a_surname_by_its_own_reading() -> None:
    # Surnames, and the common characters around their sound: the last before it, the first after it.
    around = (
        "讯闫央 普亓恰 物郗瞎 稍佘申 耪逄抛 灾昝脏 挑仝偷 召喆珍 色单伤 怎曾扎 校解心 请仇趋 女区帕 曾查摘 惹任扔 "
        "互华怀 骗朴撇 免缪灭 扎翟毡 站长孙招 又尉迟冤 名万俟谋"
    )
    for before, *surname, after in around.split():
        standing = sorted([f"{after}明", f"{''.join(surname)}明", f"{before}明"], key=name_key)
        assert standing == [f"{before}明", f"{''.join(surname)}明", f"{after}明"]
    assert sorted(["善意", "单人旁"], key=order_key) == ["单人旁", "善意"], "in a title it is no surname"


@pytest.mark.sqlite_only
def test_the_table_of_sounds_is_what_pypinyin_says() -> None:
    assert name_sounds.FILE.read_text("utf-8") == name_sounds.made()


def test_keys_made_before_are_made_anew_and_back(make: Make) -> None:
    member, book = make.member(name="闫明"), make.book("呐喊")
    now = Member.get_by_id(member.id).name_key, Book.get_by_id(book.id).sort_key

    def before(text: str) -> str:
        return text.encode("gb18030").hex()

    migration = import_module("migrations.0115_order_rare_characters")
    migration.down(None, database.obj)
    assert (Member.get_by_id(member.id).name_key, Book.get_by_id(book.id).sort_key) == (before("闫明"), before("呐喊"))
    migration.up(None, database.obj)
    assert (Member.get_by_id(member.id).name_key, Book.get_by_id(book.id).sort_key) == now
    assert now[1] < order_key("你好") < order_key("转圈")


@given(st.text(max_size=40))
def test_a_place_among_names_fits_its_column_and_sorts_alike_in_every_database(name: str) -> None:
    key = name_key(name)
    assert len(key) <= KEY_CHARS and key.isascii() and key == key.lower()
