"""Posting lists: what is written is what is read, whatever the numbers and however little memory there is."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_index.postings import ListPool, decode, encode

NUMBERS = st.sets(st.integers(0, 300) | st.integers(0, 70_000) | st.integers(0, 2**32 - 1), min_size=1, max_size=60)
FREQUENCIES = st.sampled_from([1, 2, 255, 256, 65_535, 65_536, 2**24])


@given(NUMBERS, st.lists(FREQUENCIES, min_size=60, max_size=60), st.booleans())
def test_a_posting_list_is_read_as_it_was_written(numbers: set[int], frequencies: list[int], all_one: bool) -> None:
    ids = sorted(numbers)
    counts = [1] * len(ids) if all_one else frequencies[: len(ids)]
    data = b"before" + encode(array("I", (value for pair in zip(ids, counts, strict=True) for value in pair)))
    read = decode(data, 6, len(data))
    assert read.ids.tolist() == ids
    assert read.frequencies.tolist() == counts


@given(st.binary(max_size=40), st.integers(-2, 45), st.integers(-2, 45))
def test_bytes_that_are_no_posting_list_are_refused_or_read_within_bounds(data: bytes, start: int, end: int) -> None:
    try:
        read = decode(data, start, end)
    except ValueError:
        return
    assert len(read.ids) == len(read.frequencies) <= len(data)


@pytest.mark.parametrize("limit", [1, 50, 10**9])
def test_lists_are_whole_and_in_order_however_often_memory_was_full(tmp_path: Path, limit: int) -> None:
    chance = random.Random(limit)
    pool, expected = ListPool(tmp_path, limit), {}
    for number in range(200):
        terms = {f"词{chance.randrange(40)}".encode(): chance.randint(1, 9) for _ in range(chance.randint(0, 9))}
        pool.add_document(number, {"text": terms, "key": {str(number).encode(): 1}})
        for term, frequency in terms.items():
            expected.setdefault(("text", term), []).extend((number, frequency))
        expected["key", str(number).encode()] = [number, 1]
    assert [(entry[:2], entry.pairs.tolist()) for entry in pool.iter_postings()] == sorted(expected.items())
    pool.cleanup()
    assert list(tmp_path.iterdir()) == []
