"""Notes as the search index takes them."""

from collections.abc import Iterable

from peewee import JOIN

from lms import clock
from lms.catalogue.models import Book
from lms.members.access import Actor, audience_tokens
from lms.members.models import Member
from lms.notes import queries, rules
from lms.notes.models import Note
from lms.plain_text import from_markdown
from lms.searchable import Searchable, Source

KIND = "note"


def load(ref: int) -> Iterable[Searchable]:
    """Give the one place of a note; none when it is gone or deleted."""
    row = (
        Note.select(
            Note.title,
            Note.body,
            Note.audience,
            Note.unit,
            Note.member,
            Note.updated_at,
            Note.kind,
            Member.name,
            Book.title,
            Book.authors,
        )
        .join(Member, on=(Note.member == Member.id))
        .switch(Note)
        .join(Book, JOIN.LEFT_OUTER)
        .where(Note.id == ref, Note.deleted_at.is_null())
        .tuples()
        .first()
    )
    if row is None:
        return ()
    title, body, audience, unit, member, updated_at, kind, writer, book_title, book_authors = row
    key = f"{KIND}:{ref}"
    place = Searchable(
        key=key,
        kind=KIND,
        ref=ref,
        group=key,
        title=title,
        body=from_markdown(rules.as_kind(body, "free")),
        audience=audience_tokens(audience, unit, member),
        keywords=" ".join(word for word in (book_title, book_authors) if word),
        authors=writer,
        day=clock.local(updated_at).date(),
        extra={"by": writer},
        facets={"category": kind} if unit is None else {"category": kind, "unit": str(unit)},
    )
    return (place,)


def visible(actor: Actor, refs: list[int]) -> set[int]:
    """Give the notes that the actor may read now."""
    return queries.ids_visible(actor, refs)


SOURCE = Source(KIND, load, queries.all_note_ids, visible, queries.standing_among)
