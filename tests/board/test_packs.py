"""The packed ledger says what the ledger says, whatever is booked in whatever order."""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from datetime import date
from itertools import product
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.board import counting, kept_years, year_files
from lms.board.counting import PackedLedger, PackedYear
from lms.board.evaluating import evaluate, wanted_within
from lms.board.jobs import keep_years, mend_packs
from lms.board.year_files import Year
from lms.config import Settings
from lms.jobs.models import Job
from lms.operating.checks import check_packed_ledger
from lms.periods import Span
from lms.progress import booking, packs
from lms.progress.asked_rows import reaching
from lms.progress.asking import Counted
from lms.progress.booking import Detail
from lms.progress.models import LedgerPack
from lms.progress.packing import AMOUNT_OFFSET, LARGEST_SIZE, MOST_KINDS, WIDTH, Rows, pack, pack_many, unpack
from tests.board.conftest import TODAY, Town

amounts = st.integers(-AMOUNT_OFFSET * 3, AMOUNT_OFFSET * 3)
rows = st.tuples(st.dates(), st.integers(0, MOST_KINDS - 1), amounts, st.integers(0, LARGEST_SIZE))


@given(st.lists(st.lists(rows, max_size=4), min_size=1, max_size=5))
@settings(deadline=None)
def test_what_is_packed_is_read_again_and_large_amounts_keep_their_sum(
    people: list[list[tuple[date, int, int, int]]],
) -> None:
    texts = ["".join(pack(*row) for row in held) for held in people]
    found = unpack(texts)
    read = [
        (who, day, kind, amount, size)
        for kind, rows in found.items()
        for who, day, amount, size in zip(
            *(column.tolist() for column in (rows.who, rows.day, rows.amount)),
            [0] * rows.count if rows.size is None else rows.size.tolist(),
            strict=True,
        )
    ]
    for who, held in enumerate(people):
        own = [row for row in read if row[0] == who]
        assert len(own) * WIDTH == len(texts[who])
        assert sum(row[3] for row in own) == sum(amount for _, _, amount, _ in held)
        assert {row[1:3] + row[4:] for row in own} == {(d.timetuple().tm_yday, k, s) for d, k, _, s in held}


def entries(town: Town) -> dict[int, list[str]]:
    found = LedgerPack.select(LedgerPack.year, LedgerPack.entries).where(LedgerPack.member == town.liaison)
    return {year: sorted(text[at : at + WIDTH] for at in range(0, len(text), WIDTH)) for year, text in found.tuples()}


def test_every_booking_and_reversal_is_packed_once_and_a_rebuild_gives_the_same(town: Town) -> None:
    fact = town.book(town.liaison, date(2026, 12, 31))
    town.book(town.liaison, date(2027, 1, 1), "study_minutes", 45)
    booking.book(town.liaison.id, "book_finished", 1, date(2026, 12, 31), fact, ("made", 1))
    booking.reverse(fact)
    booking.reverse(fact)
    booking.book_for_unit(town.first.id, "group_study_held", 1, date(2026, 3, 1), "held:1", ("made", 9))
    before = entries(town)
    assert {year: len(held) for year, held in before.items()} == {2026: 2, 2027: 1}
    assert packs.rebuild() == 3
    assert entries(town) == before
    assert check_packed_ledger().ok


def test_the_doctor_sees_a_packed_ledger_that_differs_and_a_rebuild_mends_it(town: Town) -> None:
    town.book(town.liaison, date(2026, 11, 2))
    LedgerPack.update(entries="").execute()
    assert check_packed_ledger().ok and "worker" in str(check_packed_ledger()), "it comes to it when it starts"
    Job.create(task=packs.MEND, state="done")
    assert not check_packed_ledger().ok and "lms repack" in str(check_packed_ledger())
    packs.rebuild()
    assert check_packed_ledger().ok


