"""How the API answers with a page of a list: the rows, which page it is, of how many, and how many rows there are."""

from collections.abc import Iterable
from typing import Any

from apiflask import Schema
from apiflask.fields import Integer

from lms.paging import Page


class Paged(Schema):
    """A page of a list; a room's schema adds its ``items``."""

    page = Integer()
    pages = Integer()
    total = Integer()


def paged(page: Page[Any], items: Iterable[Any] | None = None) -> dict[str, Any]:
    """Give a page as ``Paged`` shows it; ``items`` where they are not the page's own as they are."""
    return {
        "items": list(page.items if items is None else items),
        "page": page.number,
        "pages": page.pages,
        "total": page.total,
    }
