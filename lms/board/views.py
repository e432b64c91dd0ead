"""What the pages of the board show, made ready for their templates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from lms.amounts import number
from lms.board import rules, words
from lms.board.coverage import Group
from lms.board.frozen_queries import FrozenName, FrozenView
from lms.board.members import MemberCell, MemberLine
from lms.board.people import LateMember, People, PersonLine
from lms.board.queries import Beside, BesideLine, Board, TrendLine
from lms.board.reckoning import RuleLine
from lms.board.rules import Chosen
from lms.board.snapshot import FrozenLine
from lms.board.unit_lines import UnitFigure, UnitLine
from lms.board.unit_rules import Rate, Verdict
from lms.members.words import KINDS
from lms.progress.asking import DATES
from lms.progress.rules import LATE, Pace
from lms.progress.sentences import sentence
from lms.progress.wording import span_words
from lms.progress.words import figure_words
from lms.web.addresses import url_for
from lms.web.dates import day_short
from lms.web.i18n import gettext


def query_of(chosen: Chosen) -> dict[str, str]:
    """Give the part of an address that names the days."""
    if chosen.kind == DATES:
        return {"period": DATES, "since": chosen.span.since.isoformat(), "until": chosen.span.until.isoformat()}
    return {"period": chosen.kind, "day": chosen.span.since.isoformat()}


def address(endpoint: str, unit: int, chosen: Chosen, **more: object) -> str:
    """Give the address of a view of a unit over some days."""
    return str(url_for(f"board.{endpoint}", unit_id=unit, **query_of(chosen), **more))


def kinds(unit: int, chosen: Chosen, endpoint: str = "board") -> list[tuple[str, str, bool]]:
    """Give the kinds of period to choose from; another kind shows the one in which the days shown end."""
    return [
        (
            gettext(label),
            address(endpoint, unit, rules.choose(kind, chosen.span.until)),
            kind == chosen.kind,
        )
        for kind, label in words.PERIODS.items()
    ]


def campaigns(board: Board) -> list[tuple[str, str, bool]]:
    """Give the campaigns to choose from: what is asked once between two days that meet those shown."""
    found: dict[tuple[str, str], tuple[str, str, bool]] = {}
    for row in (*[one.row for one in board.lines], *[one.row for one in board.unit_lines]):
        since, until = row.asked.since, row.asked.until
        if row.asked.period is None and until is not None:
            days = rules.campaign(since, until)
            label = gettext("%(since)s to %(until)s", since=day_short(since), until=day_short(until))
            found[since.isoformat(), until.isoformat()] = (
                label,
                address("board", board.unit.id, days),
                days == board.chosen,
            )
    return list(found.values())


def around(unit: int, chosen: Chosen, today: date, endpoint: str = "board") -> dict[str, Any]:
    """Give the period shown with the addresses of those before and after; none begins in the future."""
    before, after = rules.beside(chosen, -1), rules.beside(chosen, 1)
    return {
        "words": words.period_words(chosen),
        "running": chosen.running(today),
        "before": address(endpoint, unit, before) if before else "",
        "after": address(endpoint, unit, after) if after and after.span.since <= today else "",
    }


def tabs(unit: int, chosen: Chosen, here: str, *, has_units: bool) -> list[tuple[str, str, bool]]:
    """Give the views of a unit."""
    labels = [("board", gettext("Requirements")), ("members", gettext("By member"))]
    if has_units:
        labels.append(("beside", gettext("Units side by side")))
    labels += [("trend", gettext("Trend")), ("frozen_periods", gettext("Frozen periods"))]
    return [(label, address(endpoint, unit, chosen), endpoint == here) for endpoint, label in labels]


def line(board: Board, one: RuleLine, titles: Mapping[str, str]) -> dict[str, Any]:
    """Put a requirement of members into what its entry shows."""
    total, unit, chosen = one.total, board.unit.id, board.chosen
    span, latest = one.last
    running = span.since <= board.today <= span.until
    several = len(one.periods) > 1

    def names(group: Group) -> str:
        return address("names", unit, chosen, rule=one.series, group=group.value)

    making, beside = words.parts_of(total)
    return {
        "title": one.row.title,
        "href": names(Group.ASKED),
        "share": words.percent(total.share),
        "met": total[Group.MET],
        "asked": total.asked,
        "late": bool(latest[Group.LATE]),
        "several": len(one.periods) if several else 0,
        "latest": span_words(one.row.asked.period, span) if several else "",
        "latest_met": latest[Group.MET],
        "latest_asked": latest.asked,
        "making": [
            (
                words.people_words(group, total[group], over=several or not running),
                names(group),
                group is Group.LATE and total[group] > 0,
            )
            for group in making
            if total[group] or group is not Group.ON_THE_WAY
        ],
        "beside": [(words.people_words(group, total[group]), names(group)) for group in beside],
        "remarks": [
            words.people_words(group, total[group], over=several or not running)
            for group in (*making[1:], *beside)
            if total[group]
        ]
        + [words.target_words(one.row.asked.coverage, total)] * bool(one.row.asked.coverage),
        "expected": words.expected_words(latest, running=running),
        "target": words.target_words(one.row.asked.coverage, total),
        "coverage": one.row.asked.coverage,
        "sentence": sentence(one.row, titles),
        "requirement": one.row.id,
    }


def unit_lines(board: Board, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Put what is asked of units into entries, a row for each unit: its latest period, how many were reached."""
    return [
        {
            "title": one.row.title,
            "sentence": sentence(one.row, titles),
            "rows": [_unit_row(board, one, unit) for unit in dict.fromkeys(figure.unit for figure in one.figures)],
        }
        for one in board.unit_lines
    ]


