"""学习园地 · Learning Garden: a learning-management service for a learning organisation.

``lms.create_app(settings)`` makes the web application.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """Load the web part when the application is asked for: worker and command line start sooner without it."""
    if name == "create_app":
        return import_module("lms.application").create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
