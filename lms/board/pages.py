"""Pages of the board: how a unit stands, who is behind each number, units side by side, past periods, frozen ones."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lms import clock
from lms.board import drawing, frozen_queries, people, queries, rules, service, tables, views, words
from lms.board import facts as unit_facts
from lms.board import members as one_by_one
from lms.board.coverage import Group
from lms.board.frozen_queries import FrozenView
from lms.board.queries import BesideLine, UnitHead
from lms.board.rules import Chosen
from lms.errors import InvalidInput, LmsError
from lms.members import access
from lms.members.access import Action
from lms.name_order import name_key
from lms.progress.asking import DATES
from lms.progress.naming import titles_in
from lms.progress.queries import list_top_units
from lms.progress.sentences import sentence
from lms.progress.words import amount_words, evidence_title, figure_words, measure_words
from lms.web.addresses import url_for
from lms.web.attachments import attachment
from lms.web.i18n import gettext
from lms.web.i18n import words as error_words
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import day, page_number, trusted_html

pages = Blueprint("board", __name__)

UNIT = "/board/<int(max=2147483647):unit_id>"
FROZEN = "/board/frozen/<int(max=2147483647):frozen_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SORTS = ("name", "members", "late", "share")


def chosen_days(source: Any) -> Chosen:
    """Read which days are asked for: a kind of period with a day in it, or the dates of a campaign."""
    try:
        if source.get("period") == DATES:
            since, until = day(source.get("since"), "since"), day(source.get("until"), "until")
            if since and until:
                return rules.campaign(since, until)
        within = day(source.get("day"), "day")
    except InvalidInput:
        within = None
    return rules.choose(source.get("period", ""), within or clock.today())


def address(endpoint: str, unit: int, chosen: Chosen, **more: object) -> str:
    """Give the address of a view of a unit over the same days."""
    return str(url_for(f"board.{endpoint}", unit_id=unit, **views.query_of(chosen), **more))


@pages.get("/board")
def boards() -> str | AnyResponse:
    """Lead to the board of the unit that the actor looks after, or show which there are."""
    access.require(actor(), Action.PROGRESS_OF_OTHERS)
    units = list_top_units(actor(), Action.PROGRESS_OF_OTHERS)
    if len(units) == 1:
        return redirect(url_for("board.board", unit_id=units[0][0]), code=303)
    return render_template("board/boards.html", units=units)


@pages.get(UNIT)
def board(unit_id: int) -> str:
    """Show how a unit stands: first in words, then requirement by requirement."""
    return _board_page(unit_id, "board/board.html")


@pages.get(UNIT + "/report")
def report(unit_id: int) -> str:
    """Show the same on one sheet of paper."""
    return _board_page(unit_id, "board/report.html")


def _board_page(unit_id: int, template: str) -> str:
    chosen = chosen_days(request.args)
    head, ground = queries.get_with_ground(actor(), unit_id)
    found, reckoning = queries.board_of(head, chosen, clock.today(), profile(), ground)
    ranked = rules.members_may_be_ranked(profile())
    on_paper = template == "board/report.html"
    behind = [] if on_paper else people.late_members(reckoning, queries.FIRST_NAMES, ranked=ranked)
    concerning = [one for one in found.lines if one.concerns_anybody]
    titles = titles_in([*[line.row.asked for line in found.lines], *[line.row.asked for line in found.unit_lines]])
    return render_template(
        template,
        board=found,
        chosen=chosen,
        lede=words.lede(found),
        each_member=words.each_member(found),
        period=words.period_words(chosen),
        kinds=[*views.kinds(found.unit.id, chosen), *views.campaigns(found)],
        around=views.around(found.unit.id, chosen, found.today),
        tabs=views.tabs(found.unit.id, chosen, "board", has_units=found.has_units),
        lines=[views.line(found, one, titles) for one in concerning],
        idle=[one.row.title for one in found.lines if not one.concerns_anybody],
        unit_lines=views.unit_lines(found, titles),
        behind=[views.late_member(one) for one in behind],
        ranked=ranked,
        frozen=frozen_queries.find_frozen_row(found.unit.id, chosen),
        may_freeze=chosen.closed(found.today) and access.may(actor(), Action.PERIOD_FREEZE, found.unit.path),
        query=views.query_of(chosen),
        today=found.today,
    )


@pages.get(UNIT + "/people")
def names(unit_id: int) -> str:
    """Show the members behind a number."""
    chosen = chosen_days(request.args)
    group = _group(request.args.get("group", ""))
    found = people.list_people(actor(), unit_id, chosen, group, _rule(), page_number(), profile())
    running = chosen.running(clock.today())
    late = running and group is Group.LATE and found.lines.total > 0
    return render_template(
        "board/people.html",
        people=found,
        chosen=chosen,
        period=words.period_words(chosen),
        title=words.group_words(group),
        groups=views.groups(found, chosen),
        rows=[views.person(one, _remind_address(unit_id, one) if running else "") for one in found.lines.items],
        back=address("board", unit_id, chosen),
        nudge=found.row.id if found.row and late else None,
        nudge_all=late and found.row is None,
        ranked=rules.members_may_be_ranked(profile()),
    )


def _remind_address(unit: int, one: people.PersonLine) -> str:
    back = request.full_path.rstrip("?")
    return str(url_for("reminders.nudge", requirement_id=one.requirement, unit_id=unit, member=one.id, next=back))


def _rule() -> int | None:
    """Read which requirement is meant; what is no number means none."""
    raw = request.args.get("rule", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def _group(raw: str) -> Group:
    return Group(raw) if raw in set(Group) else Group.LATE


@pages.get(UNIT + "/members")
def members(unit_id: int) -> str:
    """Show the members one by one."""
    chosen, sort = chosen_days(request.args), _sort()
    typed = request.args.get("q", "").strip()[: one_by_one.NAME_CHARS]
    found = one_by_one.list_members(actor(), unit_id, chosen, sort, page_number(), profile(), typed)
    ranked = rules.members_may_be_ranked(profile())
    titles = titles_in([row.asked for row in found.rules])
    orders = [("behind", gettext("Furthest behind first")), ("name", gettext("By name"))]
    return render_template(
        "board/members.html",
        members=found,
        chosen=chosen,
        typed=typed,
        query=views.query_of(chosen),
        kinds=views.kinds(unit_id, chosen, "members"),
        around=views.around(unit_id, chosen, clock.today(), "members"),
        tabs=views.tabs(unit_id, chosen, "members", has_units=found.has_units),
        orders=[(label, address("members", unit_id, chosen, sort=key), key == sort) for key, label in orders] * ranked,
        heads=[row.title for row in found.rules],
        rows=[views.member(line) for line in found.lines.items],
        sentences=[sentence(row, titles) for row in found.rules],
        table=address("members_csv", unit_id, chosen, sort=sort),
    )


def _sort() -> str:
    wanted = request.args.get("sort", "")
    return wanted if wanted in one_by_one.SORTS else one_by_one.SORTS[0]


@pages.get(UNIT + "/members.csv")
def members_csv(unit_id: int) -> Response:
    """Give all members with how they stand as CSV."""
    chosen = chosen_days(request.args)
    found = one_by_one.list_members(actor(), unit_id, chosen, _sort(), None, profile())
    content = "".join(tables.csv_of_members(found))
    name = _file_name(found.unit, chosen, "csv", gettext("by member"))
    return _download(content.encode(), "text/csv; charset=utf-8", name)


@pages.get("/progress/units/<int(max=2147483647):unit_id>")
def former_address(unit_id: int) -> AnyResponse:
    """Lead from where the members of a unit stood before to where they stand."""
    return redirect(url_for("board.members", unit_id=unit_id), code=301)


@pages.get(UNIT + "/facts")
def facts(unit_id: int) -> str:
    """Show what stands behind a unit's own figure."""
    chosen = chosen_days(request.args)
    found = unit_facts.list_facts(actor(), unit_id, _rule() or 0, chosen, page_number(), profile())
    return render_template(
        "board/facts.html",
        found=found,
        sentence=sentence(found.row, titles_in([found.row.asked])),
        period=words.period_words(chosen),
        measure_words=measure_words,
        figure_words=figure_words,
        amount_words=amount_words,
        evidence_title=evidence_title,
        back=address("board", unit_id, chosen),
    )


