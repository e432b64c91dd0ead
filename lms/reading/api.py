"""The JSON API of reading."""

from apiflask import APIBlueprint

api = APIBlueprint("reading_api", __name__, url_prefix="/api/v1", tag="Reading")
