"""The words of activity records."""

from lms.activities.rules import KINDS
from lms.amounts import number
from lms.errors import N_
from lms.web.dates import minutes_words
from lms.web.i18n import gettext, lazy_gettext, ngettext

KIND_NAMES = {
    "group_study": N_("Group study"),
    "business_study": N_("Business study"),
    "class_attended": N_("Lecture or class attended"),
    "training": N_("Training"),
    "activity": N_("Learning activity"),
    "field_research": N_("Field research"),
    "research_topic": N_("Research topic opened"),
    "lecture_given": N_("Lecture given"),
    "public_lecture": N_("Public lecture held"),
    "funds": N_("Funds set aside"),
}
KIND_WORDS = {kind: lazy_gettext(name) for kind, name in KIND_NAMES.items()}
HINTS = {
    "business_study": lazy_gettext("Study of what your work needs, together or alone."),
    "class_attended": lazy_gettext("In person: a special lecture, a class, a lesson elsewhere."),
    "training": lazy_gettext("Some days of training, with the kind and the class hours."),
    "activity": lazy_gettext("A campaign, a reading forum, a learning festival."),
    "field_research": lazy_gettext("Days at a place, with what you looked into."),
    "research_topic": lazy_gettext("A question you have begun to look into."),
    "lecture_given": lazy_gettext("You have taught others."),
    "group_study": lazy_gettext("One entry counts for the unit and for everybody in its register."),
    "public_lecture": lazy_gettext("A lecture that your unit held for everybody."),
    "funds": lazy_gettext("Money that a unit has set aside for learning."),
}
CATEGORY_NAMES = {
    "before_job": N_("Before the job"),
    "on_job": N_("On the job"),
    "transfer": N_("On transfer"),
    "half_time": N_("Half-time"),
    "away": N_("Away"),
    "rotation": N_("Rotation, in batches"),
}
CATEGORY_WORDS = {"": "", **{key: lazy_gettext(name) for key, name in CATEGORY_NAMES.items()}}
STATE_WORDS = {
    "planned": lazy_gettext("Scheduled"),
    "waiting": lazy_gettext("Waiting for confirmation"),
    "confirmed": lazy_gettext("Confirmed"),
    "returned": lazy_gettext("Returned"),
    "withdrawn": lazy_gettext("Withdrawn"),
}
STATE_PILLS = {
    "planned": "preparing",
    "waiting": "preparing",
    "confirmed": "done",
    "returned": "late",
    "withdrawn": "draft",
}
STEP_WORDS = {
    "planned": lazy_gettext("scheduled"),
    "entered": lazy_gettext("entered"),
    "changed": lazy_gettext("changed"),
    "corrected": lazy_gettext("corrected"),
    "confirmed": lazy_gettext("confirmed"),
    "returned": lazy_gettext("returned"),
    "reopened": lazy_gettext("confirmation taken back"),
    "registered": lazy_gettext("register written"),
    "made_up": lazy_gettext("made up"),
    "withdrawn": lazy_gettext("withdrawn"),
    "restored": lazy_gettext("brought back"),
}
MARK_NAMES = {"": N_("Not expected"), "present": N_("Present"), "leave": N_("Leave"), "absent": N_("Absent")}
MARK_WORDS = {mark: lazy_gettext(name) for mark, name in MARK_NAMES.items()}
SPOKE = N_("Spoke")
AMOUNT_LABELS = {
    "days": (lazy_gettext("Days"), lazy_gettext("Half days as 0.5.")),
    "class_hours": (lazy_gettext("Class hours"), lazy_gettext("As on the certificate; half ones as 0.5.")),
    "yuan": (lazy_gettext("Amount in yuan"), ""),
}


def amount_text(kind: str, amount: int | None) -> str:
    """Write an amount as it is typed: 1.5, 128.50."""
    if amount is None:
        return ""
    if KINDS[kind].unit == "yuan":
        return f"{amount // 100}.{amount % 100:02d}"
    return f"{amount // 10}.{amount % 10}" if amount % 10 else str(amount // 10)


def amount_words(kind: str, amount: int | None) -> str:
    """Say an amount with its unit: 1.5 days, 6 class hours, 100 000 yuan."""
    unit = KINDS[kind].unit
    if amount is None or not unit:
        return ""
    whole, _, rest = amount_text(kind, amount).partition(".")
    text = number(int(whole)) + (f".{rest}" if rest.strip("0") else "")
    several = 1 if amount == 10 else 2  # one and a half are several
    if unit == "days":
        return str(ngettext("%(days)s day", "%(days)s days", several, days=text))
    return str(
        ngettext("%(hours)s class hour", "%(hours)s class hours", several, hours=text)
        if unit == "class_hours"
        else gettext("%(amount)s yuan", amount=text)
    )


def length_words(kind: str, minutes: int | None, amount: int | None) -> str:
    """Say how long it took and how much it counts."""
    parts = [minutes_words(minutes) if minutes else "", amount_words(kind, amount)]
    return " · ".join(part for part in parts if part)
