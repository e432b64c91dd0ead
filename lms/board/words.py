"""How a unit stands, in the reader's words."""

from collections.abc import Mapping, Sequence

from lms.amounts import number
from lms.board.coverage import SPARED, Counts, Group
from lms.board.members import MemberCell
from lms.board.people import PersonLine
from lms.board.queries import Board
from lms.board.reckoning import RuleLine
from lms.board.rules import Chosen
from lms.board.unit_lines import UnitFigure
from lms.board.unit_rules import Verdict, missing
from lms.errors import N_
from lms.periods import Period, Span
from lms.progress.asked_rows import RequirementRow
from lms.progress.rules import Pace
from lms.progress.wording import span_words, why_words
from lms.progress.words import amount_words, figure_words
from lms.web.dates import day_short, day_words
from lms.web.i18n import gettext, ngettext

GROUPS: Mapping[Group, str] = {
    Group.MET: N_("met"),
    Group.ON_THE_WAY: N_("under way"),
    Group.LATE: N_("behind"),
    Group.ON_LEAVE: N_("on leave throughout"),
    Group.EXEMPT: N_("exempt"),
    Group.TOO_LATE: N_("joined too late to be asked"),
    Group.NOT_CONCERNED: N_("not concerned"),
    Group.ASKED: N_("asked"),
    Group.PART: N_("asked for a part"),
    Group.MOVED_AWAY: N_("moved to another unit"),
    Group.LEFT: N_("left"),
}
PERIODS: Mapping[str, str] = {
    "week": N_("Week"),
    "month": N_("Month"),
    "quarter": N_("Quarter"),
    "half_year": N_("Half-year"),
    "year": N_("Year"),
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.REACHED: N_("Reached"),
    Verdict.NOT_YET: N_("Not yet"),
    Verdict.MISSED: N_("Not reached"),
    Verdict.UNDECIDED: N_("Nobody asked"),
}


def period_words(chosen: Chosen) -> str:
    """Name the days a board is about."""
    return kind_words(chosen.kind, chosen.span)


def kind_words(kind: str, span: Span) -> str:
    """Name a period of a kind."""
    return span_words(Period(kind) if kind in set(Period) else None, span)


def short_words(chosen: Chosen) -> str:
    """Name a period in as few characters as a picture has room for."""
    first = chosen.span.since
    if chosen.kind == Period.WEEK:
        return f"{first.month}/{first.day}"
    if chosen.kind == Period.MONTH:
        return str(first.month)
    if chosen.kind == Period.QUARTER:
        return f"{str(first.year)[2:]}Q{(first.month + 2) // 3}"
    if chosen.kind == Period.HALF_YEAR:
        return f"{str(first.year)[2:]}H{1 if first.month == 1 else 2}"
    return str(first.year)


def percent(share: float | None) -> str:
    """Write a share as whole percent, rounded down so that 100 % is said of all only."""
    return "–" if share is None else f"{int(share * 100 + 1e-9)}%"


def lede(board: Board) -> str:
    """Say in a sentence or two how the unit stands: all requirements together, then the one with furthest to go."""
    if not board.members:
        return str(gettext("No members belong to this unit on %(day)s.", day=day_words(board.day)))
    values = {"members": number(board.members)}
    if not board.asked:
        return str(gettext("Nothing is asked of its %(members)s members in this time.", **values))
    asking = [(line, counts) for line in board.lines for counts in [standing_counts(board, line)] if counts.asked]
    met, asked = sum(counts[Group.MET] for _, counts in asking), sum(counts.asked for _, counts in asking)
    whole = {"met": number(met), "asked": number(asked), "share": percent(met / asked if asked else None)}
    if len(asking) < 2:
        return str(gettext("%(share)s met: %(met)s of %(asked)s.", **whole))
    rules = ngettext("%(num)s requirement", "%(num)s requirements", len(asking))
    said = str(gettext("%(rules)s together: %(share)s met, %(met)s of %(asked)s times.", rules=rules, **whole))
    line, counts = min(asking, key=lambda pair: pair[1].share or 0.0)
    if counts[Group.MET] == counts.asked:
        return said
    furthest = gettext(
        "Furthest to go: “%(title)s”, %(met)s of %(asked)s.",
        title=line.row.title,
        met=number(counts[Group.MET]),
        asked=number(counts.asked),
    )
    return str(gettext("%(first)s %(second)s", first=said, second=furthest))


def standing_counts(board: Board, line: RuleLine) -> Counts:
    """Give what a requirement's share is taken of: its current period while the days run, all periods afterwards."""
    return line.last[1] if board.chosen.running(board.today) else line.total


