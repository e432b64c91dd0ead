"""The JSON API of the guides."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import List, Nested, String

from lms.guides import queries
from lms.guides.queries import Guide
from lms.web.i18n import reader_locale

api = APIBlueprint("guides_api", __name__, url_prefix="/api/v1", tag="Guides")


class SectionOut(Schema):
    """A part of a guide; ``text`` is Markdown, ``anchor`` its place on the page."""

    anchor = String()
    title = String()
    text = String()


class GuideHead(Schema):
    """A guide for a role (member, lecturer, liaison, administrator) in the language asked for, by its name."""

    name = String()
    title = String()


class GuideOut(GuideHead):
    """A guide for a role in the language asked for, whole."""

    opening = String()
    sections = List(Nested(SectionOut))


class GuidesOut(Schema):
    """The guides, in the order in which they build on each other."""

    items = List(Nested(GuideHead))


@api.get("/guides")
@api.output(GuidesOut)
@api.doc(summary="The guides for members, lecturers, liaisons and administrators")
def list_guides() -> dict[str, Any]:
    """Answer which guides there are."""
    return {"items": queries.list_guides(reader_locale())}


@api.get("/guides/<string(maxlength=20):name>")
@api.output(GuideOut)
@api.doc(summary="One guide, in Markdown by its parts")
def show_guide(name: str) -> Guide:
    """Answer a guide."""
    return queries.get_guide(name, reader_locale())
