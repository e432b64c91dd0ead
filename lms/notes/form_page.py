"""The form in which a note is written."""

from dataclasses import replace
from typing import Any

from flask import render_template, request

from lms import clock
from lms.members.access import Actor
from lms.notes import about, drafting, least, rules, words
from lms.notes.about import NOTHING, Subject
from lms.notes.images import PREFIX
from lms.notes.queries import NoteView
from lms.notes.service import NoteForm
from lms.web.i18n import gettext

HIGHEST_ID = 2**31 - 1


def id_from_address(name: str) -> int | None:
    """Read an id from the address; None for anything that is not one."""
    raw = request.args.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 11 and 0 < int(raw) <= HIGHEST_ID else None


def typed_form() -> NoteForm:
    """Read what was typed."""
    form = request.form
    kind = form.get("kind", "")
    if kind == "training":
        body = rules.join_parts(form.getlist("part")) if "part" in form else form.get("body", "")
    else:
        body = rules.tidy(form.get("body", "")).replace(rules.PART_MARK, "\n")
    return NoteForm(form.get("title", ""), body, form.get("audience", ""), kind)


def key_of(writer: Actor, note_id: int | None, subject: Subject) -> str:
    """Name what is being written, for the copy kept in the browser; the member is in it, as browsers are shared."""
    return f"{writer.id}:note:{note_id}" if note_id else f"{writer.id}:new:{subject}"


def form_page(
    writer: Actor,
    typed: NoteForm,
    *,
    subject: Subject = NOTHING,
    title: str = "",
    note: NoteView | None = None,
    **context: Any,
) -> str:
    """Render the form: with drafts of other devices offered, the kinds to choose from, and what must be corrected."""
    if note is not None:
        subject = note.subject
        title = about.titles(writer, [subject]).get(subject, "")
    key = key_of(writer, note.id if note else None, subject)
    kind = typed.kind or "free"
    draft = context.pop("draft", None)
    chars = rules.count_characters(typed.body)
    asked = least.least_asked(writer.id, clock.today(), kind, str(replace(subject, place=None)))
    return render_template(
        "notes/form.html",
        typed=typed,
        kind=kind,
        parts=list(zip(words.PART_WORDS.values(), rules.split_parts(typed.body), strict=True)),
        subject=subject,
        about=title,
        place=words.place(subject),
        about_href=words.address(subject),
        note=note,
        errors=context.pop("errors", {}),
        audiences=_audiences(writer),
        words=words,
        chars=chars,
        asked=asked,
        least=least.next_step(asked, chars),
        limit=rules.BODY_LENGTH,
        draft_key=key,
        server_key=key.partition(":")[2],
        draft=draft,
        drafts=_others(writer, key.partition(":")[2], note, draft),
        image_prefix=PREFIX,
        version=context.pop("version", 0),
        **context,
    )


def _others(writer: Actor, key: str, note: NoteView | None, draft: int | None) -> list[drafting.Draft]:
    """Give the drafts that hold something else than what is stored."""
    stored = note.body if note else ""
    found = drafting.list_drafts(writer, key)
    return [kept for kept in found if kept.id != draft and kept.body.strip() not in ("", stored.strip())]


def _audiences(writer: Actor) -> list[tuple[str, Any, str]]:
    unit_words = gettext("Members of %(unit)s and those who look after it", unit=writer.home_name)
    found = [("me", words.AUDIENCE_WORDS["me"], gettext("Nobody else sees it or finds it."))]
    if writer.home is not None:
        found.append(("unit", words.AUDIENCE_WORDS["unit"], unit_words))
    found.append(("everyone", words.AUDIENCE_WORDS["everyone"], gettext("All members of the organisation")))
    return found