def _unit_row(board: Board, one: UnitLine, unit: int) -> dict[str, Any]:
    figures = one.of(unit)
    latest = figures[-1]
    index = latest.index
    return {
        "unit": board.names.get(unit, ""),
        "unit_href": address("board", unit, board.chosen),
        "period": span_words(one.row.asked.period, latest.span),
        "figure": words.unit_figure(one.row, latest, board)[0],
        "href": facts_address(unit, one, latest) if latest.standing else "",
        "parts": [_index_part(board, latest, part) for part in index.parts] if index else [],
        "among": [_unit_among(board, latest, other) for other in latest.among],
        "threshold": one.row.asked.amount if latest.standing is None else 0,
        "verdict": words.verdict_words(latest.verdict),
        "state": STATES.get(latest.verdict, "draft"),
        "reached": sum(held.verdict is Verdict.REACHED for held in figures),
        "periods": len(figures),
    }


STATES: Mapping[Verdict, str] = {Verdict.REACHED: "done", Verdict.MISSED: "late"}


def facts_address(unit: int, one: UnitLine, figure: UnitFigure) -> str:
    """Give the address of what stands behind a unit's own figure."""
    asked = one.row.asked.period
    days = Chosen(asked.value if asked else DATES, figure.span)
    return address("facts", unit, days, rule=one.row.id)


def _index_part(board: Board, figure: UnitFigure, part: Rate) -> dict[str, Any]:
    """Give a part of an index with the names behind it: those asked of the unit over the days of the index."""
    over = Chosen(board.chosen.kind, figure.span) if board.chosen.span == figure.span else Chosen(DATES, figure.span)
    of_members = part.series in board.member_series
    return {
        "title": board.titles.get(part.series, ""),
        "share": words.percent(part.share),
        "weight": part.weight,
        "met": number(part.met),
        "asked": number(part.asked),
        "href": address("names", figure.unit, over, rule=part.series, group=Group.ASKED.value) if of_members else "",
    }


def _unit_among(board: Board, figure: UnitFigure, unit: int) -> tuple[str, str, bool]:
    """Give a unit that could fulfil it: its name, the way to its board, whether it did."""
    return board.names.get(unit, ""), address("board", unit, board.chosen), unit in figure.reached


def person(one: PersonLine, remind: str = "") -> dict[str, Any]:
    """Put a member into a row of names, with the address of the evidence, and of reminding them where they can be."""
    return {
        "remind": remind if one.pace is Pace.BEHIND else "",
        "name": one.name,
        "unit": one.unit_name,
        "rule": one.title,
        "fraction": words.fraction(one),
        "say": words.standing_words(one),
        "since": words.since_words(one),
        "late": one.behind_since is not None,
        "periods": words.periods_words(one),
        "href": f"/progress/requirements/{one.requirement}/evidence?period={one.span.since}&member={one.id}",
    }


def member(one: MemberLine) -> dict[str, Any]:
    """Put a member into a row, with a cell for each requirement."""
    return {"name": one.name, "unit": one.unit_name, "cells": [_member_cell(one, cell) for cell in one.cells]}


def _member_cell(one: MemberLine, cell: MemberCell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "text": words.fraction(cell),
        "say": words.standing_words(cell),
        "late": cell.pace in LATE,
        "periods": words.periods_words(cell),
        "href": f"/progress/requirements/{cell.requirement}/evidence?period={cell.span.since}&member={one.id}",
    }


def late_member(one: LateMember) -> dict[str, Any]:
    """Put a member who is behind into a row, with what they are behind in."""
    return {"name": one.name, "unit": one.unit_name, "lines": [person(line) for line in one.lines]}


