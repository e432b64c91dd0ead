"""The JSON API of progress."""

from apiflask import APIBlueprint

api = APIBlueprint("progress_api", __name__, url_prefix="/api/v1", tag="Progress")
