"""Prepared queries give what peewee gives, and are made once for each shape of their arguments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from peewee import IntegrityError, fn
from playhouse.test_utils import count_queries

from lms import runtime
from lms.config import Settings
from lms.db import database
from lms.members.models import Member, Membership, Unit
from lms.migrations import migrate
from lms.prepared import evened, prepared
from lms.rows import insert_row, update_row
from tests.conftest import make_settings
from tests.factories import LONG_AGO, Make


@prepared
def _member(member_id: int) -> Any:
    columns = (Member.name, Member.must_change_password, Member.created_at, Member.deactivated_at)
    return Member.select(*columns).where(Member.id == member_id).limit(1)


@prepared
def _born(year: int | None) -> Any:
    return Member.select(Member.id).where(Member.birth_year == year)


@prepared
def _of_units(units: Sequence[int], first: int, skipped: int, *, by_name: bool) -> Any:
    query = Member.select(Member.id, Membership.since).join(Membership).where(Membership.unit.in_(units))
    return query.order_by(Member.name if by_name else Member.id).limit(first).offset(skipped)


def test_columns_are_read_as_peewee_reads_them(make: Make) -> None:
    member = make.member(name="王淑兰", must_change_password=True)
    row = _member.first(member.id)
    assert row == ("王淑兰", True, member.created_at, None)
    assert row[1] is True
    assert isinstance(row[2], datetime)


def test_a_row_that_is_not_there_is_none(make: Make) -> None:
    assert _member.first(99) is None
    assert _member.scalar(99) is None


def test_lists_of_any_length_stand_in_one_query(make: Make) -> None:
    one, two = make.unit(), make.unit()
    first, second = make.member(one, name="乙"), make.member(two, name="甲")
    assert _of_units([one.id], 9, 0, by_name=False) == [(first.id, LONG_AGO)]
    assert _of_units([one.id, two.id], 9, 0, by_name=False) == [(first.id, LONG_AGO), (second.id, LONG_AGO)]
    assert _of_units((two.id, one.id), 9, 0, by_name=True)[0][0] in (first.id, second.id)
    assert _of_units([one.id, two.id], 9, 1, by_name=False) == [(second.id, LONG_AGO)]
    assert _of_units([], 9, 0, by_name=False) == []


def test_none_is_compared_as_sql_does_it(make: Make) -> None:
    unknown, known = make.member(), make.member(birth_year=1958)
    assert _born(None) == [(unknown.id,)]
    assert _born(1958) == [(known.id,)]


def test_the_sql_is_made_once_for_a_shape_and_sent_every_time(make: Make) -> None:
    made: list[bool] = []

    @prepared
    def members(ids: Sequence[int]) -> Any:
        made.append(True)
        return Member.select(fn.COUNT(Member.id)).where(Member.id.in_(ids))

    member = make.member()
    with count_queries() as counter:
        found = [members.scalar([member.id]), members.scalar([0]), members.scalar([member.id, 0])]
    assert found == [1, 0, 1]
    assert counter.count == 3
    assert len(made) == 2


def test_a_query_that_looks_at_a_positional_value_is_refused(service: Settings) -> None:
    @prepared
    def members(name: str) -> Any:
        return Member.select(Member.id).where(Member.name == name) if name else Member.select(Member.id)

    with pytest.raises(TypeError, match="pass it as a keyword"):
        members("王淑兰")


@pytest.mark.sqlite_only
def test_a_prepared_query_follows_to_another_database(make: Make, tmp_path: Any) -> None:
    member = make.member(name="甲")
    assert _member.first(member.id) is not None
    database.close()
    runtime.start(make_settings(tmp_path / "other"))
    migrate()
    assert Unit.select().count() == 0
    assert _member.first(member.id) is None


def test_a_row_written_quickly_is_the_row_that_peewee_writes(make: Make) -> None:
    unit, since = make.unit(), LONG_AGO
    member = make.member(unit, birth_year=1958)
    slow = Membership.create(member=member, unit=unit, since=since, until=None)
    quick = insert_row(Membership, member=member, unit=unit.id, since=since, until=None)
    columns = [field for name, field in Membership._meta.fields.items() if name != "id"]
    rows = Membership.select(*columns).where(Membership.id.in_([slow.id, quick])).tuples()
    assert len(set(rows)) == 1
    moment = datetime(2026, 11, 26, 2, 0, 0, 250)
    update_row(Member, member.id, name="改名", deactivated_at=moment, birth_year=None)
    read = Member.get_by_id(member.id)
    assert (read.name, read.deactivated_at, read.birth_year, read.phone) == ("改名", moment, None, member.phone)
    with pytest.raises(IntegrityError):
        insert_row(Member, name="同号", phone=member.phone, password_hash="")


def test_ids_of_few_lengths_are_the_same_ids() -> None:
    assert [evened(list(range(many))) for many in (0, 1, 2, 3, 5)] == [
        [],
        [0],
        [0, 1],
        [0, 1, 2, 2],
        [0, 1, 2, 3, 4, 4, 4, 4],
    ]