def groups(found: People, chosen: Chosen) -> list[tuple[str, str, bool, int | None]]:
    """Give the groups of a requirement to choose from, with how many are in each."""
    shown = [Group.LATE, Group.ON_THE_WAY, Group.MET]
    if found.counts is not None:
        shown += words.parts_of(found.counts)[1]
    if found.group not in shown:
        shown.append(found.group)
    more = {"rule": found.row.series} if found.row else {}
    return [
        (
            words.group_words(group),
            address("names", found.unit.id, chosen, group=group.value, **more),
            group is found.group,
            found.counts[group] if found.counts and group is not Group.ASKED else None,
        )
        for group in shown
    ]


def rule_of(found: Beside, sort: str) -> int | None:
    """Give the place of the requirement that units are put in order by."""
    return next((n for n, row in enumerate(found.rules) if str(row.series) == sort), None)


def unit_kinds(found: Beside, kind: str) -> list[tuple[str, str, bool]]:
    """Give the kinds of units to choose from."""
    unit, chosen = found.unit.id, found.chosen
    some = [(gettext(KINDS[one]), address("beside", unit, chosen, kind=one), one == kind) for one in found.kinds]
    return [(gettext("Right below"), address("beside", unit, chosen), not kind), *some]


def unit_heads(found: Beside, sort: str, kind: str) -> list[tuple[str, str, bool]]:
    """Give the headings of units side by side, each with the address that puts them in its order."""
    labels = [("name", gettext("Unit")), ("members", gettext("Members")), ("late", gettext("Behind"))]
    labels += [("share", gettext("All together")), *[(str(row.series), row.title) for row in found.rules]]
    more = {"kind": kind} if kind else {}
    return [
        (label, address("beside", found.unit.id, found.chosen, sort=key, **more), key == sort) for key, label in labels
    ]


def unit_row(one: BesideLine, chosen: Chosen) -> dict[str, Any]:
    """Put a unit into a row."""
    return {
        "name": one.name,
        "href": address("board", one.id, chosen),
        "members": one.members,
        "late": one.late,
        "share": words.percent(one.share),
        "cells": [(words.percent(cell.share), cell.met, cell.asked) for cell in one.cells],
    }


def trend_line(one: TrendLine, today: date, picture: Any) -> dict[str, Any]:
    """Put a requirement over past periods into a picture and the row behind it."""
    return {
        "title": one.row.title,
        "picture": picture,
        "cells": [
            (words.percent(counts.share), counts[Group.MET], counts.asked) if counts and counts.asked else None
            for _, counts in one.points
        ],
        "coverage": one.row.asked.coverage,
    }


def trend_said(one: TrendLine) -> str:
    """Say a picture in words."""
    known = [(step, counts) for step, counts in one.points if counts and counts.share is not None]
    if not known:
        return str(one.row.title)
    (first, before), (last, after) = known[0], known[-1]
    return str(
        gettext(
            "%(title)s: from %(before)s (%(first)s) to %(after)s (%(last)s)",
            title=one.row.title,
            before=words.percent(before.share),
            first=words.period_words(first),
            after=words.percent(after.share),
            last=words.period_words(last),
        )
    )


def frozen_line(view: FrozenView, one: FrozenLine) -> dict[str, Any]:
    """Put a requirement of a snapshot into a row."""
    met = sum(counts[Group.MET] for _, counts in one.periods)
    asked = sum(counts.asked for _, counts in one.periods)
    late = sum(counts[Group.LATE] for _, counts in one.periods)
    return {
        "title": one.title,
        "share": words.percent(met / asked if asked else None),
        "met": met,
        "asked": asked,
        "late": late,
        "beside": [gettext("%(num)s periods", num=len(one.periods))] * (len(one.periods) > 1)
        + [
            words.people_words(group, count)
            for group in (Group.ON_LEAVE, Group.EXEMPT, Group.TOO_LATE, Group.PART, Group.MOVED_AWAY, Group.LEFT)
            if (count := sum(counts[group] for _, counts in one.periods))
        ],
        "href": url_for("board.frozen", frozen_id=view.row.id, rule=one.requirement),
        "current": view.requirement == one.requirement,
    }


def frozen_name(view: FrozenView, one: FrozenName) -> list[str]:
    """Put a member of a snapshot into a row."""
    measure = next((held.measure for held in view.snapshot.lines if held.requirement == view.requirement), "")
    met = gettext("Done") if one.met == one.asked else gettext("Missed") if one.late else gettext("On track")
    return [
        one.name,
        one.unit_name,
        f"{figure_words(measure, one.done)} / {figure_words(measure, one.required)}",
        f"{one.met} / {one.asked}",
        str(met),
    ]
