"""The JSON API of categories."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer, List, Nested, String
from apiflask.validators import Length, Range

from lms.categories import queries, service
from lms.categories.words import name_words
from lms.web.signin import actor

api = APIBlueprint("categories_api", __name__, url_prefix="/api/v1", tag="Categories")

CATEGORY = "/categories/<int(max=2147483647):category_id>"
LARGEST_ID = 2_147_483_647


class CategoryOut(Schema):
    """A category; ``code`` is what materials and courses bear, ``id`` and ``unit`` are 0 for those of the service."""

    code = String()
    name = String()
    own = Boolean()
    id = Integer()
    unit = Integer()
    unit_name = String()
    retired = Boolean()


class CategoryList(Schema):
    """All categories that the member may filter by."""

    items = List(Nested(CategoryOut))


class NewCategory(Schema):
    """A category for a unit and those below it."""

    name = String(required=True, validate=Length(max=200))
    unit = Integer(required=True, validate=Range(1, LARGEST_ID))


class CategoryName(Schema):
    """Another name."""

    name = String(required=True, validate=Length(max=200))


def _out(category: queries.Category) -> dict[str, Any]:
    return {**category._asdict(), "name": name_words(category)}


def _kept(category_id: int) -> dict[str, Any]:
    return _out(queries.get_kept(actor(), category_id))


@api.get("/categories")
@api.output(CategoryList)
@api.doc(summary="List the categories of study", description="The presets and the own ones of all units I see.")
def categories() -> dict[str, Any]:
    """List categories, retired ones as well."""
    return {"items": [_out(row) for row in queries.list_visible(actor(), retired=True)]}


@api.post("/categories")
@api.input(NewCategory, arg_name="new")
@api.output(CategoryOut, status_code=201)
@api.doc(summary="Give a unit a category of its own")
def add_category(new: dict[str, Any]) -> dict[str, Any]:
    """Add a category."""
    return _kept(service.add_category(actor(), new["unit"], new["name"]))


@api.patch(CATEGORY)
@api.input(CategoryName, arg_name="change")
@api.output(CategoryOut)
@api.doc(summary="Rename a category")
def rename_category(category_id: int, change: dict[str, Any]) -> dict[str, Any]:
    """Rename a category."""
    service.rename_category(actor(), category_id, change["name"])
    return _kept(category_id)


@api.post(CATEGORY + "/retire")
@api.output(CategoryOut)
@api.doc(summary="Take a category out of choices")
def retire_category(category_id: int) -> dict[str, Any]:
    """Retire a category."""
    service.retire_category(actor(), category_id)
    return _kept(category_id)


@api.post(CATEGORY + "/restore")
@api.output(CategoryOut)
@api.doc(summary="Bring a retired category back")
def restore_category(category_id: int) -> dict[str, Any]:
    """Bring a category back."""
    service.restore_category(actor(), category_id)
    return _kept(category_id)
