"""``url_for`` for pages: building an address costs as much as a query, and a page holds thirty, mostly the same."""

from functools import lru_cache
from typing import Any

from flask import current_app, has_request_context, request
from flask import url_for as build

MOST_KEPT = 4096
SAFE = "!$'()*,/:;?@"
"""What werkzeug leaves as it is in the values of an address, for those who write some themselves."""


class Addresses:
    """Gives addresses as flask's ``url_for`` does, and keeps them: they depend on the mount point and the values only.

    An address relative to the current blueprint (".page") or with one of the underscored options is not kept.
    """

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self._kept: dict[tuple[object, ...], str] = {}

    def __call__(self, endpoint: str, **values: Any) -> str:
        """Give the address of an endpoint. Raises werkzeug's BuildError if there is none for these values."""
        if not has_request_context() or not _is_plain(endpoint, *values):
            return build(endpoint, **values)
        # The type belongs to the key: 1, True and 1.0 are equal but are written differently.
        key = (request.root_path, endpoint, *[(name, type(value), value) for name, value in values.items()])
        try:
            address = self._kept.get(key)
        except TypeError:  # a list among the values cannot be a key
            return build(endpoint, **values)
        if address is None:
            address = build(endpoint, **values)
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = address
        return address


@lru_cache(MOST_KEPT)
def _is_plain(endpoint: str, *names: str) -> bool:
    """Say whether an address hangs on nothing but what is given for it."""
    return not endpoint.startswith(".") and not any(name.startswith("_") for name in names)


url_for = Addresses()


def asset(path: str) -> str:
    """Give the address of a static file with its content's version, so that browsers may keep it for a year."""
    return url_for("static", filename=path, v=current_app.extensions["assets"].get(path))
