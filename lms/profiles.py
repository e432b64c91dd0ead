"""What each profile of a deployment allows: the one place where it is decided. Pure.

Government bodies are held to published limits on formalism in their applications, so under their profile no timer
counts towards an appraisal, nobody is ranked, and nobody has to check in.
"""

from dataclasses import dataclass

from lms.errors import N_

COMMUNITY, ENTERPRISE, GOVERNMENT = "community", "enterprise", "government"
PROFILES = (COMMUNITY, ENTERPRISE, GOVERNMENT)


def timers_count(profile: str) -> bool:
    """Say whether time measured by a timer may be held against anybody: on boards, in an index, in reminders."""
    return profile != GOVERNMENT


def members_may_be_ranked(profile: str) -> bool:
    """Say whether members may be put in order of what they did; else they are listed by unit or name only.

    Units may stand side by side under every profile: it is people who may not be ranked.
    """
    return profile != GOVERNMENT


@dataclass(frozen=True)
class Guard:
    """Something that a profile may switch off: what it is, what holds where it is on, what where it is off."""

    key: str
    name: str
    on: str
    off: str


TIMERS = Guard(
    "timers",
    N_("Study time as a basis of appraisal"),
    N_("Requirements on study time stand on boards and in tables, and members are reminded of them."),
    N_(
        "Study time is for each member's own eyes only: it stands on no board, in no table and no index, no target may"
        " hang on it, and nobody is reminded because of it."
    ),
)
RANKING = Guard(
    "ranking",
    N_("Members in order of what they did"),
    N_("Lists of members may be put in order of how far they are."),
    N_("Members are listed by unit and name only, in pages, tables and the API."),
)
CHECK_IN = Guard(
    "check_in",
    N_("Checking in every day"),
    N_("There is no checking in, under no profile: nobody has to open the service on a certain day."),
    N_("There is no checking in, under no profile: nobody has to open the service on a certain day."),
)
BULK = Guard(
    "bulk",
    N_("Registers entered by the liaison for all"),
    N_("One entry by the liaison counts for the unit and for everybody; photos and files are never demanded."),
    "",
)
SOURCE = N_(
    "Measures for the Standardised Management of Government Mobile Internet Applications, General Office of the State"
    " Council, 2026: no forced check-in, ranking by points or counting of time online; study time is no basis of"
    " appraisal."
)


def guards_of(profile: str) -> list[tuple[Guard, bool]]:
    """Give what a profile may switch off, each with whether it is on."""
    return [
        (TIMERS, timers_count(profile)),
        (RANKING, members_may_be_ranked(profile)),
        (CHECK_IN, False),
        (BULK, True),
    ]
