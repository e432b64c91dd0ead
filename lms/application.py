"""The web application of the service."""

from apiflask import APIFlask

from lms import runtime
from lms.config import Settings, load_settings
from lms.web.app import build


def create_app(settings: Settings | None = None) -> APIFlask:
    """Make the web application, with the settings of the environment unless others are given."""
    settings = settings or load_settings()
    runtime.start(settings)
    return build(settings)
