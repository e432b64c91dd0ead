"""The JSON API of catalogue."""

from apiflask import APIBlueprint

api = APIBlueprint("catalogue_api", __name__, url_prefix="/api/v1", tag="Catalogue")
