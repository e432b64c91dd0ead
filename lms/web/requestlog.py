"""One line in the log for each request, and its figures for Prometheus."""

import logging
import time
from functools import lru_cache
from typing import NamedTuple

from apiflask import APIFlask
from flask import g, request
from prometheus_client import Counter, Histogram
from werkzeug.wrappers import Response

from lms.web.signin import SignedIn

log = logging.getLogger("lms.request")

REQUESTS = Counter("lms_requests_total", "Requests answered", ["method", "endpoint", "status"])
SECONDS = Histogram(
    "lms_request_seconds",
    "Time from the request's arrival to its answer, in seconds",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
# What monitors ask all the time, and what players ask for range by range: counted, not logged.
QUIET = {"ops.healthz", "ops.readyz", "ops.metrics", "static", "recordings.media", "recordings.sound"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
MOST_KINDS = 1000


def init_app(app: APIFlask) -> None:
    """Time and note every request."""
    app.before_request(_start)
    app.after_request(_note)


def _start() -> None:
    g.started = time.perf_counter()


@lru_cache(MOST_KINDS)
def _figures(method: str, endpoint: str, status: int) -> tuple[Counter, Histogram]:
    """Give the two figures of a kind of request. Anybody can invent methods, and each would be a figure for good."""
    counted = method if method in METHODS else "other"
    return REQUESTS.labels(counted, endpoint, status), SECONDS.labels(endpoint)


class Said(NamedTuple):
    """What is logged of a request; neither its query string nor any form, which hold what people search and write."""

    request_id: str
    method: str
    path: str
    endpoint: str
    status: int
    length: int | None
    member: int | None


def _note(response: Response) -> Response:
    now = time.perf_counter()
    asked = request._get_current_object()  # type: ignore[attr-defined]
    kept = g._get_current_object()
    asker = kept.get("_login_user")  # who was looked up for this request; for the log alone nobody is
    said = Said(
        request_id=kept.get("request_id", ""),
        method=asked.method,
        path=asked.path,
        endpoint=asked.endpoint or "unknown",
        status=response.status_code,
        length=response.content_length,
        member=asker.actor.id if isinstance(asker, SignedIn) else None,
    )
    note(said, now - kept.get("started", now))
    return response


def note(said: Said, seconds: float) -> None:
    """Count a request, and log it unless it is one of those that come all the time."""
    count, times = _figures(said.method, said.endpoint, said.status)
    count.inc()
    times.observe(seconds)
    if said.endpoint not in QUIET and log.isEnabledFor(logging.INFO):
        extra = {
            "request_id": said.request_id,
            "method": said.method,
            "path": said.path,
            "endpoint": said.endpoint,
            "status": said.status,
            "ms": round(seconds * 1000, 1),
            "bytes": said.length,
            "member": said.member,
        }
        # Not log.info: it would go through the stack for the line of code that speaks, which is always this one.
        log.handle(log.makeRecord(log.name, logging.INFO, "", 0, "request", (), None, extra=extra))
