"""Posting lists as bytes, and documents as posting lists."""

from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_index.analysis import KEYWORDS_WEIGHT, TITLE_WEIGHT, terms_of
from search_index.builder import Inverter
from search_index.postings import (
    DENSE_FREQUENCY,
    HEAD,
    MAX_FREQUENCY,
    Block,
    Postings,
    checked_dense,
    decode,
    dense_frequencies,
    encode,
    is_dense,
    singles,
    split,
)
from tests.search_index.asking import make

SIZES = st.sampled_from([1, 7, 300, 70_000, 300_000])


@st.composite
def lists(draw: st.DrawFn) -> tuple[int, list[dict[int, int]]]:
    """Draw the size of a segment, and posting lists over it, some dense and some with few gaps."""
    size = draw(SIZES)
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    found: list[dict[int, int]] = []
    for _ in range(draw(st.integers(1, 12))):
        count = min(size, draw(st.sampled_from([1, 2, 3, 20, 400, 20_000])))
        numbers = np.sort(chance.choice(size, count, replace=False)).tolist()
        found.append({number: int(chance.integers(1, draw(st.sampled_from([2, 5])))) for number in numbers})
    return size, found


@given(lists())
@settings(deadline=None, max_examples=60)
def test_posting_lists_are_read_as_they_were_written(drawn: tuple[int, list[dict[int, int]]]) -> None:
    size, written = drawn
    numbers = np.array([number for postings in written for number in postings], np.int32)
    frequencies = np.array([value for postings in written for value in postings.values()], np.uint8)
    counts = np.array([len(postings) for postings in written])
    blocks = encode(numbers, frequencies, counts, size, 8)
    data = bytes(8) + blocks.data.tobytes()
    several = [(place, len(postings)) for place, postings in zip(blocks.places.tolist(), written, strict=True)]
    starts = [place for place, count in several if count > 1]
    ends = dict(zip(starts, [*starts, len(data)][1:], strict=True))
    where = [Block(place, ends[place] - place, count) for place, count in several if count > 1]
    sparse = [block for block in where if not is_dense(block.postings, size)]
    found = {sparse[at]: postings for at, postings in split(decode(data, sparse, size))} if sparse else {}
    for block in where:
        if block not in found:
            times = dense_frequencies(checked_dense(data, block, size), size)
            found[block] = Postings(np.flatnonzero(times).astype(np.int32), times[times > 0])
    read = iter([found[block] for block in where])
    for postings, (place, count) in zip(written, several, strict=True):
        numbers, times = singles(np.array([place])) if count == 1 else next(read)
        most = DENSE_FREQUENCY if count > 1 and is_dense(count, size) else MAX_FREQUENCY
        expected = {number: min(value, most) for number, value in postings.items()}
        assert dict(zip(numbers.tolist(), times.tolist(), strict=True)) == expected


@given(
    st.binary(min_size=1, max_size=200), st.integers(-5, 200), st.integers(0, 200), st.integers(2, 50), st.booleans()
)
def test_bytes_that_are_no_list_never_give_documents_that_are_not_there(
    data: bytes, start: int, length: int, count: int, summed: bool
) -> None:
    size = 1000
    if summed and 0 <= start <= start + length <= len(data) and length > HEAD:
        checksum = zlib.crc32(data[start + HEAD : start + length], data[start]) & 0xFFFF
        data = data[: start + 1] + checksum.to_bytes(2, "little") + data[start + HEAD :]
    try:
        read = decode(data, [Block(start, length, count)], size)
    except ValueError:
        return
    assert len(read.ids) == len(read.frequencies) == count
    assert 0 <= read.ids.min() <= read.ids.max() < size


@pytest.mark.parametrize("run", [1, 3, 100])
def test_lists_gathered_over_many_runs_are_those_of_each_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: int
) -> None:
    monkeypatch.setattr("search_index.builder.RUN_DOCUMENTS", run)
    monkeypatch.setattr("search_index.builder.POSTINGS_AT_ONCE", 40)
    documents = [
        make(f"d{number}", f"学习 {number}", "学习型组织 learning " * (number % 3), keywords="陈志远", authors="圣吉")
        for number in range(20)
    ]
    inverter = Inverter(tmp_path / "runs")
    for document in documents:
        inverter.add(document)
    gathered: dict[int, dict[int, int]] = {}
    for part in inverter.lists():
        ends = np.cumsum(part.counts)
        for key, start, end in zip(part.keys.tolist(), (ends - part.counts).tolist(), ends.tolist(), strict=True):
            assert key not in gathered
            numbers, frequencies = part.numbers[start:end].tolist(), part.frequencies[start:end].tolist()
            gathered[key] = dict(zip(numbers, frequencies, strict=True))
    expected: dict[int, dict[int, int]] = {}
    lengths: list[int] = []
    for number, document in enumerate(documents):
        counts: Counter[int] = Counter()
        for text, weight in (
            (document.body, 1),
            (document.title, TITLE_WEIGHT),
            (document.keywords, KEYWORDS_WEIGHT),
            (document.authors, KEYWORDS_WEIGHT),
        ):
            for key in terms_of([text])[0].tolist():
                counts[key] += weight
        lengths.append(counts.total())
        for key, count in counts.items():
            expected.setdefault(key, {})[number] = min(count, MAX_FREQUENCY)
    assert gathered == expected
    assert inverter.lengths.tolist() == lengths