@pages.get(UNIT + "/units")
def beside(unit_id: int) -> str:
    """Show the units below one side by side."""
    chosen, kind = chosen_days(request.args), request.args.get("kind", "")
    found = queries.get_beside(actor(), unit_id, chosen, kind, profile())
    sort = request.args.get("sort", "")
    sort = sort if sort in SORTS or views.rule_of(found, sort) is not None else "name"
    lines = sorted_lines(found.lines, sort, views.rule_of(found, sort))
    return render_template(
        "board/units.html",
        beside=found,
        chosen=chosen,
        period=words.period_words(chosen),
        kinds=views.kinds(unit_id, chosen, "beside"),
        around=views.around(unit_id, chosen, clock.today(), "beside"),
        tabs=views.tabs(unit_id, chosen, "beside", has_units=True),
        unit_kinds=views.unit_kinds(found, kind),
        heads=views.unit_heads(found, sort, kind),
        rows=[views.unit_row(line, chosen) for line in lines],
    )


def sorted_lines(lines: Sequence[BesideLine], sort: str, rule: int | None) -> list[BesideLine]:
    """Put units in order: by name, or by a figure with the highest first; those without one last."""
    named = sorted(lines, key=lambda line: name_key(line.name))
    if rule is not None:
        return sorted(named, key=lambda line: -_or_less(line.cells[rule].share))
    if sort == "members":
        return sorted(named, key=lambda line: -line.members)
    if sort == "late":
        return sorted(named, key=lambda line: -line.late)
    return sorted(named, key=lambda line: -_or_less(line.share)) if sort == "share" else named


def _or_less(share: float | None) -> float:
    return -1.0 if share is None else share


