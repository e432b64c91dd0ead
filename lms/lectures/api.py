"""The JSON API of lectures."""

from apiflask import APIBlueprint

api = APIBlueprint("lectures_api", __name__, url_prefix="/api/v1", tag="Lectures")
