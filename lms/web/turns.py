"""One page at a time in a process: pages take turns at computing instead of interrupting each other.

Only one thread of a Python process computes at any moment, but SQLite's driver lets go of that right at every row it
reads. With four requests in a process they so change places sixty times a page, and each change costs more than the
row: measured, half of a page's processor time. Waiting for one's turn costs one change.

A turn is a courtesy, never a lock that anything relies on: who has waited for PATIENCE goes ahead, so that a page
which takes seconds holds nobody up. Writing takes no turn, for it may wait for the database; nor does what is sent
after the view is done, such as a recording. PostgreSQL answers from another process, so there waiting is no waste.
"""

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from lms.db import is_sqlite

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE_S = 0.05
READING = ("GET", "HEAD")


class Turns:
    """A WSGI application whose requests for pages take turns."""

    def __init__(self, application: "WSGIApplication") -> None:
        """Wrap an application."""
        self._application = application
        self._turn = Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, in its turn if it comes soon."""
        if environ["REQUEST_METHOD"] not in READING or not is_sqlite():
            return self._application(environ, start_response)
        taken = self._turn.acquire(timeout=PATIENCE_S)
        try:
            return self._application(environ, start_response)
        finally:
            if taken:
                self._turn.release()
