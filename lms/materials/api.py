"""The JSON API of materials."""

from apiflask import APIBlueprint

api = APIBlueprint("materials_api", __name__, url_prefix="/api/v1", tag="Materials")
