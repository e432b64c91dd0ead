"""One line in the log for each request, and its figures for Prometheus."""

import logging
import time

from apiflask import APIFlask
from flask import g, request
from flask_login import current_user
from prometheus_client import Counter, Histogram
from werkzeug.wrappers import Response

log = logging.getLogger("lms.request")

REQUESTS = Counter("lms_requests_total", "Requests answered", ["method", "endpoint", "status"])
SECONDS = Histogram(
    "lms_request_seconds",
    "Time from the request's arrival to its answer, in seconds",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
QUIET = {"ops.healthz", "ops.readyz", "ops.metrics", "static"}


def init_app(app: APIFlask) -> None:
    """Time and note every request."""
    app.before_request(_start)
    app.after_request(_note)


def _start() -> None:
    g.started = time.perf_counter()


def _member() -> int | None:
    asker = current_user._get_current_object() if current_user else None
    return asker.actor.id if asker is not None and asker.is_authenticated else None


def _note(response: Response) -> Response:
    """Log path and figures, but neither the query string nor any form: they hold what people search and write."""
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    endpoint = request.endpoint or "unknown"
    REQUESTS.labels(request.method, endpoint, response.status_code).inc()
    SECONDS.labels(endpoint).observe(seconds)
    if endpoint not in QUIET:
        log.info(
            "request",
            extra={
                "request_id": g.get("request_id", ""),
                "method": request.method,
                "path": request.path,
                "endpoint": endpoint,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
                "bytes": response.content_length,
                "member": _member(),
            },
        )
    return response
