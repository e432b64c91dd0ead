"""A long command says how far it is, how fast it goes and how long it still takes."""

import io

from lms.progress_bar import ProgressBar


def test_the_line_shows_share_rate_and_time_left() -> None:
    bar = ProgressBar("rows", total=1000, stream=io.StringIO())
    bar.show(0)
    bar.show(250)
    text = bar.text(seconds=5.0)
    assert " 25% 250 rows, 50/s, 0:15 left" in text
    assert text.count("#") == 7


def test_work_of_an_earlier_run_counts_as_done_but_not_towards_the_rate() -> None:
    bar = ProgressBar("rows", total=1000, stream=io.StringIO())
    bar.show(900)
    bar.show(950)
    assert "950 rows, 10/s, 0:05 left" in bar.text(seconds=5.0)


def test_a_stream_that_is_no_terminal_gets_plain_lines() -> None:
    stream = io.StringIO()
    with ProgressBar("rows", total=2, stream=stream) as bar:
        bar.show(1)
        bar.show(2)
    assert "\r" not in stream.getvalue()
    assert "2 rows" in stream.getvalue().splitlines()[-2]
