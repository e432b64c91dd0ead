"""The words of people's things, for pages and API: kinds of unit, roles, spans of time."""

from datetime import date

from lms.errors import N_
from lms.web.dates import day_short
from lms.web.i18n import gettext

KINDS = {
    "agency": N_("Agency"),
    "community": N_("Community"),
    "village": N_("Village"),
    "enterprise": N_("Enterprise"),
    "school": N_("School"),
    "branch": N_("Branch"),
    "group": N_("Group"),
    "family": N_("Family"),
}

ROLES = {
    "member": N_("Member"),
    "lecturer": N_("Lecturer"),
    "liaison": N_("Liaison"),
    "administrator": N_("Administrator"),
}


def kind_words(kind: str) -> str:
    """Name a kind of unit."""
    return str(gettext(KINDS[kind]))


def role_words(role: str) -> str:
    """Name a role."""
    return str(gettext(ROLES[role]))


def span_words(since: date, until: date | None) -> str:
    """Say from when to when; the last day counts."""
    if until is None:
        return str(gettext("from %(day)s on", day=day_short(since)))
    return str(gettext("%(since)s to %(until)s", since=day_short(since), until=day_short(until)))