@pages.get(UNIT + "/trend")
def trend(unit_id: int) -> str:
    """Show the coverage of past periods as a picture, with the table behind it."""
    chosen = chosen_days(request.args)
    found = queries.get_trend(actor(), unit_id, chosen, profile())
    today, lines = clock.today(), found.lines
    return render_template(
        "board/trend.html",
        unit=found.unit,
        chosen=chosen,
        kinds=views.kinds(unit_id, chosen, "trend"),
        around=views.around(unit_id, chosen, today, "trend"),
        tabs=views.tabs(unit_id, chosen, "trend", has_units=found.has_units),
        lines=[views.trend_line(line, today, _drawn(line, today)) for line in lines],
        heads=[words.period_words(step) for step, _ in lines[0].points] if lines else [],
    )


def _drawn(line: queries.TrendLine, today: date) -> Any:
    points = [
        drawing.Bar(words.short_words(step), counts.share if counts else None, step.running(today))
        for step, counts in line.points
    ]
    said = views.trend_said(line)
    # Drawn by our own code, which escapes what it is given.
    return trusted_html(drawing.bars(points, said, line.row.asked.coverage))


@pages.get(UNIT + "/table.csv")
def table_csv(unit_id: int) -> Response:
    """Give the overview as CSV."""
    chosen = chosen_days(request.args)
    found = queries.get_board(actor(), unit_id, chosen, profile())
    content = "".join(tables.csv_of_board(found))
    return _download(content.encode(), "text/csv; charset=utf-8", _file_name(found.unit, chosen, "csv"))


@pages.get(UNIT + "/table.xlsx")
def table_xlsx(unit_id: int) -> Response:
    """Give the whole board as a workbook."""
    chosen = chosen_days(request.args)
    head, ground = queries.get_with_ground(actor(), unit_id)
    found, reckoning = queries.board_of(head, chosen, clock.today(), profile(), ground)
    side = queries.beside_of(head, reckoning)
    content = tables.workbook_bytes(lambda target: tables.write_workbook(target, found, reckoning, side))
    return _download(content, XLSX, _file_name(head, chosen, "xlsx"))


def _file_name(unit: UnitHead, chosen: Chosen, ending: str, what: str = "") -> str:
    said = gettext("%(unit)s, %(period)s", unit=unit.name, period=words.period_words(chosen))
    return f"{said}{f', {what}' if what else ''}.{ending}"


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": attachment(name)}
    return Response(content, content_type=kind, headers=headers)


@pages.get(UNIT + "/frozen")
def frozen_periods(unit_id: int) -> str:
    """List the frozen periods of a unit."""
    head, ground = queries.get_with_ground(actor(), unit_id)
    found = frozen_queries.list_frozen(head, page_number())
    chosen = chosen_days(request.args)
    return render_template(
        "board/frozen_list.html",
        unit=head,
        page=found,
        rows=[(row, words.period_words(row.chosen)) for row in found.items],
        tabs=views.tabs(unit_id, chosen, "frozen_periods", has_units=ground.has_units(head.path)),
    )


@pages.post(UNIT + "/frozen")
def freeze(unit_id: int) -> AnyResponse:
    """Freeze a period."""
    chosen = chosen_days(request.form)
    try:
        made = service.freeze_period(actor(), unit_id, chosen, request.form.get("note", ""), profile())
    except InvalidInput as error:
        flash(error_words(error), "error")
        return redirect(address("board", unit_id, chosen), code=303)
    flash(gettext("The figures are frozen as of today. They stay as they are, whatever is booked later."), "success")
    return redirect(url_for("board.frozen", frozen_id=made), code=303)


@pages.get(FROZEN)
def frozen(frozen_id: int) -> str:
    """Show a snapshot as it was, and where today's ledger says otherwise."""
    return _frozen_page(frozen_id, {}, "")


def _frozen_page(frozen_id: int, errors: dict[str, LmsError], typed: str) -> str:
    found: FrozenView = frozen_queries.get_frozen(actor(), frozen_id, profile(), _rule(), page_number())
    return render_template(
        "board/frozen.html",
        view=found,
        period=words.period_words(found.row.chosen),
        lines=[views.frozen_line(found, line) for line in found.snapshot.lines],
        names=[views.frozen_name(found, one) for one in found.names.items] if found.names else [],
        may_lift=not found.row.is_open and access.may(actor(), Action.PERIOD_FREEZE, found.head.path),
        today_href=address("board", found.head.id, found.row.chosen),
        errors={name: error_words(error) for name, error in errors.items()},
        typed=typed,
    )


@pages.post(FROZEN + "/lift")
def lift(frozen_id: int) -> AnyResponse | tuple[str, int]:
    """Open a frozen period again."""
    try:
        service.lift_freeze(actor(), frozen_id, request.form.get("why", ""))
    except InvalidInput as error:
        return _frozen_page(frozen_id, {error.field or "": error}, request.form.get("why", "")), 422
    flash(gettext("The period is open again. Its snapshot stays, with who opened it and why."), "success")
    return redirect(url_for("board.frozen", frozen_id=frozen_id), code=303)
