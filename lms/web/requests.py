"""What is the same in the requests of one browser, read once in a process: its cookies, and where it found us."""

from functools import cached_property, lru_cache
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Map, MapAdapter
from werkzeug.sansio.http import parse_cookie

from lms.memory import Memory

REMEMBERED = 2000
MOST_CHARS = 1000  # ours are 300
MOST_HOSTS = 100


class Given(ImmutableMultiDict[str, str]):
    """What an address, a form or the cookies say. Most of what may be said is not.

    Werkzeug finds that out by an exception of HTTP, made and thrown away for each name.
    """

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]
        """Give the first value of a name, the default when there is none or it is not of the type."""
        return super().get(key, default, type) if key in self else default


class KnowingRequest(Request):
    """A request that knows the cookies of a browser again. They say nothing of what still holds: see ``signin``."""

    parameter_storage_class = Given

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """Give the cookies, which nobody can change."""
        sent = self.environ.get("HTTP_COOKIE", "")
        return _known_cookies(sent) if len(sent) <= MOST_CHARS else _cookies(sent)


def _cookies(sent: str) -> ImmutableMultiDict[str, str]:
    return Given(parse_cookie(sent))


_known_cookies = lru_cache(REMEMBERED)(_cookies)


class Hosts:
    """How addresses are matched and built for each name that the service is reached by."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: Memory[tuple[str | None, ...], tuple[str, MapAdapter]] = Memory(MOST_HOSTS)

    @staticmethod
    def _key(request: Request) -> tuple[str | None, ...]:
        asked = request.environ
        names = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "HTTP_UPGRADE")
        return tuple([asked.get(name) for name in names])

    def adapter(self, request: Request, rules: Map) -> MapAdapter | None:
        """Give what werkzeug would make for a request; None for the first under a name, see ``remember``."""
        known = self._known.get(self._key(request))
        if known is None or known[1].map is not rules:
            return None
        request.host, like = known
        asked = request.environ
        return MapAdapter(
            rules,
            like.server_name,
            like.script_name,
            like.subdomain,
            like.url_scheme,
            _decoded(asked.get("PATH_INFO", "/")),
            asked["REQUEST_METHOD"],
            _decoded(asked.get("QUERY_STRING", "")),
        )

    def remember(self, request: Request, made: MapAdapter) -> None:
        """Remember what werkzeug has made for a request whose host it found to be a name."""
        self._known.put(self._key(request), (request.host, made))


def _decoded(text: str) -> str:
    """Read what WSGI gives as bytes in the letters of latin-1."""
    return text if text.isascii() else text.encode("latin-1").decode(errors="replace")
