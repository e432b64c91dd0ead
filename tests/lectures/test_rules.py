"""Where to go on, and what may be typed of a lecture."""

from datetime import date

import pytest

from lms.lectures import rules


@pytest.mark.parametrize(
    ("position", "duration", "expected"), [(100, 600, 100), (590, 600, 0), (0, 600, 0), (9.5, 10, 0), (8, 10, 8)]
)
def test_a_recording_heard_to_its_end_begins_again(position: float, duration: float, expected: float) -> None:
    assert rules.resume_at(position, duration) == expected


def test_every_fault_of_the_details_is_named_at_once() -> None:
    faults = rules.problems(
        rules.Details(title="", speaker="x" * 81, unit=None, summary="a\0b", held_on=date(2030, 1, 1)),
        date(2026, 11, 23),
    )
    assert set(faults) == {"title", "speaker", "unit", "summary", "held_on"}


def test_titles_are_tidied_and_a_full_length_one_passes() -> None:
    details = rules.tidy(rules.Details(title="  带着 \n问题 ", speaker="陈" * 80, unit=1, summary="一\r\n二\r三"))
    assert (details.title, details.summary) == ("带着 问题", "一\n二\n三")
    assert rules.problems(details, date(2026, 11, 23)) == {}
