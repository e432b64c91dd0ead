"""Commands on requirements: what a unit asks of its members is data that its liaison keeps."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import fn

from lms import clock
from lms.db import one_at_a_time, transactional
from lms.errors import N_, InvalidInput, NotFound
from lms.members import access
from lms.members.access import Action, Actor
from lms.members.models import UNIT_KINDS, Unit
from lms.periods import Period
from lms.progress import rules
from lms.progress.asking import DATES, Asked, Subject, asked_from, spec_of
from lms.progress.checking import check_asked, check_requirement
from lms.progress.models import Exemption, Requirement

GONE = N_("There is no such requirement, or it does not concern you.")


@dataclass(frozen=True)
class RequirementForm:
    """What a liaison says of a requirement; ``amount`` in the measure's unit, the last day counts.

    ``spec`` holds the finer points as they are kept; ``profile`` decides what a target may hang on.
    """

    title: str
    measure: str
    amount: int | None
    period: str
    since: date | None
    until: date | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    preset: str = ""
    profile: str = "community"

    def errors(self) -> dict[str, InvalidInput]:
        """Give what is wrong, by field."""
        plain = self.plain_errors()
        if plain:
            return plain
        try:
            asked = self.asked()
        except InvalidInput as error:
            return {"spec": error}
        found = check_asked(asked, self.profile)
        if not set(asked.who.kinds) <= set(UNIT_KINDS):
            found.setdefault("kinds", InvalidInput(N_("There is no such kind of unit."), field="kinds"))
        return found

    def plain_errors(self) -> dict[str, InvalidInput]:
        """Give what is wrong with the plain part, by field."""
        return check_requirement(self.title, self.measure, self.amount, self.period, self.since, self.until)

    def asked(self) -> Asked:
        """Give the requirement; its plain part must be right. Raises InvalidInput for a spec that makes no sense."""
        try:
            return asked_from(
                self.measure, self.amount or 0, self.period, self.since or clock.today(), self.until, self.spec
            )
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise InvalidInput(N_("This cannot be read as a requirement."), field="spec") from error

    def checked(self) -> dict[str, Any]:
        """Give the columns to write. Raises InvalidInput with the first thing that is wrong."""
        for error in self.errors().values():
            raise error
        asked = self.asked()
        return {
            "title": self.title.strip(),
            "measure": self.measure,
            "amount": self.amount,
            "period": self.period,
            "since": self.since,
            "until": self.until,
            "subject": asked.subject.value,
            "spec": json.dumps(spec_of(asked), ensure_ascii=False, sort_keys=True),
        }


@transactional
def add_requirement(actor: Actor, unit: int, form: RequirementForm) -> int:
    """Ask something of a unit's members, and give the new requirement's id.

    Raises NotFound for no such unit, Forbidden without the right on it, InvalidInput.
    """
    path = require_on(actor, unit)
    values = form.checked()
    check_parts(form.asked(), path)
    requirement: int = Requirement.create(unit=unit, preset=form.preset, **values).id
    Requirement.update(series=requirement).where(Requirement.id == requirement).execute()
    return requirement


@transactional
def change_requirement(actor: Actor, requirement: int, form: RequirementForm) -> int:
    """Change a requirement and give the id of the version that is now in force.

    A closed period keeps what was asked in it: a version that has seen one ends with the last closed period, and a
    new one goes on from the first day of the current; its first day cannot be moved any more. Its name and last day
    alone change in place. Raises NotFound, Forbidden, InvalidInput.
    """
    stored = _stored(actor, requirement)
    values = form.checked()
    check_parts(form.asked(), require_on(actor, stored.unit))
    period = None if stored.period == DATES else Period(stored.period)
    first = rules.new_version_from(stored.since, period, clock.today())
    if first is None:
        Requirement.update(**values).where(Requirement.id == stored.id).execute()
        return int(stored.id)
    values["since"] = first
    lasting = ("measure", "amount", "period", "spec")
    if all(values[name] == getattr(stored, name) for name in lasting):
        Requirement.update(title=values["title"], until=values["until"]).where(Requirement.id == stored.id).execute()
        return int(stored.id)
    if values["until"] is not None and values["until"] < first:
        raise InvalidInput(N_("The last day lies in a period that is closed already."), field="until")
    Requirement.update(until=first - timedelta(days=1)).where(Requirement.id == stored.id).execute()
    series = stored.series or stored.id
    changed: int = Requirement.create(
        unit=stored.unit, preset=stored.preset, series=series, version=stored.version + 1, **values
    ).id
    return changed


@transactional
def end_requirement(actor: Actor, requirement: int) -> None:
    """Let a requirement end today; today still counts. One that has not begun is taken away.

    Raises NotFound, Forbidden.
    """
    stored = _stored(actor, requirement)
    today = clock.today()
    if stored.since > today:
        Exemption.delete().where(Exemption.series == (stored.series or stored.id)).execute()
        Requirement.delete().where(Requirement.id == stored.id).execute()
    elif stored.until is None or stored.until > today:
        Requirement.update(until=today).where(Requirement.id == stored.id).execute()


def _stored(actor: Actor, requirement: int) -> Requirement:
    """Give the latest version of a requirement, whichever of its versions is named: earlier ones are closed."""
    series = Requirement.select(Requirement.series).where(Requirement.id == requirement).scalar() or requirement
    one_at_a_time(f"requirement:{series}")
    of_series = fn.COALESCE(Requirement.series, Requirement.id) == series
    stored: Requirement | None = Requirement.select().where(of_series).order_by(Requirement.version.desc()).first()
    if stored is None:
        raise NotFound(GONE)
    require_on(actor, stored.unit)
    return stored


def check_parts(asked: Asked, path: str) -> None:
    """Raise InvalidInput unless an index or share is made of requirements that reach the unit with a path.

    An index is made of what members or units do, a share of one of these or of an index: so nothing refers to itself.
    """
    wanted = {part.series for part in asked.parts}
    if not wanted:
        return
    rows = (
        Requirement.select(Requirement.series, Requirement.subject, Unit.path)
        .join(Unit)
        .where(Requirement.series.in_(wanted))
        .tuples()
    )
    allowed = {Subject.MEMBER, Subject.UNIT} | ({Subject.INDEX} if asked.subject is Subject.SHARE else set())
    sound = {
        series for series, subject, of in rows if subject in allowed and (of.startswith(path) or path.startswith(of))
    }
    if wanted - sound:
        raise InvalidInput(N_("An index or share can only be made of requirements of this unit."), field="parts")


def require_on(actor: Actor, unit: int) -> str:
    """Give the path of a unit on which the actor may set requirements. Raises NotFound, Forbidden."""
    path: str | None = Unit.select(Unit.path).where(Unit.id == unit).scalar()
    if path is None:
        raise NotFound(N_("There is no such unit."))
    access.require(actor, Action.REQUIREMENT_EDIT, path)
    return path
