"""Pages for pasting many records at once from a spreadsheet."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms import clock
from lms.activities import paste_rules, pasting, rules, words
from lms.activities.paste_rules import PastedRow
from lms.activities.pasting import Looked
from lms.errors import N_, InvalidInput
from lms.members.access import Action, require
from lms.web.addresses import url_for
from lms.web.i18n import in_every_language
from lms.web.i18n import words as said
from lms.web.signin import actor

HEADS = {
    "who": N_("Name or phone"),
    "day": N_("Day"),
    "kind": N_("Kind"),
    "amount": N_("Days, class hours or minutes"),
    "title": N_("Topic or remark"),
}
# Further headings that sheets carry, in both languages.
ALSO = {
    "who": N_("name, phone, member, full name, phone number"),
    "day": N_("date, day, days, time"),
    "kind": N_("kind, type, activity"),
    "amount": N_("amount, number, class hours, hours, minutes"),
    "title": N_("remark, topic, title, content, note"),
}


def register(pages: Blueprint) -> None:
    """Add these pages to the blueprint of activities."""
    pages.add_url_rule("/activities/paste", view_func=paste)
    pages.add_url_rule("/activities/paste", view_func=pasted, methods=["POST"])


def kind_names() -> dict[str, str]:
    """Give each kind by its names in every language, and by its key."""
    names = {key: key for key in rules.PERSONAL}
    for key in rules.PERSONAL:
        names |= {name.lower(): key for name in in_every_language(words.KIND_NAMES[key])}
    return names


def head_names() -> dict[str, str]:
    """Give each column by the headings that sheets carry."""
    names: dict[str, str] = {column: column for column in HEADS}
    for column in HEADS:
        for text in (*in_every_language(HEADS[column]), *in_every_language(ALSO[column])):
            for name in (text, *text.replace("\u3001", ",").replace("\uff0c", ",").split(",")):
                names.setdefault(name.strip().lower(), column)
    return names


def read(text: str, usual: str) -> list[PastedRow]:
    """Read pasted text. Raises InvalidInput for nothing or too much."""
    return paste_rules.read_rows(text, kind_names(), head_names(), clock.today(), usual)


def paste() -> str:
    """Show where rows are pasted."""
    require(actor(), Action.ACTIVITY_CARE)
    return _page("", "", [], {})


def _page(text: str, usual: str, looked: Sequence[Looked], errors: dict[str, str]) -> str:
    return render_template(
        "activities/paste.html",
        text=text,
        usual=usual,
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
    text, usual = request.form.get("rows", ""), request.form.get("usual", "")
    try:
        rows = read(text, usual)
    except InvalidInput as error:
        return _page(text, usual, [], {error.field or "": said(error)}), 422
    if request.form.get("step") != "carry_out":
        return _page(text, usual, pasting.look(actor(), rows), {})
    left = pasting.carry_out(actor(), rows)
    flash(gettext("%(num)s records are entered and count.", num=len(rows) - len(left)), "success")
    if not left:
        return redirect(url_for("activities.activities", whose="units"), code=303)
    return _page("\n".join(one.row.raw for one in left), usual, left, {})
