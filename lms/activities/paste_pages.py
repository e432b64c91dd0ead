"""Pages for pasting many records at once from a spreadsheet."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from lms import clock
from lms.activities import paste_rules, pasting, rules, words
from lms.activities.paste_rules import Names, PastedRow
from lms.activities.pasting import Looked
from lms.errors import N_, InvalidInput
from lms.members.access import Action, require
from lms.web.addresses import url_for
from lms.web.i18n import gettext, in_every_language
from lms.web.i18n import words as said
from lms.web.signin import actor

HEADS = {
    "who": N_("Name or phone"),
    "day": N_("Day"),
    "kind": N_("Kind"),
    "amount": N_("Days, class hours or minutes"),
    "title": N_("Topic or remark"),
    "category": N_("Kind of training"),
    "until": N_("Last day"),
    "place": N_("Place"),
    "starts": N_("Begins at"),
    "text": N_("What came of it"),
    "link": N_("Link"),
}
# Further headings that sheets carry, in both languages.
ALSO = {
    "who": N_("name, phone, member, full name, phone number"),
    "day": N_("date, day, days, time"),
    "kind": N_("kind, type, activity"),
    "amount": N_("amount, number, class hours, hours, minutes"),
    "title": N_("remark, topic, title, content, note"),
    "category": N_("kind of training, type of training, away or on the job, off the job"),
    "until": N_("last day, until, end, end date"),
    "place": N_("place, where, location, address"),
    "starts": N_("begins at, begins, starts, start time"),
    "text": N_("details, what was learned, description"),
    "link": N_("link, address of a page, url"),
}
# What sheets call the kinds of activity besides the words of the form.
KIND_ALSO = {
    "business_study": N_("business training, study of one's work"),
    "class_attended": N_("class, lecture, lesson, class attended, lecture attended"),
    "training": N_("course of training, trained"),
    "activity": N_("activity, campaign, took part"),
    "field_research": N_("research, fieldwork, visit, days of research"),
    "research_topic": N_("topic, research topic"),
    "lecture_given": N_("taught, teaching, gave a lecture"),
}
# What sheets call the kinds of training besides the words of the form.
CATEGORY_NAMES = {
    "before_job": N_("before the job, induction"),
    "on_job": N_("on the job, in service"),
    "transfer": N_("on transfer, change of post"),
    "half_time": N_("half-time, half off the job"),
    "away": N_("away, off the job, full-time"),
    "rotation": N_("rotation, in batches"),
}


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of activities."""
    pages.add_url_rule("/activities/paste", view_func=paste)
    pages.add_url_rule("/activities/paste", view_func=pasted, methods=["POST"])


def kind_names() -> dict[str, str]:
    """Give each kind by its names in every language, and by its key."""
    return _by_name({key: (words.KIND_NAMES[key], KIND_ALSO[key]) for key in rules.PERSONAL})


def head_names() -> dict[str, str]:
    """Give each column by the headings that sheets carry."""
    return _by_name({column: (HEADS[column], ALSO[column]) for column in HEADS})


def category_names() -> dict[str, str]:
    """Give each kind of training by its names in every language, and by its key."""
    return _by_name({key: (str(words.CATEGORY_NAMES[key]), CATEGORY_NAMES[key]) for key in CATEGORY_NAMES})


def _by_name(messages: Mapping[str, Sequence[str]]) -> dict[str, str]:
    names = {key: key for key in messages}
    for key, said_in in messages.items():
        for text in (text for message in said_in for text in in_every_language(message)):
            for name in (text, *text.replace("\u3001", ",").replace("\uff0c", ",").split(",")):
                names.setdefault(name.strip().lower(), key)
    return names


def read(text: str, usual: str, usual_category: str) -> list[PastedRow]:
    """Read pasted text. Raises InvalidInput for nothing or too much."""
    names = Names(kind_names(), category_names(), head_names(), usual, usual_category)
    return paste_rules.read_rows(text, names, clock.today())


def paste() -> str:
    """Show where rows are pasted."""
    require(actor(), Action.ACTIVITY_CARE)
    return _page("", "", "", [], {})


def _page(text: str, usual: str, usual_category: str, looked: Sequence[Looked], errors: dict[str, str]) -> str:
    return render_template(
        "activities/paste.html",
        text=text,
        usual=usual,
        usual_category=usual_category,
        categories=[("", gettext("As the row says")), *((key, words.CATEGORY_WORDS[key]) for key in rules.TRAININGS)],
        looked=looked,
        sound=sum(one.sound for one in looked),
        errors=errors,
        heads=HEADS,
        words=words,
        kinds=[("", gettext("As the row says"))] + [(key, words.KIND_WORDS[key]) for key in rules.PERSONAL],
        said=said,
        most=paste_rules.MOST_ROWS,
    )


def pasted() -> Response | str | tuple[str, int]:
    """Look the rows through, or carry out those that are sound; what is left stays to be mended."""
    require(actor(), Action.ACTIVITY_CARE)
    text, usual, category = (request.form.get(name, "") for name in ("rows", "usual", "usual_category"))
    category = category if category in rules.TRAININGS else ""
    try:
        rows = read(text, usual, category)
    except InvalidInput as error:
        return _page(text, usual, category, [], {error.field or "": said(error)}), 422
    if request.form.get("step") != "carry_out":
        return _page(text, usual, category, pasting.look(actor(), rows), {})
    left = pasting.carry_out(actor(), rows)
    flash(gettext("%(num)s records are entered and count.", num=len(rows) - len(left)), "success")
    if not left:
        return redirect(url_for("activities.activities", whose="units"), code=303)
    again = ["\t".join(gettext(HEADS[column]) for column in paste_rules.COLUMNS), *(one.row.raw for one in left)]
    return _page("\n".join(again), usual, category, left, {})