def each_member(board: Board) -> str:
    """Say how many members met everything, and how many are behind with something; empty where nothing is asked."""
    if not board.asked or (len(board.lines) < 2 and not board.late):
        return ""
    values = {"members": number(board.members), "met": number(board.met), "late": number(board.late)}
    if board.met == board.asked:
        return str(gettext("All that is asked of its %(members)s members is met.", **values))
    if board.chosen.closed(board.today):
        return str(
            gettext(
                "Of %(members)s members %(met)s met all that was asked; %(late)s missed something at least once.",
                **values,
            )
        )
    if not board.late:
        return str(gettext("Of %(members)s members %(met)s have met everything; nobody is behind.", **values))
    return str(
        gettext("Of %(members)s members %(met)s have met everything, and %(late)s are behind with something.", **values)
    )


def group_words(group: Group) -> str:
    """Name a group of members."""
    return str(gettext(GROUPS[group]))


def people_words(group: Group, count: int, *, over: bool = False) -> str:
    """Say how many are of a group, as a link to their names says it: behind 3; ``over``: of periods that are over."""
    said = gettext("missed it") if over and group is Group.LATE else group_words(group)
    return str(gettext("%(group)s: %(count)s", group=said, count=number(count)))


def parts_of(counts: Counts) -> tuple[list[Group], list[Group]]:
    """Give the groups to be spelled out: those that make up the denominator, and those beside it that are not empty."""
    beside = [group for group in (*SPARED, Group.PART, Group.MOVED_AWAY, Group.LEFT) if counts[group]]
    return [Group.MET, Group.ON_THE_WAY, Group.LATE], beside


def expected_words(counts: Counts, *, running: bool) -> str:
    """Say what is to be expected by the period's end, going on at the pace so far."""
    if not running or not counts.asked or counts[Group.MET] == counts.asked:
        return ""
    return str(
        gettext(
            "At today’s pace %(count)s of %(asked)s by the end (%(share)s).",
            count=number(counts.expected),
            asked=number(counts.asked),
            share=percent(counts.expected_share),
        )
    )


def target_words(coverage: int, counts: Counts) -> str:
    """Say how far a target for the share of members is."""
    if not coverage or not counts.asked:
        return ""
    short = missing(counts[Group.MET], counts.asked, coverage)
    if not short:
        return str(gettext("Target %(percent)s%%: reached.", percent=coverage))
    return str(
        ngettext(
            "Target %(percent)s%%: %(num)s more member.",
            "Target %(percent)s%%: %(num)s more members.",
            short,
            percent=coverage,
        )
    )


def since_words(line: PersonLine) -> str:
    """Say since when a member is behind, or why less is asked."""
    if line.behind_since is not None:
        return str(gettext("behind since %(day)s", day=day_short(line.behind_since)))
    return why_words(line.why)


def standing_words(line: PersonLine | MemberCell) -> str:
    """Say how a member stands in a few words."""
    short = amount_words(line.measure, max(0, line.required - line.done))
    if line.pace in (Pace.BEHIND, Pace.MISSED):
        return str(gettext("%(amount)s short", amount=short))
    if line.pace is Pace.UNREACHABLE:
        return str(gettext("%(amount)s short, more than the days left can bring", amount=short))
    words = {
        Pace.DONE: gettext("Done"),
        Pace.AHEAD: gettext("On track"),
        Pace.ON_TRACK: gettext("On track"),
        Pace.EXEMPT: gettext("Exempt"),
        Pace.NOT_ASKED: gettext("Nothing asked"),
    }
    return str(words[line.pace])


def periods_words(line: PersonLine | MemberCell) -> str:
    """Say in how many of the periods a member met it, where there were several."""
    if line.asked < 2:
        return ""
    return str(gettext("met in %(met)s of %(asked)s periods", met=line.met, asked=line.asked))


def fraction(line: PersonLine | MemberCell) -> str:
    """Write done of required."""
    done = figure_words(line.measure, line.done)
    return f"{done} / {figure_words(line.measure, line.required)}" if line.required else done


def verdict_words(verdict: Verdict) -> str:
    """Say whether a unit reached what was asked of it."""
    return str(gettext(VERDICTS[verdict]))


def unit_figure(row: RequirementRow, figure: UnitFigure, board: Board) -> tuple[str, str]:
    """Write a unit's figure, and what it is made of."""
    if figure.standing is not None:
        standing = figure.standing
        return (
            f"{figure_words(row.asked.measure, standing.total)} / {figure_words(row.asked.measure, standing.required)}",
            "",
        )
    if figure.index is not None:
        value = figure.index.value
        return "–" if value is None else f"{value:g}", index_words(figure, board.titles)
    reached = gettext(", ").join(board.names.get(one, "") for one in figure.reached)
    return f"{number(len(figure.reached))} / {number(len(figure.among))}", reached


def index_words(figure: UnitFigure, titles: Mapping[int, str]) -> str:
    """Spell out what an index is made of: each rate with its weight."""
    parts: Sequence[str] = [
        gettext(
            "%(title)s %(share)s × %(weight)s",
            title=titles.get(part.series, ""),
            share=percent(part.share),
            weight=part.weight,
        )
        for part in (figure.index.parts if figure.index else ())
    ]
    return " + ".join(part.strip() for part in parts)
