"""Pages and addresses for whoever operates the service."""

import hmac
import logging
from functools import partial
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from werkzeug.wrappers import Response

from lms import profiles
from lms.config import Settings
from lms.errors import N_, Forbidden
from lms.jobs.models import Job
from lms.members.access import Action, Actor, may
from lms.operating import service
from lms.operating.checks import alarms, check_database
from lms.operating.work import plain_cause
from lms.search.models import OutboxRow
from lms.web import panels
from lms.web.addresses import url_for
from lms.web.i18n import gettext, lazy_gettext, said_kept
from lms.web.profile import PROFILE_NAMES
from lms.web.signin import actor

pages = Blueprint("ops", __name__)
log = logging.getLogger("lms.operating")

PART_NAMES = {
    "database": lazy_gettext("Database"),
    "index": lazy_gettext("Search index"),
    "worker": lazy_gettext("Worker"),
    "jobs": lazy_gettext("Background jobs"),
    "queue": lazy_gettext("Job queue"),
    "boards": lazy_gettext("Sums of the boards"),
    "data": lazy_gettext("Data folder"),
    "disk": lazy_gettext("Disk"),
    "backup": lazy_gettext("Backup"),
}


ADDRESSES = {
    "lecture": ("lectures.lecture", "lecture_id"),
    "material": ("materials.material", "material_id"),
    "course": ("courses.course", "course_id"),
    "member": ("people.member", "member"),
}


def _address(endpoint: str, name: str, number: int) -> str:
    return url_for(endpoint, **{name: number})


def failure_words(error: str) -> str:
    """Say why a job failed in the reader's language: the system's own words become plain ones."""
    plain = plain_cause(error)
    return gettext(plain) if plain else said_kept(error)


def _settings() -> Settings:
    settings: Settings = current_app.config["LMS"]
    return settings


def _alarms(reader: Actor, ref: int) -> dict[str, Any] | None:
    """Say on an operator's home what is not well of the machine; nothing while all is."""
    found = alarms(_settings()) if may(reader, Action.OPERATE) else []
    if not found:
        return None
    parts = [(str(PART_NAMES[one.part]), gettext(one.message, **one.values)) for one in found]
    return {"parts": parts, "operation": url_for("ops.operation")}


panels.add_panel("home.top", "operating/_home.html", _alarms, 5)


@pages.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer as long as this process can answer at all."""
    return {"status": "ok"}


@pages.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    """Answer 200 when requests can be served, 503 when the database cannot be used.

    Anybody may ask, so the driver's own words, which name hosts and users, go to the log.
    """
    check = check_database()
    if check.ok:
        return {"status": "ok", check.part: str(check)}, 200
    log.warning("not ready", extra={"part": check.part, "reason": str(check)})
    return {"status": "unavailable", check.part: check.message % {**check.values, "reason": "see lms doctor"}}, 503


@pages.get("/metrics")
def metrics() -> Response:
    """Give the figures of all web processes in Prometheus' text form.

    For this machine only, or for whoever shows LMS_METRICS_TOKEN: figures tell an outsider too much.
    """
    _check_scraper(_settings())
    registry: Any = REGISTRY
    if current_app.config.get("METRICS_FOLDER"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=current_app.config["METRICS_FOLDER"])
    return Response(generate_latest(registry) + _gauges(), content_type=CONTENT_TYPE_LATEST)


def _check_scraper(settings: Settings) -> None:
    if settings.metrics_token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        allowed = hmac.compare_digest(given.encode(), settings.metrics_token.encode())
    else:
        forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        allowed = request.remote_addr in ("127.0.0.1", "::1") and not forwarded
    if not allowed:
        raise Forbidden(N_("The figures are for this machine only; set LMS_METRICS_TOKEN to read them from elsewhere."))


class _Gauges:
    """Figures that live in the database, the same whichever process is asked."""

    def collect(self) -> list[GaugeMetricFamily]:
        jobs = GaugeMetricFamily("lms_jobs", "Background jobs by state", labels=["state"])
        for state in ("waiting", "queued", "running", "dead"):
            jobs.add_metric([state], Job.select().where(Job.state == state).count())
        outbox = GaugeMetricFamily("lms_outbox_rows", "Changes the search index does not hold yet")
        outbox.add_metric([], OutboxRow.select().count())
        return [jobs, outbox]


def _gauges() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Gauges())
    return generate_latest(registry)


@pages.get("/operation")
def operation() -> str:
    """Show how each part is, and the jobs that died."""
    checks, dead = service.look(actor(), _settings())
    profile = _settings().profile
    return render_template(
        "operating/operation.html",
        checks=checks,
        dead=dead,
        failure_words=failure_words,
        addresses={name: partial(_address, *way) for name, way in ADDRESSES.items()},
        part_names=PART_NAMES,
        profile=profile,
        profile_names=PROFILE_NAMES,
        guards=profiles.guards_of(profile),
        source=profiles.SOURCE,
    )


@pages.post("/operation/jobs/<int:job_id>/retry")
def retry_job(job_id: int) -> Response:
    """Give a dead job its tries again."""
    service.retry_job(actor(), job_id)
    flash(gettext("The job will be tried again within seconds."), "success")
    return redirect(url_for("ops.operation"), code=303)


@pages.post("/operation/jobs/<int:job_id>/dismiss")
def dismiss_job(job_id: int) -> Response:
    """Remove a dead job for good."""
    service.dismiss_job(actor(), job_id)
    flash(gettext("The job has been removed."), "success")
    return redirect(url_for("ops.operation"), code=303)
