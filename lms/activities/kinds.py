"""The kinds of activity: what each asks for, and which measures of the ledger it feeds. Adding a kind is one entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Whose(StrEnum):
    """For whom a count is booked."""

    UNIT = "unit"
    NAMED = "named"
    ATTENDED = "attended"
    SPOKE = "spoke"


class Amount(StrEnum):
    """How much a count is: one, or what the record says."""

    ONE = "one"
    SAID = "said"


@dataclass(frozen=True)
class Count:
    """A measure of the ledger that a kind of record feeds."""

    measure: str
    whose: Whose
    amount: Amount = Amount.ONE


@dataclass(frozen=True)
class Kind:
    """A kind of activity.

    ``unit`` ("days", "class_hours", "yuan" or "") is what the amount is counted in. ``personal``: a member enters it
    about themself; ``held``: a unit holds it, and with ``register`` its people are registered. ``fields`` are those
    that the form asks for besides title, day, text, link and files; ``needed`` those that must not be empty.
    """

    counts: tuple[Count, ...]
    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    unit: str = ""
    personal: bool = True
    held: bool = False
    register: bool = False


TOOK_PART = Count("took_part", Whose.ATTENDED)

# Adding a kind is one entry here, its words in lms/activities/words.py, and its measures in the ledger's list.
KINDS: Mapping[str, Kind] = {
    "group_study": Kind(
        (
            Count("group_study_held", Whose.UNIT),
            Count("group_study_days", Whose.UNIT, Amount.SAID),
            Count("group_study_expected", Whose.NAMED),
            Count("group_study_attended", Whose.ATTENDED),
            Count("group_study_spoke", Whose.SPOKE),
            TOOK_PART,
        ),
        ("starts", "minutes", "amount", "place"),
        ("minutes",),
        "days",
        personal=False,
        held=True,
        register=True,
    ),
    "business_study": Kind(
        (Count("business_study_attended", Whose.ATTENDED), TOOK_PART),
        ("starts", "minutes", "place"),
        held=True,
        register=True,
    ),
    "class_attended": Kind(
        (
            Count("lecture_attended", Whose.ATTENDED),
            Count("class_hours", Whose.ATTENDED, Amount.SAID),
            TOOK_PART,
        ),
        ("starts", "amount", "place"),
        unit="class_hours",
        held=True,
        register=True,
    ),
    "training": Kind(
        (
            Count("training_attended", Whose.ATTENDED),
            Count("class_hours", Whose.ATTENDED, Amount.SAID),
            TOOK_PART,
        ),
        ("until", "category", "amount", "place"),
        ("category",),
        unit="class_hours",
        held=True,
        register=True,
    ),
    "activity": Kind((TOOK_PART,), ("until", "starts", "place"), held=True, register=True),
    "field_research": Kind(
        (Count("field_research_days", Whose.ATTENDED, Amount.SAID), TOOK_PART),
        ("until", "amount", "place"),
        ("amount", "place"),
        unit="days",
    ),
    "research_topic": Kind((Count("research_topic_opened", Whose.ATTENDED),)),
    "lecture_given": Kind((Count("lecture_given", Whose.ATTENDED), TOOK_PART), ("minutes", "place")),
    "public_lecture": Kind(
        (Count("public_lecture_held", Whose.UNIT), Count("lecture_attended", Whose.ATTENDED), TOOK_PART),
        ("starts", "minutes", "place"),
        personal=False,
        held=True,
        register=True,
    ),
    "funds": Kind(
        (Count("funds_set_aside", Whose.UNIT, Amount.SAID),),
        ("amount",),
        ("amount",),
        "yuan",
        personal=False,
        held=True,
    ),
}

PERSONAL = tuple(key for key, kind in KINDS.items() if kind.personal)
HELD = tuple(key for key, kind in KINDS.items() if kind.held)
