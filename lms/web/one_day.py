"""A request sees one day, also when midnight passes while it is answered: no page mixes two weeks or two years."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lms import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class OneDay:
    """A WSGI application whose requests see one day each, until their answer begins to be sent."""

    def __init__(self, application: "WSGIApplication") -> None:
        """Wrap an application."""
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        with clock.one_day():
            return self._application(environ, start_response)
