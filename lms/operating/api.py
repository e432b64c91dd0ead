"""The JSON API of operation."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, DateTime, Integer, List, Nested, String
from flask import current_app

from lms import profiles
from lms.operating import service
from lms.operating.pages import failure_words
from lms.web.errors import Kept
from lms.web.i18n import gettext
from lms.web.signin import actor

api = APIBlueprint("ops_api", __name__, url_prefix="/api/v1", tag="Operation")


class CheckOut(Schema):
    """How a part is."""

    part = String()
    ok = Boolean()
    message = String()


class SubjectOut(Schema):
    """What work was about: a lecture, material, course, or the member whom it belongs to."""

    kind = String()
    id = Integer()
    name = String()


class DeadJobOut(Schema):
    """A job whose tries are used up."""

    id = Integer()
    task = String()
    args = String()
    attempts = Integer()
    error = Kept()
    created_at = DateTime()
    updated_at = DateTime()
    what = String(metadata={"description": "What kind of work it was, in the reader's language."})
    about = Nested(SubjectOut, attribute="subject", allow_none=True)
    why = String(metadata={"description": "Why it failed, in plain words."})
    advice = String()


class OperationOut(Schema):
    """How the service is."""

    checks = List(Nested(CheckOut))
    dead_jobs = List(Nested(DeadJobOut))
    profile = String()
    switched_off = List(String())


@api.get("/operation")
@api.output(OperationOut)
@api.doc(summary="How each part of the service is, and the dead jobs")
def operation() -> dict[str, Any]:
    """Give the checks of ``lms doctor`` and the dead jobs."""
    checks, dead = service.look(actor(), current_app.config["LMS"])
    shown = [{"part": c.part, "ok": c.ok, "message": gettext(c.message) % c.values} for c in checks]
    profile = current_app.config["LMS"].profile
    off = [guard.key for guard, on in profiles.guards_of(profile) if not on]
    jobs = [
        {
            **job._asdict(),
            "what": gettext(job.what),
            "why": failure_words(job.error),
            "advice": gettext(job.advice),
            "subject": job.subject._asdict() if job.subject else None,
        }
        for job in dead
    ]
    return {"checks": shown, "dead_jobs": jobs, "profile": profile, "switched_off": off}


@api.post("/operation/jobs/<int:job_id>/retry")
@api.output({}, status_code=204)
@api.doc(summary="Try a dead job again")
def retry_job(job_id: int) -> str:
    """Give a dead job its tries again."""
    service.retry_job(actor(), job_id)
    return ""


@api.delete("/operation/jobs/<int:job_id>")
@api.output({}, status_code=204)
@api.doc(summary="Remove a dead job")
def dismiss_job(job_id: int) -> str:
    """Remove a dead job for good."""
    service.dismiss_job(actor(), job_id)
    return ""
