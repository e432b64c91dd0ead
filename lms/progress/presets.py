"""Ready-made requirements of real learning organisations, from ``presets.toml``: to be chosen, adjusted and saved."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from lms.periods import Period, period_of
from lms.progress.asking import DATES, Asked, asked_from, spec_of
from lms.progress.measures import Amount, measure_of

FILE = Path(__file__).with_name("presets.toml")
OWN = frozenset({"id", "zh", "en", "source", "measure", "amount", "period", "needs", "parts"})
# What people say of an amount against what is kept: days and class hours in tenths, yuan in fen.
SCALE: Mapping[Amount, int] = {Amount.TENTH_DAYS: 10, Amount.TENTH_HOURS: 10, Amount.FEN: 100}


@dataclass(frozen=True)
class Preset:
    """A row of the file. ``titles`` by language; ``needs`` the fields that only the unit can fill in.

    ``spec`` is as a requirement keeps it, but for ``parts``: pairs of another preset's id and its weight.
    """

    id: str
    titles: Mapping[str, str]
    source: str
    measure: str
    amount: int
    period: str
    spec: Mapping[str, Any]
    parts: tuple[tuple[str, int], ...]
    needs: tuple[str, ...]

    def title(self, locale: str) -> str:
        """Give the title in a language, in English where there is none."""
        return self.titles.get(locale.split("_")[0], self.titles["en"])

    def asked(self, today: date, series: Mapping[str, int] | None = None, until: date | None = None) -> Asked:
        """Give what it asks from the beginning of the current period on.

        ``series`` tells which requirement of the unit was taken from which preset; parts without one are left out.
        """
        known = series or {}
        parts = [{"series": known[one], "weight": weight} for one, weight in self.parts if one in known]
        spec = {**self.spec, "parts": parts} if parts else self.spec
        since = today if self.period == DATES else period_of(today, Period(self.period)).since
        return asked_from(self.measure, self.amount, self.period, since, until, spec)


@lru_cache
def all_presets() -> tuple[Preset, ...]:
    """Give all presets in the order of the file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["preset"]
    return tuple(_preset(row) for row in rows)


def _preset(row: Mapping[str, Any]) -> Preset:
    measure = row["measure"]
    spec = {name: value for name, value in row.items() if name not in OWN}
    amount = row["amount"] * SCALE.get(measure_of(measure).amount, 1)
    plain = asked_from(measure, amount, row["period"], date(2000, 1, 1), date(2000, 1, 1), spec)
    return Preset(
        row["id"],
        {"zh": row["zh"], "en": row["en"]},
        row["source"],
        measure,
        amount,
        row["period"],
        spec_of(plain),
        tuple((part["preset"], part["weight"]) for part in row.get("parts", ())),
        tuple(row.get("needs", ())),
    )


def find_preset(ident: str) -> Preset | None:
    """Give the preset with an id, or None."""
    return next((preset for preset in all_presets() if preset.id == ident), None)
