"""The arithmetic of pieces: whatever is sent in whatever order, what is stored is a beginning of the file."""

import base64
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Conflict, InvalidInput, TooLarge
from lms.uploads import rules
from lms.uploads.rules import MIB, Destination, Room

CONTENT = bytes(range(256)) * 4


@given(st.lists(st.tuples(st.integers(0, 1100), st.integers(0, 600)), max_size=40), st.integers(1, len(CONTENT)))
def test_pieces_in_any_order_leave_a_beginning_of_the_file_and_never_more(
    pieces: list[tuple[int, int]], length: int
) -> None:
    stored = b""
    for offset, size in pieces:
        before = stored
        try:
            rules.check_offset(offset, len(stored), length)
            rules.check_fits(offset, len(CONTENT[offset : offset + size]), length)
            stored += CONTENT[offset : offset + size]
        except (Conflict, TooLarge):
            assert stored == before
        assert CONTENT.startswith(stored)
        assert len(stored) <= length


@given(st.integers(1, len(CONTENT)), st.sets(st.integers(1, len(CONTENT) - 1)))
def test_any_division_of_a_file_is_taken_whole(length: int, cuts: set[int]) -> None:
    marks = [0, *sorted(cut for cut in cuts if cut < length), length]
    received = 0
    for begin, end in pairwise(marks):
        rules.check_offset(begin, received, length)
        rules.check_fits(begin, end - begin, length)
        received = end
    assert received == length


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.text(max_size=30), max_size=5))
def test_what_a_client_says_is_read_back(told: dict[str, str]) -> None:
    written = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
    assert rules.read_metadata(written) == told


@given(st.text(max_size=400))
def test_headers_of_any_kind_are_read_or_refused(raw: str) -> None:
    for read in (rules.read_metadata, rules.read_checksum, lambda text: rules.whole_number(text, "Upload-Offset")):
        try:
            read(raw)
        except InvalidInput:
            continue


@given(st.text(min_size=1, max_size=400))
def test_a_name_is_never_a_path_and_never_long(raw: str) -> None:
    shown = rules.shown_name(raw)
    assert 0 < len(shown) <= rules.NAME_CHARS
    assert not set("/\\\0\n\r\u202e") & set(shown)


def test_the_end_of_a_long_name_stays() -> None:
    assert rules.shown_name("讲" * 300 + ".recording.mp4").endswith(".mp4")


@given(st.integers(0, 10 * MIB), st.integers(1, 10 * MIB), st.integers(0, 20))  # an empty file is refused before
def test_a_share_is_never_passed(used: int, length: int, allowed: int) -> None:
    room, free = Room(used, allowed * MIB), Room(0, 0)
    for mine, unit in ((room, free), (free, room)):
        try:
            rules.check_rooms(length, mine, unit, Destination(None))
        except TooLarge:
            assert allowed and used + length > allowed * MIB
        else:
            assert not allowed or used + length <= allowed * MIB


def test_a_fingerprint_that_is_not_plain_is_passed_over() -> None:
    said = SimpleNamespace(fine="1f-00ff-aa11", odd="讲座", long="x" * 81)
    assert [rules.fingerprint({"fingerprint": value}) for value in vars(said).values()] == ["1f-00ff-aa11", "", ""]
    with pytest.raises(TooLarge, match="the limit is 5 MB"):
        rules.check_length(6 * MIB, 5 * MIB)