def test_the_worker_makes_a_packed_ledger_anew_that_lacks_rows_and_leaves_one_alone_that_agrees(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert packs.MEND == "board.mend_packs"
    for member in (town.chief, town.liaison):
        town.book(member, date(2026, 11, 2))
    before = rows_now()
    mend_packs()
    assert not caplog.messages
    for lacking, newest in ((town.chief, 1), (town.liaison, 200)):  # one that nobody looks at, one among the newest
        monkeypatch.setattr(packs, "NEWEST_ROWS", newest)
        LedgerPack.delete().where(LedgerPack.member == lacking).execute()
        mend_packs()
        assert rows_now() == before
    assert len(caplog.messages) == 2
    LedgerPack.update(entries=LedgerPack.entries.concat(pack(date(2026, 1, 1), 1, 5))).execute()
    mend_packs()
    assert rows_now() == before


def test_what_a_process_keeps_of_a_year_is_never_older_than_the_database(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_years, "MOST_CHANGED", 1)
    members = [town.make.member(town.first) for _ in range(5)]

    def done() -> dict[int, int]:
        wanted = wanted_within(reaching(town.root.path, TODAY, TODAY), TODAY, TODAY)
        found = evaluate(town.root.path, wanted, TODAY, TODAY, TODAY)
        (period,) = found.rules[0].periods
        return {
            ident: int(amount) for ident, amount in zip(found.crowd.ids.tolist(), period.done, strict=True) if amount
        }

    town.ask("每年读书", period="year")
    expected: dict[int, int] = {}
    booked = [(0, 1), (0, 1), (1, 1), (2, 3), (1, 2)]
    for number, (who, times) in enumerate(booked):
        facts = [town.book(members[who], date(2026, 3, 1 + n)) for n in range(times)]
        expected[members[who].id] = expected.get(members[who].id, 0) + times
        assert done() == expected, number
        if number == 3:
            booking.reverse(facts[0])
            expected[members[who].id] -= 1
            assert done() == expected
    LedgerPack.delete().where(LedgerPack.member == members[0]).execute()
    expected.pop(members[0].id)
    assert done() == expected
    packs.rebuild()
    assert done() == expected | {members[0].id: 2}


def test_a_year_with_too_many_rows_is_read_each_time(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_years, "MOST_ROWS", 0)
    monkeypatch.setattr(kept_years, "_kept", OrderedDict())
    for number in range(3):
        town.book(town.liaison, date(2026, 5, 1 + number))
        (part,) = kept_years.parts_of([2026])
        assert sum(rows.count for rows in part.rows.values()) == number + 1
    assert kept_years.parts_of([2025])[0].members.tolist() == []


def test_more_members_than_a_statement_takes_ids_are_read_again_in_several(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [town.make.member(town.first) for _ in range(5)]
    days = [date(2025, 5, 1), date(2026, 5, 1)]

    def held() -> dict[int, int]:
        parts = kept_years.parts_of([2025, 2026])
        counted = Counter(int(part.members[who]) for part in parts for rows in part.rows.values() for who in rows.who)
        counted.pop(-1, None)
        return counted

    for times in range(1, 4):
        for member, day in product(members, days):
            town.book(member, day)
        assert held() == {member.id: 2 * times for member in members}
        monkeypatch.setattr(kept_years, "AT_ONCE", 3)


def rows_now() -> list[tuple[int, ...]]:
    """Read what a process has of 2026: member, kind, day, amount, size of each row of somebody."""
    found = []
    for part in kept_years.parts_of([2026]):
        for kind, held in part.rows.items():
            sizes = np.zeros(held.count, np.int32) if held.size is None else held.size
            table = np.stack([part.members[held.who], held.day, held.amount, sizes]).T.tolist()
            found += [(who, kind, *rest) for who, *rest in table if who >= 0]
    return sorted(found)


def test_a_process_that_begins_takes_a_year_from_the_disk_and_only_what_was_booked_since_from_the_database(
    town: Town, service: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_years, "LEAST_WRITTEN", 1)
    file = service.years_path / "2026.rows"

    def of_a_new_process() -> list[tuple[int, ...]]:
        monkeypatch.setattr(kept_years, "_kept", OrderedDict())
        return rows_now()

    members = [town.make.member(town.first) for _ in range(3)]
    for member in members:
        town.book(member, date(2026, 3, 1))
    town.book(members[0], date(2026, 3, 2), "note_accepted", 1, Detail(category="reflection", size=800))
    before = of_a_new_process()
    assert len(before) == 4
    assert year_files.take_wanted(), "who had to read the texts has the worker write the year at once"
    assert not year_files.take_wanted()
    keep_years()
    whole = kept_years._read_whole
    monkeypatch.setattr(kept_years, "_read_whole", lambda years: pytest.fail("read as a whole") if years else {})
    assert of_a_new_process() == before
    assert not year_files.take_wanted()
    fact = town.book(members[1], date(2026, 5, 1), "study_minutes", 40)
    after = of_a_new_process()
    assert len(after) == 5
    LedgerPack.delete().where(LedgerPack.member == members[2]).execute()
    assert of_a_new_process() == [row for row in after if row[0] != members[2].id]
    monkeypatch.setattr(kept_years, "_read_whole", whole)
    packs.rebuild()
    booking.reverse(fact)
    for damaged in (b"", file.read_bytes()[:-1], b"LMS year 1\n00000002[]", file.read_bytes() + bytes(64)):
        file.write_bytes(damaged)
        assert len(of_a_new_process()) == 6
    keep_years()
    assert len(of_a_new_process()) == 6
    monkeypatch.setattr(kept_years, "LEAST_WRITTEN", 10_000)
    keep_years()
    assert not file.exists()


def test_a_year_on_the_disk_is_not_taken_for_that_of_a_database_put_back_to_an_earlier_day(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_years, "LEAST_WRITTEN", 1)
    member = town.make.member(town.first)
    town.book(member, date(2026, 3, 1))
    yesterday = list(LedgerPack.select(LedgerPack.member, LedgerPack.year, LedgerPack.entries, LedgerPack.version))
    town.book(member, date(2026, 3, 2), "study_minutes", 30)
    keep_years()
    for row in yesterday:
        LedgerPack.update(entries=row.entries, version=row.version).where(
            LedgerPack.member == row.member, LedgerPack.year == row.year
        ).execute()
    town.book(member, date(2026, 3, 9), "study_minutes", 45)
    monkeypatch.setattr(kept_years, "_kept", OrderedDict())
    assert sorted(amount for _, _, _, amount, _ in rows_now()) == [1, 45]


@pytest.mark.sqlite_only
def test_a_year_written_by_two_threads_at_once_is_that_of_one_of_them(
    service: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def year(number: int) -> Year:
        column = np.full(3, number, np.int32)
        return Year(column.astype(np.int64), column.astype(np.int64), {1: Rows(column, column, column, None)})

    pieces = year_files._pieces

    def overtaken(held: Year) -> Iterator[Any]:
        first, *others = pieces(held)
        yield first
        if held.members[0] == 1:
            other = Thread(target=year_files.write, args=(2026, year(2)))
            other.start()
            other.join()
        yield from others

    monkeypatch.setattr(year_files, "_pieces", overtaken)
    year_files.write(2026, year(1))
    found = year_files.find(2026)
    assert found is not None
    assert {*found.members, *found.versions, *found.rows[1].amount} == {1}
    assert [path.name for path in service.years_path.iterdir()] == ["2026.rows"]


def test_a_week_across_the_years_end_and_the_29th_of_february_are_counted_from_both_years(town: Town) -> None:
    town.ask("每周自学", "study_minutes", 60, "week")
    for day in (date(2026, 12, 27), date(2026, 12, 28), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 3)):
        town.book(town.liaison, day, "study_minutes", 10)
    town.book(town.liaison, date(2027, 1, 4), "study_minutes", 500)
    for day in (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2028, 3, 6)):
        town.book(town.liaison, day, "study_minutes", 25)

    def done(first: date, last: date) -> list[tuple[date, int]]:
        wanted = wanted_within(reaching(town.root.path, first, last), first, last)
        found = evaluate(town.root.path, wanted, first, last, last)
        who = found.crowd.ids.tolist().index(town.liaison.id)
        return [(judged.span.since, int(judged.done[who])) for judged in found.rules[0].periods]

    assert done(date(2026, 12, 21), date(2027, 1, 10)) == [
        (date(2026, 12, 21), 10),
        (date(2026, 12, 28), 40),
        (date(2027, 1, 4), 500),
    ]
    assert done(date(2028, 2, 28), date(2028, 3, 5)) == [(date(2028, 2, 28), 75)]


@pytest.mark.parametrize("positions", [[0, 9, 1, 2, 9, 9, 5, 6, 8, 9], [9] * 10, [4, 0, 9, 1, 8, 7, 9, 2, 3, 5]])
def test_members_added_up_some_at_a_time_have_the_sums_of_all_at_once(
    positions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = np.random.default_rng(3)
    texts = [pack_many([(date(2026, 1, 1 + n), 1, int(dice.integers(-3, 9)), 0) for n in range(5)]) for _ in positions]
    year = PackedYear(2026, unpack(texts), np.array(positions, np.int32))
    spans = [Span(date(2026, 1, 2), date(2026, 1, 3)), Span(date(2026, 1, 4), date(2026, 1, 5))]
    ledger = PackedLedger({("minutes", ""): 1}, [year], 9)
    whole = ledger.sums(Counted(("minutes",)), spans).tolist()
    for block in (1, 2, 4, 8):
        monkeypatch.setattr(counting, "BLOCK", block)
        assert ledger.sums(Counted(("minutes",)), spans).tolist() == whole
