"""The JSON API of members."""

from apiflask import APIBlueprint

api = APIBlueprint("members_api", __name__, url_prefix="/api/v1", tag="Members")
