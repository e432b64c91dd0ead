"""The log in words: places in a book, ratings, what one tap can note."""

from datetime import date
from typing import NamedTuple

from lms.reading.log_queries import share_of
from lms.reading.rules import BEST_RATING, MOST_PERCENT
from lms.web.dates import day_short, minutes_words
from lms.web.i18n import gettext, lazy_gettext, ngettext

STATE_WORDS = {
    "want": lazy_gettext("Want to read"),
    "reading": lazy_gettext("Reading"),
    "finished": lazy_gettext("Finished"),
    "abandoned": lazy_gettext("Given up"),
}
STEPS = (5, 10, 20)
MINUTES = (15, 30, 60)
STAR, NO_STAR = "\N{BLACK STAR}", "\N{WHITE STAR}"


class Tap(NamedTuple):
    """What one tap notes: the field's name, its value, the words on the button."""

    name: str
    value: int
    label: str


def state_choices() -> list[tuple[str, str]]:
    """Give the four states with their words, in the order in which a book goes through them."""
    return [(state, str(text)) for state, text in STATE_WORDS.items()]


def taps(page: int | None, percent: int | None, pages: int | None) -> list[Tap]:
    """Give what can be noted with one tap: some pages on, some percent on, or minutes where no place is known."""
    if page is not None or (pages and percent is None):
        reached = [(page or 0) + step for step in STEPS]
        labels = [ngettext("+%(num)s page", "+%(num)s pages", step) for step in STEPS]
        return [
            Tap("page", value, label)
            for value, label in zip(reached, labels, strict=True)
            if not pages or value <= pages
        ]
    if percent is not None:
        return [Tap("percent", percent + step, f"+{step}%") for step in STEPS if percent + step <= MOST_PERCENT]
    return [Tap("minutes", value, minutes_words(value)) for value in MINUTES]


def place_words(page: int | None, percent: int | None, pages: int | None) -> str:
    """Say where in a book a reader is; empty while nothing was noted."""
    if page is not None and pages:
        return str(gettext("Page %(page)s of %(pages)s", page=page, pages=pages))
    if page is not None:
        return str(gettext("Reached page %(page)s", page=page))
    return "" if percent is None else str(gettext("%(percent)s%% read", percent=percent))


def share_words(page: int | None, percent: int | None, pages: int | None) -> str:
    """Say in percent how much is read, for the spoken text of a line; empty while that is not known."""
    share = share_of(page, percent, pages)
    return "" if share is None else str(gettext("%(percent)s%% read", percent=share))


def noted_words(minutes: int, page: int | None, percent: int | None) -> str:
    """Say what a note holds besides its remark: minutes and the place reached."""
    parts = [minutes_words(minutes)] if minutes else []
    if page is not None:
        parts.append(gettext("to page %(page)s", page=page))
    if percent is not None:
        parts.append(gettext("to %(percent)s%%", percent=percent))
    return " · ".join(parts)


def stars(rating: int | None) -> str:
    """Draw a rating as five stars; empty for none."""
    return STAR * rating + NO_STAR * (BEST_RATING - rating) if rating else ""


def rating_words(rating: int) -> str:
    """Say a rating for those who do not see the stars."""
    return str(ngettext("%(num)s star", "%(num)s stars", rating))


def reading_words(number: int) -> str:
    """Name a reading of a book that was read several times: the second reading; empty for the first."""
    return "" if number < 2 else str(gettext("reading no. %(number)s", number=number))


def span_of_reading(started_on: date | None, finished_on: date | None) -> str:
    """Say the days of a reading as far as they are known."""
    if started_on and finished_on:
        return str(gettext("%(since)s to %(until)s", since=day_short(started_on), until=day_short(finished_on)))
    if finished_on:
        return str(gettext("Finished on %(day)s", day=day_short(finished_on)))
    return str(gettext("Begun on %(day)s", day=day_short(started_on))) if started_on else ""
