"""How two requirements get in each other's way, in words, and what to do about it."""

from collections.abc import Mapping

from lms.errors import N_
from lms.progress.clashing import Clash, Clashing
from lms.web.i18n import gettext

HEADINGS: Mapping[Clash, str] = {
    Clash.DUPLICATE: N_("Says the same as “%(title)s”"),
    Clash.AMOUNTS: N_("Contradicts “%(title)s”: another amount"),
    Clash.TREATMENT: N_("Contradicts “%(title)s”: reckoned otherwise"),
}
WHAT_TO_DO: Mapping[Clash, str] = {
    Clash.DUPLICATE: N_("One of the two is enough: leave this one, or end the other."),
    Clash.AMOUNTS: N_(
        "Both would stand side by side for the same people, and only the larger amount would matter. "
        "Change the other one instead, or narrow one of them down to other people or another kind."
    ),
    Clash.TREATMENT: N_(
        "The same person could stand well with one and badly with the other. Settle on one way and end the other. "
        "Different in: %(differs)s."
    ),
}
TREATMENT_WORDS: Mapping[str, str] = {
    "joining": N_("who joins within a period"),
    "leave": N_("leave of absence"),
    "where": N_("what counts of those who move"),
    "carry": N_("what happens to a surplus"),
    "coverage": N_("the goal for the unit"),
    "per_head": N_("whether it is for each resident"),
}


def clash_words(how: Clashing) -> tuple[str, str]:
    """Give the heading, with a place for the other's title, and what to do."""
    differs = gettext(", ").join(gettext(TREATMENT_WORDS[name]) for name in how.differs)
    said = gettext(WHAT_TO_DO[how.clash])
    return gettext(HEADINGS[how.clash]), said % {"differs": differs} if how.differs else said
