"""The JSON API of notices."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, DateTime, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.notices import queries, rules, service, words
from lms.web.paged import Paged, paged
from lms.web.signin import actor
from lms.web.view import LAST_PAGE, PAGE_SIZE

api = APIBlueprint("notices_api", __name__, url_prefix="/api/v1", tag="Notices")

LARGEST_ID = 2_147_483_647


class NoticeQuery(Schema):
    """Which page, and whether only what I have not read."""

    unread = Boolean(load_default=False)
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class NamedOut(Schema):
    """One of the things a notice names: where it is done, until when, and what of it is missing, in my language."""

    title = String()
    url = String()
    until = Date()
    text = String()


class NoticeOut(Schema):
    """Something I was told, in my language, and the address of the page it leads to; what it names one by one."""

    id = Integer()
    kind = String()
    text = String()
    url = String()
    at = DateTime()
    read = Boolean()
    items = List(Nested(NamedOut))


class NoticePage(Paged):
    """A page of notices."""

    items = List(Nested(NoticeOut))


class ReadIn(Schema):
    """Which notices I have read; without a list all of them."""

    notices = List(Integer(strict=True, validate=Range(1, LARGEST_ID)), load_default=None, validate=Length(max=1000))


class KindsBody(Schema):
    """The kinds of notices I want."""

    kinds = List(String(validate=OneOf(rules.KINDS)), required=True)


@api.get("/notices")
@api.input(NoticeQuery, location="query")
@api.output(NoticePage)
@api.doc(summary="List what I was told")
def list_notices(query_data: dict[str, Any]) -> dict[str, Any]:
    """Give a page of notices, the latest first."""
    page = queries.list_notices(actor(), query_data["page"], PAGE_SIZE, unread_only=query_data["unread"])
    items = [
        {
            "id": told.id,
            "kind": told.kind,
            "text": words.sentence(told),
            "url": told.href,
            "at": told.at,
            "read": told.read,
            "items": [
                {"title": one.title, "url": one.href, "until": one.day, "text": words.named_words(one)}
                for one in told.items
            ],
        }
        for told in page.items
    ]
    return paged(page, items)


@api.post("/notices/read")
@api.input(ReadIn, location="json")
@api.output({}, status_code=204)
@api.doc(summary="Mark notices read, or all of them")
def mark_read(json_data: dict[str, Any]) -> str:
    """Mark notices read."""
    service.mark_read(actor(), json_data["notices"])
    return ""


@api.get("/notices/kinds")
@api.output(KindsBody)
@api.doc(summary="Give the kinds of notices I want")
def get_kinds() -> dict[str, Any]:
    """Give the kinds that are not turned off."""
    return {"kinds": queries.wanted_kinds(actor())}


@api.put("/notices/kinds")
@api.input(KindsBody, location="json")
@api.output(KindsBody)
@api.doc(summary="Choose the kinds of notices I want")
def choose_kinds(json_data: dict[str, Any]) -> dict[str, Any]:
    """Turn all other kinds off."""
    service.choose_kinds(actor(), json_data["kinds"])
    return {"kinds": queries.wanted_kinds(actor())}
