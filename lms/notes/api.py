"""The JSON API of notes."""

from apiflask import APIBlueprint

api = APIBlueprint("notes_api", __name__, url_prefix="/api/v1", tag="Notes")
