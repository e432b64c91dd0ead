"""Pages of progress: the member's home, how the own requirements stand, and what stands behind a figure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request

from lms import clock
from lms.catalogue import queries as catalogue
from lms.catalogue.queries import BookRow
from lms.errors import InvalidInput
from lms.lectures import queries as lectures
from lms.lectures.queries import LectureRow
from lms.materials import required_queries as required_reading
from lms.materials import words as material_words
from lms.members.access import Action, Actor, may
from lms.notes import queries as notes
from lms.notes.queries import NoteRow
from lms.progress import (
    archive_pages,
    care_pages,
    naming,
    queries,
    requirement_pages,
    sentences,
    wording,
    words,
)
from lms.progress.asking import span_on
from lms.progress.current import History
from lms.progress.figures import Figure
from lms.progress.measures import counts_for_appraisal
from lms.progress.next_steps import AtHand, next_step
from lms.progress.queries import Evidence
from lms.progress.rules import Pace
from lms.reading import plan_words
from lms.reading.going_on import going_on
from lms.reading.one_tap import one_tap
from lms.reading.plan_queries import NextStep, PlanRow
from lms.web import panels
from lms.web.dates import day_words, weekday
from lms.web.i18n import gettext
from lms.web.kept_pages import ONCE, kept_page
from lms.web.profile import profile
from lms.web.signin import actor
from lms.web.view import day, page_number

pages = Blueprint("progress", __name__)

REQUIREMENT = "/progress/requirements/<int(max=2147483647):requirement_id>"
ON_SHELF = 5
IN_ASIDE = 3
PLANS = 2


class Home(NamedTuple):
    """What the home page is made of."""

    today: date
    hello: str
    figures: tuple[Figure, ...]
    step: NextStep
    plans: Sequence[PlanRow]
    watching: Sequence[LectureRow]
    at_hand: required_reading.AtHand
    books: Sequence[BookRow]
    notes: Sequence[NoteRow]
    above: Sequence[tuple[str, dict[str, Any]]]
    panels: Sequence[tuple[str, dict[str, Any]]]


@pages.get("/")
def home() -> bytes | str:
    """Show the member's home: first how things stand, then the next step, then what there is."""
    reader = actor()
    next_up = going_on(reader, PLANS)
    shown = Home(
        today=clock.today(),
        hello=wording.greeting(clock.local(clock.now())),
        figures=tuple(queries.list_my_figures(reader)),
        step=next_up.step,
        plans=next_up.plans,
        watching=lectures.continue_watching(reader, IN_ASIDE),
        at_hand=required_reading.list_at_hand(reader, IN_ASIDE, 1),
        books=catalogue.search_titles("", ON_SHELF),
        notes=notes.list_recent_of_others(reader, IN_ASIDE),
        above=panels.loaded_panels("home.top", reader, reader.id),
        panels=panels.loaded_panels("home", reader, reader.id),
    )
    return kept_page("progress/home.html", shown, lambda: _home_words(shown, reader))


def _home_words(shown: Home, reader: Actor) -> dict[str, Any]:
    step, hand = shown.step, AtHand(shown.step, shown.watching)
    # A panel that leads says what comes first: no book is suggested beside it.
    led = any(panel.get("leads") for _, panel in shown.above)
    return {
        "greeting": gettext("%(greeting)s, %(name)s", greeting=shown.hello, name=reader.name),
        "lede": gettext(
            "%(weekday)s, %(day)s. %(answer)s",
            weekday=weekday(shown.today),
            day=day_words(shown.today),
            answer=wording.answer(shown.figures),
        ),
        "now": _begun_step(step) or (None if led else _first_step(bool(shown.books), reader)),
        "in_hand": one_tap(step.current, ONCE) if step.current else None,
        "others": step.others,
        "due": step.due if step.current else None,
        "due_href": plan_words.address(step.due.kind, step.due.ref) if step.due else "",
        "plans": [(row, plan_words.pace_words(row.pace), plan_words.week_words(row.week)) for row in shown.plans],
        "rules": [rule_words(figure, hand) for figure in shown.figures],
        "books": shown.books,
        "watching": shown.watching,
        "to_read": shown.at_hand.due,
        "begun": shown.at_hand.begun,
        "days_left": material_words.left_words,
        "notes": shown.notes,
        "above": shown.above,
        "panels": shown.panels,
    }


def _begun_step(step: NextStep) -> dict[str, str] | None:
    current, due = step.current, step.due
    if current is not None:
        texts = []
        if current.page and current.pages:
            texts.append(gettext("You are on page %(page)s of %(pages)s.", page=current.page, pages=current.pages))
        elif current.page:
            texts.append(gettext("You are on page %(page)s.", page=current.page))
        if due is not None and due.book == current.book:
            texts.append(gettext("Your plan says by %(day)s.", day=day_words(due.due_on)))
        return {
            "title": gettext("Go on with “%(title)s”", title=current.title),
            "text": gettext("%(first)s %(second)s", first=texts[0], second=texts[1]) if texts[1:] else "".join(texts),
            "href": f"/books/{current.book}/reading",
            "label": gettext("Note your reading"),
        }
    if due is not None:
        return {
            "title": gettext("Next comes “%(title)s”", title=due.title),
            "text": gettext("On your plan, due %(day)s.", day=day_words(due.due_on)),
            "href": plan_words.address(due.kind, due.ref),
            "label": gettext("Open the book") if due.book else gettext("Open it"),
        }
    return None


