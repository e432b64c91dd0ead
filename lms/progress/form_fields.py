"""The form of a requirement: what was typed into its fields, turned into a requirement and back."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from werkzeug.datastructures import MultiDict

from lms.errors import N_, InvalidInput, LmsError
from lms.progress import checking
from lms.progress.asking import DATES, Asked, Each, Joining, Lasting, Leave, Subject, Where
from lms.progress.measures import Amount, measure_of
from lms.progress.presets import SCALE
from lms.progress.service import RequirementForm
from lms.web.view import attempt, day, whole_number

Values = dict[str, Any]
DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
# Three hours, 2 h 30 min, 2:30, in Chinese words as well.
HOURS = re.compile(
    "([0-9]{1,4})\\s*(?:\u4e2a?\u5c0f\u65f6|h|hours?|:)\\s*(?:([0-5]?[0-9])\\s*(?:\u5206\u949f?|min|minutes?)?)?",
    re.IGNORECASE,
)
SUBJECT = re.compile(r"(?:.*/)?(book|material|lecture)s?[:/]([1-9][0-9]{0,9})\b.*")
LISTS = ("tags", "without", "kinds", "also", "categories")
WORDS = re.compile(r"[,，、;；\n]")


def typed(form: MultiDict[str, str], errors: dict[str, LmsError], profile: str, preset: str = "") -> RequirementForm:
    """Read the form; what cannot be read is put into ``errors`` by field, and so is what is wrong with the whole."""
    measure = form.get("measure", "")
    spec = _spec(form, errors)
    read = RequirementForm(
        title=form.get("title", ""),
        measure=measure,
        amount=_amount(form, errors, "amount", measure),
        period=form.get("period", ""),
        since=attempt(errors, lambda: day(form.get("since"), "since")),
        until=attempt(errors, lambda: day(form.get("until"), "until")),
        spec=spec,
        preset=preset,
        profile=profile,
    )
    unread = errors.keys() & {"carry", "carry_periods", "most_per_day", "parts", "subjects"}
    for name, error in (read.plain_errors() if unread else read.errors()).items():
        errors.setdefault(name, error)
    return read


def _amount(form: Mapping[str, str], errors: dict[str, LmsError], name: str, measure: str) -> int | None:
    """Read an amount as people say it: 7.5 days, 2 yuan, 3 hours; minutes and counts are whole."""
    scale, least = SCALE.get(measure_of(measure).amount, 1), 1 if name == "amount" else 0
    raw = unicodedata.normalize("NFKC", form.get(name) or "").strip()
    hours = HOURS.fullmatch(raw)
    if hours and measure_of(measure).amount is Amount.MINUTES:
        raw = str(int(hours[1]) * 60 + int(hours[2] or 0))
    if scale == 1:
        return attempt(errors, lambda: whole_number(raw, name, least, checking.largest(measure)))
    if not raw:
        return None
    if not DECIMAL.fullmatch(raw):
        errors[name] = InvalidInput(N_("Please enter a number, such as 60 or 7.5."), field=name)
        return None
    whole, _, rest = raw.partition(".")
    return int(whole) * scale + int((rest or "0").ljust(2, "0")[:2]) * scale // 100


def _spec(form: MultiDict[str, str], errors: dict[str, LmsError]) -> Values:
    measure = form.get("measure", "")
    who: Values = {name: _listed(form, name) for name in ("tags", "without", "kinds")}
    for name in ("age_from", "age_to"):
        who[name] = _number(form, errors, name, 130)
    who["age_on"] = form.get("age_on") or "end"
    spec: Values = {
        "who": {name: value for name, value in who.items() if value not in (None, [], "")},
        "also": _listed(form, "also"),
        "categories": _listed(form, "categories"),
        "least": _number(form, errors, "least", 1_000_000) or 0,
        "subjects": _subjects(form.get("subjects", ""), errors),
        "most_per_day": _amount(form, errors, "most_per_day", measure) or 0,
        "subject": _one_of(Subject, form.get("subject"), Subject.MEMBER),
        "each": _one_of(Each, form.get("each"), Each.PERIOD),
        "after": form.get("after", "") if form.get("each") == Each.EVENT.value else "",
        "within": _number(form, errors, "within", 366) or 0,
        "joining": _one_of(Joining, form.get("joining"), Joining.PRORATED),
        "leave": _one_of(Leave, form.get("leave"), Leave.PRORATED),
        "where": _one_of(Where, form.get("where"), Where.ANYWHERE),
        "carry": _amount(form, errors, "carry", measure) or 0,
        "lasting": _one_of(Lasting, form.get("lasting"), Lasting.PERIODS),
        "carry_periods": _number(form, errors, "carry_periods", checking.MOST_CARRY_PERIODS),
        "coverage": _number(form, errors, "coverage", 100) or 0,
        "per_head": bool(form.get("per_head")),
        "parts": _parts(form, errors),
    }
    if spec["each"] == Each.SESSION.value:
        spec["after"] = "group_study_expected"
    if spec["each"] != Each.EVENT.value:
        spec["within"] = 0
    if not spec["carry"] or spec["carry_periods"] is None or spec["lasting"] != Lasting.PERIODS.value:
        spec["carry_periods"] = 1
    if not spec["carry"]:
        spec["lasting"] = Lasting.PERIODS.value
    return {name: value for name, value in spec.items() if value not in ("", [], {})}


def _one_of(choices: type[StrEnum], raw: str | None, usual: StrEnum) -> str:
    """Read a choice; one that is none is passed over."""
    return raw if raw in {one.value for one in choices} else usual.value


def _listed(form: MultiDict[str, str], name: str) -> list[str]:
    """Read a list: ticked boxes, and words typed with commas between them."""
    more = [word.strip() for word in WORDS.split(form.get(f"{name}_more", ""))]
    found = [*form.getlist(name), *more]
    return list(dict.fromkeys(word for word in found if word))


def _number(form: Mapping[str, str], errors: dict[str, LmsError], name: str, most: int) -> int | None:
    return attempt(errors, lambda: whole_number(form.get(name), name, 0, most))


def _subjects(raw: str, errors: dict[str, LmsError]) -> list[str]:
    """Read addresses of books, materials and lectures, one in a line."""
    found = []
    for line in raw.split():
        match = SUBJECT.fullmatch(line.strip())
        if match is None:
            errors["subjects"] = InvalidInput(
                N_("Please paste the address of a book, material or lecture, one in a line."), field="subjects"
            )
            continue
        found.append(f"{match[1]}:{match[2]}")
    return found


def _parts(form: MultiDict[str, str], errors: dict[str, LmsError]) -> list[Values]:
    if form.get("subject") not in (Subject.INDEX.value, Subject.SHARE.value):
        return []
    found = []
    for raw in form.getlist("parts"):
        if raw.isascii() and raw.isdigit() and len(raw) < 10:
            weight = _number(form, errors, f"weight_{raw}", checking.MOST_WEIGHT)
            found.append({"series": int(raw), "weight": 1 if weight is None else weight})
    return found


def values_of(title: str, asked: Asked, unit: int | None = None) -> MultiDict[str, str]:
    """Give the fields of the form that show a requirement."""
    scale = SCALE.get(measure_of(asked.measure).amount, 1)
    who = asked.who
    values: MultiDict[str, str] = MultiDict(
        {
            "title": title,
            "unit": str(unit or ""),
            "measure": asked.measure,
            "amount": _said(asked.amount, scale),
            "period": asked.period.value if asked.period else DATES,
            "since": asked.since.isoformat(),
            "until": asked.until.isoformat() if asked.until else "",
            "age_from": "" if who.age_from is None else str(who.age_from),
            "age_to": "" if who.age_to is None else str(who.age_to),
            "age_on": who.age_on,
            "least": str(asked.least or ""),
            "subjects": "\n".join(asked.subjects),
            "most_per_day": _said(asked.most_per_day, scale) if asked.most_per_day else "",
            "subject": asked.subject.value,
            "each": asked.each.value,
            "after": asked.after,
            "within": str(asked.within or ""),
            "joining": asked.joining.value,
            "leave": asked.leave.value,
            "where": asked.where.value,
            "carry": _said(asked.carry, scale) if asked.carry else "",
            "lasting": asked.lasting.value,
            "carry_periods": str(asked.carry_periods) if asked.carry else "",
            "coverage": str(asked.coverage or ""),
            "per_head": "1" if asked.per_head else "",
        }
    )
    values.setlist("also", list(asked.also))
    values.setlist("categories", list(asked.categories))
    for name in ("tags", "without", "kinds"):
        values.setlist(name, list(getattr(who, name)))
    values.setlist("parts", [str(part.series) for part in asked.parts])
    for part in asked.parts:
        values[f"weight_{part.series}"] = str(part.weight)
    return values


def _said(amount: int, scale: int) -> str:
    whole, rest = divmod(amount, scale)
    digits = len(str(scale)) - 1
    return str(whole) + (f".{rest:0{digits}d}".rstrip("0") if rest else "")
