"""Checksums of many blocks at once: those of each by itself."""

from __future__ import annotations

import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search_index.checksums import SHORT, crc32_of_each


@given(st.lists(st.tuples(st.binary(max_size=2 * SHORT), st.integers(0, 255)), max_size=12))
def test_the_sums_of_many_blocks_are_those_of_zlib(blocks: list[tuple[bytes, int]]) -> None:
    ends = np.cumsum([len(block) for block, _ in blocks], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends])[: len(blocks)]
    data = np.frombuffer(b"".join(block for block, _ in blocks), np.uint8)
    begun = np.array([value for _, value in blocks], np.uint8)
    sums = crc32_of_each(data, starts, ends, begun)
    assert sums.tolist() == [zlib.crc32(block, value) for block, value in blocks]
