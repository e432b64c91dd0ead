"""How two requirements get in each other's way: the same asked twice, or the same asked differently. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from lms.progress.asking import Asked, Subject
from lms.progress.rules import LAST_DAY


class Clash(StrEnum):
    """DUPLICATE: all the same. AMOUNTS: another amount of the same. TREATMENT: the same amount, reckoned otherwise."""

    DUPLICATE = "duplicate"
    AMOUNTS = "amounts"
    TREATMENT = "treatment"


# What decides how the same amount is reckoned, each with the fields that say so.
TREATMENTS: dict[str, tuple[str, ...]] = {
    "joining": ("joining",),
    "leave": ("leave",),
    "where": ("where",),
    "carry": ("carry", "lasting", "carry_periods"),
    "coverage": ("coverage",),
    "per_head": ("per_head",),
}


@dataclass(frozen=True)
class Clashing:
    """In what way two requirements clash; ``differs`` names what is reckoned otherwise."""

    clash: Clash
    differs: tuple[str, ...] = ()


def clashing(one: Asked, other: Asked) -> Clashing | None:
    """Say how two requirements that reach the same people get in each other's way, None when they do not.

    They do when both ask the same thing of the same kind of people in the same kind of period at the same time.
    Narrowed down differently they are two things.
    """
    if one.subject not in (Subject.MEMBER, Subject.UNIT) or not _same_thing(one, other) or not _at_once(one, other):
        return None
    if one.amount != other.amount:
        return Clashing(Clash.AMOUNTS)
    differs = tuple(
        name for name, of in TREATMENTS.items() if any(getattr(one, field) != getattr(other, field) for field in of)
    )
    return Clashing(Clash.TREATMENT, differs) if differs else Clashing(Clash.DUPLICATE)


def _same_thing(one: Asked, other: Asked) -> bool:
    def thing(asked: Asked) -> tuple[object, ...]:
        return asked.counted, asked.period, asked.who, asked.subject, asked.each, asked.after, asked.within

    return thing(one) == thing(other)


def _at_once(one: Asked, other: Asked) -> bool:
    return one.since <= (other.until or LAST_DAY) and other.since <= (one.until or LAST_DAY)
