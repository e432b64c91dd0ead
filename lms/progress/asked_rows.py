"""Requirements as rows: loaded, with the unit that asks, and which of them reach whom."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from peewee import Expression, fn

from lms.members import access
from lms.members.models import Unit
from lms.prepared import prepared
from lms.progress.asking import Asked, Subject, asked_from
from lms.progress.models import Requirement


@dataclass(frozen=True)
class RequirementRow:
    """One version of a requirement, with the unit that asks for it. ``series`` is what its versions share."""

    id: int
    title: str
    unit: int
    unit_name: str
    unit_path: str
    asked: Asked
    series: int
    version: int
    preset: str


def requirement_columns(unit: Any) -> tuple[Any, ...]:
    """Give the columns that ``row_of`` reads, for a select joined with the requirement's unit."""
    r = Requirement
    return (
        *(r.id, r.title, r.unit, unit.name, unit.path, r.measure, r.amount, r.period, r.since, r.until),
        *(r.spec, r.series, r.version, r.preset),
    )


def row_of(values: Sequence[Any]) -> RequirementRow:
    """Make a requirement of the values of ``requirement_columns``."""
    ident, title, unit, name, path, measure, amount, period, since, until, spec, series, version, preset = values
    asked = _asked(measure, amount, period, since, until, spec)
    return RequirementRow(ident, title, unit, name, path, asked, series or ident, version, preset)


@lru_cache(4096)
def _asked(measure: str, amount: int, period: str, since: date, until: date | None, spec: str) -> Asked:
    """Read a requirement once in a process: every home page needs the same few, and they never change."""
    return asked_from(measure, amount, period, since, until, json.loads(spec) if spec != "{}" else {})


def in_force_on(day: date) -> Expression:
    """Make the condition that a requirement is in force on a day."""
    return in_force_within(day, day)


def in_force_within(first: date, last: date) -> Expression:
    """Make the condition that a requirement is in force on any of some days."""
    return (Requirement.since <= last) & (Requirement.until.is_null() | (Requirement.until >= first))


def asked_of_members(units: Iterable[int], first: date, last: date) -> list[RequirementRow]:
    """Give the versions in force on any of some days that given units ask of their members, from the root down."""
    return rows_of(rows_asking_members(units, first, last))


def rows_asking_members(units: Iterable[int], first: date, last: date) -> list[tuple[Any, ...]]:
    """Give the same as rows, as the database holds them."""
    ids = sorted(units)
    return _asked_by(ids, first, last) if ids else []


def rows_of(rows: Iterable[Sequence[Any]]) -> list[RequirementRow]:
    """Make requirements of rows."""
    return [row_of(values) for values in rows]


@prepared
def _asked_by(units: Sequence[int], first: date, last: date) -> Any:
    return (
        Requirement.select(*requirement_columns(Unit))
        .join(Unit)
        .where(Requirement.unit.in_(units), Requirement.subject == Subject.MEMBER.value, in_force_within(first, last))
        .order_by(Unit.path, fn.COALESCE(Requirement.series, Requirement.id), Requirement.version.desc())
    )


def reaching(path: str, first: date, last: date) -> list[RequirementRow]:
    """Give every version in force on any of some days that reaches units or members at or below a path.

    Those of the units above come first: what a unit asks, it asks of all below. Of any subject.
    """
    above = [int(part) for part in path.strip("/").split("/")]
    rows = (
        Requirement.select(*requirement_columns(Unit))
        .join(Unit)
        .where(in_force_within(first, last), access.in_subtree(path) | Unit.id.in_(above))
        .order_by(Requirement.series, Requirement.version)
        .tuples()
    )
    found = [row_of(values) for values in rows]
    found.sort(key=lambda row: (len(row.unit_path), row.series, row.version))
    return found


def known_until(path: str, last: date) -> list[RequirementRow]:
    """Give every version that began by a day, also those that ended: all that a board may ask for, at once."""
    return reaching(path, date.min, last)


def within(rows: Iterable[RequirementRow], first: date, last: date) -> list[RequirementRow]:
    """Give those in force on any of some days."""
    return [r for r in rows if r.asked.since <= last and (r.asked.until is None or r.asked.until >= first)]


def in_force_everywhere(day: date) -> list[RequirementRow]:
    """Give every requirement in force on a day, of whatever unit and subject: for what is done for all at once."""
    query = Requirement.select(*requirement_columns(Unit)).join(Unit).where(in_force_on(day))
    return [row_of(values) for values in query.order_by(Unit.path, Requirement.id).tuples()]


def find_row(requirement: int) -> RequirementRow | None:
    """Give one version of a requirement, or None."""
    query = Requirement.select(*requirement_columns(Unit)).join(Unit).where(Requirement.id == requirement)
    values = query.tuples().first()
    return row_of(values) if values else None


def earlier_versions(
    rows: Iterable[RequirementRow], known: Iterable[RequirementRow] | None = None
) -> dict[int, list[RequirementRow]]:
    """Give all versions of those requirements that carry a surplus over, by series, the latest first.

    A version that is only looked at stands before those that are kept. No statement where nothing is carried over, nor
    where the versions are ``known``.
    """
    carrying = [row for row in rows if row.asked.carry]
    if not carrying:
        return {}
    found: dict[int, list[RequirementRow]] = {row.series: [row] for row in carrying if not row.id}
    series = sorted({row.series for row in carrying if row.series})
    for row in _versions_of(series, known) if series else ():
        found.setdefault(row.series, []).append(row)
    return found


def _versions_of(series: Sequence[int], known: Iterable[RequirementRow] | None) -> Iterable[RequirementRow]:
    if known is None:
        return rows_of(_versions(series))
    return sorted((row for row in known if row.series in series), key=lambda row: -row.version)


@prepared
def _versions(series: Sequence[int]) -> Any:
    of_series = fn.COALESCE(Requirement.series, Requirement.id)
    return (
        Requirement.select(*requirement_columns(Unit))
        .join(Unit)
        .where(of_series.in_(series))
        .order_by(of_series, Requirement.version.desc())
    )


def versions_of(series: int) -> list[RequirementRow]:
    """Give all versions of a requirement, the latest first."""
    query = (
        Requirement.select(*requirement_columns(Unit))
        .join(Unit)
        .where(fn.COALESCE(Requirement.series, Requirement.id) == series)
    )
    return [row_of(values) for values in query.order_by(Requirement.version.desc()).tuples()]