def _first_step(has_books: bool, reader: Actor) -> dict[str, str]:
    if not has_books and may(reader, Action.CATALOGUE_EDIT):
        return {
            "title": gettext("The catalogue is still empty"),
            "text": gettext("Bring a table of books in, or add the first one by hand."),
            "href": "/books",
            "label": gettext("To the catalogue"),
        }
    if not has_books:
        return {
            "title": gettext("Write your first note"),
            "text": gettext("No books are recommended yet. What you read and hear elsewhere can be noted here."),
            "href": "/notes/new",
            "label": gettext("Write a note"),
        }
    return {
        "title": gettext("Choose your next book"),
        "text": gettext("There is something for everyone among the recommended books."),
        "href": "/books",
        "label": gettext("See the books"),
    }


def rule_words(figure: Figure, hand: AtHand | None = None) -> dict[str, Any]:
    """Put a figure into the words and numbers of its line on a page, with the next step where it is given what is."""
    row, standing = figure.requirement, figure.standing
    measure = row.asked.measure
    note = [
        wording.deadline_words(row.asked, standing),
        wording.shared_words(row.asked, standing),
        wording.carried_words(measure, standing),
    ]
    return {
        "title": row.title,
        "figure": words.figure_words(measure, standing.total),
        "of": "/ " + words.amount_words(measure, standing.required) if standing.required else "",
        "done": standing.total,
        "required": standing.required,
        "pace": standing.elapsed if standing.required else None,
        "late": standing.late,
        "is_done": standing.pace is Pace.DONE,
        "is_idle": standing.pace is Pace.NOT_ASKED,
        "note": " · ".join(part for part in note if part),
        "say": wording.pace_words(measure, standing),
        "href": wording.evidence_href(figure),
        "step": next_step(figure, hand) if hand else None,
    }


class Mine(NamedTuple):
    """What the page of one's own requirements is made of."""

    today: date
    histories: Sequence[History]
    hand: AtHand
    units: Sequence[tuple[int, str]]


@pages.get("/progress")
def mine() -> bytes | str:
    """Show how each of the member's requirements stands, now and in the last closed periods."""
    reader = actor()
    shown = Mine(
        clock.today(),
        queries.list_my_histories(reader),
        AtHand(going_on(reader, 0).step, lectures.continue_watching(reader, 1)),
        queries.list_top_units(reader, Action.PROGRESS_OF_OTHERS),
    )
    titles = naming.titles_in([history.now.requirement.asked for history in shown.histories])
    return kept_page("progress/mine.html", (shown, titles), lambda: _mine_words(shown, titles, reader))


def _mine_words(shown: Mine, titles: Mapping[str, str], reader: Actor) -> dict[str, Any]:
    figures = [history.now for history in shown.histories]
    return {
        "answer": wording.answer(figures),
        "rules": [(rule_words(f, shown.hand), sentences.sentence(f.requirement, titles)) for f in figures],
        "past": [(history.now.requirement.title, [_past_row(f) for f in history.past]) for history in shown.histories],
        "units": shown.units,
        "edits": may(reader, Action.REQUIREMENT_EDIT),
        "time_is_private": any(not counts_for_appraisal(f.requirement.asked.measure, profile()) for f in figures),
    }


def _past_row(figure: Figure) -> dict[str, str]:
    asked, standing = figure.requirement.asked, figure.standing
    return {
        "period": wording.span_words(asked.period, figure.span),
        "href": wording.evidence_href(figure),
        "done": words.figure_words(asked.measure, standing.done),
        "required": words.figure_words(asked.measure, standing.required),
        "say": wording.pace_words(asked.measure, standing),
    }


@pages.get(REQUIREMENT + "/evidence")
def evidence(requirement_id: int) -> str:
    """Show the ledger rows behind a figure; their sum is the figure."""
    try:
        within = day(request.args.get("period"), "period")
    except InvalidInput:
        within = None
    raw = request.args.get("member", "")
    member = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None
    found = queries.get_evidence(actor(), requirement_id, within, member, page_number(), profile())
    figure = found.figure
    other = found.member if found.member != actor().id else None
    return render_template(
        "progress/evidence.html",
        evidence=found,
        rule=rule_words(figure),
        whose=found.member_name if other else "",
        period=wording.span_words(figure.requirement.asked.period, figure.span),
        sentence=sentences.sentence(figure.requirement, naming.titles_in([figure.requirement.asked])),
        measure_words=words.measure_words,
        over_cap=_over_cap(found),
        figure_words=words.figure_words,
        evidence_title=words.evidence_title,
        earlier=_other_period(found, -1, other),
        later=_other_period(found, 1, other),
    )


def _over_cap(found: Evidence) -> str:
    """Say how much of the rows does not count because a day is capped."""
    asked = found.figure.requirement.asked
    over = found.sum - found.figure.standing.done
    return words.amount_words(asked.measure, over) if asked.most_per_day and over > 0 else ""


def _other_period(found: Evidence, step: int, member: int | None) -> str:
    """Give the address of the period before or after, empty where there is none to show."""
    figure, asked = found.figure, found.figure.requirement.asked
    edge = figure.span.since - timedelta(days=1) if step < 0 else figure.span.until + timedelta(days=1)
    first = queries.first_day_of(figure.requirement)
    if asked.period is None or not first <= edge <= clock.today() or not found.touches(span_on(asked, edge)):
        return ""
    return wording.evidence_href(Figure(figure.requirement, span_on(asked, edge), figure.standing), member)


requirement_pages.register(pages)
care_pages.register(pages)
archive_pages.register(pages)
