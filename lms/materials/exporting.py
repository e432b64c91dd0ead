"""The list of materials, and who has read one, as tables to take along."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lms import clock
from lms.materials import list_queries, queries, required_queries
from lms.materials.list_queries import Wanted
from lms.members.access import Actor

MOST = 20_000
Words = Mapping[str, Callable[[str], str]]


def rows_of_materials(actor: Actor, wanted: Wanted, words: Words) -> Iterator[list[str]]:
    """Give the rows of a list: title, description, category, kind, pages, bytes, unit, by whom, on, state, address.

    ``words`` name a category, a media type and a state in the reader's language.
    """
    for row in list_queries.walk_materials(actor, wanted, MOST):
        yield [
            row.title,
            row.summary,
            words["category"](row.category),
            words["media"](row.media_type),
            str(row.page_count or ""),
            str(row.file_size or ""),
            row.unit_name,
            row.uploader_name or "",
            clock.local(row.created_at).date().isoformat(),
            words["state"]("archived" if row.archived_at else row.state),
            row.url or f"/materials/{row.id}",
        ]


def rows_of_readers(
    actor: Actor, request_id: int, state: Callable[[Any, int], str], profile: str
) -> Iterator[list[str]]:
    """Give the rows of who has read a material that was asked for: name, unit, how it stands, the day.

    Raises NotFound, Forbidden.
    """
    pages = queries.get_material(actor, required_queries.get_kept(actor, request_id).material).page_count
    for row in required_queries.list_readers(actor, request_id, 1, profile, MOST).items:
        yield [row.name, row.unit, state(row, pages), row.finished_on.isoformat() if row.finished_on else ""]
