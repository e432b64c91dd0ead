"""Background work of courses."""

from lms import clock
from lms.courses import completing
from lms.jobs import queue


@queue.task("courses.catch_up")
def catch_up(course: int) -> None:
    """Book the completions of those who meet a course's rule as it is now."""
    completing.catch_up(course)


def open_courses() -> None:
    """Catch up for courses that begin about now: what was done before their first day counts from it on."""
    for course in completing.due_to_open(clock.today()):
        queue.ask("courses.catch_up", course)
